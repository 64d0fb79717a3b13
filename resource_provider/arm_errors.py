"""What Resource Manager refuses, apart from the client: a process that only tells of it loads no client."""

from __future__ import annotations

from typing import Any

from resource_provider.provider import ProviderError


class ArmError(ProviderError):
    """Resource Manager refused a request or a long-running operation failed."""

    def __init__(self, status: int, code: str, message: str, request_id: str = "", details: str = "") -> None:
        self.status = status
        self.code = code
        self.arm_message = message
        self.request_id = request_id
        self.details = details
        shown = f"Status={status} " if status else ""
        traced = f" (request id {request_id})" if request_id else ""
        super().__init__(f'{shown}Code="{code}" Message="{message}"{details}{traced}')

    def __reduce__(self) -> tuple[Any, ...]:
        """An error of one process can be raised in another."""
        return ArmError, (self.status, self.code, self.arm_message, self.request_id, self.details)


class RefusedError(ArmError):
    """Resource Manager turned a PUT down; nothing was changed."""

    def __init__(self, error: ArmError) -> None:
        Exception.__init__(self, str(error))
        self.status, self.code, self.arm_message = error.status, error.code, error.arm_message
        self.request_id, self.details = error.request_id, error.details


class StoppedError(ProviderError):
    """The user asked to stop."""
