"""Errors of Resource Manager itself, one function each, with the code and sentence that ARM uses.

Errors of a service (Microsoft.Storage, ...) stand in its namespace module. Left out: how an
error becomes an HTTP answer (`sandbox.arm.answers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]


class ArmError(Exception):
    """A refusal: HTTP status, ARM's code and message, and the optional parts of the error envelope.

    `details` are objects with at least `code` and `message`; `headers` go on the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str = "",
        details: tuple[JsonObject, ...] = (),
        innererror: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = details
        self.innererror = innererror
        self.headers = dict(headers or {})

    def error(self) -> JsonObject:
        """What stands under "error": "Common API details, ErrorResponse" of the Resource Manager RPC."""
        error: JsonObject = {"code": self.code, "message": self.message}
        if self.target:
            error["target"] = self.target
        if self.details:
            error["details"] = list(self.details)
        if self.innererror:
            error["innererror"] = self.innererror
        return error

    def body(self) -> JsonObject:
        """The whole answer."""
        return {"error": self.error()}
