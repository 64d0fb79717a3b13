"""The page of a review: what is on it in which order, and that nothing of a preview takes effect on it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review.build import Made, build
from review.cli import main
from review.document import Node, Review
from review.events import read
from review.render.html import html, visible
from tests.support.review_documents import ROOT, full_review, large_review, urn
from tests.support.review_goldens import reviewed

PAGE = Path(__file__).parents[3] / "review" / "render" / "page"
# The order in which issue readers asked for it.
ORDER = [
    "verdict", "counts", "since", "destructive", "protection", "access", "exposure", "assets", "policies",
    "versions", "cost", "graph", "changes", "unknowns", "drift", "duration", "remarks",
]  # fmt: skip
WEAPONS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><style>*{display:none}</style>",
    "</script><script>alert(1)//",
    "</title></textarea></template></svg><svg/onload=alert(1)>",
    "<!--",
    "]]>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;&#x3c;",
    "`${alert(1)}`",
    "\u202egnp.exe",
    "\x00\x1b[2J",
    "\ud800",
)
hostile = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(WEAPONS),
    st.builds(str.__add__, st.sampled_from(WEAPONS), st.text()),
)


class Outline(HTMLParser):
    """Tags with the names of their attributes, all values of attributes, and texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, ...]] = []
        self.values: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        for name, value in attrs:
            self.values.setdefault(name, []).append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        assert decl == "doctype html"


@cache
def harmless_outline() -> Outline:
    return Outline(html(full_review(lambda _: "x")))


def elements(page: str, tag: str) -> list[str]:
    return re.findall(f"<{tag}>(.*?)</{tag.split(maxsplit=1)[0]}>", page, re.DOTALL)


def test_sections_come_in_the_order_in_which_a_reviewer_needs_them() -> None:
    found = re.findall(r'<section id="(\w+)"', html(full_review()))

    assert found == ORDER


def test_a_section_without_content_is_left_out_but_still_counted_as_nothing() -> None:
    page = html(full_review().model_copy(update={"destructive": (), "drift": ()}))

    assert '<section id="destructive"' not in page
    assert '<span class="none">Destructive <span>0</span></span>' in page


def test_the_page_allows_only_its_own_style_and_script() -> None:
    page = html(full_review())
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))

    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        [content] = elements(page, tag)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"


def test_the_policy_comes_before_everything_that_it_governs() -> None:
    page = html(full_review())

    assert page.index("Content-Security-Policy") < min(
        page.index(tag) for tag in ("<style", "<script", "<title")
    )


def test_style_and_script_are_the_files_of_the_package_with_nothing_of_the_preview_in_them() -> None:
    page = html(full_review(lambda text: f"HOSTILE {text}"))

    assert elements(page, "script") == [(PAGE / "page.js").read_text()]
    assert elements(page, "style") == [(PAGE / "page.css").read_text()]


def test_nothing_is_loaded_from_anywhere() -> None:
    outline = Outline(html(full_review()))

    assert not {"src", "srcset", "action", "data", "poster", "style", "ping"} & outline.values.keys()
    assert all(re.fullmatch(r"#[a-z]+(-[a-z]+)?\d*", target) for target in outline.values["href"])
    assert not re.search(r"url\(|@import|https?:", html(full_review()))


@pytest.mark.parametrize("file", sorted(PAGE.glob("*.j2")), ids=lambda file: file.name)
def test_every_attribute_of_the_templates_is_quoted_and_no_text_is_called_safe(file: Path) -> None:
    source = file.read_text()

    assert not re.search(r"=\s*\{\{", re.sub(r"\{%.*?%\}", "", source))
    assert not re.search(r"\|\s*safe|Markup|autoescape", source)


@given(hostile)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_of_a_preview_yields_a_tag_an_attribute_or_a_link(text: str) -> None:
    harmless, attacked = harmless_outline(), Outline(html(full_review(lambda _: text)))

    assert attacked.tags == harmless.tags
    assert attacked.comments == []
    for name in harmless.values.keys() - {"content"}:
        assert attacked.values[name] == harmless.values[name]


@given(st.one_of(st.sampled_from(WEAPONS), st.text(min_size=1, max_size=30)))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_what_a_preview_says_is_shown_letter_by_letter(text: str) -> None:
    shown = "".join(Outline(html(full_review(lambda _: f"<{text}>"))).texts)

    assert str(visible(f"<{text}>")).replace("\r", "\n") in shown


@pytest.mark.parametrize(
    "text", ["\u202e", "\u2066", "\u200b", "\x1b", "\ufeff", "\x85", "\ud800", "\U000e0041"]
)
def test_what_does_not_show_is_written_out(text: str) -> None:
    page = html(full_review(lambda _: f"a{text}b"))

    assert text not in page
    assert f"a\\u{{{ord(text):x}}}b" in page
    page.encode()


def test_an_unknown_operation_is_a_word_only() -> None:
    odd = full_review().model_copy(update={"counts": {'"><b>': 1}})

    assert Outline(html(odd)).tags.count(("b",)) == Outline(html(full_review())).tags.count(("b",)) - 3


