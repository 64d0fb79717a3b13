"""The first screen of a comment: verdict, counts and sums, what is new, a line for each rule that fired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from review.document import Reason, Review, Since, Verdict
from review.render.text import brief, plain

_SIGNS: Final = {Verdict.SAFE: "🟢", Verdict.LOOK: "🟡", Verdict.STOP: "🔴"}
_FIRST: Final = 14  # lines of reasons on the first screen, unless more rules fired
MOST_NEWS: Final = 4  # lines of what is different from the last review
_NEW_LINE: Final = "\\\n"
_NAMES: Final = 6  # names of further resources there


def head(review: Review) -> str:
    """The first lines, at most 25 of them unless more rules fired."""
    commit = f" · commit {plain(review.commit[:12])}" if review.commit else ""
    state = f" · state {review.state_serial}" if review.state_serial is not None else ""
    sums = _sums(review)
    lines = [
        f"## {_SIGNS[review.verdict]} {brief(review.stack, 80)}: {plain(review.headline)}",
        "",
        f"{_counted(review)}{commit}{state}{_NEW_LINE if sums else ''}{sums}",
    ]
    if review.since:
        lines += ["", *_since(review.since)]
    if first := first_reasons(review):
        lines += [*(["", "**In all:**"] if review.since else []), "", *first]
    return "\n".join(lines) + "\n"


def _since(since: Since) -> Iterable[str]:
    """What is different from the last review, and how much more of it stands below."""
    commit = f" of {plain(since.commit[:12])}" if since.commit else ""
    yield f"**Since the last review**{commit} ({since.verdict.value}):"
    told = list(since_lines(since))
    yield ""
    yield from told[:MOST_NEWS] or ["- nothing is different"]
    if len(told) > MOST_NEWS:
        yield f"- … and {len(told) - MOST_NEWS} more below"


def since_lines(since: Since) -> Iterable[str]:
    """What came, went, or became another."""
    yield from (f"- new: {brief(each)}" for each in since.added)
    yield from (f"- gone: {brief(each)}" for each in since.removed)
    yield from (f"- {brief(each)}" for each in since.changed)


def first_reasons(review: Review) -> list[str]:
    """The first ones as items of a list."""
    return [item for first, rest in shares(review) for item in _items(first, rest)]


def shares(review: Review) -> list[tuple[list[Reason], list[Reason]]]:
    """The reasons of each rule: those to read first, one at least, and the others."""
    by_rule = list(groups(review))
    for most in range(_FIRST, 0, -1):
        found = [(group[: _share(group, most)], group[_share(group, most) :]) for group in by_rule]
        if most == 1 or sum(len(first) for first, _ in found) <= _FIRST:
            return found
    return []


def _share(group: Sequence[Reason], most: int) -> int:
    """Lines of one rule: a rule that says stop has twice as many as another."""
    return most if group[0].verdict is Verdict.STOP else (most + 1) // 2


def groups(review: Review) -> Iterable[list[Reason]]:
    """Reasons by rule; the same words are said once, with how often they hold."""
    groups: dict[str, dict[str, list[Reason]]] = {}
    for reason in review.reasons:
        groups.setdefault(reason.rule, {}).setdefault(reason.text, []).append(reason)
    for group in groups.values():
        yield [
            same[0].model_copy(update={"text": f"{text}, {len(same)} times"}) if len(same) > 1 else same[0]
            for text, same in group.items()
        ]


def _items(shown: Sequence[Reason], rest: Sequence[Reason]) -> Iterable[str]:
    """Those of a rule; the last of them names the rest."""
    for reason in shown[:-1] if rest else shown:
        yield reason_line(reason)
    if rest:
        names = list(dict.fromkeys(_name(reason.urn) for reason in rest if reason.urn))
        told = ", ".join(brief(name, 80) for name in names[:_NAMES]) + (", …" if len(names) > _NAMES else "")
        yield f"{reason_line(shown[-1])}; **and {len(rest)} more**{': ' if told else ''}{told}"


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def reason_line(reason: Reason) -> str:
    """A reason as an item of a list."""
    return f"- {_SIGNS[reason.verdict]} {brief(reason.text)} ({reason.rule})"


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
    if not review.complete:  # how much it had looked at until then says nothing
        return " · ".join([*found, "what else would change is not known"])
    same = review.counts.get("same", 0)
    return " · ".join([*found, f"{same} unchanged"])


def _sums(review: Review) -> str:
    """Policies, cost and time in one line, as far as they say something; of a part they say nothing."""
    if not review.complete:
        return ""
    parts = [judged(review)] if review.policies.findings or review.policies.passed else []
    cost = review.cost
    if any(line.changes for line in cost.lines):
        parts.append(_monthly(review))
    if review.duration.seconds:
        parts.append(f"about {minutes(review)} min")
    return " · ".join(parts)


def _monthly(review: Review) -> str:
    """`a month 10 → 20 to 1,234 EUR (2 not priced)`; what nothing has a price of is never 0."""
    cost = review.cost
    missing = f" ({len(cost.unpriced)} not priced)" if cost.unpriced else ""
    if all(line.unpriced for line in cost.lines):
        return f"a month: not known{missing}"
    before, after = amounts(cost.before_min, cost.before_max), amounts(cost.after_min, cost.after_max)
    return f"a month {before} → {after} {plain(cost.currency)}{missing}"


def judged(review: Review) -> str:
    """`policies: 1 fails, 2 advise, 1 waived, 1 not judged, 241 checks pass`."""
    if not review.policies.known:
        return "policies: the preview ran without them"
    found = [(each.verdict, each.level == "mandatory") for each in review.policies.findings]
    counts = {
        "fail": found.count(("fail", True)),
        "advise": found.count(("fail", False)),
        "waived": sum(verdict == "waived" for verdict, _ in found),
        "not judged": sum(verdict == "not evaluated" for verdict, _ in found),
    }
    told = [f"{count} {word}" for word, count in counts.items() if count]
    return f"policies: {', '.join([*told, f'{review.policies.passed} checks pass'])}"


def minutes(review: Review) -> int:
    """How long the update takes, at least one."""
    return max(1, round(review.duration.seconds / 60))


def amounts(low: float | None, high: float | None) -> str:
    """A range of money; a question mark where one end has no price."""
    if low is None or high is None:
        return "?"
    return f"{low:,.0f}" if round(low) == round(high) else f"{low:,.0f} to {high:,.0f}"
