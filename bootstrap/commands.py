"""Runs the commands of set-up: output kept for the case of failure, one line of progress meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

_TERMINAL_INTERVAL: Final = 1.0  # seconds between two states of the progress line
_LOG_INTERVAL: Final = 20.0  # the same where lines can't be overwritten: a CI log
_SHOWN_LINES: Final = 30
_STOP_GRACE: Final = 5.0


class SetupError(Exception):
    """Set-up can't go on; the message is for the person who runs it."""


class Commands:
    """Prints lines and runs commands for several steps at once; one that fails ends the others."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._printing = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False
        self._status: dict[str, str] = {}

    def say(self, step: str, message: str) -> None:
        """Print a line of one step."""
        with self._printing:
            self._clear()
            self._stream.write(f"{self._bold(f'[{step}]')} {message}\n")
            self._redraw()
            self._stream.flush()

    def run(
        self,
        step: str,
        arguments: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        describe: Callable[[Sequence[str]], str] = lambda _lines: "",
        doing: str | None = None,
    ) -> None:
        """Run a command to its end.

        Raises:
            SetupError: it failed; the message ends with its last lines of output.
        """
        lines: list[str] = []
        command = Path(arguments[0]).name
        try:
            process = subprocess.Popen(
                list(arguments),
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise SetupError(f"could not run {command}: {error}") from error
        with self._tracked(process):
            reader = threading.Thread(target=_collect, args=(process, lines), daemon=True)
            reader.start()
            self._wait(step, process, doing or command, lambda: describe(list(lines)))
            reader.join()
        if self._stopped:
            raise SetupError(f"{command} was stopped")
        if process.returncode != 0:
            shown = "\n".join(f"    {line}" for line in lines[-_SHOWN_LINES:])
            raise SetupError(f"`{' '.join(arguments)}` failed with exit code {process.returncode}:\n{shown}")

    def stop_all(self) -> None:
        """End every command that runs, with the processes it started."""
        self._stopped = True
        running = tuple(self._running)
        for stop in (signal.SIGTERM, signal.SIGKILL):
            for process in running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, stop)
            deadline = time.monotonic() + _STOP_GRACE
            while any(process.poll() is None for process in running) and time.monotonic() < deadline:
                time.sleep(0.05)

    @contextlib.contextmanager
    def _tracked(self, process: subprocess.Popen[str]) -> Iterator[None]:
        self._running.add(process)
        try:
            yield
        finally:
            self._running.discard(process)

    def _wait(
        self, step: str, process: subprocess.Popen[str], doing: str, describe: Callable[[], str]
    ) -> None:
        started = time.monotonic()
        interval = _TERMINAL_INTERVAL if self._terminal else _LOG_INTERVAL
        while True:
            try:
                process.wait(timeout=interval)
                break
            except subprocess.TimeoutExpired:
                details = ", ".join(
                    part for part in (describe(), elapsed(time.monotonic() - started)) if part
                )
                self._progress(step, f"{doing}: {details}")
        self._progress(step, None)

    def _progress(self, step: str, message: str | None) -> None:
        """Show what a step is doing; None when it is done."""
        if not self._terminal:
            if message is not None:
                self.say(step, message)
            return
        with self._printing:
            self._clear()
            if message is None:
                self._status.pop(step, None)
            else:
                self._status[step] = message
            self._redraw()
            self._stream.flush()

    def _clear(self) -> None:
        if self._terminal:
            self._stream.write("\r\033[K")

    def _redraw(self) -> None:
        if self._terminal and self._status:
            line = "   ".join(f"{step}: {message}" for step, message in self._status.items())
            self._stream.write(line[: _columns() - 1])

    def _bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self._terminal and not os.environ.get("NO_COLOR") else text


def _columns() -> int:
    try:
        return os.get_terminal_size(2).columns
    except OSError:
        return 80


def _collect(process: subprocess.Popen[str], lines: list[str]) -> None:
    """Keep the lines of a command until it, and all that it started, has closed its output."""
    if process.stdout is not None:
        with process.stdout:
            for line in process.stdout:
                text = line.rstrip()
                lines.append(text)


def elapsed(seconds: float) -> str:
    """A duration as people write it: "42s", "3m05s"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
