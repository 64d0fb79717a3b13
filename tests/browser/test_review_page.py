"""The page of a review in a real browser: it opens alone, reads on any screen, and is used by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from review.document import PropertyChange, Review
from review.render.html import html
from tests.support.chromium import HOW, Browser, OpenPage, browser, chromium
from tests.support.review_documents import full_review, large_review

LONG = "persona-access-dataScientist-8a4e2b7d-15c9-4f63-b0d8-6e7f8a9b0c1d_storage.blob.data" * 3
# What no page of ours has: an element, an attribute or a side effect that a text has made.
ATTACKS = (
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    '\'"></title></style></script></template><svg/onload="window.hacked = 1"><iframe src=//example.com>',
    '<a href="javascript:window.hacked = 1">x</a><meta http-equiv=refresh content=0>',
)
# The lowest contrast of a text with what is behind it (WCAG 2.2, 1.4.3: 4.5).
CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return rgba(getComputedStyle(document.documentElement).colorScheme === 'dark' ? '#121212' : '#fff');
  };
  const worst = {};
  for (const element of document.querySelectorAll('body :not(svg *, script, style, template)')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest('.unseen, .skip, svg')) continue;
    const both = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
    const [a, b] = both.sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) worst[`${element.tagName}.${element.className}`] = ratio.toFixed(2);
  }
  return worst;
})()"""
Opened = Callable[..., OpenPage]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    if (program := chromium()) is None:
        pytest.skip(HOW)
    with browser(program) as running:
        yield running


@pytest.fixture
def opened(chrome: Browser, tmp_path: Path) -> Iterator[Opened]:
    """A review as an open page."""
    pages: list[AbstractContextManager[OpenPage]] = []

    def open_(review: Review, *, width: int = 1280, dark: bool = False) -> OpenPage:
        file = tmp_path / f"review-{len(pages)}.html"
        file.write_text(html(review), encoding="utf-8")
        page = chrome.page(file, width=width, dark=dark)
        pages.append(page)
        return page.__enter__()

    yield open_
    for page in pages:
        page.__exit__(None, None, None)


def test_it_opens_from_a_file_asks_for_nothing_else_and_breaks_none_of_its_own_rules(opened: Opened) -> None:
    page = opened(full_review())

    assert page.complaints() == []
    assert [url.rsplit("/", 1)[-1] for url in page.requests()] == ["review-0.html"]
    assert page.run("document.querySelector('h1').textContent").startswith("Stop")


def test_its_policy_stops_scripts_and_styles_that_are_not_its_own(opened: Opened) -> None:
    page = opened(full_review())

    page.run(
        "(() => { const each = document.createElement('script'); each.append('x'); "
        "try { each.textContent = 'window.hacked = 1' } catch {} document.body.append(each) })()"
    )
    page.run("document.querySelector('h1').setAttribute('style', 'display: none')")
    page.run("try { document.querySelector('h1').setAttribute('onclick', 'window.hacked = 1') } catch {}")
    page.run("document.querySelector('h1').click()")

    assert page.run("window.hacked") is None
    assert page.run("getComputedStyle(document.querySelector('h1')).display") != "none"


