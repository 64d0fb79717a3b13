"""A review as the comment of a pull request: the verdict and its reasons first, everything else folded.

A comment has a largest size; what costs a reader least is cut first, and the comment says what was cut.
Whatever comes from the preview is written as text: no markup, no mention, no link of it takes effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from review.document import AccessChange, PolicyFinding, Reason, ResourceChange, Review, Since, Verdict

LARGEST: Final = 60_000  # bytes; GitHub takes 65,536 characters and Azure DevOps 150,000
_SIGNS: Final = {Verdict.SAFE: "🟢", Verdict.LOOK: "🟡", Verdict.STOP: "🔴"}
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()!|~$])")
_MARKUP: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What a forge makes a link or a mention of, wherever it stands in a text.
_LINKED: Final = re.compile(r"(@|#|//|www\.|GH-|!(?=\d)|mailto:|xmpp:)", re.IGNORECASE)
_BREAK: Final = "<!-- -->"
_INVISIBLE: Final = re.compile(r"[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_FIRST: Final = 14  # lines of reasons on the first screen, unless more rules fired
_OF_ONE: Final = 6  # of one rule that says stop; half as many of another
_SINCE: Final = 4  # lines of what is different from the last review
_NEW_LINE: Final = "\\\n"
_FEW: Final = 8  # assets that stand there unfolded
_NAMES: Final = 6  # names of further resources there
_MAKING: Final = ("create", "import")


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
    place = _INVISIBLE.sub(" ", f"{review.project}/{review.stack}".replace("--", "-").replace(">", ""))
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
    sums = _sums(review)
    lines = [
        marker(review),
        f"## {_SIGNS[review.verdict]} {plain(review.stack)}: {plain(review.headline)}",
        "",
        f"{_counted(review)}{commit}{state}{_NEW_LINE if sums else ''}{sums}",
    ]
    if review.since:
        lines += ["", *_since(review.since), "", "**In all:**"]
    if first := _first(review):
        lines += ["", *first]
    return "\n".join(lines) + "\n"


def _since(since: Since) -> Iterable[str]:
    """What is different from the last review, and how much more of it stands below."""
    commit = f" of {plain(since.commit[:12])}" if since.commit else ""
    yield f"**Since the last review**{commit} ({since.verdict.value}):"
    told = list(_since_lines(since))
    yield ""
    yield from told[:_SINCE] or ["- nothing is different"]
    if len(told) > _SINCE:
        yield f"- … and {len(told) - _SINCE} more below"


def _since_lines(since: Since) -> Iterable[str]:
    yield from (f"- new: {plain(each)}" for each in since.added)
    yield from (f"- gone: {plain(each)}" for each in since.removed)
    yield from (f"- {plain(each)}" for each in since.changed)


def _since_last(review: Review) -> _Section | None:
    lines = tuple(_since_lines(review.since)) if review.since else ()
    return _Section(f"Since the last review: {len(lines)}", lines, 88) if len(lines) > _SINCE else None


def _first(review: Review) -> list[str]:
    """One item a rule at least, and no more of one rule than leaves room for the others."""
    for most in range(_FIRST, 0, -1):
        items = [item for group in _groups(review) for item in _items(group, min(most, _share(group)))]
        if len(items) <= _FIRST or most == 1:
            return items
    return []


def _share(group: Sequence[Reason]) -> int:
    return _OF_ONE if group[0].verdict is Verdict.STOP else _OF_ONE // 2


def _groups(review: Review) -> Iterable[list[Reason]]:
    """Reasons by rule; the same words are said once, with how often they hold."""
    groups: dict[str, dict[str, list[Reason]]] = {}
    for reason in review.reasons:
        groups.setdefault(reason.rule, {}).setdefault(reason.text, []).append(reason)
    for group in groups.values():
        yield [
            same[0].model_copy(update={"text": f"{text}, {len(same)} times"}) if len(same) > 1 else same[0]
            for text, same in group.items()
        ]


def _items(group: Sequence[Reason], most: int) -> Iterable[str]:
    """The first ones of a rule; the last of them names the rest."""
    shown, rest = group[:most], group[most:]
    for reason in shown[:-1] if rest else shown:
        yield _reason(reason)
    if rest:
        names = list(dict.fromkeys(_name(reason.urn) for reason in rest if reason.urn))
        told = ", ".join(plain(name) for name in names[:_NAMES]) + (", …" if len(names) > _NAMES else "")
        yield f"{_reason(shown[-1])}; **and {len(rest)} more**{': ' if told else ''}{told}"


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


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


def _sums(review: Review) -> str:
    """Policies, cost and time in one line, as far as they say something."""
    parts = [_judged(review)] if review.policies.findings or review.policies.passed else []
    cost = review.cost
    if any(line.changes for line in cost.lines):
        parts.append(_monthly(review))
    if review.duration.seconds:
        parts.append(f"about {_minutes(review)} min")
    return " · ".join(parts)


def _monthly(review: Review) -> str:
    """`a month 10 → 20 to 1,234 EUR (2 not priced)`; what nothing has a price of is never 0."""
    cost = review.cost
    missing = f" ({len(cost.unpriced)} not priced)" if cost.unpriced else ""
    if all(line.unpriced for line in cost.lines):
        return f"a month: not known{missing}"
    before, after = _range(cost.before_min, cost.before_max), _range(cost.after_min, cost.after_max)
    return f"a month {before} → {after} {plain(cost.currency)}{missing}"


def _judged(review: Review) -> str:
    """`policies: 1 fails, 2 advise, 1 waived, 1 not judged, 241 checks pass`."""
    found = [(each.verdict, each.level == "mandatory") for each in review.policies.findings]
    counts = {
        "fail": found.count(("fail", True)),
        "advise": found.count(("fail", False)),
        "waived": sum(verdict == "waived" for verdict, _ in found),
        "not judged": sum(verdict == "not evaluated" for verdict, _ in found),
    }
    told = [f"{count} {word}" for word, count in counts.items() if count]
    return f"policies: {', '.join([*told, f'{review.policies.passed} checks pass'])}"


def _minutes(review: Review) -> int:
    return max(1, round(review.duration.seconds / 60))


def _sections(review: Review) -> list[_Section]:
    made = (make(review) for make in _MAKERS)
    return [section for section in made if section is not None]


def _more_reasons(review: Review) -> _Section | None:
    first = _first(review)
    told = (_reason(each) for group in _groups(review) for each in group)
    lines = [line for line in told if not any(item.startswith(line) for item in first)]
    return _Section(f"More reasons: {len(lines)}", tuple(lines), 90) if lines else None


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
    lines = [_holder(each) for each in review.access]
    return _Section(f"Access: {len(lines)}", tuple(lines), 80, folded=False) if lines else None


def _holder(each: AccessChange) -> str:
    scope = f" on {plain(each.scope)}" if each.scope else ""
    said = f" (“{plain(each.said)}”)" if each.said else ""
    can = "can" if each.change == "gains" else "could"
    who = f"{plain(each.principal_type)} {plain(each.principal)}".strip()
    return f"- **{each.change}** {plain(each.role)}{scope}: {who}{said} {can} {plain(each.can)}"


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
    few = len(lines) <= _FEW
    return _Section(f"Assets: {len(lines)}", tuple(lines), 70, folded=not few) if lines else None


def _policies(review: Review) -> _Section | None:
    if not (review.policies.findings or review.policies.passed):
        return None
    lines = [_policy(each) for each in review.policies.findings]
    return _Section(_judged(review).capitalize(), tuple(lines) or ("- nothing found",), 60)


def _changes(review: Review) -> _Section | None:
    lines = [line for change in review.changes for line in change_lines(change, made=False)]
    return _Section(f"Every change: {len(review.changes)}", tuple(lines), 20) if lines else None


def _made(review: Review) -> _Section | None:
    made = [change for change in review.changes if change.op in _MAKING and change.properties]
    lines = [line for change in made for line in change_lines(change)]
    return _Section(f"What the new ones are made with: {len(made)}", tuple(lines), 5) if lines else None


def _drift(review: Review) -> _Section | None:
    lines = [line for change in review.drift for line in change_lines(change)]
    return _Section(f"Drift: {len(review.drift)}", tuple(lines), 75, folded=False) if lines else None


def _unknowns(review: Review) -> _Section | None:
    lines = [f"- {code(each.name)}: {code(each.path)}" for each in review.unknowns]
    return _Section(f"Known only after the update: {len(lines)}", tuple(lines), 10) if lines else None


def _duration(review: Review) -> _Section | None:
    if not review.duration.seconds:
        return None
    chain = " → ".join(code(each) for each in review.duration.chain)
    lines = [f"- {chain}", *(f"- not known: {code(each)}" for each in review.duration.unknown)]
    return _Section(f"Time: about {_minutes(review)} min", tuple(lines), 15)


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


def change_lines(change: ResourceChange, *, made: bool = True) -> Iterable[str]:
    """A resource that changes, and its properties, as items of a list; `made` also those of a new one."""
    kind = change.type.rsplit(":", 1)[-1]
    possible = "possibly " if change.possible else ""
    parent = f", in {code(change.parent)}" if change.parent else ""
    yield f"- **{possible}{change.op}** {code(change.name)} ({plain(kind)}{parent})"
    is_new = change.op in _MAKING
    for each in change.properties if made or not is_new else ():
        mark = " **forces the replacement**" if each.replaces else ""
        before = "" if is_new else f"{code(each.before)} → "
        yield f"  - {code(each.path)}: {before}{code(each.after)}{mark}"


def plain(text: str) -> str:
    """A text in which nothing is markup, a mention or a link."""
    one_line = _INVISIBLE.sub(" ", text).strip()  # four spaces in front are a block of code
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
    _since_last,
    _more_reasons,
    _destructive,
    _access,
    _exposure,
    _protection,
    _drift,
    _assets,
    _policies,
    _cost,
    _changes,
    _made,
    _unknowns,
    _duration,
    _remarks,
)
