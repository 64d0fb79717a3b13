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
from review.preview import Diagnostic, Op, PolicyResult, Preview, Step
from review.steps import digest_step, drifted, step_of, together
from review.untrusted import as_list, as_mapping, as_text
from review.values import cleaned

FAILED: Final = "preview failed"  # what the engine says last of every preview that fails
_PROBLEM: Final = " has a problem: "
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
        if (step := step_of(body.get("metadata"))) is None:
            broken += 1
        elif kind == "resOutputsEvent" and step.urn in steps and steps[step.urn].op is Op.REFRESH:
            if (found := drifted(body["metadata"])) is not None:
                drift.append(found)
        elif kind == "resourcePreEvent" or step.urn not in steps:
            steps[step.urn] = together(steps.get(step.urn), step)
    summaries = [body for _, body in _bodies(events, "summaryEvent")]
    counts = _counts(summaries[-1].get("resourceChanges")) if summaries else {}
    policies = [_policy(body) for _, body in _bodies(events, "policyEvent")]
    diagnostics = _diagnostics(body for _, body in _bodies(events, "diagnosticEvent"))
    refused = _only_policies_failed(policies, diagnostics)
    ended = any(
        (each.get("result", "succeeded") == "succeeded" or refused) and not each.get("maybeCorrupt")
        for each in summaries
    )
    losses = list(_lost(lost, broken, counts, (*steps.values(), *drift)))  # a refresh counts what drifted
    remarks += losses
    if not ended:
        remarks.append("the preview did not run to its end: what follows is what it had found until then")
    judged = [
        body for _, body in _bodies(events, "policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent")
    ]
    complete = ended and not losses
    preview = _preview(steps.values(), counts, policies, diagnostics, remarks, complete=complete)
    passed = sum(len(as_list(body.get("passed"))) for body in judged)
    return replace(preview, passed=passed, has_policy_results=bool(judged or policies), drift=tuple(drift))


def _only_policies_failed(policies: Sequence[PolicyResult], diagnostics: Sequence[Diagnostic]) -> bool:
    """Whether nothing but policies failed the preview: the engine goes on behind them, to its end."""
    errors = {each.message for each in diagnostics if each.severity == "error"}
    return errors == {FAILED} and any(each.level == "mandatory" for each in policies)


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
    for entry in as_list(digest.get("steps")):
        if (step := digest_step(entry)) is None:
            broken += 1
        else:
            steps[step.urn] = together(steps.get(step.urn), step)
    diagnostics = _diagnostics(as_list(digest.get("diagnostics")))
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


def _diagnostics(bodies: Iterable[object]) -> list[Diagnostic]:
    return [
        Diagnostic(
            body["severity"], _without_value(as_text(body.get("message")).strip()), as_text(body.get("urn"))
        )
        for body in bodies
        if isinstance(body, dict) and body.get("severity") in ("error", "warning")
    ]


def _without_value(message: str) -> str:
    """The engine tells a property that a provider refuses with its whole value: long, and maybe secret."""
    head, _, rest = message.partition(" value ")
    _, problem, reason = rest.partition(_PROBLEM)
    is_property = head.split(" ")[-2:-1] == ["property"]
    return f"{head}{problem}{reason}" if is_property and problem else message


def _policy(body: Mapping[str, Any]) -> PolicyResult:
    urn = as_text(body.get("resourceUrn"))
    return PolicyResult(
        policy=as_text(body.get("policyName")),
        pack=as_text(body.get("policyPackName")),
        level=as_text(body.get("enforcementLevel")),
        severity=as_text(body.get("severity")),
        urn="" if "::pulumi:pulumi:Stack::" in urn else urn,
        message=as_text(body.get("message")).strip(),
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
        str(key): count for key, count in as_mapping(value).items() if isinstance(count, int) and count >= 0
    }
