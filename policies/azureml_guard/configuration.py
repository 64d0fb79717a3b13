"""Which level, settings and exemptions each control has: from a file of config/, or from the engine.

The file is chosen by the stack's name (`prod`, or `prod-` with anything behind it); any other stack
is judged like prod, for the unknown case must be the strict one.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pulumi_policy import EnforcementLevel as Level

from azureml_guard.control import Control
from azureml_guard.exemptions import SCHEMA, Exemption, exemption_of

STRICTEST: Final = "prod"
_EPHEMERAL: Final = "ephemeral-"  # what stacks of pull requests begin with
_AS_EPHEMERAL: Final = "dev"  # the environment that they are like
LEVEL_KEY: Final = "enforcementLevel"
EXEMPTIONS_KEY: Final = "exemptions"
_LEVELS: Final = {level.value: level for level in Level}


class ConfigurationError(Exception):
    """A configuration that cannot be used: all mistakes."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Configured:
    """How one control is enforced."""

    level: Level
    settings: Mapping[str, Any]
    exemptions: tuple[Exemption, ...] = ()


def environment_of(stack: str, folder: Path) -> str:
    """The environment of a stack: a file of `folder` without its suffix; else the stack's own name."""
    name = stack.rsplit("/", 1)[-1]
    if name.startswith(_EPHEMERAL):
        name = _AS_EPHEMERAL
    known = sorted((path.stem for path in folder.glob("*.json")), key=len, reverse=True)
    return next((each for each in known if name == each or name.startswith(f"{each}-")), name)


def file_of(environment: str, folder: Path) -> Path:
    """The file of an environment; prod's for one that has none."""
    path = folder / f"{environment}.json"
    return path if path.exists() else folder / f"{STRICTEST}.json"


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Id -> level and settings. ConfigurationError if it is no JSON object of levels and objects."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_repetition)
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"{path.name}: cannot be read: {error}"]) from error
    if not isinstance(content, dict):
        raise ConfigurationError([f"{path.name}: found: {_kind(content)} · allowed: an object of controls"])
    found = {key: {LEVEL_KEY: value} if isinstance(value, str) else value for key, value in content.items()}
    wrong = [key for key, value in found.items() if not isinstance(value, dict)]
    if wrong:
        raise ConfigurationError(
            [
                f"{path.name}: {key} · found: {_kind(found[key])} · allowed: a level, or an object"
                for key in wrong
            ]
        )
    return found


def configured(
    catalogue: Sequence[Control], given: Mapping[str, Mapping[str, Any]], today: dt.date
) -> dict[str, Configured]:
    """What each control of the catalogue is to do. ConfigurationError with all mistakes.

    Args:
        catalogue: The controls.
        given: By control id: `enforcementLevel`, `exemptions` and settings, as in a file of config/.
        today: To tell how far ahead an exemption lasts.
    """
    mistakes = list(_unknown_controls(catalogue, given))
    found = {}
    for control in catalogue:
        values = given.get(control.id, {})
        wrong = [*_wrong_values(control, values)]
        exemptions = []
        for index, entry in enumerate(() if wrong else values.get(EXEMPTIONS_KEY, ())):
            try:
                exemptions.append(exemption_of(entry, today))
            except ValueError as error:
                wrong.append(f"{EXEMPTIONS_KEY}[{index}].expires · found: {entry['expires']} · {error}")
        mistakes += [f"{control.id}: {text}" for text in wrong]
        settings = {
            name: values.get(name, setting.schema.get("default"))
            for name, setting in control.settings.items()
        }
        if not wrong:
            level = _LEVELS[values.get(LEVEL_KEY, Level.MANDATORY.value)]
            found[control.id] = Configured(level, settings, tuple(exemptions))
    if mistakes:
        raise ConfigurationError(mistakes)
    return found


def schema_of(control: Control) -> dict[str, Any]:
    """JSON Schema of a control's settings, as Pulumi's `configSchema` takes it: property -> schema."""
    own = {
        name: {**setting.schema, "description": setting.description}
        for name, setting in control.settings.items()
    }
    return {EXEMPTIONS_KEY: dict(SCHEMA), **own}


def _without_repetition(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """JSON takes the last of two equal keys; here the first would have been meant as well."""
    twice = sorted({key for key, _ in pairs if [each for each, _ in pairs].count(key) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is there twice")
    return dict(pairs)


def _unknown_controls(catalogue: Sequence[Control], given: Mapping[str, Any]) -> Iterator[str]:
    known = [control.id for control in catalogue]
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key.upper(), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{key} · found: no control of this pack · allowed: an id of docs/policies.md{hint}"


def _wrong_values(control: Control, values: Mapping[str, Any]) -> Iterator[str]:
    level = values.get(LEVEL_KEY, Level.MANDATORY.value)
    if not isinstance(level, str) or level not in _LEVELS:
        yield f"{LEVEL_KEY} · found: {json.dumps(level)} · allowed: {', '.join(_LEVELS)}"
    elif level == Level.REMEDIATE.value and getattr(control, "remedy", None) is None:
        yield f"{LEVEL_KEY} · found: remediate · allowed: advisory, mandatory, disabled; people mend this"
    known = {LEVEL_KEY, EXEMPTIONS_KEY, *control.settings}
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{key} · found: no setting of this control · allowed: {', '.join(sorted(known))}{hint}"
    if set(values) - {LEVEL_KEY}:
        from jsonschema import Draft202012Validator  # most configurations have levels only

        formats = Draft202012Validator.FORMAT_CHECKER  # the engine checks types, and no format: regex
        schema = {"properties": schema_of(control)}
        for error in Draft202012Validator(schema, format_checker=formats).iter_errors(dict(values)):
            path = error.json_path.removeprefix("$.")
            allowed = error.schema.get("description") or json.dumps(error.schema)
            yield f"{path} · found: {error.message} · allowed: {allowed}"


def _kind(value: object) -> str:
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        list: "a list",
        str: "a text",
        type(None): "null",
    }
    return names.get(type(value), "an object")
