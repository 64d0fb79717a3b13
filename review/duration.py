"""How long the update takes, from known durations of Azure's operations along the longest chain.

The engine's events say nothing of what waits for what. A step waits for earlier steps of the preview (the
engine tells a resource after those that it takes values from)
- whose id, name or asset reference stands in its inputs, or that are its parent;
- and, where an input of it is known only after the update, for the latest of all earlier steps of other
  types that make or change something: any of them may give that value.
So the estimate is rather too long than too short; but it has as many workers as it needs. Deletions come
after all else, from the last one to the first, as the engine does it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from review.document import Duration
from review.preview import ASSETS, Op, Preview, State, Step, native_type
from review.values import contains_unknown, is_unknown, texts

_TABLE: Final = Path(__file__).parent / "data" / "durations.json"
# Nobody takes a value from one of these, so that none waits for them.
_LEAVES: Final = ("authorization:ManagementLockByScope", "consumption:Budget", "monitor:DiagnosticSetting")
_TITLES: Final = ("friendlyName", "displayName", "customSubDomainName")  # names that place nothing
_MOST_NAMES: Final = 6  # names that place a resource in another; Azure nests four deep


class Usual(BaseModel):
    """Usual seconds of a type's operations, and where they are from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    create: float = Field(ge=0)
    update: float = Field(ge=0)
    delete: float = Field(ge=0)
    source: str


@dataclass(frozen=True)
class _Chain:
    """Seconds until a step ends, and the steps that it has waited for, itself last."""

    seconds: float = 0
    steps: tuple[str, ...] = ()

    def then(self, step: Step, seconds: float) -> _Chain:
        """This chain and one more step."""
        return _Chain(self.seconds + seconds, (*self.steps, step.name) if seconds else self.steps)


def usual(path: Path = _TABLE) -> Mapping[str, Usual]:
    """The table: module and name of an azure-native type, or the whole token of any other."""
    return TypeAdapter(dict[str, Usual]).validate_python(json.loads(path.read_bytes()))


def duration(preview: Preview, table: Mapping[str, Usual] | None = None) -> Duration:
    """The estimate; types without a known duration count as nothing and are named."""
    table = usual() if table is None else table
    changing = [step for step in preview.changing() if step.state.custom and not _is_provider(step)]
    building = [step for step in changing if step.op not in (Op.DELETE, Op.FORGET)]
    # The engine tells deletions the last one first; here a step has to come after those that it needs.
    going = [step for step in changing if step.op is Op.REPLACE]
    going += reversed([step for step in changing if step.op is Op.DELETE])
    built = _longest(building, table, deleting=False)
    gone = _longest(going, table, deleting=True)
    return Duration(
        seconds=round(built.seconds + gone.seconds),
        chain=(*built.steps, *reversed([f"{name} (deleted)" for name in gone.steps])),
        unknown=tuple(sorted({_key(step) for step in changing if _key(step) not in table})),
    )


def _longest(steps: Iterable[Step], table: Mapping[str, Usual], *, deleting: bool) -> _Chain:
    """The longest chain; one of deletions is as long backwards as forwards."""
    chains: dict[str, _Chain] = {}
    latest: dict[str, _Chain] = {}  # of each type
    known = _Known()
    for step in steps:
        state = (step.old if deleting else step.new) or step.state
        waits = [chains[urn] for urn in known.met(step, state) if urn in chains]
        if contains_unknown(state.inputs):
            waits += [chain for kind, chain in latest.items() if kind != step.type]
        before = max(waits, key=lambda chain: chain.seconds, default=_Chain())
        chain = before.then(step, _seconds(step, table, deleting=deleting))
        chains[step.urn] = chain
        if chain.seconds >= latest.get(step.type, _Chain()).seconds and _key(step) not in _LEAVES:
            latest[step.type] = chain
        known.add(step, state)
    return max(chains.values(), key=lambda chain: chain.seconds, default=_Chain())


