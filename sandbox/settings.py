"""What one sandbox remembers between starts: its ports, its pace, its principals.

Kept as `config.json` in the sandbox's folder. A file that cannot be read is never
repaired silently: ports and secrets that somebody may have copied would change.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import SandboxError
from sandbox.folder import SandboxFolder, write_private

TENANT_ID = "00000000-0000-4000-8000-00000000000a"
SUBSCRIPTION_ID = "00000000-0000-4000-8000-000000000001"
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
FEDERATED_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True)
class Ports:
    """Loopback ports of one sandbox; 0 means not chosen yet."""

    proxy: int = 0  # HTTP CONNECT, what HTTPS_PROXY names
    azure: int = 0  # TLS: Resource Manager, Entra ID, metadata, blob front
    local: int = 0  # plain HTTP: managed identity endpoint and the sandbox's own administration
    azurite: int = 0  # TLS: Azurite's blob service
    azurite_control: int = 0  # plain HTTP: account list of Azurite's launcher


@dataclass(frozen=True)
class FederatedCredential:
    """Whose tokens an application accepts instead of a secret: all three match exactly."""

    issuer: str
    subject: str
    audience: str = FEDERATED_AUDIENCE


@dataclass(frozen=True)
class Principal:
    """An application registered in the sandbox's tenant, with its service principal.

    `roles` are names of built-in roles that it holds on the subscription.
    """

    name: str
    application_id: str
    object_id: str
    secret: str
    roles: tuple[str, ...] = ()
    federated: tuple[FederatedCredential, ...] = ()


@dataclass(frozen=True)
class Pace:
    """New values for how fast Azure is, in seconds where they are times; None leaves a value as it was."""

    latency: float | None = None
    lro_scale: float | None = None
    rbac_delay: float | None = None


@dataclass(frozen=True)
class SandboxSettings:
    """All settings of one sandbox; `latency` and `rbac_delay` are seconds."""

    folder: SandboxFolder
    ports: Ports = field(default_factory=Ports)
    latency: float = 0.0
    lro_scale: float = 0.0
    rbac_delay: float = 0.0
    tenant_id: str = TENANT_ID
    subscription_id: str = SUBSCRIPTION_ID
    token: str = ""  # proves to the local port that a request comes from this sandbox's owner
    principals: tuple[Principal, ...] = ()

    def principal(self, name: str) -> Principal:
        """The principal called `name`; raises SandboxError that lists those there are."""
        for principal in self.principals:
            if principal.name == name:
                return principal
        known = ", ".join(principal.name for principal in self.principals)
        raise SandboxError(f"no principal {name!r} in sandbox {self.folder.name!r}; there are: {known}")

    def paced(self, pace: Pace) -> SandboxSettings:
        """These settings with another pace."""
        return dataclasses.replace(
            self,
            latency=self.latency if pace.latency is None else pace.latency,
            lro_scale=self.lro_scale if pace.lro_scale is None else pace.lro_scale,
            rbac_delay=self.rbac_delay if pace.rbac_delay is None else pace.rbac_delay,
        )

    def save(self) -> None:
        """Write config.json, readable by its owner alone: it holds the principals' secrets."""
        content = dataclasses.asdict(self)
        del content["folder"]
        write_private(self.folder.config, (json.dumps(content, indent=2) + "\n").encode())


def new_settings(folder: SandboxFolder) -> SandboxSettings:
    """Settings for a sandbox that was never started: ids are the same everywhere, secrets are its own."""
    return SandboxSettings(
        folder=folder,
        token=secrets.token_urlsafe(24),
        principals=(
            _principal(
                "deployer",
                1,
                # Those of docs/deploy-to-azure.md: an Owner may not write blobs, and assets are uploaded.
                ("Owner", "Storage Blob Data Contributor"),
                ("environment:dev", "environment:staging", "environment:prod"),
            ),
            _principal("contributor", 2, ("Contributor",)),
            _principal("reader", 3, ("Reader",), ("pull_request",)),
            _principal("nobody", 4, ()),
        ),
    )


def _principal(name: str, number: int, roles: tuple[str, ...], github: tuple[str, ...] = ()) -> Principal:
    return Principal(
        name=name,
        application_id=f"00000000-0000-4000-8000-0000000a00{number:02}",
        object_id=f"00000000-0000-4000-8000-0000000b00{number:02}",
        # Entra ID's generated secrets look so: 40 characters with a "8Q~" after the first three.
        secret=f"{secrets.token_urlsafe(3)[:3]}8Q~{secrets.token_urlsafe(30)[:34]}",
        roles=roles,
        federated=tuple(
            FederatedCredential(GITHUB_ISSUER, f"repo:sandbox/platform:{subject}") for subject in github
        ),
    )


def load_settings(folder: SandboxFolder) -> SandboxSettings | None:
    """The settings kept in the folder; None where there is no config.json.

    Raises SandboxError naming the file and what is wrong with it.
    """
    try:
        text = folder.config.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _settings(folder, json.loads(text))
    except json.JSONDecodeError as error:
        found = f"not JSON (line {error.lineno}: {error.msg})"
    except UnicodeDecodeError:
        found = "not JSON (not even text in UTF-8)"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        found = f"not a sandbox's configuration ({error.__class__.__name__}: {error})"
    raise SandboxError(
        f"{folder.config} is {found}; delete it and start again: ports and secrets are made anew, "
        "Azure's state stays"
    )


def _settings(folder: SandboxFolder, content: dict[str, Any]) -> SandboxSettings:
    principals = []
    for entry in content.pop("principals"):
        federated = tuple(FederatedCredential(**credential) for credential in entry.pop("federated"))
        roles = entry.pop("roles")
        if not (isinstance(roles, list) and all(isinstance(role, str) for role in roles)):
            raise ValueError("roles is not a list of texts")
        principals.append(Principal(**entry, roles=tuple(roles), federated=federated))
    ports = Ports(**content.pop("ports"))
    if not all(type(port) is int and 0 <= port < 65536 for port in dataclasses.astuple(ports)):
        raise ValueError("a port is not a number from 0 to 65535")
    for name in ("latency", "lro_scale", "rbac_delay"):
        content[name] = float(content[name])
        if not 0 <= content[name] < 1e6:
            raise ValueError(f"{name} is not a number from 0 to 1000000")
    settings = SandboxSettings(folder=folder, ports=ports, principals=tuple(principals), **content)
    _refuse_other_than_texts(settings)
    for principal in principals:
        _refuse_other_than_texts(principal)
        for credential in principal.federated:
            _refuse_other_than_texts(credential)
    if not all((settings.tenant_id, settings.subscription_id, settings.token)):
        raise ValueError("tenant_id, subscription_id and token must not be empty")
    return settings


def _refuse_other_than_texts(part: SandboxSettings | Principal | FederatedCredential) -> None:
    for entry in dataclasses.fields(part):
        value = getattr(part, entry.name)
        # What can be sent in a header, and set in an environment.
        if entry.type == "str" and not (isinstance(value, str) and value.isascii() and value.isprintable()):
            raise ValueError(f"{entry.name} is not a text")
