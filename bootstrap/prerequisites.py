"""What a machine must have before set-up changes anything, and the one message for all that is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.engine import locate
from sandbox.engine.build import required_go
from sandbox.engine.locate import MINIMUM_INSTALLED, Engine, Version, format_version, parse_version

# Azurite's @azure/* dependencies ask for ^18.19 or >=20.6, some of them for 20
# (sandbox/azurite/package-lock.json).
MINIMUM_NODE: Final[Version] = (20, 6)


@dataclass(frozen=True)
class Missing:
    """One thing that has to be installed: what, what is there instead, what it is for, and how to get it."""

    what: str
    found: str
    purpose: str
    remedy: str


def missing(environment: Mapping[str, str] = os.environ, *, new_environment: bool = True) -> list[Missing]:
    """All that is missing; `new_environment` says that a virtual environment has yet to be made."""
    findings = [_node(environment), _npm(environment), _engine(environment)]
    if new_environment:
        findings.append(_venv())
    return [finding for finding in findings if finding is not None]


def message(findings: list[Missing]) -> str:
    """The message for a person."""
    count = "one thing" if len(findings) == 1 else f"{len(findings)} things"
    lines = [f"set-up needs {count} that this machine does not have:"]
    for finding in findings:
        lines += [
            f"  - {finding.what} ({finding.found})",
            f"      for: {finding.purpose}",
            f"      {finding.remedy}",
        ]
    return "\n".join([*lines, "Nothing was changed. Install what is missing and run the same command again."])


def _venv() -> Missing | None:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return None
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Missing(
        f"the venv and ensurepip modules of Python {version}",
        f"{sys.executable} is without them; Debian and Ubuntu package them apart",
        "the virtual environment .venv",
        f"Install: apt install python{version}-venv",
    )


def _node(environment: Mapping[str, str]) -> Missing | None:
    wanted = format_version(MINIMUM_NODE)
    node = shutil.which("node", path=environment.get("PATH"))
    answer = _ask([node, "--version"], environment) if node else ""
    if parse_version(answer) >= MINIMUM_NODE:
        return None
    return Missing(
        f"Node.js {wanted} or newer",
        f"found {answer or 'one that does not answer'} at {node}" if node else "no node on PATH",
        "Azurite, the blob storage of the sandbox",
        "Install: https://nodejs.org/en/download",
    )


def _npm(environment: Mapping[str, str]) -> Missing | None:
    if shutil.which("npm", path=environment.get("PATH")):
        return None
    return Missing(
        "npm",
        "no npm on PATH",
        "installing Azurite",
        "Install: it comes with Node.js from https://nodejs.org/en/download; on Debian: apt install npm",
    )


def _engine(environment: Mapping[str, str]) -> Missing | None:
    """An installed Pulumi, one that was built earlier, or a Go that can build one."""
    installed = locate.find_installed(environment)
    if isinstance(installed, Engine) or locate.built_engine(environment).pulumi.exists():
        return None
    wanted = required_go()
    go = shutil.which("go", path=environment.get("PATH"))
    # GOTOOLCHAIN=local: a Go that would download another one for this module is too old for us.
    answer = _ask([go, "env", "GOVERSION"], {**environment, "GOTOOLCHAIN": "local"}) if go else ""
    if parse_version(answer) >= wanted:
        return None
    found_pulumi = f"{installed.path} {installed.reason}" if installed else "no pulumi on PATH"
    found_go = f"{go} is {answer or 'one that does not answer'}" if go else "no go on PATH"
    return Missing(
        f"Pulumi {format_version(MINIMUM_INSTALLED)} or newer, "
        f"or Go {format_version(wanted)} or newer to build it",
        f"{found_pulumi}; {found_go}",
        "the engine that runs the program",
        "Install one of them: https://www.pulumi.com/docs/install/ or https://go.dev/doc/install",
    )


def _ask(arguments: list[str], environment: Mapping[str, str]) -> str:
    """The first line that a command answers; empty if it fails."""
    try:
        answer = subprocess.run(
            arguments, env=dict(environment), capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
