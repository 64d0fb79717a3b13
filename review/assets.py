"""New versions, changed content and moved traffic of Azure ML's assets.

Read are the resources of the plugin `azureml-assets` (inputs `spec`, `version`, `content`) and those of
azure-native. A version of an asset never changes: another one beside it is what a replacement makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from review.document import AssetChange, AssetFact
from review.preview import ASSETS, Op, Preview, State, Step, native_type
from review.traffic import Traffic, refusals, shares, traffic_text
from review.values import ABSENT, contains_unknown, is_secret, is_unknown, shown

_NATIVE: Final = "machinelearningservices:"
_UNCHANGED: Final = {Op.REPLACE: "made anew with the same content"}
_MOST_KEYS: Final = 4  # keys of a document that are told with their values
_SERVED: Final = (
    "model",
    "environment",
    "component",
    "job",
    "code_configuration",
    "environmentId",
    "codeConfiguration",
)
_PLUGIN_KINDS: Final = frozenset(
    {
        "BatchDefaults",
        "BatchDeployment",
        "BatchEndpoint",
        "Component",
        "Connection",
        "Data",
        "Datastore",
        "Environment",
        "FeatureSet",
        "FeatureStoreEntity",
        "Model",
        "OnlineDeployment",
        "OnlineEndpoint",
        "OnlineTraffic",
        "Schedule",
    }
)
_NATIVE_KINDS: Final = frozenset(
    {"BatchDeployment", "BatchEndpoint", "OnlineDeployment", "OnlineEndpoint", "Schedule"}
)


def asset_changes(preview: Preview) -> Iterator[AssetChange]:
    """All of them, in the order of the preview."""
    traffic = Traffic(preview)
    for step in preview.changing():
        kind = kind_of(step.type)
        if not kind:
            continue
        text, facts = _told(step, kind, traffic)
        yield AssetChange(
            urn=step.urn,
            kind=kind,
            name=_name(step.state) or step.name,
            op=step.op.value,
            before=_version(step.old) if step.op is not Op.CREATE else "",
            after=_version(step.new) if step.op is not Op.DELETE else "",
            content=tuple(_files(step)),
            text=text or _UNCHANGED.get(step.op, ""),
            facts=tuple(facts),
        )


def kind_of(token: str) -> str:
    """The kind of asset of a type, as the plugin names it; empty for what is none."""
    if token.startswith(ASSETS):
        name = token.removeprefix(ASSETS)
        return name if name in _PLUGIN_KINDS else ""
    native = native_type(token)
    if not native.startswith(_NATIVE):
        return ""
    name = native.removeprefix(_NATIVE).removeprefix("Registry")
    if name.endswith("Version"):
        return name.removesuffix("Version")
    return name if name in _NATIVE_KINDS else ""


def is_only_forgotten(token: str) -> bool:
    """Whether nothing in Azure ML goes with a resource: versions stay there, and jobs are never submitted."""
    return is_version(token) or token == f"{ASSETS}Job"


def is_version(token: str) -> bool:
    """Whether a resource is a version that stays in Azure ML when it is replaced: those of the plugin."""
    versioned = ("Environment", "Data", "Component", "Model", "FeatureSet", "FeatureStoreEntity")
    return token.startswith(ASSETS) and token.removeprefix(ASSETS) in versioned


def _told(step: Step, kind: str, traffic: Traffic) -> tuple[str, list[AssetFact]]:
    if kind == "OnlineTraffic":
        return _routes(step)
    if kind == "Schedule":
        return _schedule(step)
    text, facts = _document(step), []
    if kind in ("OnlineDeployment", "BatchDeployment"):
        facts = list(_serving(step, kind, traffic))
    elif kind == "OnlineEndpoint" and (shares(step.old) or shares(step.new)):
        routed, facts = _routes(step)
        text = "; ".join(filter(None, (routed, text)))
    elif is_version(step.type):
        text, facts = _new_version(step, text)
    return text, facts


def _new_version(step: Step, text: str) -> tuple[str, list[AssetFact]]:
    """A version, and what becomes of the one before."""
    archives = bool(step.old) and (step.old or State()).at("whenReplaced") == "archive"
    before, after = _version(step.old), _version(step.new)
    if step.op is Op.CREATE:
        return f"first version in this stack: {after}", []
    if step.op is Op.DELETE:
        what = f"version {before} is archived" if archives else f"version {before} stays in Azure ML"
        return what, [AssetFact(kind="archived", text=what)] if archives else []
    if step.op is Op.REPLACE and before != after:
        kept = "is archived" if archives else "stays"
        facts = [AssetFact(kind="archived", text=f"version {before} is archived")] if archives else []
        return f"version {after} beside {before}, which {kept}: {text or 'its files'}", facts
    if (step.old or State()).at("spec.archived") is True:
        return f"version {after} is brought back from the archive", []
    return text, []


def _document(step: Step) -> str:
    """What changes in the document; empty where nothing of it does."""
    old, new = _spec(step.old), _spec(step.new)
    if not old or not new or step.op not in (Op.UPDATE, Op.REPLACE):
        return {Op.CREATE: "new", Op.DELETE: "deleted", Op.IMPORT: "imported"}.get(step.op, "")
    paths = [each for each in differences(old, new) if not each[0].startswith(("traffic", "mirrorTraffic"))]
    # Two secrets look alike; only the engine knows that they differ.
    paths += [
        (change.path.partition(".")[2], change.before, change.after)
        for change in step.changes
        if change.is_secret and change.before == change.after
    ]
    told = [f"{path}: {shown(was)} → {shown(now)}" for path, was, now in paths[:_MOST_KEYS]]
    more = len(paths) - len(told)
    return ", ".join([*told, *([f"and {more} more"] if more else [])])


def differences(old: object, new: object, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every path at which two documents differ, with both values; lists are told whole."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not (is_secret(old) or is_secret(new)):
        for key in sorted({*old, *new}):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), inner)
    elif old != new:
        yield path, old, new


def _files(step: Step) -> Iterator[str]:
    """Local files that belong to the asset and change, by what happens to them."""
    if step.op not in (Op.UPDATE, Op.REPLACE):
        return
    before, after = _content(step.old), _content(step.new)
    for file in sorted({*before, *after}):
        if file not in before:
            yield f"added {file}"
        elif file not in after:
            yield f"removed {file}"
        elif before[file] != after[file]:
            yield f"changed {file}"


def _routes(step: Step) -> tuple[str, list[AssetFact]]:
    """What moves, and why Azure refuses it."""
    name = _name(step.state) or step.name
    facts = [AssetFact(kind="refused", text=f"{name}: {why}") for why in refusals(step.new)]
    return traffic_text(step.old, step.new), facts


def _serving(step: Step, kind: str, traffic: Traffic) -> Iterator[AssetFact]:
    """What a deployment gets to do in this update that nobody has seen it do."""
    endpoint, share = traffic.of(step)
    if not share or traffic.is_new(endpoint, kind):
        return
    part = (
        f"{share:g} % of the requests of {endpoint}" if kind == "OnlineDeployment" else f"{endpoint}'s jobs"
    )
    if (
        step.op is Op.DELETE
    ):  # "Safe rollout for online endpoints": traffic goes to 0 before a deployment does
        yield AssetFact(kind="refused", text=f"{step.name} is deleted while it gets {part}")
    elif step.op in (Op.CREATE, Op.REPLACE):
        done = "made" if step.op is Op.CREATE else "replaced"
        yield AssetFact(kind="untried", text=f"{step.name} gets {part} in the update in which it is {done}")
    elif step.op is Op.UPDATE:
        old, new = _spec(step.old), _spec(step.new)
        told = [_moved(key, old, new) for key in _SERVED if old.get(key) != new.get(key)]
        told += ["files"] if _content(step.old) != _content(step.new) else []
        if told:
            yield AssetFact(kind="serves", text=f"{step.name}, which has {part}, changes: {', '.join(told)}")


def _moved(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """A key with its values where they are one word each."""
    was, now = old.get(key), new.get(key)
    is_word = isinstance(was, str) and isinstance(now, str)
    return f"{key} {shown(was)} → {shown(now)}" if is_word else key


def _schedule(step: Step) -> tuple[str, list[AssetFact]]:
    was, now = _enabled(step.old), _enabled(step.new)
    when = f"{_trigger_text(step.state)}"
    if step.op is Op.CREATE:
        if now is False:
            return f"new, paused: {when}", []
        return f"new: {when}", [AssetFact(kind="runs", text=f"{step.name} starts to run: {when}")]
    if step.op is Op.DELETE:
        return "deleted: it does not run any more", [AssetFact(kind="stops", text=f"{step.name} ends")]
    facts: list[AssetFact] = []
    if was != now:
        if now:
            facts.append(AssetFact(kind="runs", text=f"{step.name} runs again: {when}"))
        else:
            facts.append(AssetFact(kind="stops", text=f"{step.name} is paused"))
    if now and _trigger(step.old) != _trigger(step.new):
        before = _trigger_text(step.old or State())
        facts.append(AssetFact(kind="retimed", text=f"{step.name} runs at other times: {before} → {when}"))
    words = {"runs": "runs again", "stops": "paused", "retimed": "at other times"}
    return "; ".join([*(words[fact.kind] for fact in facts), *filter(None, [_document(step)])]), facts


def _enabled(state: State | None) -> bool:
    """Azure runs a schedule unless it is said otherwise."""
    if state is None:
        return False
    found = (state.at("spec.is_enabled"), state.at("properties.isEnabled"))
    return not any(value in (False, "false", "False") for value in found)


def _trigger(state: State | None) -> Any:
    found = state.at("spec.trigger") if state else ABSENT
    return state.at("properties.trigger") if state and found is ABSENT else found


def _trigger_text(state: State) -> str:
    trigger = _trigger(state)
    if not isinstance(trigger, Mapping):
        return shown(trigger)
    kept = ("expression", "frequency", "interval", "schedule", "time_zone", "timeZone")
    return ", ".join(f"{key} {shown(trigger[key])}" for key in kept if key in trigger)


def _spec(state: State | None) -> Mapping[str, Any]:
    """The document: `spec` of the plugin, `properties` of azure-native."""
    for path in ("spec", "properties"):
        found = state.inputs.get(path) if state else None
        if isinstance(found, Mapping):
            return found
    return {}


def _content(state: State | None) -> Mapping[str, Any]:
    found = state.inputs.get("content") if state else None
    return found if isinstance(found, Mapping) else {}


def _version(state: State | None) -> str:
    found = state.inputs.get("version", "") if state else ""
    return shown(found) if contains_unknown(found) or isinstance(found, str) else ""


def _name(state: State) -> str:
    for path in ("spec.name", "name", "deploymentName", "endpointName"):
        found = state.at(path)
        if isinstance(found, str) and found and not is_unknown(found):
            return found
    return ""
