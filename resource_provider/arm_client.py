"""Requests to Azure Resource Manager: authorization, retries, long-running operations, errors.

Sources: "Asynchronous operations in Azure" (headers, states, Retry-After) and "Throttling
Resource Manager requests" (429), Microsoft Learn.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import httpx
import tenacity

from resource_provider.arm_errors import ArmError, RefusedError, StoppedError
from resource_provider.http import Http
from resource_provider.provider import ProviderError
from resource_provider.timing import waiting

Result = TypeVar("Result")
MANAGEMENT = "https://management.azure.com"  # Resource Manager of Azure's public cloud
_RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504})
# 409 codes that mean "another change is running, come back": resource providers' own documents.
_RETRIED_CONFLICTS = frozenset({"AnotherOperationInProgress", "RetryableError", "OperationInProgress"})
_ATTEMPTS = 8
# Nobody listens: a wrong endpoint or a network that is down, which waiting seldom mends.
_UNANSWERED_ATTEMPTS = 4
_LONGEST_PAUSE = 60.0
_DEFAULT_POLL_SECONDS = 2.0
_SUCCEEDED = "succeeded"
_FAILED_STATES = frozenset({"failed", "canceled"})


class _RetryableError(Exception):
    """An answer that is worth another attempt, after `pause` seconds if Azure said so."""

    def __init__(self, error: ProviderError, pause: float | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause = pause


@dataclass(frozen=True)
class Answer:
    """Status, headers and JSON object of an answer; the body is {} where there is none."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


class Credentials(Protocol):
    """Who asks."""

    async def token(self) -> str:
        """An access token for Resource Manager. ProviderError when there is none to be had."""


