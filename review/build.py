"""Makes the review of a preview: every section, then the rules over them, then the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from review import changes, rules
from review.access import access_changes
from review.assets import asset_changes
from review.cost import Pricing, cost
from review.cost import remarks as cost_remarks
from review.document import PolicyChange, ProtectionChange, Review, Verdict
from review.duration import duration
from review.exposure import exposure_changes
from review.policies import policies
from review.preview import Op, Preview
from review.protection import protection_changes
from review.since import since
from review.versions import version_changes

_HEADLINES = {
    Verdict.SAFE: "Safe: no rule of risk fired.",
    Verdict.LOOK: "Look: {} to read before this is applied.",
    Verdict.STOP: "Stop: {} that must not be applied as {}.",
}


@dataclass(frozen=True, kw_only=True)
class Made:
    """What the review was made from, as far as the caller knows.

    Attributes:
        commit: The commit of the program.
        tree: The git tree of that commit: its content, whatever commit has it.
        state_serial: The version of the state that the preview ran against.
        state_hash: A hash of that state.
        at: The time, ISO 8601.
        providers: Of the resources in that state, by URN.
        sources: File and line of the program of those resources, by URN.
        ignored: Properties that the engine ignores from now on.
        policy_changes: How the policies differ from those of the base of the pull request.
    """

    commit: str = ""
    tree: str = ""
    state_serial: int | None = None
    state_hash: str = ""
    at: str = ""
    providers: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[ProtectionChange, ...] = ()
    policy_changes: tuple[PolicyChange, ...] = ()


def build(
    preview: Preview, made: Made, previous: Review | None = None, pricing: Pricing | None = None
) -> Review:
    """The review. `previous` is the last one of the same pull request and stack."""
    nodes, edges = changes.graph(preview)
    priced = cost(preview, pricing)
    drafted = Review(
        stack=preview.stack,
        project=preview.project,
        commit=made.commit,
        tree=made.tree,
        state_serial=made.state_serial,
        state_hash=made.state_hash,
        made_at=made.at,
        complete=preview.complete,
        verdict=Verdict.SAFE,
        headline="",
        counts=_counts(preview),
        destructive=tuple(changes.destructive(preview)),
        access=tuple(access_changes(preview)),
        exposure=tuple(exposure_changes(preview)),
        protection=(*protection_changes(preview), *made.ignored),
        assets=tuple(asset_changes(preview)),
        policies=policies(preview, made.policy_changes),
        versions=version_changes(preview, made.providers),
        cost=priced,
        changes=tuple(changes.resource_changes(preview, made.sources)),
        unknowns=tuple(changes.unknowns(preview)),
        drift=tuple(changes.drift(preview)),
        duration=duration(preview),
        nodes=nodes,
        edges=edges,
        diagnostics=tuple(f"{each.severity}: {each.message}" for each in preview.diagnostics),
        remarks=(*preview.remarks, *cost_remarks(priced)),
    )
    fired = rules.reasons(drafted)
    verdict = max((reason.verdict for reason in fired), key=lambda each: each.rank, default=Verdict.SAFE)
    gravest = sum(reason.verdict is verdict for reason in fired)
    things, are = ("1 thing", "it is") if gravest == 1 else (f"{gravest} things", "they are")
    nothing = not drafted.changes and verdict is Verdict.SAFE
    headline = "Safe: nothing changes." if nothing else _HEADLINES[verdict].format(things, are)
    whole = drafted.model_copy(update={"verdict": verdict, "headline": headline, "reasons": fired})
    return whole.model_copy(update={"since": since(whole, previous)}) if previous else whole


def _counts(preview: Preview) -> dict[str, int]:
    """Resources by what happens to them; a replacement counts once, and a component is none."""
    counts: dict[str, int] = {}
    for step in preview.steps:
        if step.is_resource:
            counts[step.op.value] = counts.get(step.op.value, 0) + 1
    return {op.value: counts[op.value] for op in Op if op.value in counts}
