"""An `up` that is still running, held in the middle by an injected fault, to be stopped there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.children import local_request
from sandbox.folder import REPOSITORY
from tests.support.stack import PulumiStack

_PATIENCE_SECONDS = 120.0


class RunningUp:
    """`up` in a session of its own. The command becomes the engine, so its process is the engine's."""

    def __init__(self, stack: PulumiStack) -> None:
        self._sandbox = stack.sandbox
        words = ["--stack", stack.stack, "--yes", "--skip-preview", "--color", "never"]
        self._log = stack.folder / "up.log"
        with self._log.open("w") as log:
            self._engine = subprocess.Popen(
                [sys.executable, "-m", "sandbox", "--name", stack.sandbox.name, "pulumi", "up", *words],
                cwd=stack.folder,
                env={
                    **os.environ,
                    "AZURE_SANDBOX_HOME": str(stack.sandbox.home),
                    "PYTHONPATH": str(REPOSITORY),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return self._log.read_text()

    def wait_until_held(self) -> None:
        """Until the injected fault has hit a request."""
        settings = self._sandbox.settings

        def held() -> bool:
            assert self._engine.poll() is None, f"the update has ended:\n{self.output}"
            answer = local_request(settings.ports.local, settings.token, "GET", "/faults") or {}
            return any(fault["hits"] > fault["after"] for fault in answer.get("faults", ()))

        _wait(held, "no request met the fault")

    def press_ctrl_c(self) -> None:
        """What a terminal does: SIGINT to the process group, which the plugins are not in."""
        os.killpg(self._engine.pid, signal.SIGINT)

    def kill_engine(self) -> None:
        """SIGKILL to the engine alone; waits until its plugins have noticed."""
        others = _descendants(self._engine.pid)
        assert self._plugin() in others
        self._engine.kill()
        self._engine.wait()
        _wait(lambda: not any(map(_runs, others)), "processes outlive the engine")

    def kill_plugin(self) -> None:
        """SIGKILL to the assets plugin."""
        os.kill(self._plugin(), signal.SIGKILL)

    def end(self) -> int:
        """Its exit status, once it has ended by itself."""
        return self._engine.wait(_PATIENCE_SECONDS)

    def _plugin(self) -> int:
        (found,) = (pid for pid in _descendants(self._engine.pid) if "ml_assets/provider" in _command(pid))
        return found


def _wait(done: Callable[[], bool], otherwise: str) -> None:
    limit = time.monotonic() + _PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < limit, otherwise
        time.sleep(0.05)


def _descendants(pid: int) -> list[int]:
    children = [
        int(child)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]
    return children + [below for child in children for below in _descendants(child)]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