class ArmClient:
    """Resource Manager as seen by one provider process. `cancelled` ends every wait."""

    def __init__(self, http: Http, endpoint: str, credentials: Credentials) -> None:
        self._http = http
        self._endpoint = endpoint
        self._credentials = credentials
        self.cancelled = asyncio.Event()

    async def get(self, id: str, api_version: str) -> dict[str, Any] | None:
        """The resource, or None when it does not exist."""
        try:
            return (await self.request("GET", id, api_version)).body
        except ArmError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def put(self, id: str, api_version: str, body: dict[str, Any], query: Mapping[str, str]) -> Answer:
        """Starts a creation or update: the answer may be that of an operation that still runs.

        RefusedError when Azure turned the request down, so that it changed nothing.
        """
        try:
            return await self.request("PUT", id, api_version, body, query)
        except ArmError as error:
            if httpx.codes.is_client_error(error.status):
                raise RefusedError(error) from error
            raise

    async def delete(self, id: str, api_version: str) -> None:
        """Deletes and waits until it is done; a resource that does not exist is no error."""
        try:
            answer = await self.request("DELETE", id, api_version)
            await self.wait(answer)
        except ArmError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise

    async def wait(self, answer: Answer) -> None:
        """Waits for the operation that an answer started, in the way that its headers ask for.

        Raises ArmError when the operation fails, StoppedError when the user stops.
        """
        status_url = answer.headers.get("azure-asyncoperation")
        location = answer.headers.get("location")
        if status_url:
            await self._wait_for_status(status_url, answer)
        elif location and answer.status == httpx.codes.ACCEPTED:
            while answer.status == httpx.codes.ACCEPTED:
                await self._pause(_retry_after(answer.headers))
                answer = await self._send("GET", answer.headers.get("location", location), None)

    async def settled(self, id: str, api_version: str, body: dict[str, Any]) -> dict[str, Any]:
        """The resource once its provisioningState is final. ArmError when that is a failure."""
        state = _provisioning_state(body)
        while state not in ("", _SUCCEEDED, *_FAILED_STATES):
            await self._pause(None)
            answer = await self.request("GET", id, api_version)
            body, state = answer.body, _provisioning_state(answer.body)
        if state in _FAILED_STATES:
            code = f"ProvisioningState{state.capitalize()}"
            raise ArmError(0, code, f"the resource {id} did not become ready")
        return body

    async def request(
        self,
        method: str,
        path: str,
        api_version: str,
        body: dict[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request on a resource id. ArmError for an answer of 400 and more."""
        url = httpx.URL(f"{self._endpoint}{path}", params={**(query or {}), "api-version": api_version})
        return await self._send(method, str(url), body)

    async def send_bytes(self, method: str, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        """A request to another service of Azure whose URL is signed; retried like every other."""

        async def attempt() -> None:
            await self._answered(method, url, headers, content=data)

        await self._retried(attempt)

    async def _send(self, method: str, url: str, body: dict[str, Any] | None) -> Answer:
        async def attempt() -> Answer:
            if self.cancelled.is_set():
                raise StoppedError(f"cancelled before {method} {_path(url)}")
            headers = {"Authorization": f"Bearer {await self._credentials.token()}"}
            response = await self._answered(method, url, headers, json=body)
            return Answer(response.status_code, response.headers, _object(response))

        return await self._retried(attempt)

    async def _retried(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        attempts = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_RetryableError),
            stop=_enough,
            wait=_pause_before,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return await attempts(attempt)
        except _RetryableError as exhausted:
            raise exhausted.error from exhausted

    async def _answered(
        self, method: str, url: str, headers: Mapping[str, str], **content: Any
    ) -> httpx.Response:
        """The answer of a request that was accepted. _RetryableError or ArmError for any other."""
        try:
            with waiting():
                response = await self._http.request(method, url, headers=headers, **content)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise _RetryableError(
                ProviderError(f"no answer to {method} {_path(url)}: {reason}"), None
            ) from error
        if response.status_code < httpx.codes.BAD_REQUEST:
            return response
        refused = _arm_error(response)
        retried_conflict = refused.status == httpx.codes.CONFLICT and refused.code in _RETRIED_CONFLICTS
        if refused.status in _RETRIED_STATUS or retried_conflict:
            raise _RetryableError(refused, _retry_after(response.headers))
        raise refused

    async def _wait_for_status(self, url: str, answer: Answer) -> None:
        """Polls an Azure-AsyncOperation URL until its status is final."""
        while True:
            await self._pause(_retry_after(answer.headers))
            answer = await self._send("GET", url, None)
            state = str(answer.body.get("status", "")).lower()
            if state == _SUCCEEDED:
                return
            if state in _FAILED_STATES:
                error = answer.body.get("error") or {}
                raise ArmError(
                    0,
                    str(error.get("code") or state.capitalize()),
                    str(error.get("message") or "the operation did not succeed"),
                    answer.headers.get("x-ms-request-id", ""),
                    _details(error),
                )

    async def _pause(self, seconds: float | None) -> None:
        await self._sleep(_DEFAULT_POLL_SECONDS if seconds is None else seconds)
        if self.cancelled.is_set():
            raise StoppedError("cancelled while Azure was still working on the resource")

    async def _sleep(self, seconds: float) -> None:
        """Sleeps, but not beyond a cancellation."""
        with waiting():
            try:
                await asyncio.wait_for(self.cancelled.wait(), timeout=seconds)
            except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
                return


def _enough(state: tenacity.RetryCallState) -> bool:
    """Whether the limit of attempts is reached: the lower one when no connection came about."""
    error = state.outcome.exception() if state.outcome else None
    unanswered = error is not None and isinstance(error.__cause__, httpx.ConnectError)
    return state.attempt_number >= (_UNANSWERED_ATTEMPTS if unanswered else _ATTEMPTS)


def _pause_before(state: tenacity.RetryCallState) -> float:
    """Azure's Retry-After, within a limit; else 1, 2, 4, ... seconds with some spread."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _RetryableError) and error.pause is not None:
        return min(error.pause, _LONGEST_PAUSE)
    return float(tenacity.wait_exponential_jitter(initial=1, max=30)(state))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("x-ms-retry-after-ms", 0.001), ("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    return None


def _arm_error(response: httpx.Response) -> ArmError:
    body = _object(response)
    inner = body.get("error")
    error: Mapping[str, Any] = inner if isinstance(inner, dict) else body
    return ArmError(
        response.status_code,
        # The storage services name the code in a header, beside XML.
        str(error.get("code") or response.headers.get("x-ms-error-code") or response.reason_phrase),
        str(error.get("message") or _storage_message(response.text) or response.text[:500]),
        response.headers.get("x-ms-request-id", ""),
        _details(error),
    )


def _storage_message(text: str) -> str:
    """The sentence in the XML of the storage services; request id and time follow on lines of their own."""
    found = re.search(r"<Message>([^<\n]*)", text)
    return found[1].strip() if found else ""


def _details(error: Mapping[str, Any]) -> str:
    """The inner errors, which often name the property that is meant."""
    items = [item for item in error.get("details") or () if isinstance(item, dict)]
    shown = [f"{item.get('code', '')}: {item.get('message', '')}" for item in items if item.get("message")]
    return f" Details=[{'; '.join(shown)}]" if shown else ""


def _provisioning_state(body: Mapping[str, Any]) -> str:
    properties = body.get("properties")
    state = properties.get("provisioningState") if isinstance(properties, dict) else None
    return str(state).lower() if state else ""


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _path(url: str) -> str:
    return httpx.URL(url).path
