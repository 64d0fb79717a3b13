"""Requests to a forge's API: signed in, repeated where that is safe, and refused in plain words.

Limits: six tries of one request, a wait of two minutes at most, five minutes of waiting for everything. A
forge that asks for more is told of, not waited for.

Sources: GitHub "Rate limits for the REST API" and "Best practices for using the REST API" (Retry-After; or
x-ratelimit-remaining 0 and x-ratelimit-reset; else a minute for a secondary limit, which may be a 403),
Azure DevOps "Rate and usage limits" (429 and Retry-After, which also comes with answers that are good).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from review.forge.errors import ForgeError, GoneError, UncertainError

TRIES: Final = 6
LONGEST_WAIT: Final = 120.0
ALL_WAITS: Final = 300.0
_SECONDARY_LIMIT: Final = 60.0
_FIRST_WAIT: Final = 1.0
_TIMEOUT: Final = httpx.Timeout(30.0)
_LONGEST_MESSAGE: Final = 300
_HIDDEN: Final = "[secret]"


class _Again(Exception):  # noqa: N818 - no error: a reason to try again
    """A try that may be repeated, and how long the forge wants it waited; None: as we like."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(kw_only=True)
class Transport:
    """One forge's API.

    Attributes:
        base: The address that paths are added to; https, or this machine.
        authorization: The value of that header; never shown.
        token: What must not show in any text.
        hints: By status: what to do about it, as the end of a sentence.
        headers: More headers of every request.
        sleep, now: Time, which tests make pass at once.
    """

    base: str
    authorization: str = field(repr=False)
    token: str = field(repr=False)
    hints: Mapping[int, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    _client: httpx.Client = field(init=False, repr=False)
    _waited: float = field(default=0.0, init=False)
    _not_before: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        if not _is_safe(httpx.URL(self.base)):
            raise ForgeError(f"{self.base}: the token is sent over https only; correct the API's address")
        headers = {**self.headers, "Authorization": self.authorization}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT, follow_redirects=False)

    def __enter__(self) -> Transport:  # noqa: PYI034 - typing.Self came with Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        address: str,
        *,
        body: Any = None,
        params: Mapping[str, str | int] | None = None,
        reads: bool = False,
        media: str = "application/json",
    ) -> httpx.Response:
        """The good answer to a request; `address` is a path, or one that the forge has given.

        `reads` says of a POST that it makes nothing, and may be repeated; `media` what the body is.

        Raises:
            GoneError: 404 or 410. UncertainError: a POST that may have been carried out. ForgeError: else.
        """
        url = self._url(address)
        headers = None if body is None else {"content-type": media}
        request = self._client.build_request(method, url, json=body, params=params, headers=headers)
        tries = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=self._wait,
            sleep=self._pause,
            retry=retry_if_exception_type(_Again),
            reraise=True,
        )
        try:
            return tries(self._once, request, makes=method == "POST" and not reads)
        except _Again as error:
            raise ForgeError(f"{error}; so {TRIES} times: try again later") from error

    def download(self, address: str, largest: int) -> bytes:
        """What an address redirects to, of `largest` bytes at most. The token stays with the forge."""
        answer = self.request("GET", address)
        if not answer.is_redirect:
            return answer.content
        location = httpx.URL(answer.headers["location"])
        if not _is_safe(location):
            raise ForgeError(
                f"the forge points to {location.scheme}://{location.host}: only https is followed"
            )
        with httpx.stream("GET", location, timeout=_TIMEOUT) as stream:
            if stream.is_error:
                raise ForgeError(f"the artifact's storage answers {stream.status_code}; run the job again")
            content = bytearray()
            for part in stream.iter_bytes():
                content += part
                if len(content) > largest:
                    raise ForgeError(f"the artifact has more than {largest} bytes: it is no review of ours")
        return bytes(content)

    def _url(self, address: str) -> httpx.URL:
        url = httpx.URL(address) if "://" in address else httpx.URL(self.base.rstrip("/") + address)
        base = httpx.URL(self.base)
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            raise ForgeError(f"the forge points to {url.host}: the token is sent to {base.host} only")
        return url

    def _once(self, request: httpx.Request, *, makes: bool) -> httpx.Response:
        if (rest := self._not_before - self.now()) > 0:
            self._pause(min(rest, LONGEST_WAIT))
        try:
            answer = self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # nothing was sent
            raise _Again(f"no connection to {request.url.host} ({type(error).__name__})") from error
        except httpx.TransportError as error:
            if makes:
                raise UncertainError(f"POST {request.url.path}: {type(error).__name__}") from error
            raise _Again(f"{request.method} {request.url.path}: {type(error).__name__}") from error
        asked = self._asked(answer)
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            self._not_before = self.now() + asked if asked else 0.0
            return answer
        raise self._refusal(answer, asked, makes=makes)

    def _refusal(self, answer: httpx.Response, asked: float | None, *, makes: bool) -> Exception:
        """What a bad answer means: try again, or an error for people."""
        status, said = answer.status_code, self._said(answer)
        told = f"{answer.request.method} {answer.request.url.path}: {status} {said}"
        limited = status == HTTPStatus.TOO_MANY_REQUESTS or (
            status == HTTPStatus.FORBIDDEN and (asked is not None or "rate limit" in said.lower())
        )
        if limited:
            return _Again(told, _SECONDARY_LIMIT if asked is None else asked)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # The request reached the forge, and may have been carried out before it failed.
            return UncertainError(told) if makes else _Again(told, asked)
        hint = self.hints.get(status)
        text = f"{told}; {hint}" if hint else told
        return GoneError(text) if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) else ForgeError(text)

    def _asked(self, answer: httpx.Response) -> float | None:
        """Seconds that the forge wants waited."""
        if (after := answer.headers.get("retry-after")) is not None:
            return _seconds(after, self.now())
        exhausted = answer.headers.get("x-ratelimit-remaining") == "0"
        reset = answer.headers.get("x-ratelimit-reset", "")
        if exhausted and answer.is_error and reset.isdigit():
            return max(0.0, int(reset) - self.now()) + 1
        return None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.seconds if isinstance(error, _Again) else None
        seconds = _FIRST_WAIT * 2 ** (state.attempt_number - 1) if asked is None else asked
        if seconds > LONGEST_WAIT or self._waited + seconds > ALL_WAITS:
            raise ForgeError(
                f"{error}; it wants {seconds:.0f} seconds waited, more than this program waits: run the job "
                f"again in {max(1, round(seconds / 60))} minutes"
            )
        return seconds

    def _pause(self, seconds: float) -> None:
        self._waited += seconds
        self.sleep(seconds)

    def _said(self, answer: httpx.Response) -> str:
        try:
            body = answer.json()
            said = body.get("message") if isinstance(body, dict) else None
            errors = body.get("errors") if isinstance(body, dict) else None
        except ValueError:
            said, errors = None, None
        text = " ".join(str(each) for each in (said or answer.reason_phrase, errors) if each)
        return self.hidden(" ".join(text.split()))[:_LONGEST_MESSAGE]

    def hidden(self, text: str) -> str:
        """A text without the token, should the forge have put it there."""
        return text.replace(self.token, _HIDDEN) if self.token else text


def _seconds(header: str, now: float) -> float | None:
    """Retry-After in its two forms: seconds, or a date."""
    if header.strip().isdigit():
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, when.replace(tzinfo=when.tzinfo or dt.timezone.utc).timestamp() - now)


def _is_safe(address: httpx.URL) -> bool:
    """Whether nobody between here and there reads along."""
    if address.scheme == "https" or address.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        return False
