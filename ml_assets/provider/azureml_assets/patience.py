"""A role that was assigned just now may not work yet: refusals are waited out, within one limit.

Source: "Troubleshoot Azure RBAC", role assignment changes are not being detected: up to ten minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeVar

from azureml_assets.refusals import explained
from resource_provider.arm_errors import ArmError
from resource_provider.provider import EngineLog

Result = TypeVar("Result")
LIMIT_SECONDS: Final = 180.0
_CODES: Final = frozenset(
    {"AuthorizationFailed", "AuthorizationPermissionMismatch", "LinkedAuthorizationFailed"}
)
_PAUSES: Final = (5.0, 10.0, 20.0, 30.0)  # seconds; the last one repeats


class Patience:
    """Tries again what Azure refuses for want of a role. The limit counts from the first refusal of all."""

    def __init__(self, cancelled: asyncio.Event) -> None:
        self._cancelled = cancelled
        self._until = 0.0

    async def run(self, log: EngineLog, urn: str, call: Callable[[], Awaitable[Result]]) -> Result:
        """The result of `call`, which must be harmless to repeat. Its ArmError when the limit is over."""
        attempt = 0
        while True:
            try:
                return await call()
            except ArmError as error:
                told = explained(error)
                if (
                    error.status != HTTPStatus.FORBIDDEN
                    or error.code not in _CODES
                    or self._cancelled.is_set()
                ):
                    raise told from None
                await self._wait(log, urn, told, attempt)
                attempt += 1

    async def _wait(self, log: EngineLog, urn: str, error: ArmError, attempt: int) -> None:
        now = time.monotonic()
        if not self._until:
            self._until = now + LIMIT_SECONDS
            ends = time.strftime("%H:%M:%S", time.localtime(time.time() + LIMIT_SECONDS))
            notice = (
                f"Azure refuses: {error}. A role that was assigned just now takes some minutes to work; "
                f"trying again until {ends}."
            )
            await log.warning(notice, urn)
        pause = min(_PAUSES[min(attempt, len(_PAUSES) - 1)], self._until - now)
        if pause <= 0:
            raise error
        try:
            await asyncio.wait_for(self._cancelled.wait(), pause)
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            return
        raise error
