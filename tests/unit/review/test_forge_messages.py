"""The one comment of a review: found, changed in place, made, whatever else is in the pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from review.forge import here
from review.forge.errors import ForgeError
from review.forge.messages import Place, put
from tests.support.forges import BOT, Answer, Forge

MARK = "<!-- stack-review:v1 platform/prod -->"
TEXT = f"{MARK}\n## review\n"


@dataclass(frozen=True)
class Kind:
    """One of the two forges: what its pipelines set, how it is filled and read."""

    environment: Callable[[Forge], dict[str, str]]
    fill: Callable[[Forge, str], object]
    others: Callable[[Forge, str], object]
    texts: Callable[[Forge], list[str]]


def _github_texts(forge: Forge) -> list[str]:
    return [each["body"] for each in forge.comments]


def _threads_texts(forge: Forge) -> list[str]:
    comments = [comment for thread in forge.threads for comment in thread["comments"]]
    return [each["content"] for each in comments if not each.get("isDeleted")]


KINDS = {
    "GitHub": Kind(
        lambda forge: forge.github,
        lambda forge, text: forge.comment(text),
        lambda forge, text: forge.comment(text, "ada"),
        _github_texts,
    ),
    "Azure DevOps": Kind(
        lambda forge: forge.azure_devops,
        lambda forge, text: forge.thread(text),
        lambda forge, text: forge.thread(text, "somebody"),
        _threads_texts,
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def place(forge: Forge, kind: Kind) -> Iterator[Place]:
    with here.comments(kind.environment(forge)) as place:
        yield place


def test_a_first_review_is_a_new_comment(forge: Forge, kind: Kind, place: Place) -> None:
    done = put(place, TEXT)

    assert done.done == "created"
    assert kind.texts(forge) == [TEXT]


def test_the_next_review_takes_its_place(forge: Forge, kind: Kind, place: Place) -> None:
    put(place, TEXT)

    done = put(place, f"{MARK}\nanother\n")

    assert done.done == "updated"
    assert kind.texts(forge) == [f"{MARK}\nanother\n"]


def test_the_same_review_again_changes_nothing(forge: Forge, kind: Kind, place: Place) -> None:
    put(place, TEXT)

    assert put(place, TEXT).done == "unchanged"
    assert not [method for method, _ in forge.asked if method in ("PATCH", "DELETE")]


def test_a_comment_of_somebody_else_with_the_marker_stays(forge: Forge, kind: Kind, place: Place) -> None:
    kind.others(forge, f"{MARK}\nnot yours\n")

    put(place, TEXT)

    assert kind.texts(forge) == [f"{MARK}\nnot yours\n", TEXT]


def test_our_comment_that_only_quotes_the_marker_stays(forge: Forge, kind: Kind, place: Place) -> None:
    kind.fill(forge, f"> {MARK}")
    kind.fill(forge, f"see\n{MARK}")

    assert put(place, TEXT).done == "created"


def test_each_stack_has_its_own_comment(forge: Forge, kind: Kind, place: Place) -> None:
    other = TEXT.replace("/prod ", "/dev ")
    put(place, TEXT)

    put(place, other)

    assert kind.texts(forge) == [TEXT, other]


def test_duplicates_are_removed_and_the_oldest_stays(forge: Forge, kind: Kind, place: Place) -> None:
    for text in (f"{MARK}\n1", f"{MARK}\n2", "a note", f"{MARK}\n3"):
        kind.fill(forge, text)

    done = put(place, TEXT)

    assert (done.done, done.removed) == ("updated", 2)
    assert kind.texts(forge) == [TEXT, "a note"]


def test_a_comment_behind_ten_thousand_others_is_found(forge: Forge, kind: Kind, place: Place) -> None:
    for number in range(10_000):
        kind.others(forge, f"comment {number}")
    kind.fill(forge, f"{MARK}\nold")
    forge.threads_a_page = 500

    assert put(place, TEXT).done == "updated"
    assert kind.texts(forge)[-1] == TEXT
    assert len(kind.texts(forge)) == 10_001


def test_a_comment_that_vanished_after_it_was_listed_is_made_anew(
    forge: Forge, kind: Kind, place: Place
) -> None:
    kind.fill(forge, f"{MARK}\nold")

    def vanish(method: str, path: str) -> Answer | None:
        if method == "PATCH":
            forge.comments.clear()
            forge.threads.clear()
        return None

    forge.fault = vanish

    assert put(place, TEXT).done == "created"
    assert kind.texts(forge) == [TEXT]


def test_a_duplicate_that_somebody_else_removed_is_no_error(forge: Forge, kind: Kind, place: Place) -> None:
    kind.fill(forge, f"{MARK}\n1")
    kind.fill(forge, f"{MARK}\n2")
    forge.fault = lambda method, path: Answer(404, {"message": "Not Found"}) if method == "DELETE" else None

    done = put(place, TEXT)

    assert (done.done, done.removed) == ("updated", 0)


def test_a_comment_that_was_made_before_the_connection_broke_is_not_made_twice(
    forge: Forge, kind: Kind, place: Place
) -> None:
    """The forge has done the work, and its answer is lost."""
    broken = iter([Answer(drop=True, late=True)])
    forge.fault = lambda method, path: next(broken, None) if _makes(method, path) else None

    assert put(place, TEXT).done == "unchanged"
    assert kind.texts(forge) == [TEXT]


def test_a_comment_that_was_not_made_when_the_forge_failed_is_made(
    forge: Forge, kind: Kind, place: Place
) -> None:
    broken = iter([Answer(502, {"message": "Bad Gateway"})])
    forge.fault = lambda method, path: next(broken, None) if _makes(method, path) else None

    assert put(place, TEXT).done == "created"
    assert kind.texts(forge) == [TEXT]


def test_a_forge_that_never_makes_it_is_given_up(forge: Forge, kind: Kind, place: Place) -> None:
    forge.fault = lambda method, path: Answer(500, {"message": "Oops"}) if _makes(method, path) else None

    with pytest.raises(ForgeError, match=r"500 Oops; three rounds .* run the job again"):
        put(place, TEXT)


def test_a_review_of_nothing_makes_no_comment_but_corrects_one(
    forge: Forge, kind: Kind, place: Place
) -> None:
    assert put(place, TEXT, create=False).done == "nothing"
    kind.fill(forge, f"{MARK}\nold")

    assert put(place, TEXT, create=False).done == "updated"
    assert kind.texts(forge) == [TEXT]


def test_a_deleted_comment_is_not_found_again(forge: Forge) -> None:
    forge.thread(f"{MARK}\nold")["comments"][0]["isDeleted"] = True

    with here.comments(forge.azure_devops) as place:
        assert put(place, TEXT).done == "created"


def test_a_text_without_marker_is_refused(forge: Forge, kind: Kind, place: Place) -> None:
    with pytest.raises(ForgeError, match="no hidden first line"):
        put(place, "## review")
    assert forge.asked == []


def test_a_text_that_is_too_long_is_refused_before_it_is_sent(forge: Forge, kind: Kind, place: Place) -> None:
    with pytest.raises(ForgeError, match=rf"the forge takes {place.longest}: shorten it"):
        put(place, TEXT + "x" * place.longest)
    assert forge.asked == []


def test_windows_line_ends_of_the_forge_are_no_change(forge: Forge) -> None:
    forge.comment(TEXT.replace("\n", "\r\n"), BOT)

    with here.comments(forge.github) as place:
        assert put(place, TEXT).done == "unchanged"


def _makes(method: str, path: str) -> bool:
    return method == "POST" and "graphql" not in path
