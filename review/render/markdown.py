"""A review as the comment of a pull request: the verdict and its reasons first, everything else folded.

A comment has a largest size; what costs a reader least is cut first, and the comment says what was cut.
Whatever comes from the preview is written as text: no markup, no mention, no link of it takes effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from review.document import PolicyFinding, Reason, ResourceChange, Review, Verdict

LARGEST: Final = 60_000  # bytes; GitHub takes 65,536 characters and Azure DevOps 150,000
_SIGNS: Final = {Verdict.SAFE: "🟢", Verdict.LOOK: "🟡", Verdict.STOP: "🔴"}
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()!|~$])")
_MARKUP: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What a forge makes a link or a mention of, wherever it stands in a text.
_LINKED: Final = re.compile(r"(@|#|://|www\.|GH-)", re.IGNORECASE)
_BREAK: Final = "<!-- -->"
_INVISIBLE: Final = re.compile(r"[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_FIRST: Final = 10  # reasons on the first screen


@dataclass(frozen=True)
class _Section:
    """`worth`: sections of the least worth are cut first."""

    title: str
    lines: tuple[str, ...]
    worth: int
    folded: bool = True

    def text(self, lines: int | None = None) -> str:
        kept = self.lines if lines is None else self.lines[:lines]
        left = len(self.lines) - len(kept)
        if left:
            kept = (*kept, f"- … and {left} more, in the HTML page")
        body = "\n".join(kept)
        if not self.folded:
            return f"### {self.title}\n\n{body}\n"
        return f"<details><summary>{self.title}</summary>\n\n{body}\n\n</details>\n"


def marker(review: Review) -> str:
    """The hidden line by which the comment of a stack is found again."""
    place = f"{review.project}/{review.stack}".replace("--", "-").replace(">", "")
    return f"<!-- stack-review:v1 {place} -->"


def markdown(review: Review, largest: int = LARGEST) -> str:
    """The comment, of `largest` bytes at most."""
    head = _head(review)
    sections = _sections(review)
    limits: dict[int, int] = {}
    text = _assembled(head, sections, limits)
    for index in sorted(range(len(sections)), key=lambda each: sections[each].worth):
        while len(text.encode()) > largest and limits.get(index, len(sections[index].lines)) > 0:
            limits[index] = limits.get(index, len(sections[index].lines)) // 2
            text = _assembled(head, sections, limits)
    if len(text.encode()) > largest:  # only a head of thousands of reasons
        text = (
            text.encode()[: largest - 200].decode(errors="ignore") + "\n\n… cut; the HTML page has it all.\n"
        )
    return text


def _assembled(head: str, sections: Sequence[_Section], limits: dict[int, int]) -> str:
    parts = [section.text(limits.get(index)) for index, section in enumerate(sections)]
    return "\n".join([head, *parts])


def _head(review: Review) -> str:
    commit = f" · commit {plain(review.commit[:12])}" if review.commit else ""
    state = f" · state {review.state_serial}" if review.state_serial is not None else ""
    lines = [
        marker(review),
        f"## {_SIGNS[review.verdict]} {plain(review.stack)}: {plain(review.headline)}",
        "",
        f"{_counted(review)}{commit}{state}",
        "",
    ]
    lines += [_reason(each) for each in review.reasons[:_FIRST]]
    if len(review.reasons) > _FIRST:
        lines.append(f"- … and {len(review.reasons) - _FIRST} more reasons below")
    return "\n".join(lines) + "\n"


def _reason(reason: Reason) -> str:
    return f"- {_SIGNS[reason.verdict]} {plain(reason.text)} ({reason.rule})"


def _counted(review: Review) -> str:
    words = {
        "create": "to create",
        "update": "to update",
        "replace": "to replace",
        "delete": "to delete",
        "import": "to import",
        "forget": "to forget",
    }
    found = [f"**{count}** {words[op]}" for op, count in review.counts.items() if op in words]
    same = review.counts.get("same", 0)
    return " · ".join([*found, f"{same} unchanged"])


def _sections(review: Review) -> list[_Section]:
    made = (make(review) for make in _MAKERS)
    return [section for section in made if section is not None]


def _since(review: Review) -> _Section | None:
    if review.since is None:
        return None
    lines = [f"- {plain(each)}" for each in review.since.added]
    lines += [f"- gone: {plain(each)}" for each in review.since.removed]
    lines += [f"- {plain(each)}" for each in review.since.changed]
    title = f"Since {plain(review.since.commit[:12] or 'the last review')} ({review.since.verdict.value})"
    return _Section(title, tuple(lines) or ("- nothing",), 95, folded=False)


def _more_reasons(review: Review) -> _Section | None:
    lines = [_reason(each) for each in review.reasons[_FIRST:]]
    return _Section("More reasons", tuple(lines), 90, folded=False) if lines else None


def _destructive(review: Review) -> _Section | None:
    lines = []
    for each in review.destructive:
        notes = [
            *(["possibly"] if not each.certain else []),
            *(["protected, so that Pulumi refuses it"] if each.protected else []),
            *(["stays in Azure"] if each.retained else []),
            *(["the old one first"] if each.deletes_first else []),
        ]
        because = f", by {', '.join(map(code, each.forced_by))}" if each.forced_by else ""
        loses = f": {plain(each.loses)}" if each.loses else ""
        noted = f" ({', '.join(notes)})" if notes else ""
        lines.append(f"- **{each.op}** {code(each.name)}{because}{loses}{noted}")
    return _Section(f"Deleted or replaced: {len(lines)}", tuple(lines), 85, folded=False) if lines else None


def _access(review: Review) -> _Section | None:
    lines = [
        f"- **{each.change}** {plain(each.principal_type)} {plain(each.principal)}: "
        f"{plain(each.role)} on {plain(each.scope)}: can {plain(each.can)}"
        for each in review.access
    ]
    return _Section(f"Access: {len(lines)}", tuple(lines), 80, folded=False) if lines else None


def _exposure(review: Review) -> _Section | None:
    lines = [
        f"- **{each.change}** {code(each.name)}: {plain(each.text)} ({code(each.path)})"
        for each in review.exposure
    ]
    return _Section(f"Network: {len(lines)}", tuple(lines), 80, folded=False) if lines else None


def _protection(review: Review) -> _Section | None:
    lines = [f"- {code(each.name)} {plain(each.text)}" for each in review.protection]
    return _Section(f"Protection: {len(lines)}", tuple(lines), 80, folded=False) if lines else None


def _assets(review: Review) -> _Section | None:
    lines = [
        f"- {plain(each.kind)} {code(each.name)}: {plain(each.text)}"
        + (f" ({', '.join(code(name) for name in each.content)})" if each.content else "")
        for each in review.assets
    ]
    return _Section(f"Assets: {len(lines)}", tuple(lines), 70) if lines else None


def _policies(review: Review) -> _Section | None:
    if not review.policies.known:
        return None
    lines = [_policy(each) for each in review.policies.findings]
    title = f"Policies: {len(lines)} findings, {review.policies.passed} passed"
    return _Section(title, tuple(lines) or ("- nothing found",), 60)


def _changes(review: Review) -> _Section | None:
    lines = [line for change in review.changes for line in change_lines(change)]
    return _Section(f"Every change: {len(review.changes)}", tuple(lines), 20) if lines else None


def _drift(review: Review) -> _Section | None:
    lines = [line for change in review.drift for line in change_lines(change)]
    return _Section(f"Drift: {len(review.drift)}", tuple(lines), 50) if lines else None


def _unknowns(review: Review) -> _Section | None:
    lines = [f"- {code(each.name)}: {code(each.path)}" for each in review.unknowns]
    return _Section(f"Known only after the update: {len(lines)}", tuple(lines), 10) if lines else None


def _duration(review: Review) -> _Section | None:
    if not review.duration.seconds:
        return None
    minutes = max(1, round(review.duration.seconds / 60))
    chain = " → ".join(code(each) for each in review.duration.chain)
    lines = [f"- {chain}", *(f"- not known: {code(each)}" for each in review.duration.unknown)]
    return _Section(f"Time: about {minutes} min", tuple(lines), 15)


def _remarks(review: Review) -> _Section | None:
    lines = [f"- {plain(each)}" for each in (*review.remarks, *review.diagnostics)]
    return _Section(f"Remarks: {len(lines)}", tuple(lines), 40) if lines else None


def _cost(review: Review) -> _Section | None:
    cost = review.cost
    if not (cost.lines or cost.by_use):
        return None
    before, after = _range(cost.before_min, cost.before_max), _range(cost.after_min, cost.after_max)
    lines = [
        f"- {code(each.name)} ({plain(each.what)}): "
        f"{_range(each.before_min, each.before_max)} → {_range(each.after_min, each.after_max)}"
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
    return _Section(title, tuple(lines), 65)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "?"
    return f"{low:,.0f}" if round(low) == round(high) else f"{low:,.0f} to {high:,.0f}"


def _policy(finding: PolicyFinding) -> str:
    name = f" {plain(finding.urn.rsplit('::', 1)[-1])}" if finding.urn else ""
    detail = f": {plain(finding.details[0])}" if finding.details else ""
    return f"- **{plain(finding.verdict)}** {plain(finding.policy)} ({plain(finding.level)}){name}{detail}"


def change_lines(change: ResourceChange) -> Iterable[str]:
    """A resource that changes, and its properties, as items of a list."""
    kind = change.type.rsplit(":", 1)[-1]
    possible = "possibly " if change.possible else ""
    yield f"- **{possible}{change.op}** {plain(change.name)} ({plain(kind)})"
    for each in change.properties:
        mark = " **forces the replacement**" if each.replaces else ""
        yield f"  - {code(each.path)}: {code(each.before)} → {code(each.after)}{mark}"


def plain(text: str) -> str:
    """A text in which nothing is markup, a mention or a link."""
    one_line = _INVISIBLE.sub(" ", text)
    escaped = _SPECIAL.sub(r"\\\1", re.sub("[&<>]", lambda found: _MARKUP[found[0]], one_line))
    broken = _LINKED.sub(lambda found: f"{found[0][0]}{_BREAK}{found[0][1:]}", escaped)
    return re.sub(r"^([-+=]|\d+\.)", r"\\\1", broken)


def code(text: str) -> str:
    """A text in code font, whatever backticks are in it."""
    one_line = _INVISIBLE.sub(" ", text) or " "
    longest = max((len(run) for run in re.findall(r"`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{fence}{pad}{one_line}{pad}{fence}"


_MAKERS: Final = (
    _since,
    _more_reasons,
    _destructive,
    _access,
    _exposure,
    _protection,
    _assets,
    _policies,
    _cost,
    _changes,
    _drift,
    _unknowns,
    _duration,
    _remarks,
)
