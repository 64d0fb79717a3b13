"""The sections of a comment below its first screen, with what each is worth to a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from review.document import AccessChange, PolicyChange, PolicyFinding, ResourceChange, Review
from review.render.first_screen import (
    MOST_NEWS,
    amounts,
    first_reasons,
    groups,
    judged,
    minutes,
    reason_line,
    since_lines,
)
from review.render.text import code, plain

_FEW: Final = 12  # lines of a section that stand there unfolded
_MAKING: Final = ("create", "import")


@dataclass(frozen=True)
class Section:
    """`worth`: sections of the least worth are cut first."""

    title: str
    lines: tuple[str, ...]
    worth: int
    folded: bool = True

    def text(self, lines: int | None = None) -> str:
        """The section with so many of its lines, and how many are left out."""
        kept = self.lines if lines is None else self.lines[:lines]
        left = len(self.lines) - len(kept)
        if left:
            kept = (*kept, f"- … and {left} more, in the HTML page")
        body = "\n".join(kept)
        if not self.folded:
            return f"### {self.title}\n\n{body}\n"
        return f"<details><summary>{self.title}</summary>\n\n{body}\n\n</details>\n"


def sections(review: Review) -> list[Section]:
    """Those that have something to say, in the order of the comment."""
    made = (make(review) for make in _MAKERS)
    return [section for section in made if section is not None]


def _short(title: str, lines: Sequence[str], worth: int) -> Section | None:
    """A section that a reader should see, as long as it leaves the others in sight."""
    return Section(title, tuple(lines), worth, folded=len(lines) > _FEW) if lines else None


def _since_last(review: Review) -> Section | None:
    lines = tuple(since_lines(review.since)) if review.since else ()
    return Section(f"Since the last review: {len(lines)}", lines, 88) if len(lines) > MOST_NEWS else None


def _more_reasons(review: Review) -> Section | None:
    first = first_reasons(review)
    told = (reason_line(each) for group in groups(review) for each in group)
    lines = [line for line in told if not any(item.startswith(line) for item in first)]
    return Section(f"More reasons: {len(lines)}", tuple(lines), 90) if lines else None


def _destructive(review: Review) -> Section | None:
    lines = []
    for each in review.destructive:
        notes = [
            *(["possibly"] if not each.certain else []),
            *(["protected, so that Pulumi refuses it"] if each.protected else []),
            *(["stays in Azure"] if each.retained else []),
            *(["the old one first"] if each.deletes_first else []),
            *([f"under the lock {plain(each.locked_by)}"] if each.locked_by else []),
        ]
        because = f", by {', '.join(map(code, each.forced_by))}" if each.forced_by else ""
        loses = f": {plain(each.loses)}" if each.loses else ""
        noted = f" ({', '.join(notes)})" if notes else ""
        kind = plain(each.type.rsplit(":", 1)[-1])
        lines.append(f"- **{each.op}** {code(each.name)} ({kind}){because}{loses}{noted}")
    return _short(f"Deleted or replaced: {len(lines)}", lines, 85)


def _access(review: Review) -> Section | None:
    counts = Counter(_holder(each) for each in review.access)
    lines = [f"{line} ({count} times)" if count > 1 else line for line, count in counts.items()]
    return _short(f"Access: {len(review.access)}", lines, 80)


def _holder(each: AccessChange) -> str:
    scope = f" on {plain(each.scope)}" if each.scope else ""
    said = f" (“{plain(each.said)}”)" if each.said else ""
    can = "can" if each.change == "gains" else "could"
    who = f"{plain(each.principal_type)} {plain(each.principal)}".strip()
    return f"- **{each.change}** {plain(each.role)}{scope}: {who}{said} {can} {plain(each.can)}"


def _exposure(review: Review) -> Section | None:
    lines = [
        f"- **{each.change}** {code(each.name)}: {plain(each.text)} ({code(each.path)})"
        for each in review.exposure
    ]
    return _short(f"Network: {len(lines)}", lines, 80)


def _protection(review: Review) -> Section | None:
    lines = [f"- {code(each.name)} {plain(each.text)}" for each in review.protection]
    return _short(f"Protection: {len(lines)}", lines, 80)


def _assets(review: Review) -> Section | None:
    lines = [
        f"- {plain(each.kind)} {code(each.name)}: {plain(each.text)}"
        + (f" ({', '.join(code(name) for name in each.content)})" if each.content else "")
        for each in review.assets
    ]
    return _short(f"Assets: {len(lines)}", lines, 70)


def _policies(review: Review) -> Section | None:
    found = review.policies
    if not (found.findings or found.passed or found.changed):
        return None
    lines = [_policy_change(each) for each in found.changed]
    lines += [_policy(each) for each in found.findings]
    return Section(judged(review).capitalize(), tuple(lines) or ("- nothing found",), 60)


def _versions(review: Review) -> Section | None:
    lines = [
        f"- {plain(each.what)}: {code(each.before)} → {code(each.after)}, "
        f"for {', '.join(map(code, each.resources))}"
        for each in review.versions
    ]
    return Section(f"Versions: {len(lines)}", tuple(lines), 62) if lines else None


def _changes(review: Review) -> Section | None:
    lines = [line for change in review.changes for line in change_lines(change, made=False)]
    return Section(f"Every change: {len(review.changes)}", tuple(lines), 20) if lines else None


def _made(review: Review) -> Section | None:
    made = [change for change in review.changes if change.op in _MAKING and change.properties]
    lines = [line for change in made for line in change_lines(change)]
    return Section(f"What the new ones are made with: {len(made)}", tuple(lines), 5) if lines else None


def _drift(review: Review) -> Section | None:
    lines = [line for change in review.drift for line in change_lines(change)]
    return _short(f"Drift: {len(review.drift)}", lines, 75)


def _unknowns(review: Review) -> Section | None:
    lines = [f"- {code(each.name)}: {code(each.path)}" for each in review.unknowns]
    return Section(f"Known only after the update: {len(lines)}", tuple(lines), 10) if lines else None


def _duration(review: Review) -> Section | None:
    if not review.duration.seconds:
        return None
    chain = " → ".join(code(each) for each in review.duration.chain)
    lines = [f"- {chain}", *(f"- not known: {code(each)}" for each in review.duration.unknown)]
    return Section(f"Time: about {minutes(review)} min", tuple(lines), 15)


def _remarks(review: Review) -> Section | None:
    lines = [f"- {plain(each)}" for each in (*review.remarks, *review.diagnostics)]
    return Section(f"Remarks: {len(lines)}", tuple(lines), 40) if lines else None


def _cost(review: Review) -> Section | None:
    cost = review.cost
    if not (cost.lines or cost.by_use):
        return None
    before, after = amounts(cost.before_min, cost.before_max), amounts(cost.after_min, cost.after_max)
    lines = [
        f"- {code(each.name)} ({plain(each.what)}): "
        f"{amounts(each.before_min, each.before_max)} → {amounts(each.after_min, each.after_max)}"
        for each in cost.lines
        if not each.unpriced
    ]
    priced = bool(lines)
    lines += [f"- not priced: {plain(each)}" for each in cost.unpriced]
    lines += [f"- by use: {plain(each)}" for each in cost.by_use]
    title = (
        f"Cost a month: {before} → {after} {plain(cost.currency)}" if priced else "Cost a month: not known"
    )
    if cost.priced_at:
        title += f", prices of {plain(cost.priced_at)}"
    if cost.unpriced:
        title += f", {len(cost.unpriced)} not priced"
    return Section(title, tuple(lines), 65)


def _policy_change(change: PolicyChange) -> str:
    verb = "lets more through, or may" if change.weaker else "changes"
    policy = f" {plain(change.policy)} in {code(change.file)}" if change.policy else ""
    return f"- **{verb}**{policy}: {plain(change.text)}"


def _policy(finding: PolicyFinding) -> str:
    name = f" {plain(finding.urn.rsplit('::', 1)[-1])}" if finding.urn else ""
    changes = ", which changes" if finding.changes else ""
    detail = f": {plain(finding.details[0])}" if finding.details else ""
    until = (
        f"; {plain(finding.details[1])}" if finding.verdict == "waived" and len(finding.details) > 1 else ""
    )
    what = f"{plain(finding.policy)} ({plain(finding.level)}){name}{changes}"
    return f"- **{plain(finding.verdict)}** {what}{detail}{until}"


def change_lines(change: ResourceChange, *, made: bool = True) -> Iterable[str]:
    """A resource that changes, and its properties, as items of a list; `made` also those of a new one."""
    kind = change.type.rsplit(":", 1)[-1]
    possible = "possibly " if change.possible else ""
    parent = f", in {code(change.parent)}" if change.parent else ""
    yield f"- **{possible}{change.op}** {code(change.name)} ({plain(kind)}{parent})"
    is_new = change.op in _MAKING
    for each in change.properties if made or not is_new else ():
        mark = " **forces the replacement**" if each.replaces else ""
        if each.kind == "update" and each.before != each.after and each.before.lower() == each.after.lower():
            mark += " (only capitals differ)"
        before = "" if is_new else f"{code(each.before)} → "
        yield f"  - {code(each.path)}: {before}{code(each.after)}{mark}"


_MAKERS: Final = (
    _since_last,
    _more_reasons,
    _destructive,
    _access,
    _exposure,
    _protection,
    _drift,
    _assets,
    _policies,
    _versions,
    _cost,
    _changes,
    _made,
    _unknowns,
    _duration,
    _remarks,
)
