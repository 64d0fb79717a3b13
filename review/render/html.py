"""A review as one HTML page, which works from a file, without a network.

Every text of the preview is written by a template that escapes it, in quoted attributes or between tags; none
of it goes into a script or a style. What does not show (controls, marks that turn the writing around) is
written out. The page forbids itself everything but its own style and script, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from review.document import PolicyFinding, PropertyChange, ResourceChange, Review
from review.render import first_screen, graph

_PAGE: Final = Path(__file__).parent / "page"
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
)
_SHAPES: Final = frozenset({"create", "update", "replace", "delete", "import", "forget"})
_WORDS: Final = {"same": "unchanged", "read": "read", "refresh": "refreshed"}


def html(review: Review) -> str:
    """The page, UTF-8 when it is written."""
    template, style, script = _page()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    shares = first_screen.shares(review)
    near = graph.neighbourhood(review.nodes, review.edges)
    pictures = [graph.picture(review.nodes, review.edges, near), graph.picture(review.nodes, review.edges)]
    return template.render(
        review=review,
        style=Markup(style),  # noqa: S704 (a file of this package)
        script=Markup(script),  # noqa: S704 (a file of this package)
        policy=policy,
        numbers={change.urn: number for number, change in enumerate(review.changes)},
        groups=list(_by_component(review)),
        reasons=[each for first, _ in shares for each in first]
        + [each for _, rest in shares for each in rest],
        first=sum(len(first) for first, _ in shares),
        policies=list(_policies(review.policies.findings)),
        unknowns=_unknowns(review),
        pictures=pictures if pictures[0].left_out else pictures[:1],
        commands=_commands(review),
    )


def visible(value: object) -> object:
    """A text with what does not show, or turns the writing around, written out; anything else as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNSEEN.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", value)
    return value


@lru_cache(maxsize=1)
def _page() -> tuple[Template, str, str]:
    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        shape=lambda op: op if op in _SHAPES else "same",
        word=lambda op: _WORDS.get(op, op),
        kind=lambda token: token.rsplit(":", 1)[-1],
        last=lambda urn: urn.rsplit("::", 1)[-1],
        parts=_parts,
        money=_money,
        moment=lambda text: text[:16].replace("T", " ") + (" UTC" if text.endswith("+00:00") else ""),
    )
    style, script = ((_PAGE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return environment.get_template("page.html.j2"), style, script


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@dataclass(frozen=True)
class _Group:
    """What changes in one component, each with its number on the page."""

    home: graph.Home
    changes: list[tuple[int, ResourceChange]]


def _by_component(review: Review) -> Iterator[_Group]:
    homes = graph.homes(review.nodes)
    groups: dict[str, _Group] = {}
    for number, change in enumerate(review.changes):
        home = homes.get(change.urn, graph.Home(""))
        groups.setdefault(home.urn, _Group(home, [])).changes.append((number, change))
    return iter(groups.values())


@dataclass(frozen=True)
class _Policy:
    """One policy with all resources that it says the same of: (URN, what it says of this one)."""

    first: PolicyFinding
    resources: list[tuple[str, str]]


@dataclass(frozen=True)
class _Outcome:
    title: str
    sign: str  # the verdict whose colour and shape it has
    policies: list[_Policy]

    @property
    def count(self) -> int:
        """Findings in it."""
        return sum(len(policy.resources) for policy in self.policies)


def _policies(findings: Sequence[PolicyFinding]) -> Iterator[_Outcome]:
    for title, sign, members in (
        ("Blocking", "stop", [f for f in findings if f.verdict == "fail" and f.level == "mandatory"]),
        ("Advisory", "look", [f for f in findings if f.verdict == "fail" and f.level != "mandatory"]),
        ("Exempted", "safe", [f for f in findings if f.verdict == "waived"]),
        ("Not judgeable", "look", [f for f in findings if f.verdict == "not evaluated"]),
    ):
        if members:
            yield _Outcome(title, sign, _merged(members))


def _merged(findings: Iterable[PolicyFinding]) -> list[_Policy]:
    found: dict[tuple[object, ...], _Policy] = {}
    for finding in findings:
        key = (finding.policy, finding.level, finding.severity, finding.title, finding.details[1:])
        said = finding.details[0] if finding.details else ""
        found.setdefault(key, _Policy(finding, [])).resources.append((finding.urn, said))
    return list(found.values())


def _unknowns(review: Review) -> list[tuple[str, str, list[str]]]:
    """What is not known yet, by resource: (URN, name, paths)."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for each in review.unknowns:
        found.setdefault(each.urn, (each.urn, each.name, []))[2].append(each.path)
    return list(found.values())


def _parts(change: PropertyChange) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Before and after, each as (what both begin with, what differs, what both end with)."""
    before, after = change.before, change.after
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    if change.kind != "update" or (start + end) * 3 < min(len(before), len(after)):  # little in common
        start = end = 0
    return (
        (before[:start], before[start : len(before) - end], before[len(before) - end :]),
        (after[:start], after[start : len(after) - end], after[len(after) - end :]),
    )


def _common(one: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _money(low: float | None, high: float | None = None) -> str:
    if low is None:
        return "\u2013"
    if high is None or round(low, 2) == round(high, 2):
        return f"{low:,.2f}"
    return f"{low:,.2f} to {high:,.2f}"


def _commands(review: Review) -> list[str]:
    """How to make this review again, safe to paste into a shell whatever the stack's name is."""
    stack = shlex.quote(str(visible(review.stack)))
    preview = f"PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview --stack={stack} --json > preview.jsonl"
    page = "python -m review preview.jsonl --html review.html"
    if not re.fullmatch("[0-9a-f]{7,64}", review.commit):
        return [preview, page]
    return [f"git checkout {review.commit}", preview, f"{page} --commit {review.commit}"]