def _seconds(step: Step, table: Mapping[str, Usual], *, deleting: bool) -> float:
    known = table.get(_key(step))
    if known is None or (deleting and step.old and step.old.retain_on_delete):
        return 0
    if deleting:
        return 0 if step.deletes_first else known.delete
    if step.op is Op.REPLACE:
        return known.create + (known.delete if step.deletes_first else 0)
    kinds: Mapping[Op, Literal["create", "update"]] = {Op.CREATE: "create", Op.UPDATE: "update"}
    return float(getattr(known, kinds[step.op])) if step.op in kinds else 0


class _Known:
    """Earlier steps by what others call them."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._placed: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
        self._deployments: dict[str, list[str]] = {}

    def add(self, step: Step, state: State) -> None:
        """A step that later ones may wait for."""
        for old_or_new in (step.old, step.new):
            if old_or_new and old_or_new.id:
                self._ids[old_or_new.id.lower()] = step.urn
        for text in _own_names(step, state):
            self._ids[text] = step.urn
        if names := _names(state):
            self._placed[_module(step), names] = step.urn
        endpoint = state.at("spec.endpoint_name")
        if isinstance(endpoint, str):
            self._deployments.setdefault(endpoint.removeprefix("azureml:"), []).append(step.urn)

    def met(self, step: Step, state: State) -> Iterator[str]:
        """URNs of earlier steps that a step names; some of them more than once."""
        yield step.parent
        for text in texts(state.inputs):
            for part in _answers(text):
                if part in self._ids:
                    yield self._ids[part]
        yield from self._around(step, state)
        if step.type in (f"{ASSETS}OnlineTraffic", f"{ASSETS}BatchDefaults"):
            yield from self._deployments.get(str(state.at("spec.name")), ())

    def _around(self, step: Step, state: State) -> Iterator[str]:
        """The resources that it is in: theirs are some of the names that it has."""
        names = sorted(_names(state) | _target(state))[:_MOST_NAMES]
        for count in range(1, len(names) + 1):
            for some in combinations(names, count):
                for module in dict.fromkeys((_module(step), "resources", "machinelearningservices")):
                    if urn := self._placed.get((module, frozenset(some))):
                        yield urn


def _own_names(step: Step, state: State) -> Iterator[str]:
    """What others write to mean it, where its id is not known yet."""
    spec = state.at("spec.name")
    if step.type.startswith(ASSETS) and isinstance(spec, str):
        version = state.at("version")
        yield f"azureml:{spec}:{version}".lower() if isinstance(version, str) else f"azureml:{spec}".lower()
        yield f"endpoint:{spec}".lower()
        return
    for key, name in _names(state):
        if key != "resourceGroupName" or native_type(step.type) == "resources:ResourceGroup":
            yield f"{_module(step)}/{name}"


def _answers(text: str) -> Iterator[str]:
    """What a text may mean: itself, an asset, or `module/name` of an id."""
    text = text.lower()
    yield text
    yield f"endpoint:{text.removeprefix('azureml:')}"
    parts = text.split("/")
    if text.startswith("/subscriptions/"):
        at = len(parts) - 1 - parts[::-1].index("providers") if "providers" in parts else 0
        module = parts[at + 1].removeprefix("microsoft.") if at and at + 1 < len(parts) else "resources"
        yield f"{module}/{parts[-1]}"


def _names(state: State) -> frozenset[tuple[str, str]]:
    """The names that place a resource: `resourceGroupName`, `workspaceName` and the like."""
    return frozenset(
        (key, value.lower())
        for key, value in state.inputs.items()
        if key.endswith("Name") and key not in _TITLES and isinstance(value, str) and not is_unknown(value)
    )


def _target(state: State) -> frozenset[tuple[str, str]]:
    target = state.at("target")
    pairs = target.items() if isinstance(target, Mapping) else ()
    return frozenset(
        (key, value.lower()) for key, value in pairs if key.endswith("Name") and isinstance(value, str)
    )


def _module(step: Step) -> str:
    return native_type(step.type).split(":", 1)[0]


def _key(step: Step) -> str:
    return native_type(step.type) or step.type


def _is_provider(step: Step) -> bool:
    return step.type.startswith("pulumi:")
