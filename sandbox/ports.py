"""Choosing loopback ports that nobody else uses, and saying who does."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.folder import SandboxFolder
from sandbox.settings import Ports

LOOPBACK = "127.0.0.1"
# Below what systems give to outgoing connections (Linux from 32768, macOS from 49152): one of those could
# take a port between its choice and the start of whoever listens on it.
_CHOICE = range(20_000, 32_768)


def choose_ports(
    folder: SandboxFolder, current: Ports, in_use: Callable[[str], bool]
) -> tuple[Ports, list[str]]:
    """Ports for a start: the remembered ones where they are free, new ones elsewhere.

    `in_use` says whether a port (by its field's name) is held by this sandbox's own
    running child. Returns the ports and a sentence for each one that had to change.
    """
    notices = []
    with _allocation(folder):
        taken = _ports_of_others(folder)
        chosen: dict[str, int] = {}
        for field in dataclasses.fields(Ports):
            port = getattr(current, field.name)
            if port and port not in chosen.values() and (in_use(field.name) or is_free(port)):
                chosen[field.name] = port
                continue
            new = _free_port(taken | set(chosen.values()))
            if port:
                notices.append(
                    f"port {port} ({field.name}) is taken by {holder(port)}; using {new} from now on: "
                    "in a shell where you ran `sandbox env`, run it again"
                )
            chosen[field.name] = new
        ports = Ports(**chosen)
        reservation = folder.path / "ports.json"
        folder.path.mkdir(parents=True, exist_ok=True)
        reservation.write_text(json.dumps(dataclasses.asdict(ports)), encoding="utf-8")
    return ports, notices


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who listens on a port, for a message: "process 123 (nginx)", or "another process"."""
    inode = _listening_inode(port)
    if inode is None:
        return "another process"
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _has_socket(entry, inode):
            return f"process {entry.name} ({(entry / 'comm').read_text(encoding='utf-8').strip()})"
    return "another user's process"


@contextlib.contextmanager
def _allocation(folder: SandboxFolder) -> Iterator[None]:
    """Sandboxes choose their ports one after the other."""
    folder.path.parent.mkdir(parents=True, exist_ok=True)
    with (folder.path.parent / ".ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ports_of_others(folder: SandboxFolder) -> set[int]:
    """Ports that a sandbox beside this one remembers, running or not."""
    ports: set[int] = set()
    for reservation in folder.path.parent.glob("*/ports.json"):
        if reservation.parent != folder.path:
            try:
                ports.update(json.loads(reservation.read_text(encoding="utf-8")).values())
            except (OSError, ValueError, AttributeError):
                continue
    return ports


def _free_port(avoid: set[int]) -> int:
    for port in random.sample(_CHOICE, len(_CHOICE)):
        if port not in avoid and is_free(port):
            return port
    raise SandboxError(f"no port from {_CHOICE.start} to {_CHOICE.stop - 1} is free on {LOOPBACK}")


def _listening_inode(port: int) -> str | None:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                return fields[9]
    return None


def _has_socket(process: Path, inode: str) -> bool:
    try:
        return any(str(entry.readlink()) == f"socket:[{inode}]" for entry in (process / "fd").iterdir())
    except OSError:
        return False