@pytest.mark.parametrize("attack", ATTACKS)
def test_texts_of_a_preview_do_nothing_but_stand_there(opened: Opened, attack: str) -> None:
    page = opened(full_review(lambda _: attack))

    assert page.complaints() == []
    assert len(page.requests()) == 1
    assert page.run("window.hacked") is None
    assert page.run("document.querySelectorAll('img, iframe, [onload], [onerror], body meta').length") == 0
    assert page.run("document.querySelectorAll('script').length") == 1
    assert attack.replace("\r", "\n") in page.run("document.querySelector('h1').textContent")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen_however_long_the_names(opened: Opened, width: int) -> None:
    page = opened(full_review(lambda text: text + LONG), width=width)

    page.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")

    wide = (
        "[...document.querySelectorAll('body *')].filter((e) => !e.closest('#canvas, .unseen, .place, .skip')"
    )
    assert page.run(f"{wide} && e.getBoundingClientRect().right > {width}).map((e) => e.className)") == []
    assert page.run("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_what_is_behind_it(opened: Opened, dark: bool) -> None:
    page = opened(full_review(), dark=dark)

    page.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")

    assert page.run(CONTRAST) == {}


def test_it_is_dark_or_light_as_the_system_is_until_the_reader_says_otherwise(opened: Opened) -> None:
    light, dark = opened(full_review()), opened(full_review(), dark=True)
    ground = "getComputedStyle(document.body).backgroundColor"

    assert light.run(ground) == "rgb(255, 255, 255)"
    assert dark.run(ground) == "rgb(14, 17, 22)"
    dark.run("document.querySelector('#theme').click()")
    assert dark.run(ground) == "rgb(255, 255, 255)"
    assert dark.run("document.querySelector('#theme').textContent") == "Dark"


def test_slash_goes_to_the_search_which_leaves_what_matches_and_escape_clears_it(opened: Opened) -> None:
    page = opened(large_review(200, 200))
    shown = "[...document.querySelectorAll('#changes .item')].filter((e) => e.checkVisibility()).length"

    page.press("/", "/")
    assert page.run("document.activeElement.id") == "search"
    assert page.run("document.activeElement.value") == ""
    page.type("RESOURCE-00123")
    page.wait("document.querySelector('#found').textContent === '1 match'")
    assert page.run(shown) == 1
    assert page.run("document.querySelectorAll('#canvas .node:not(.miss)').length") == 1

    page.press("Escape")
    assert page.run(shown) == 200
    assert page.run("document.querySelector('#found').textContent") == ""


def test_search_finds_values_and_unfolds_what_they_are_in(opened: Opened) -> None:
    page = opened(large_review(200, 200))

    page.press("/", "/")
    page.type("10.57.3.128")
    page.wait("document.querySelector('#found').textContent === '0 matches' || document.querySelector('ins')")
    page.wait("document.querySelector('#found').textContent === '1 match'")

    assert page.run("document.querySelectorAll('#changes details[open]').length") == 1


def test_one_operation_can_be_shown_alone(opened: Opened) -> None:
    page = opened(large_review(50, 50))

    page.run("document.querySelector('[data-only=delete]').click()")
    left = (
        "[...document.querySelectorAll('#changes .item')].filter((e) => !e.hidden).map((e) => e.dataset.op)"
    )
    assert set(page.run(left)) == {"delete"}

    page.run("document.querySelector('[data-only=delete]').click()")
    assert len(page.run(left)) == 50


def test_a_reason_leads_to_its_change_and_opens_it(opened: Opened) -> None:
    page = opened(full_review())

    page.run("document.querySelector('.verdict a').click()")
    page.wait("document.querySelector('#c0').open")

    assert page.run("document.activeElement.closest('#c0') !== null")


def test_a_reason_leads_to_its_change_even_if_a_search_had_hidden_it(opened: Opened) -> None:
    page = opened(full_review())

    page.press("/", "/")
    page.type("the preview failed")
    page.wait("document.querySelector('#c0').hidden")
    page.run("location.hash = '#c0'")

    page.wait("document.querySelector('#c0').checkVisibility()")


def test_all_is_reached_by_keyboard_from_top_to_bottom_with_the_focus_in_sight(opened: Opened) -> None:
    page = opened(full_review())
    stops = []
    for _ in range(120):
        page.press("Tab")
        stops.append(
            page.run(
                "(() => { const e = document.activeElement, b = e.getBoundingClientRect(); "
                "const s = getComputedStyle(e); "
                "return [e.id || e.className || e.tagName, Math.round(b.top + scrollY), s.outlineStyle, "
                "b.bottom > 0 && b.top < innerHeight] })()"
            )
        )
        if stops[-1][0] == "BODY":
            break

    names = [name for name, *_ in stops]
    assert names[:3] == ["skip", "search", "theme"]
    assert "canvas" in names
    assert names.count("canvas") == 1
    assert not any("node" in name for name in names)  # arrow keys go to those
    assert [name for name, _, outline, _ in stops if name != "BODY" and outline == "none"] == []
    assert [name for name, *_, in_sight in stops if not in_sight and name != "BODY"] == []


def test_arrow_keys_go_from_change_to_change_in_the_graph_and_enter_opens_one(opened: Opened) -> None:
    page = opened(full_review())

    page.run("document.querySelector('#canvas').focus()")
    page.press("ArrowDown")
    first = page.run("document.activeElement.querySelector('title').textContent")
    page.press("ArrowDown")
    second = page.run("document.activeElement.querySelector('title').textContent")

    assert first.startswith("replace: account")
    assert second.startswith("create: vault")
    page.press("Enter", "\r")
    page.wait("location.hash === '#c1'")


def test_what_a_resource_takes_and_gives_lights_up_with_it(opened: Opened) -> None:
    page = opened(full_review())

    page.run("document.querySelector('#canvas').focus()")
    page.press("ArrowDown")

    assert page.run("document.querySelectorAll('.over path').length") == 1


def test_the_rest_of_the_graph_comes_when_it_is_asked_for(opened: Opened) -> None:
    page = opened(large_review(100, 10))
    nodes = "document.querySelectorAll('#canvas .node').length"

    assert page.run(nodes) == 11
    page.run("document.querySelector('#whole').click()")
    assert page.run(nodes) == 100
    page.run("document.querySelector('#whole').click()")
    assert page.run(nodes) == 11


def test_zoom_changes_the_size_of_the_graph_and_fit_shows_all_of_it(opened: Opened) -> None:
    page = opened(large_review(400, 400))
    width = "document.querySelector('#canvas svg').getBoundingClientRect().width"

    before = page.run(width)
    page.run("document.querySelector('#in').click()")
    assert page.run(width) > before
    page.run("document.querySelector('#fit').click()")
    assert page.run(f"{width} <= document.querySelector('#canvas').clientWidth")


def test_without_script_everything_is_there_to_read(chrome: Browser, tmp_path: Path) -> None:
    file = tmp_path / "review.html"
    page = html(full_review())
    file.write_text(page[: page.index("<script>")] + "</body></html>", encoding="utf-8")
    with chrome.page(file) as opened_page:
        sections = opened_page.run("[...document.querySelectorAll('main section')].length")
        assert sections == 17
        assert opened_page.run("document.querySelectorAll('#canvas .node').length") == 3


def test_a_value_of_many_lines_keeps_them(opened: Opened) -> None:
    review = large_review(1, 1)
    value = PropertyChange(path="script", kind="add", before="nothing", after="one\ntwo\nthree")
    change = review.changes[0].model_copy(update={"properties": (value,)})
    page = opened(review.model_copy(update={"changes": (change,)}))

    page.run("document.querySelector('#c0').open = true")

    assert page.run("document.querySelector('#c0 ins').getBoundingClientRect().height") > 50
