"""A review as the comment of a pull request: the verdict and its reasons first, everything else folded.

A comment has a largest size; what costs a reader least is cut first, and the comment says what was cut.
Whatever comes from the preview is written as text: no markup, no mention, no link of it takes effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from review.document import PolicyFinding, ResourceChange, Review, Verdict

LARGEST: Final = 60_000  # bytes; GitHub takes 65,536 characters and Azure DevOps 150,000
_SIGNS: Final = {Verdict.SAFE: "🟢", Verdict.LOOK: "🟡", Verdict.STOP: "🔴"}
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()#+\-!|~<>&@:$=])")
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
    sections = list(_sections(review))
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
    lines += [
        f"- {_SIGNS[each.verdict]} {plain(each.text)} ({each.rule})" for each in review.reasons[:_FIRST]
    ]
    if len(review.reasons) > _FIRST:
        lines.append(f"- … and {len(review.reasons) - _FIRST} more reasons below")
    return "\n".join(lines) + "\n"


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


def _sections(review: Review) -> Iterable[_Section]:
    if review.since:
        lines = [f"- {plain(each)}" for each in review.since.added]
        lines += [f"- gone: {plain(each)}" for each in review.since.removed]
        lines += [f"- {plain(each)}" for each in review.since.changed]
        title = f"Since {plain(review.since.commit[:12] or 'the last review')} ({review.since.verdict.value})"
        yield _Section(title, tuple(lines) or ("- nothing",), 95, folded=False)
    if rest := review.reasons[_FIRST:]:
        lines = [f"- {_SIGNS[each.verdict]} {plain(each.text)} ({each.rule})" for each in rest]
        yield _Section("More reasons", tuple(lines), 90, folded=False)
    if review.access:
        lines = [
            f"- **{each.change}** {plain(each.principal)} ({plain(each.principal_type)}): "
            f"{plain(each.role)} on {plain(each.scope)}: {plain(each.can)}"
            for each in review.access
        ]
        yield _Section(f"Access: {len(lines)}", tuple(lines), 80, folded=False)
    if review.exposure:
        lines = [f"- **{each.change}** {plain(each.name)}: {plain(each.text)}" for each in review.exposure]
        yield _Section(f"Network: {len(lines)}", tuple(lines), 80, folded=False)
    if review.assets:
        lines = [
            f"- {plain(each.kind)} {plain(each.name)}: {plain(each.text)}"
            + (f" ({', '.join(code(name) for name in each.content)})" if each.content else "")
            for each in review.assets
        ]
        yield _Section(f"Assets: {len(lines)}", tuple(lines), 70)
    if review.policies.findings or review.policies.known:
        lines = [_policy(each) for each in review.policies.findings]
        title = f"Policies: {len(lines)} findings, {review.policies.passed} passed"
        yield _Section(title, tuple(lines) or ("- nothing found",), 60)
    if review.cost.lines or review.cost.unpriced:
        yield _cost(review)
    if review.changes:
        lines = [line for change in review.changes for line in change_lines(change)]
        yield _Section(f"Every change: {len(review.changes)}", tuple(lines), 20)
    if review.drift:
        lines = [line for change in review.drift for line in change_lines(change)]
        yield _Section(f"Drift: {len(review.drift)}", tuple(lines), 50)
    if review.unknowns:
        lines = [f"- {plain(each.name)}: {code(each.path)}" for each in review.unknowns]
        yield _Section(f"Known only after the update: {len(lines)}", tuple(lines), 10)
    if review.duration.seconds:
        minutes = f"about {max(1, round(review.duration.seconds / 60))} minutes"
        chain = " → ".join(plain(each) for each in review.duration.chain)
        yield _Section(f"Time: {minutes}", (f"- {chain}",), 15)
    if review.diagnostics or review.remarks:
        lines = [f"- {plain(each)}" for each in (*review.remarks, *review.diagnostics)]
        yield _Section(f"Remarks: {len(lines)}", tuple(lines), 40)


def _cost(review: Review) -> _Section:
    cost = review.cost
    before, after = _range(cost.before_min, cost.before_max), _range(cost.after_min, cost.after_max)
    lines = [
        f"- {plain(each.name)} ({plain(each.what)}): "
        f"{_range(each.before_min, each.before_max)} → {_range(each.after_min, each.after_max)}"
        for each in cost.lines
    ]
    lines += [f"- not priced: {plain(each)}" for each in cost.unpriced]
    title = f"Cost a month: {before} → {after} {plain(cost.currency)}, prices of {plain(cost.priced_at)}"
    if cost.unpriced:
        title += f", {len(cost.unpriced)} not priced"
    return _Section(title, tuple(lines), 65)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "–"
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
    return _SPECIAL.sub(lambda found: f"&#{ord(found[1])};", one_line)


def code(text: str) -> str:
    """A text in code font, whatever backticks are in it."""
    one_line = _INVISIBLE.sub(" ", text) or " "
    longest = max((len(run) for run in re.findall(r"`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{fence}{pad}{one_line}{pad}{fence}"
