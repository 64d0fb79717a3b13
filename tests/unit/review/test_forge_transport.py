"""Requests to a forge: what is tried again, for how long, and what a person is told in the end."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formatdate

import pytest

from review.forge.errors import ForgeError, GoneError, UncertainError
from review.forge.github import HINTS
from review.forge.transport import ALL_WAITS, LONGEST_WAIT, TRIES, Transport
from tests.support.forges import TOKEN, Answer, Forge

NOW = 1_800_000_000.0
LIST = "/repos/owner/platform/issues/7/comments"


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return NOW + sum(self.slept)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transport(forge: Forge, clock: Clock) -> Iterator[Transport]:
    with Transport(
        base=forge.address,
        authorization=f"Bearer {TOKEN}",
        token=TOKEN,
        hints=HINTS,
        sleep=clock.slept.append,
        now=clock.now,
    ) as transport:
        yield transport


def fails(forge: Forge, *answers: Answer) -> None:
    """These answers first, then the real ones."""
    waiting = iter(answers)
    forge.fault = lambda method, path: next(waiting, None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": formatdate(NOW + 7, usegmt=True)}, 7),
        ({"Retry-After": formatdate(NOW - 7, usegmt=True)}, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 30)}, 31),
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": str(int(NOW) + 30)}, 60),
        ({}, 60),
    ],
)
def test_a_limited_request_waits_as_long_as_the_forge_asks(
    forge: Forge, transport: Transport, clock: Clock, headers: dict[str, str], seconds: float
) -> None:
    fails(forge, Answer(429, {"message": "Too Many Requests"}, headers))

    assert transport.request("GET", LIST).json() == []
    assert clock.slept == [pytest.approx(seconds, abs=1)]


def test_a_secondary_limit_is_a_403_that_says_so(forge: Forge, transport: Transport, clock: Clock) -> None:
    fails(forge, Answer(403, {"message": "You have exceeded a secondary rate limit."}))

    assert transport.request("GET", LIST).status_code == 200
    assert clock.slept == [60]


def test_a_403_of_missing_rights_is_not_tried_again(forge: Forge, transport: Transport, clock: Clock) -> None:
    fails(forge, Answer(403, {"message": "Resource not accessible by integration"}))

    with pytest.raises(ForgeError) as caught:
        transport.request("POST", LIST, body={"body": "text"})

    assert "403 Resource not accessible by integration; the token may not do this" in str(caught.value)
    assert "pull-requests: write" in str(caught.value)
    assert (len(forge.asked), clock.slept) == (1, [])


def test_a_422_shows_what_the_forge_says(forge: Forge, transport: Transport) -> None:
    errors = [{"resource": "IssueComment", "code": "unprocessable", "message": "body is too long"}]
    fails(forge, Answer(422, {"message": "Validation Failed", "errors": errors}))

    with pytest.raises(ForgeError, match=r"422 Validation Failed .*body is too long"):
        transport.request("POST", LIST, body={"body": "text"})


@pytest.mark.parametrize(
    ("status", "words"), [(401, "GITHUB_TOKEN is not accepted"), (404, "GITHUB_REPOSITORY")]
)
def test_other_refusals_say_what_to_do(forge: Forge, transport: Transport, status: int, words: str) -> None:
    fails(forge, Answer(status, {"message": "no"}))

    with pytest.raises(ForgeError, match=words) as caught:
        transport.request("GET", LIST)
    assert isinstance(caught.value, GoneError) is (status == 404)


@pytest.mark.parametrize(
    "answer", [Answer(500, {}), Answer(502, b"<html>"), Answer(503, {}), Answer(drop=True)]
)
def test_a_failure_on_the_way_is_tried_again_with_growing_waits(
    forge: Forge, transport: Transport, clock: Clock, answer: Answer
) -> None:
    fails(forge, *[answer] * (TRIES - 1))

    assert transport.request("GET", LIST).status_code == 200
    assert clock.slept == [1, 2, 4, 8, 16]


def test_after_the_last_try_it_is_given_up(forge: Forge, transport: Transport) -> None:
    forge.fault = lambda method, path: Answer(503, {"message": "Unavailable"})

    with pytest.raises(ForgeError, match=f"503 Unavailable; so {TRIES} times: try again later"):
        transport.request("GET", LIST)
    assert len(forge.asked) == TRIES


@pytest.mark.parametrize("answer", [Answer(500, {}), Answer(503, {}), Answer(drop=True)])
def test_what_makes_something_is_never_repeated_blindly(
    forge: Forge, transport: Transport, answer: Answer
) -> None:
    fails(forge, answer)

    with pytest.raises(UncertainError):
        transport.request("POST", LIST, body={"body": "text"})
    assert len(forge.asked) == 1


def test_what_was_limited_was_not_done_and_is_repeated(
    forge: Forge, transport: Transport, clock: Clock
) -> None:
    fails(forge, Answer(429, {}, {"Retry-After": "3"}))

    assert transport.request("POST", LIST, body={"body": "text"}).status_code == 201
    assert clock.slept == [3]
    assert [each["body"] for each in forge.comments] == ["text"]


def test_a_forge_that_asks_for_an_hour_is_not_waited_for(
    forge: Forge, transport: Transport, clock: Clock
) -> None:
    fails(forge, Answer(429, {"message": "limit"}, {"Retry-After": "3600"}))

    with pytest.raises(ForgeError, match=r"429 limit; it wants 3600 seconds waited.* again in 60 minutes"):
        transport.request("GET", LIST)
    assert clock.slept == []


def test_all_waits_together_have_a_limit(forge: Forge, transport: Transport, clock: Clock) -> None:
    forge.fault = lambda method, path: Answer(429, {}, {"Retry-After": str(int(LONGEST_WAIT))})

    with pytest.raises(ForgeError, match="more than this program waits"):
        transport.request("GET", LIST)
    assert sum(clock.slept) <= ALL_WAITS


def test_a_good_answer_may_ask_for_a_pause_too(forge: Forge, transport: Transport, clock: Clock) -> None:
    """Azure DevOps delays before it blocks."""
    fails(forge, Answer(200, [], {"Retry-After": "5"}))

    transport.request("GET", LIST)
    transport.request("GET", LIST)

    assert clock.slept == [5]


def test_nobody_there_is_told_by_the_host(clock: Clock) -> None:
    with (
        Transport(
            base="http://127.0.0.1:1", authorization="x", token=TOKEN, hints={}, sleep=clock.slept.append
        ) as transport,
        pytest.raises(ForgeError, match=r"no connection to 127\.0\.0\.1 .*try again later"),
    ):
        transport.request("POST", "/graphql", body={})


def test_the_token_shows_in_no_text(forge: Forge, transport: Transport) -> None:
    fails(forge, Answer(422, {"message": f"bad credentials {TOKEN}"}))

    with pytest.raises(ForgeError, match=r"bad credentials \[secret\]") as caught:
        transport.request("GET", LIST)

    assert TOKEN not in f"{caught.value!r} {transport!r}"
    assert forge.authorizations == [f"Bearer {TOKEN}"]


def test_the_token_goes_to_no_other_host(forge: Forge, transport: Transport) -> None:
    with pytest.raises(ForgeError, match=r"points to evil\.test: the token is sent to 127\.0\.0\.1 only"):
        transport.request("GET", "https://evil.test/page/2")


def test_the_token_does_not_follow_a_download(forge: Forge, transport: Transport) -> None:
    number = forge.artifact("review", {"review.json": "{}"})

    content = transport.download(f"/repos/owner/platform/actions/artifacts/{number}/zip", 10_000)

    assert content == forge.files[number]
    assert forge.authorizations == [f"Bearer {TOKEN}", None]


def test_a_download_is_not_followed_in_clear(forge: Forge, transport: Transport) -> None:
    fails(forge, Answer(302, None, {"location": "http://storage.test/review.zip"}))

    with pytest.raises(ForgeError, match=r"http://storage\.test: only https is followed"):
        transport.download("/repos/owner/platform/actions/artifacts/1/zip", 10_000)


def test_a_download_has_a_largest_size(forge: Forge, transport: Transport) -> None:
    number = forge.artifact("review", {"review.json": "x" * 10_000})

    with pytest.raises(ForgeError, match="more than 50 bytes"):
        transport.download(f"/repos/owner/platform/actions/artifacts/{number}/zip", 50)


def test_the_token_is_not_sent_in_clear_to_another_machine() -> None:
    with pytest.raises(ForgeError, match=r"http://forge\.test: the token is sent over https only"):
        Transport(base="http://forge.test", authorization="x", token=TOKEN, hints={})
