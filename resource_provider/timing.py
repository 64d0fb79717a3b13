"""How long the provider itself works, apart from waiting for Azure: for the benchmarks.

With PROVIDER_TIMINGS=FILE one JSON object per call is appended to FILE:
{"call", "token", "urn", "wall", "waiting", "own"}, seconds. `waiting` is the time in
requests to Azure and in pauses between them. When the process ends, a last line holds
{"call": "process", "wall", "cpu"}. Several calls run at the same time in one event loop,
so `own` of one call includes what the others computed meanwhile; `cpu` does not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_waiting: ContextVar[list[float] | None] = ContextVar("waiting", default=None)


class Timings:
    """Writes the lines; does nothing without a file."""

    def __init__(self, file: str) -> None:
        self._path = Path(file) if file else None
        self._started = time.monotonic()

    @contextmanager
    def call(self, name: str, token: str, urn: str) -> Iterator[None]:
        """Measures one call of the engine."""
        if self._path is None:
            yield
            return
        waits: list[float] = []
        reset = _waiting.set(waits)
        started = time.perf_counter()
        try:
            yield
        finally:
            wall = time.perf_counter() - started
            _waiting.reset(reset)
            waited = sum(waits)
            seconds = {"wall": wall, "waiting": waited, "own": wall - waited}
            self._write({"call": name, "token": token, "urn": urn, **seconds})

    def finish(self) -> None:
        """Writes the process's own figures."""
        self._write({"call": "process", "wall": time.monotonic() - self._started, "cpu": time.process_time()})

    def _write(self, line: dict[str, object]) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


@contextmanager
def waiting() -> Iterator[None]:
    """Counts the time inside as waiting for Azure."""
    waits = _waiting.get()
    started = time.perf_counter()
    try:
        yield
    finally:
        if waits is not None:
            waits.append(time.perf_counter() - started)
