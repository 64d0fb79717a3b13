"""Inputs and outputs of components and jobs: what the command uses must be declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from azureml_assets.checks.expressions import expressions
from azureml_assets.checks.subject import Subject, as_map, maps_at, value_at
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import nearest, one_of, shown
from ml_assets.schemas import Kind
from resource_provider.values import UNKNOWN, contains_unknown

# Where a command or a script takes its inputs from: (the text, the map that declares).
_COMMAND: Final = ("command", "args")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USED: Final = ("inputs", "search_space")
_NAMES: Final = ("inputs", "outputs", "search_space")


def check(subject: Subject) -> None:
    """Records uses of inputs and outputs that are not declared, and defaults that contradict their type."""
    for path, holder in _holders(subject):
        for text_path, text in _texts(path, holder):
            _uses(subject, path, holder, text_path, text)
    if subject.kind is Kind.COMPONENT:
        for name, declared in maps_at(subject.spec, "inputs"):
            _input(subject, ("inputs", name), declared)
        for group in ("inputs", "outputs"):
            for name, _ in maps_at(subject.spec, group):
                _name(subject, (group, name), name)


def warn(subject: Subject) -> None:
    """Records inputs that a command never uses."""
    for path, holder in _holders(subject):
        command = " ".join(text for _, text in _texts(path, holder))
        if not command or holder.get("command") is UNKNOWN or subject.get("type") == "parallel":
            continue
        parts = [each.parts for each in expressions(command) if each.parts[0] in _USED]
        used = {part[1] for part in parts if len(part) > 1}
        searched = as_map(subject.get("search_space"))
        for name in as_map(holder.get("inputs")):
            if name not in used:
                group = "search_space" if not path and name in searched else "inputs"
                subject.wrong(
                    (*path, group, name),
                    found="an input that the command never uses",
                    allowed=f"${{{{{group}.{name}}}}} in the command, or no such input",
                )


def _holders(subject: Subject) -> Iterator[tuple[DocumentPath, dict[str, Any]]]:
    """What has a command and inputs of its own: a component, a job, a step written into a pipeline."""
    if subject.kind not in (Kind.COMPONENT, Kind.JOB):
        return
    kind = subject.get("type") or "command"
    if kind in ("command", "spark", "parallel"):
        yield (), subject.spec
    elif kind == "sweep" and isinstance(subject.get("trial"), dict):
        inputs = _merged(subject.get("inputs"), subject.get("search_space"))
        groups = {key: subject.get(key) or {} for key in ("outputs", "search_space")}
        yield (), {**subject.spec["trial"], "inputs": inputs, **groups}
    for name, step in maps_at(subject.spec, "jobs"):
        if step.get("type", "command") in ("command", "spark") and "component" not in step:
            yield ("jobs", name), step


def _merged(*values: Any) -> Any:
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    return {key: item for value in values if isinstance(value, dict) for key, item in value.items()}


def _texts(path: DocumentPath, holder: dict[str, Any]) -> Iterator[tuple[DocumentPath, str]]:
    for key in (*_COMMAND, "program_arguments"):
        for base in ((), ("task",)):
            value = value_at(holder, (*base, key))
            if isinstance(value, str):
                yield (*path, *base, key), value


def _uses(subject: Subject, path: DocumentPath, holder: dict[str, Any], at: DocumentPath, text: str) -> None:
    place = ("trial", *at) if subject.kind is Kind.JOB and subject.get("type") == "sweep" and not path else at
    for each in expressions(text):
        group = each.parts[0]
        if group not in _NAMES or len(each.parts) < 2:
            continue
        declared = holder.get(group)
        if declared is UNKNOWN or each.parts[1] in _names(declared):
            continue
        names = list(_names(declared))
        noun = "parameter" if group == "search_space" else group[:-1]
        meant = nearest(each.parts[1], names)
        subject.wrong(
            place,
            found=f"{each.text}, and no such {noun} is declared",
            allowed=one_of(names) or f"{group} that are declared",
            suggestion=meant,
            example=f"${{{{{group}.{meant or (names[0] if names else 'NAME')}}}}}",
        )


def _names(declared: Any) -> Iterable[str]:
    """Names of inputs, those of groups with their first part."""
    return [name.split(".")[0] for name in declared] if isinstance(declared, dict) else []


def _name(subject: Subject, path: DocumentPath, name: str) -> None:
    if not all(_NAME.fullmatch(part) for part in name.split(".")):
        meant = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
        suggestion = meant if _NAME.fullmatch(meant) else None
        allowed = "letters, digits and _, beginning with no digit"
        subject.wrong(path, found=f"the name {shown(name)}", allowed=allowed, suggestion=suggestion)


def _input(subject: Subject, path: DocumentPath, declared: dict[str, Any]) -> None:
    kind, default = declared.get("type"), declared.get("default")
    listed = declared.get("enum")
    if isinstance(listed, list) and default is not None and not contains_unknown([default, *listed]):
        choices = [str(each) for each in listed]
        if str(default) not in choices:
            subject.wrong(
                (*path, "default"),
                found=shown(default),
                allowed=f"{one_of(choices)}, as enum says",
                suggestion=nearest(str(default), choices),
            )
    if kind not in ("integer", "number"):
        return
    numbers = {key: _number(declared.get(key), kind) for key in ("default", "min", "max")}
    for key, number in numbers.items():
        if number is None and declared.get(key) is not None and declared[key] is not UNKNOWN:
            noun = "a whole number" if kind == "integer" else "a number"
            subject.wrong(
                (*path, key), found=shown(declared[key]), allowed=f"{noun}, as type says", example="1"
            )
    low, value, high = numbers["min"], numbers["default"], numbers["max"]
    if low is not None and high is not None and low > high:
        subject.wrong(
            (*path, "max"), found=shown(declared["max"]), allowed=f"at least {declared['min']}, which is min"
        )
    elif value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        limits = " ".join(
            f"{word} {declared[word]}" for word in ("min", "max") if declared.get(word) is not None
        )
        subject.wrong(
            (*path, "default"), found=shown(declared["default"]), allowed=f"a number within {limits}"
        )


def _number(value: Any, kind: str) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if kind == "number" or number.is_integer() else None