def test_secrets_of_a_preview_are_not_on_the_page() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "hunter2"}
    state = {"custom": True, "id": "/subscriptions/1", "parent": ROOT}
    metadata = {
        "op": "update",
        "urn": urn("account"),
        "type": "azure-native:storage:StorageAccount",
        "old": {**state, "inputs": {"key": secret, "plain": {"deep": [secret]}}},
        "new": {**state, "inputs": {"key": {**secret, "plaintext": "hunter3"}, "plain": {"deep": []}}},
        "diffs": ["key", "plain"],
    }
    events = [
        {"sequence": 1, "resourcePreEvent": {"metadata": metadata}},
        {"sequence": 2, "summaryEvent": {"resourceChanges": {"update": 1}}},
    ]
    page = html(build(read("\n".join(map(json.dumps, events))), Made()))

    assert "hunter" not in page
    assert "[secret]" in page


def test_only_what_differs_in_a_value_is_marked() -> None:
    page = html(large_review(1, 1))

    assert "<del>10.0.3.<b>0/24</b></del><ins>10.0.3.<b>128/25</b></ins>" in page
    assert "<del>internal</del>" in html(_with_value("internal", "confidential"))


@given(hostile, hostile)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_no_value_yields_a_tag_or_an_attribute(before: str, after: str) -> None:
    marked, unmarked = (
        Outline(html(_with_value("10.0.0.0", "10.0.0.1"))),
        Outline(html(_with_value("a", "b"))),
    )

    assert Outline(html(_with_value(before, after))).tags in (marked.tags, unmarked.tags)


def _with_value(before: str, after: str) -> Review:
    review = large_review(1, 1)
    change = review.changes[0]
    value = change.properties[0].model_copy(update={"before": before, "after": after})
    return review.model_copy(update={"changes": (change.model_copy(update={"properties": (value,)}),)})


def test_a_policy_that_says_the_same_of_many_resources_is_told_once() -> None:
    review = full_review()
    finding = review.policies.findings[0]
    many = tuple(finding.model_copy(update={"urn": urn(f"account-{index}")}) for index in range(50))
    page = html(review.model_copy(update={"policies": review.policies.model_copy(update={"findings": many})}))

    assert page.count("Mend: close it.") == 1
    assert "45 more resources" in page


def test_policies_stand_under_what_follows_from_them() -> None:
    titles = re.findall(r"</svg>(Blocking|Advisory|Exempted|Not judgeable) ", html(full_review()))

    assert titles == ["Blocking", "Advisory", "Exempted", "Not judgeable"]


def test_what_is_not_priced_is_never_a_zero() -> None:
    page = html(full_review())

    assert "\u2013 → 0.00 to 1,224.50" in page
    assert "1 not priced, and not in these sums" in page


def test_the_graph_shows_what_changes_and_its_neighbours_first() -> None:
    page = html(large_review(100, 10))
    near, far = page.split('<template id="all">')

    assert near.count("data-n=") == 11
    assert far.count("data-n=") == 100


def test_a_graph_in_which_everything_changes_is_there_once() -> None:
    page = html(large_review(60, 60))

    assert page.count("data-n=") == 60
    assert "<template" not in page


def test_components_in_a_circle_of_parents_are_drawn_all_the_same() -> None:
    one, other = urn("one", "a:b:C"), urn("other", "a:b:C")
    nodes = (
        Node(urn=one, name="one", type="a:b:C", parent=other, op="create", component=True),
        Node(urn=other, name="other", type="a:b:C", parent=one, op="create", component=True),
        Node(urn=urn("x"), name="x", type="a:b:D", parent=urn("y"), op="create"),
        Node(urn=urn("y"), name="y", type="a:b:D", parent=urn("x"), op="create"),
    )
    page = html(full_review().model_copy(update={"nodes": nodes}))

    assert page.count("data-n=") == 2


def test_a_reason_of_every_rule_stands_unfolded() -> None:
    review = reviewed("many")
    verdict = html(review).partition('id="verdict"')[2].partition("<details")[0]

    assert {reason.rule for reason in review.reasons} == set(re.findall(r"REV-\w+-\d+", verdict))


def test_commands_to_make_the_review_again_are_safe_to_paste() -> None:
    page = html(full_review().model_copy(update={"stack": "a; rm -rf ~", "commit": "$(reboot)"}))

    assert "--stack=&#39;a; rm -rf ~&#39; --json" in page
    assert "reboot" not in elements(page, 'pre tabindex="0"')[0]


def test_the_same_review_gives_the_same_page_whatever_the_order_of_its_edges() -> None:
    review = large_review(80, 20)
    turned = review.model_copy(update={"edges": tuple(reversed(review.edges))})

    assert html(turned) == html(review)


def test_the_page_of_a_thousand_resources_repeats_nothing() -> None:
    size = len(html(large_review(1000, 1000)).encode())

    assert size < 2_000 * 1_000


def test_the_command_line_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview = tmp_path / "preview.jsonl"
    preview.write_text('{"sequence": 1, "summaryEvent": {"resourceChanges": {}}}\n')

    assert main([str(preview), "--html", str(tmp_path / "review.html")]) == 0
    assert (tmp_path / "review.html").read_text().startswith("<!doctype html>")
    assert capsys.readouterr().out == ""
