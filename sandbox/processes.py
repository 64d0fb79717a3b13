"""Child processes that outlive the command that started them.

A process id alone proves nothing: ids are used again. So a pid file also holds
the time at which the process started, and only a process with both is ours.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Child:
    """A running child: its process id and the mark of when it started."""

    pid: int
    started: str


def spawn(
    arguments: Sequence[str], *, log: Path, pid_file: Path, environment: Mapping[str, str], directory: Path
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, without a terminal, its output in `log`.

    The last run's log is kept beside it as `NAME.log.1`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        os.replace(log, log.with_name(f"{log.name}.1"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=dict(environment),
            start_new_session=True,
            close_fds=True,
        )
    started = start_mark(process.pid)
    if started is not None:
        try:
            pid_file.write_text(json.dumps({"pid": process.pid, "started": started}), encoding="utf-8")
        except OSError:
            process.kill()  # nobody could find it again
            process.wait()
            raise
    return process


def is_disowned(pid_file: Path) -> bool:
    """Whether this process can't be stopped any more: its pid file is gone, or names another process."""
    try:
        return int(json.loads(pid_file.read_text(encoding="utf-8"))["pid"]) != os.getpid()
    except FileNotFoundError:
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False  # being written


def running(pid_file: Path) -> Child | None:
    """The process of a pid file if it still runs and is the one that was started; else None."""
    try:
        content = json.loads(pid_file.read_text(encoding="utf-8"))
        child = Child(int(content["pid"]), str(content["started"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return child if start_mark(child.pid) == child.started else None


def start_mark(pid: int) -> str | None:
    """A text that no other process with this id has ever had; None for one that is gone or a zombie."""
    if _PROC.is_dir():
        try:
            content = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        # The command's name, in parentheses, may itself hold spaces and parentheses.
        fields = content[content.rindex(")") + 2 :].split()
        state, ticks = fields[0], fields[19]
        if state in "ZX":
            return None
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{ticks}"
    listed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return None if len(listed) < 2 or listed[0].startswith("Z") else listed[1].strip()


def terminate(child: Child, pid_file: Path, *, grace: float) -> bool:
    """Ask a child to end, then kill it after `grace` seconds; true when it ended by itself."""
    ended = False
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        try:
            os.kill(child.pid, number)
        except ProcessLookupError:
            ended = True
        deadline = time.monotonic() + patience
        while not ended and time.monotonic() < deadline:
            _reap(child.pid)
            ended = start_mark(child.pid) != child.started
            if not ended:
                time.sleep(0.02)
        if ended:
            pid_file.unlink(missing_ok=True)
            return number == signal.SIGTERM
    return False


def _reap(pid: int) -> None:
    """Collect the exit status if the process is this one's own child; otherwise init does it."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def resident_megabytes(pid: int) -> float | None:
    """Resident memory of a process; None where the system doesn't tell."""
    try:
        for line in (_PROC / str(pid) / "status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return None
    return None
