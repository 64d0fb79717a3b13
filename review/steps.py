"""Reads one step: what the engine tells of one resource, in an event or in an entry of the digest.

What an entry says may be wrong in any way: what is no step is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from review.preview import OPS, Change, Kind, Op, State, Step
from review.untrusted import as_list, as_mapping, as_text
from review.values import ABSENT, at, is_secret

_KINDS: Final = {"add": Kind.ADD, "update": Kind.UPDATE, "delete": Kind.DELETE}
_DELETES_OLD: Final = "delete-replaced"


def step_of(metadata: object) -> Step | None:
    """The step of an event's metadata."""
    if not isinstance(metadata, dict) or not isinstance(metadata.get("urn"), str) or not metadata["urn"]:
        return None
    old, new = _state(metadata.get("old")), _state(metadata.get("new"))
    word = as_text(metadata.get("op"))
    if (op := OPS.get(word)) is None:
        return None
    keys = tuple(as_text(each) for each in as_list(metadata.get("keys")))
    return Step(
        op=op,
        urn=metadata["urn"],
        type=as_text(metadata.get("type")),
        old=old,
        new=new if op is not Op.DELETE and word != _DELETES_OLD else None,
        # The step that deletes the old resource compares it with nothing: what changes is told by the others.
        changes=_changes(metadata, old, new)
        if op in (Op.UPDATE, Op.REPLACE) and word != _DELETES_OLD
        else (),
        replaced_by=keys if op is Op.REPLACE else (),
        deletes_first=word == _DELETES_OLD,
        provider=as_text(metadata.get("provider")),
    )


def drifted(metadata: Mapping[str, Any]) -> Step | None:
    """What a refresh found of a resource: as an update or deletion from the state to what is there.

    `pulumi refresh` tells its outcome in these words; `pulumi preview --refresh` says `refresh`, and has a
    difference, or nothing new, where it found one.
    """
    word = metadata.get("op")
    if word == "refresh":
        if not isinstance(metadata.get("new"), dict):
            word = "delete"
        elif metadata.get("detailedDiff") or metadata.get("diffs"):
            word = "update"
    step = step_of({**metadata, "op": word})
    return step if step and step.op in (Op.UPDATE, Op.DELETE) else None


def digest_step(entry: object) -> Step | None:
    """The step of an entry of the digest."""
    if not isinstance(entry, dict):
        return None
    metadata = {
        "op": entry.get("op"),
        "urn": entry.get("urn"),
        "old": entry.get("oldState"),
        "new": entry.get("newState"),
        "keys": entry.get("replaceReasons"),
        "diffs": entry.get("diffReasons"),
        "detailedDiff": entry.get("detailedDiff"),
        "provider": entry.get("provider"),
    }
    states = [state for state in (metadata["new"], metadata["old"]) if isinstance(state, dict)]
    return step_of({**metadata, "type": next((state.get("type") for state in states), "")})


def together(first: Step | None, second: Step) -> Step:
    """One step of two of the same resource: a replacement is told in up to three."""
    if first is None:
        return second
    if Op.REPLACE not in (first.op, second.op):
        return second
    return replace(
        first,
        op=Op.REPLACE,
        old=first.old or second.old,
        new=second.new or first.new,
        changes=first.changes or second.changes,
        provider=(second if second.new else first).provider,
        replaced_by=tuple(dict.fromkeys((*first.replaced_by, *second.replaced_by))),
        # The old one goes first when its deletion is told before the creation.
        deletes_first=first.deletes_first,
    )


def _changes(metadata: Mapping[str, Any], old: State | None, new: State | None) -> tuple[Change, ...]:
    before, after = old or State(), new or State()
    detailed = metadata.get("detailedDiff")
    if isinstance(detailed, dict) and detailed:
        return tuple(_change(as_text(path), diff, before, after) for path, diff in sorted(detailed.items()))
    names = [as_text(each) for each in as_list(metadata.get("diffs"))]
    if not names:
        names = sorted({*before.inputs, *after.inputs})
    pairs = ((name, at(before.inputs, name), at(after.inputs, name)) for name in names)
    forcing = {as_text(each) for each in as_list(metadata.get("keys"))}
    return tuple(
        Change(name, _kind(was, now), was, now, replaces=name in forcing)
        for name, was, now in pairs
        if was != now or is_secret(now)  # secrets look alike
    )


def _change(path: str, diff: object, old: State, new: State) -> Change:
    words = diff if isinstance(diff, dict) else {}
    kind, _, replaces = as_text(words.get("diffKind") or words.get("kind")).partition("-")
    is_input = bool(words.get("inputDiff"))
    was = at(old.inputs, path) if is_input else old.at(path)
    now = at(new.inputs, path)
    known = _KINDS.get(kind) or _kind(was, now)
    return Change(
        path,
        known,
        ABSENT if known is Kind.ADD else was,
        ABSENT if known is Kind.DELETE else now,
        replaces=bool(replaces),
    )


def _kind(was: object, now: object) -> Kind:
    if was is ABSENT:
        return Kind.ADD
    return Kind.DELETE if now is ABSENT else Kind.UPDATE


def _state(value: object) -> State | None:
    if not isinstance(value, dict):
        return None
    return State(
        type=as_text(value.get("type")),
        id=as_text(value.get("id")),
        parent=as_text(value.get("parent")),
        protect=bool(value.get("protect")),
        retain_on_delete=bool(value.get("retainOnDelete")),
        custom=bool(value.get("custom")),
        inputs=as_mapping(value.get("inputs")),
        outputs=as_mapping(value.get("outputs")),
    )
