"""The two processes of a sandbox: how each is started, and how it shows that it is ready."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.folder import REPOSITORY, SandboxFolder
from sandbox.ports import LOOPBACK
from sandbox.settings import SandboxSettings

EMULATOR = "emulator"
AZURITE = "azurite"
CHILDREN = (EMULATOR, AZURITE)
# The fields of Ports that each child listens on.
PORTS_OF = {EMULATOR: ("proxy", "azure", "local"), AZURITE: ("azurite", "azurite_control")}
TOKEN_HEADER = "X-Sandbox-Token"

_AZURITE_FOLDER = REPOSITORY / "sandbox" / "azurite"
# Of the user's environment a child needs where programs and temporary files are; proxies would only harm.
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "PYTHONPYCACHEPREFIX",
    "XDG_CACHE_HOME",
    "VIRTUAL_ENV",
)


@dataclass(frozen=True)
class Command:
    """What to execute for a child, with its whole environment."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def command(child: str, settings: SandboxSettings) -> Command:
    """How to start a child; raises SandboxError where something it needs is not installed."""
    return _emulator(settings) if child == EMULATOR else _azurite(settings)


def health(child: str, settings: SandboxSettings, timeout: float = 2.0) -> dict[str, Any] | None:
    """What a child says about itself; None when it does not answer, or another program does."""
    port = settings.ports.local if child == EMULATOR else settings.ports.azurite_control
    return local_request(port, settings.token, "GET", "/health", timeout=timeout)


def local_request(
    port: int, token: str, method: str, path: str, *, content: object = None, timeout: float = 5.0
) -> dict[str, Any] | None:
    """A request to one of the sandbox's plain loopback ports; None without a good answer in JSON."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        body = None if content is None else json.dumps(content)
        connection.request(
            method, path, body=body, headers={TOKEN_HEADER: token, "Content-Type": "application/json"}
        )
        response = connection.getresponse()
        answer = json.loads(response.read() or b"{}")
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if response.status < 300 and isinstance(answer, dict) else None


def accounts_file(folder: SandboxFolder) -> Path:
    """Which storage accounts Azurite serves, name to key: read at its start, written by the emulator."""
    return folder.azurite / "accounts.json"


def _emulator(settings: SandboxSettings) -> Command:
    environment = _environment()
    environment["PYTHONPATH"] = str(REPOSITORY)
    environment["PYTHONUNBUFFERED"] = "1"
    return Command((sys.executable, "-m", "sandbox.emulator", str(settings.folder.path)), environment)


def _azurite(settings: SandboxSettings) -> Command:
    node = shutil.which("node")
    if node is None:
        raise SandboxError(
            "Node.js is not on PATH; the sandbox's blob storage (Azurite) needs 20.6 or newer: "
            "https://nodejs.org/en/download"
        )
    modules = Path(os.environ.get("AZURE_SANDBOX_NODE_MODULES") or _AZURITE_FOLDER / "node_modules")
    if not (modules / "azurite" / "package.json").is_file():
        raise SandboxError(f"Azurite is not installed under {modules}; run `make setup`")
    folder, ports = settings.folder, settings.ports
    folder.azurite.mkdir(parents=True, exist_ok=True)
    environment = _environment()
    environment["NODE_PATH"] = str(modules)
    environment["SANDBOX_CONTROL_PORT"] = str(ports.azurite_control)
    environment["SANDBOX_TOKEN"] = settings.token
    environment["SANDBOX_PID_FILE"] = str(folder.pid_file(AZURITE))
    try:
        environment["SANDBOX_ACCOUNTS"] = accounts_file(folder).read_text(encoding="utf-8")
    except FileNotFoundError:
        environment["SANDBOX_ACCOUNTS"] = "{}"
    arguments = (
        node,
        str(_AZURITE_FOLDER / "launcher.cjs"),
        "--blobHost",
        LOOPBACK,
        "--blobPort",
        str(ports.azurite),
        "--location",
        str(folder.azurite),
        "--cert",
        str(folder.server_certificate),
        "--key",
        str(folder.server_key),
        "--oauth",
        "basic",
        # Azure accepts newer API versions of its storage service before Azurite knows them.
        "--skipApiVersionCheck",
        "--disableTelemetry",
        "--silent",
    )
    return Command(arguments, environment)


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
