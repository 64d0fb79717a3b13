"""Faults that a test or a person injects into Resource Manager's answers.

A fault is a rule over method and path. It acts before anything else, so that a
refused request has changed nothing; `drop_after` and `crash_after` act when the
request has been carried out and its answer is lost, the case that is hardest for a client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "status": "answer `status` (with `code`, `message`, `retry_after` seconds) instead of working",
    "delay": "wait `seconds` first",
    "drop": "close the connection without an answer, nothing done",
    "drop_after": "do the work, then close the connection without an answer",
    "crash": "kill the emulator before the work",
    "crash_after": "do the work, then kill the emulator before it answers",
    "lro_fail": "let the long-running operation that the request starts fail with `code` and `message`",
    "lro_slow": "let the long-running operation that the request starts take `seconds` more",
}
_STATUS_CODES = {
    408: "RequestTimeout",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


@dataclass
class Fault:
    """One rule. `path` is a regular expression searched in the path, without regard to case.

    `after` requests that match are let through first, then `count` are hit (0: all).
    """

    kind: str
    method: str = "*"
    path: str = ""
    count: int = 1
    after: int = 0
    status: int = 500
    code: str = ""
    message: str = ""
    retry_after: float | None = None
    seconds: float = 0.0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} is not one of {', '.join(KINDS)}")
        if self.kind == "status" and not 400 <= self.status <= 599:
            raise ValueError(f"status {self.status} is not an error; it must be from 400 to 599")
        if self.count < 0 or self.after < 0 or self.seconds < 0:
            raise ValueError("count, after and seconds must not be negative")
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path {self.path!r} is not a regular expression: {error}") from None
        if self.kind == "status" and not self.code:
            self.code = _STATUS_CODES.get(self.status, "InjectedFault")
        if self.kind == "lro_fail" and not self.code:
            self.code = "InternalServerError"
        self.message = self.message or "This failure was injected into the sandbox."

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about this request."""
        return self.method in ("*", method) and re.search(self.path, path, re.IGNORECASE) is not None


class Faults:
    """The rules in force, oldest first. They live in memory: a restart forgets them."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, content: Mapping[str, Any]) -> Fault:
        """Add a rule from its fields; TypeError for unknown ones, ValueError for wrong values."""
        fault = Fault(**content)
        self._rules.append(fault)
        return fault

    def list(self) -> list[dict[str, Any]]:
        """All rules with the number of requests that each has hit."""
        return [asdict(rule) for rule in self._rules]

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()

    def take(self, method: str, path: str) -> tuple[Fault, ...]:
        """The rules that act on this request; counts them."""
        acting = []
        for rule in self._rules:
            if not rule.matches(method, path) or (rule.count and rule.hits >= rule.after + rule.count):
                continue
            rule.hits += 1
            if rule.hits > rule.after:
                acting.append(rule)
        return tuple(acting)
