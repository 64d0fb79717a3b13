"""One of the three stacks as the policy pack sees it, whole or with something broken in it."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.configuration import configured, read
from azureml_guard.facts import Options, Resource, Stack, Verdict, type_of
from azureml_guard.judge import Judge, Judgement
from azureml_guard.values import UNKNOWN
from tests.support import recorded_stack
from tests.support.asset_outputs import PACKAGE, asset_outputs
from tests.support.recorded_stack import ROOT, Recorded, RecordedStack, record

CONFIG: Final = ROOT / "policies" / "config"
TODAY: Final = dt.date(2026, 11, 1)


@dataclass(frozen=True)
class Mutation:
    """Something broken in a stack. Resources are named by the end of their URN: `NAME`, or `Type::NAME`.

    Attributes:
        values: By resource, by path: the value that a property gets; None removes it.
        options: By resource: options of the resource.
        without: Resources that are left out.
        more: Resources that are added, as `Resource`.
    """

    values: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    without: frozenset[str] = frozenset()
    more: tuple[Resource, ...] = ()


def resources(stack: str, *, known: bool, mutation: Mutation = Mutation()) -> tuple[Resource, ...]:
    """The stack's resources; `known=False` is its first preview. AssertionError for a name it has not."""
    found = {each.urn: _resource(each) for each in _recorded(stack, known).resources if each.custom}
    found.update({each.urn: each for each in mutation.more})
    for name, values in mutation.values.items():
        urn = _urn(found, name)
        properties = copy.deepcopy(dict(found[urn].properties))
        for path, value in values.items():
            _put(properties, path, value)
        found[urn] = dataclasses.replace(found[urn], properties=properties)
    for name, options in mutation.options.items():
        urn = _urn(found, name)
        found[urn] = dataclasses.replace(
            found[urn], options=dataclasses.replace(found[urn].options, **options)
        )
    for name in mutation.without:
        del found[_urn(found, name)]
    return tuple(found.values())


def judgements(
    stack: str, found: Iterable[Resource], settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> list[Judgement]:
    """What the pack says of them at the levels of the stack's environment, with more settings by control."""
    given = read(CONFIG / f"{stack}.json")
    given.update({control: {**given[control], **more} for control, more in settings.items()})
    judge = Judge(CATALOGUE, configured(CATALOGUE, given, TODAY), stack, TODAY)
    whole = tuple(found)
    return [
        *(judgement for resource in whole for judgement in judge.resource(resource)),
        *judge.stack(Stack(whole)),
    ]


def findings(judged: Iterable[Judgement]) -> set[tuple[str, str, str]]:
    """(control, verdict, logical name) of whatever did not pass; the name is empty for the stack."""
    return {
        (each.control.id, each.verdict.value, each.urn.rsplit("::", 1)[-1])
        for each in judged
        if each.verdict is not Verdict.PASS
    }


def _urn(found: Mapping[str, Resource], name: str) -> str:
    """The URN of the resource that a mutation names."""
    urns = [urn for urn in found if urn.endswith(f":{name}")]
    assert len(urns) == 1, (
        f"{name} names {urns or 'nothing'}; write NAME or Type::NAME of one of {sorted(found)}"
    )
    return urns[0]


@functools.cache
def _recorded(stack: str, known: bool) -> RecordedStack:
    """Both stages of a stack by its own file."""
    return record(stack, known=known)


def _resource(recorded: Recorded) -> Resource:
    name, is_azure = type_of(recorded.type)
    given = recorded.inputs
    if recorded.type.startswith(PACKAGE):  # whose plugin adds to what the program gives
        given = {**given, **asset_outputs(recorded.type, given)}
    properties = _guarded(given)
    return Resource(
        type=name,
        urn=recorded.urn,
        properties={"id": recorded.id or UNKNOWN, **properties},
        is_azure=is_azure,
        options=Options(
            protect=recorded.protect,
            ignore_changes=recorded.ignore_changes,
            create_seconds=60 * float(recorded.create_timeout.removesuffix("m") or 0),
        ),
        sources={key: tuple(sorted(urns)) for key, urns in recorded.property_dependencies.items()},
    )


def _guarded(value: Any) -> Any:
    if value is recorded_stack.UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _guarded(item) for key, item in value.items()}
    return [_guarded(item) for item in value] if isinstance(value, list) else value


def _put(properties: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    here: Any = properties
    for key in parents:
        here = here[int(key)] if isinstance(here, list) else here.setdefault(key, {})
    if value is None:
        here.pop(last)
    else:
        here[int(last) if isinstance(here, list) else last] = value
