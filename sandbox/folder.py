"""Where a sandbox keeps its files.

One folder per sandbox, `.sandbox/NAME/` under the repository, holds all that it
ever writes: removing the folder removes the sandbox. `AZURE_SANDBOX_HOME` moves
the parent folder elsewhere, which tests do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

REPOSITORY = Path(__file__).resolve().parents[1]
DEFAULT_NAME = "default"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class SandboxFolder:
    """The paths of one sandbox's files; nothing is created by looking at them."""

    path: Path

    @property
    def name(self) -> str:
        """The sandbox's name, which is the folder's."""
        return self.path.name

    @property
    def config(self) -> Path:
        """Ports, principals, secrets: everything that must stay the same between starts."""
        return self.path / "config.json"

    @property
    def ca_certificate(self) -> Path:
        """The sandbox's own root certificate."""
        return self.path / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """The private key of the root certificate."""
        return self.path / "ca.key"

    @property
    def ca_bundle(self) -> Path:
        """System roots and the sandbox's root: what clients are told to trust."""
        return self.path / "ca-bundle.pem"

    @property
    def server_certificate(self) -> Path:
        """The certificate that answers for Azure's host names."""
        return self.path / "server.pem"

    @property
    def server_key(self) -> Path:
        """The private key of the server certificate."""
        return self.path / "server.key"

    @property
    def signing_key(self) -> Path:
        """The RSA key that signs Entra ID's tokens and the OIDC issuer's."""
        return self.path / "signing.key"

    @property
    def database(self) -> Path:
        """Resource Manager's state."""
        return self.path / "arm.sqlite"

    @property
    def azurite(self) -> Path:
        """Azurite's workspace: blobs and their metadata."""
        return self.path / "azurite"

    @property
    def logs(self) -> Path:
        """One log file per child process."""
        return self.path / "logs"

    @property
    def pulumi_home(self) -> Path:
        """PULUMI_HOME of wrapped commands: plugins and workspaces, apart from the user's own."""
        return self.path / "pulumi"

    @property
    def pulumi_state(self) -> Path:
        """Pulumi's file backend."""
        return self.path / "state"

    @property
    def azure_config(self) -> Path:
        """AZURE_CONFIG_DIR of wrapped commands, so that the user's own `az login` is not used."""
        return self.path / "azure"

    def pid_file(self, child: str) -> Path:
        """Where the process id of a child is written down."""
        return self.path / f"{child}.pid"

    def log(self, child: str) -> Path:
        """The log file of a child process."""
        return self.logs / f"{child}.log"

    def stack_copy(self, stack: str) -> Path:
        """The sandbox's own copy of a stack's configuration file."""
        return self.path / f"Pulumi.{stack}.yaml"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the sandbox's lock: two commands never start, stop or reset it at the same time."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def sandbox_home(environment: Mapping[str, str] | None = None) -> Path:
    """The folder that holds all sandboxes: `AZURE_SANDBOX_HOME`, else `.sandbox` in the repository."""
    environment = os.environ if environment is None else environment
    home = environment.get("AZURE_SANDBOX_HOME")
    return Path(home).resolve() if home else REPOSITORY / ".sandbox"


def sandbox_folder(name: str | None, environment: Mapping[str, str] | None = None) -> SandboxFolder:
    """The folder of the sandbox called `name`, else of `AZURE_SANDBOX`, else of "default".

    Raises SandboxError when the name can't be a folder name on every system.
    """
    environment = os.environ if environment is None else environment
    chosen = name or environment.get("AZURE_SANDBOX") or DEFAULT_NAME
    if not _NAME.fullmatch(chosen):
        raise SandboxError(
            f"sandbox name {chosen!r}: use 1 to 40 lower-case letters, digits and hyphens, "
            "beginning and ending with a letter or digit"
        )
    return SandboxFolder(sandbox_home(environment) / chosen)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, replacing the old one in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.replace(temporary, path)
