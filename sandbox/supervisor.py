"""Starts, watches, stops and resets the processes of one sandbox.

Every change happens under the sandbox's lock, so that two commands at once end
in one running sandbox. A child that has crashed is started again by the next
command that needs it; its state is on disk.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox import children, processes
from sandbox.children import AZURITE, CHILDREN, EMULATOR
from sandbox.errors import SandboxError
from sandbox.folder import REPOSITORY, SandboxFolder
from sandbox.ports import choose_ports
from sandbox.settings import Pace, SandboxSettings, load_settings, new_settings

READY_WITHIN = 30.0  # seconds; a machine under load, not the usual case
STOP_GRACE = 10.0
_SAME_PACE = Pace()
_RENEW_BEFORE = 86400.0  # a running server whose certificate has less than a day left is restarted

State = Literal["running", "not answering", "crashed", "stopped"]


@dataclass(frozen=True)
class ChildStatus:
    """What is known about one child process."""

    name: str
    state: State
    pid: int | None
    ports: dict[str, int]
    resident_megabytes: float | None
    health: dict[str, Any] | None = field(default=None, repr=False)


class Supervisor:
    """The processes of the sandbox in `folder`."""

    def __init__(self, folder: SandboxFolder) -> None:
        self.folder = folder

    def status(self) -> tuple[ChildStatus, ...]:
        """The state of each child; raises SandboxError when config.json can't be read."""
        settings = load_settings(self.folder)
        return tuple(self._child_status(name, settings) for name in CHILDREN)

    def ensure_running(self, note: Callable[[str], None]) -> SandboxSettings:
        """Start what is not running and return the settings; quick when everything runs.

        `note` is given the notices of a start.
        """
        settings = load_settings(self.folder)
        if settings is None or self._to_restart(settings) or not self.folder.ca_bundle.exists():
            settings, notices = self.start()
            for notice in notices:
                note(notice)
        return settings

    def running_settings(self) -> SandboxSettings:
        """The settings of a sandbox that runs; raises SandboxError when it does not."""
        settings = load_settings(self.folder)
        if settings is None or self._to_restart(settings):
            raise SandboxError(
                f"sandbox {self.folder.name!r} is not running; start it with `python -m sandbox start`"
            )
        return settings

    def start(self, pace: Pace = _SAME_PACE) -> tuple[SandboxSettings, list[str]]:
        """Start the sandbox, or what is missing of it, and wait until it answers.

        A new pace is remembered, and a running emulator is restarted for it. Returns the settings
        and notices for the user. Raises SandboxError when a child does not come up.
        """
        from sandbox.certificates import ensure_certificates  # cryptography takes a while to load

        with self.folder.locked():
            settings = load_settings(self.folder) or new_settings(self.folder)
            changed = settings.paced(pace)
            to_restart = set(self._to_restart(settings))
            if changed != settings:
                to_restart.add(EMULATOR)
            if ensure_certificates(self.folder, os.environ):
                to_restart.update(CHILDREN)
            self._stop(to_restart)
            ports, notices = choose_ports(self.folder, settings.ports, self._held)
            if ports != settings.ports:
                # Each child knows the other one's ports, so both have to learn the new ones.
                to_restart.update(CHILDREN)
                self._stop(to_restart)
            settings = dataclasses.replace(changed, ports=ports)
            settings.save()
            try:
                started = {name: self._spawn(name, settings) for name in CHILDREN if name in to_restart}
                for name, process in started.items():
                    self._wait(name, process, settings)
            except BaseException:
                # A half-started sandbox would look like a working one to the next command.
                self._stop(to_restart)
                raise
        return settings, notices

    def stop(self) -> bool:
        """Stop all children; false when none was running."""
        with self.folder.locked():
            return self._stop(CHILDREN)

    def reset(self) -> None:
        """Forget Azure's state and Pulumi's; certificates, ports and principals stay.

        A sandbox that was running is running again afterwards, empty.
        """
        with self.folder.locked():
            was_running = self._stop(CHILDREN)
            folder = self.folder
            for path in (
                *folder.path.glob(f"{folder.database.name}*"),
                *folder.path.glob("Pulumi.*.yaml"),
                folder.azurite,
                folder.pulumi_state,
                folder.azure_config,
                folder.pulumi_home / "workspaces",
            ):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        if was_running:
            self.start()

    def _to_restart(self, settings: SandboxSettings) -> list[str]:
        """The children that don't run, don't answer, or serve a certificate that is about to expire."""
        missing = []
        for name in CHILDREN:
            status = self._child_status(name, settings)
            expires = (status.health or {}).get("certificate_expires", float("inf"))
            if status.state != "running" or expires - time.time() < _RENEW_BEFORE:
                missing.append(name)
        return missing

    def _child_status(self, name: str, settings: SandboxSettings | None) -> ChildStatus:
        pid_file = self.folder.pid_file(name)
        child = processes.running(pid_file)
        ports = (
            {}
            if settings is None
            else {port: getattr(settings.ports, port) for port in children.PORTS_OF[name]}
        )
        if child is None or settings is None:
            return ChildStatus(name, "crashed" if pid_file.exists() else "stopped", None, ports, None)
        answer = children.health(name, settings)
        state: State = "running" if answer is not None and answer.get("pid") == child.pid else "not answering"
        return ChildStatus(name, state, child.pid, ports, processes.resident_megabytes(child.pid), answer)

    def _held(self, port_name: str) -> bool:
        """Whether this sandbox's own running child listens on the port."""
        owner = next(name for name, ports in children.PORTS_OF.items() if port_name in ports)
        return processes.running(self.folder.pid_file(owner)) is not None

    def _spawn(self, name: str, settings: SandboxSettings) -> subprocess.Popen[bytes]:
        command = children.command(name, settings)
        return processes.spawn(
            command.arguments,
            log=self.folder.log(name),
            pid_file=self.folder.pid_file(name),
            environment=command.environment,
            directory=REPOSITORY,
        )

    def _wait(self, name: str, process: subprocess.Popen[bytes], settings: SandboxSettings) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise SandboxError(self._why_it_ended(name))
            answer = children.health(name, settings, timeout=1.0)
            if answer is not None and answer.get("pid") == process.pid:
                return
            time.sleep(0.02)
        log = self.folder.log(name)
        raise SandboxError(f"{name} did not answer within {READY_WITHIN:.0f} s; its log is {log}")

    def _why_it_ended(self, name: str) -> str:
        log = self.folder.log(name)
        lines = [
            line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
        ]
        told = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        if told:
            return told[-1]
        last = lines[-1].strip() if lines else "no output"
        return f"{name} ended while starting ({last}); its log is {log}"

    def _stop(self, names: Iterable[str]) -> bool:
        """Stop these children, the emulator first: it may still be writing blobs."""
        was_running = False
        for name in sorted(names, key=(EMULATOR, AZURITE).index):
            pid_file = self.folder.pid_file(name)
            child = processes.running(pid_file)
            if child is None:
                pid_file.unlink(missing_ok=True)
                continue
            was_running = True
            processes.terminate(child, pid_file, grace=STOP_GRACE)
        return was_running
