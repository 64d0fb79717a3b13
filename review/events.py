"""Reads a preview from text: the engine's stream of events, or the one object of `preview --json`.

Nothing in the text is trusted: a line that is no JSON, an event of an unknown kind, a step without a
URN is counted in `Preview.remarks` and left out, and a text with nothing of a preview in it is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from review.errors import ReviewError
from review.preview import OPS, Change, Diagnostic, Kind, Op, PolicyResult, Preview, State, Step
from review.values import ABSENT, at, cleaned, is_secret

LARGEST: Final = 512 * 1024 * 1024  # bytes; a preview of some thousand resources has some megabytes
_KINDS: Final = {"add": Kind.ADD, "update": Kind.UPDATE, "delete": Kind.DELETE}
_DELETES_OLD: Final = "delete-replaced"
_MAKES_NEW: Final = "create-replacement"
_HOW: Final = "allowed: what `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview --json` prints"


def read(text: str) -> Preview:
    """The preview in a text. ReviewError where there is none."""
    if not text.strip():
        raise ReviewError(f"the preview is empty; {_HOW}")
    if (digest := _whole(text)) is not None:
        return _of_digest(digest)
    events, lost, remarks = _events(text)
    return _of_events(events, lost, remarks)


def _whole(text: str) -> Mapping[str, Any] | None:
    """The text as one object, if it is that; a stream of one event is a stream."""
    try:
        value = cleaned(json.loads(text))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and "sequence" not in value:
        if "steps" not in value and "changeSummary" not in value:
            found = ", ".join(sorted(map(str, value))[:5]) or "an empty object"
            raise ReviewError(f"this JSON is no preview; found: {found}; {_HOW}")
        return value
    if not isinstance(value, dict):
        raise ReviewError(f"this JSON is no preview; found: {type(value).__name__}; {_HOW}")
    return None


def _events(text: str) -> tuple[list[Mapping[str, Any]], int, list[str]]:
    """The events, how many lines began as one and are none, and what a reader has to know of the rest."""
    events: list[Mapping[str, Any]] = []
    strange = lost = 0
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            value = cleaned(json.loads(line))
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            events.append(value)
        elif line.lstrip().startswith("{"):
            lost += 1
        else:
            strange += 1
    if not any("resourcePreEvent" in e or "summaryEvent" in e or "preludeEvent" in e for e in events):
        other = strange + lost
        raise ReviewError(f"found: {len(events)} JSON objects and {other} other lines, no preview; {_HOW}")
    events.sort(key=lambda event: event["sequence"] if isinstance(event.get("sequence"), int) else 0)
    told = [f"{strange} lines of the preview are no JSON and were left out"] if strange else []
    return events, lost, told


def _of_events(events: Sequence[Mapping[str, Any]], lost: int, remarks: list[str]) -> Preview:
    steps: dict[str, Step] = {}
    drift: list[Step] = []
    broken = 0
    for kind, body in _bodies(events, "resourcePreEvent", "resOutputsEvent"):
        if (step := _step(body.get("metadata"))) is None:
            broken += 1
        elif kind == "resOutputsEvent" and step.urn in steps and steps[step.urn].op is Op.REFRESH:
            if (drifted := _drifted(body["metadata"])) is not None:
                drift.append(drifted)
        elif kind == "resourcePreEvent" or step.urn not in steps:
            steps[step.urn] = _together(steps.get(step.urn), step)
    summaries = [body for _, body in _bodies(events, "summaryEvent")]
    counts = _counts(summaries[-1].get("resourceChanges")) if summaries else {}
    ended = any(
        each.get("result", "succeeded") == "succeeded" and not each.get("maybeCorrupt") for each in summaries
    )
    losses = list(_lost(lost, broken, counts, (*steps.values(), *drift)))  # a refresh counts what drifted
    remarks += losses
    if not ended:
        remarks.append("the preview did not run to its end: what follows is what it had found until then")
    judged = [
        body for _, body in _bodies(events, "policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent")
    ]
    policies = [_policy(body) for _, body in _bodies(events, "policyEvent")]
    diagnostics = [
        Diagnostic(body["severity"], _text(body.get("message")).strip(), _text(body.get("urn")))
        for _, body in _bodies(events, "diagnosticEvent")
        if body.get("severity") in ("error", "warning")
    ]
    complete = ended and not losses
    preview = _preview(steps.values(), counts, policies, diagnostics, remarks, complete=complete)
    passed = sum(len(_list(body.get("passed"))) for body in judged)
    return replace(preview, passed=passed, has_policy_results=bool(judged or policies), drift=tuple(drift))


def _lost(lines: int, steps: int, counts: Mapping[str, int], found: Iterable[Step]) -> Iterator[str]:
    """What of the preview is missing here, although the engine told it, or said that there is more."""
    if lines:
        yield f"{lines} events of the preview cannot be read and were left out"
    if steps:
        yield f"{steps} steps of the preview have no URN, or an operation that is not known here"
    told = _counted(found)
    for op in (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE):
        if counts.get(op.value, 0) > told.get(op.value, 0):
            yield f"the engine counts {counts[op.value]} to {op.value}; found: {told.get(op.value, 0)}"


def _bodies(events: Sequence[Mapping[str, Any]], *kinds: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for event in events:
        for kind in kinds:
            if isinstance(body := event.get(kind), dict):
                yield kind, body


def _of_digest(digest: Mapping[str, Any]) -> Preview:
    steps: dict[str, Step] = {}
    broken = 0
    for entry in _list(digest.get("steps")):
        if (step := _digest_step(entry)) is None:
            broken += 1
        else:
            steps[step.urn] = _together(steps.get(step.urn), step)
    diagnostics = [
        Diagnostic(each["severity"], _text(each.get("message")).strip(), _text(each.get("urn")))
        for each in _list(digest.get("diagnostics"))
        if isinstance(each, dict) and each.get("severity") in ("error", "warning")
    ]
    remarks = ["the preview has no policy results: it is not the stream of events"]
    counts = _counts(digest.get("changeSummary"))
    losses = list(_lost(0, broken, counts, steps.values()))
    complete = not losses and not any(each.severity == "error" for each in diagnostics)
    remarks += losses
    return _preview(steps.values(), counts, [], diagnostics, remarks, complete=complete)


def _preview(
    steps: Iterable[Step],
    counts: Mapping[str, int],
    policies: Sequence[PolicyResult],
    diagnostics: Sequence[Diagnostic],
    remarks: Sequence[str],
    *,
    complete: bool,
) -> Preview:
    found = tuple(steps)
    stack, project = _place([step.urn for step in found])
    return Preview(
        stack=stack,
        project=project,
        steps=found,
        counts=counts or _counted(found),
        policies=tuple(dict.fromkeys(policies)),
        diagnostics=tuple(dict.fromkeys(diagnostics)),
        complete=complete,
        remarks=tuple(remarks),
    )


def _step(metadata: object) -> Step | None:
    if not isinstance(metadata, dict) or not isinstance(metadata.get("urn"), str) or not metadata["urn"]:
        return None
    old, new = _state(metadata.get("old")), _state(metadata.get("new"))
    word = _text(metadata.get("op"))
    if (op := OPS.get(word)) is None:
        return None
    keys = tuple(_text(each) for each in _list(metadata.get("keys")))
    return Step(
        op=op,
        urn=metadata["urn"],
        type=_text(metadata.get("type")),
        old=old,
        new=new if op is not Op.DELETE and word != _DELETES_OLD else None,
        # The step that deletes the old resource compares it with nothing: what changes is told by the others.
        changes=_changes(metadata, old, new)
        if op in (Op.UPDATE, Op.REPLACE) and word != _DELETES_OLD
        else (),
        replaced_by=keys if op is Op.REPLACE else (),
        deletes_first=word == _DELETES_OLD,
    )


def _drifted(metadata: Mapping[str, Any]) -> Step | None:
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
    step = _step({**metadata, "op": word})
    return step if step and step.op in (Op.UPDATE, Op.DELETE) else None


def _digest_step(entry: object) -> Step | None:
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
    }
    states = [state for state in (metadata["new"], metadata["old"]) if isinstance(state, dict)]
    return _step({**metadata, "type": next((state.get("type") for state in states), "")})


def _together(first: Step | None, second: Step) -> Step:
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
        replaced_by=tuple(dict.fromkeys((*first.replaced_by, *second.replaced_by))),
        # The old one goes first when its deletion is told before the creation.
        deletes_first=first.deletes_first,
    )


def _changes(metadata: Mapping[str, Any], old: State | None, new: State | None) -> tuple[Change, ...]:
    before, after = old or State(), new or State()
    detailed = metadata.get("detailedDiff")
    if isinstance(detailed, dict) and detailed:
        return tuple(_change(_text(path), diff, before, after) for path, diff in sorted(detailed.items()))
    names = [_text(each) for each in _list(metadata.get("diffs"))]
    if not names:
        names = sorted({*before.inputs, *after.inputs})
    pairs = ((name, at(before.inputs, name), at(after.inputs, name)) for name in names)
    forcing = {_text(each) for each in _list(metadata.get("keys"))}
    return tuple(
        Change(name, _kind(was, now), was, now, replaces=name in forcing)
        for name, was, now in pairs
        if was != now or is_secret(now)  # secrets look alike
    )


def _change(path: str, diff: object, old: State, new: State) -> Change:
    words = diff if isinstance(diff, dict) else {}
    kind, _, replaces = _text(words.get("diffKind") or words.get("kind")).partition("-")
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
        id=_text(value.get("id")),
        parent=_text(value.get("parent")),
        protect=bool(value.get("protect")),
        retain_on_delete=bool(value.get("retainOnDelete")),
        custom=bool(value.get("custom")),
        inputs=_mapping(value.get("inputs")),
        outputs=_mapping(value.get("outputs")),
    )


def _policy(body: Mapping[str, Any]) -> PolicyResult:
    urn = _text(body.get("resourceUrn"))
    return PolicyResult(
        policy=_text(body.get("policyName")),
        pack=_text(body.get("policyPackName")),
        level=_text(body.get("enforcementLevel")),
        severity=_text(body.get("severity")),
        urn="" if "::pulumi:pulumi:Stack::" in urn else urn,
        message=_text(body.get("message")).strip(),
    )


def _place(urns: Sequence[str]) -> tuple[str, str]:
    """Stack and project, out of a URN."""
    for urn in urns:
        parts = urn.split("::")
        if len(parts) >= 4 and parts[0].startswith("urn:pulumi:"):  # stack, project, type, name
            return parts[0].removeprefix("urn:pulumi:"), parts[1]
    return "", ""


def _counted(steps: Iterable[Step]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in steps:
        counts[step.op.value] = counts.get(step.op.value, 0) + 1
    return counts


def _counts(value: object) -> dict[str, int]:
    return {
        str(key): count for key, count in _mapping(value).items() if isinstance(count, int) and count >= 0
    }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
