"""The engine's lock on a stack: a file while a command changes it, which a killed engine leaves behind."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.processes import start_mark


def release_dead(locks: Path, stack: str) -> str | None:
    """Take off the locks of engines that are gone; a sentence when there was one.

    Raises SandboxError when a command is still changing the stack.
    """
    told = None
    for file in sorted(locks.glob("*.json")):
        try:
            lock = json.loads(file.read_text(encoding="utf-8"))
            pid, host, since = int(lock["pid"]), str(lock["hostname"]), str(lock["timestamp"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            continue  # just taken, or just taken off
        if host != socket.gethostname() or start_mark(pid) is not None:
            raise SandboxError(
                f"process {pid} on {host} has been changing stack {stack!r} since {since}: wait for its end; "
                f"if it is no pulumi command, run `python -m sandbox pulumi cancel --stack {stack} --yes`"
            )
        file.unlink(missing_ok=True)
        told = (
            f"process {pid}, which locked stack {stack!r}, is gone, and so is its lock now; should Azure "
            "have resources that the state does not know, take the stack down and up again"
        )
    return told
