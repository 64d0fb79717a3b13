"""Puts the emulator together: which part is given which, in one place.

The order below is the order of dependence. Nothing here holds a rule of Azure's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp

from sandbox import administration, entra, server
from sandbox.arm.app import ArmSettings, RoleSeed
from sandbox.arm.app import create_app as create_arm
from sandbox.arm_tokens import token_verifier
from sandbox.azurite_backend import AzuriteBackend
from sandbox.blob import BlobFront
from sandbox.certificates import expiry
from sandbox.directory import Directory, UserAssignedIdentity, identities_from_resources
from sandbox.managed_identity import ManagedIdentityEndpoint
from sandbox.ports import LOOPBACK
from sandbox.proxy import ConnectProxy
from sandbox.registry_hosts import RegistryHosts
from sandbox.server import Services
from sandbox.settings import SandboxSettings
from sandbox.tokens import TokenService


@dataclass(frozen=True)
class Emulator:
    """The applications of one emulator process, one per port, and how to close what they hold."""

    azure: ASGIApp
    local: ASGIApp
    proxy: ConnectProxy
    busy: Callable[[], bool]  # whether a request is being answered
    close: Callable[[], Awaitable[None]]


def assemble(settings: SandboxSettings) -> Emulator:
    """The emulator of a sandbox whose certificates and keys exist.

    Raises StoreError when Resource Manager's state can't be read.
    """
    folder, ports = settings.folder, settings.ports
    tokens = TokenService(folder.signing_key, settings.tenant_id)
    azurite = AzuriteBackend(settings, tokens)
    arm = create_arm(
        ArmSettings(
            database=folder.database,
            tenant_id=settings.tenant_id,
            subscription_ids=(settings.subscription_id,),
            lro_scale=settings.lro_scale,
            latency=settings.latency,
            rbac_delay=settings.rbac_delay,
            verify_token=token_verifier(tokens),
            seeds=_seeds(settings),
            blob=azurite,
        )
    )

    def managed_identities() -> Iterable[UserAssignedIdentity]:
        with arm.store.transaction() as transaction:
            return identities_from_resources(
                transaction.of_type("Microsoft.ManagedIdentity/userAssignedIdentities"),
                transaction.of_type(
                    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
                ),
            )

    directory = Directory(settings, managed_identities)
    blob = BlobFront(
        azurite_url=f"https://{LOOPBACK}:{ports.azurite}",
        ca_file=str(folder.ca_certificate),
        account=arm.store.storage_account,
        allowed=lambda caller, permission, scope: arm.authorizer.allowed(
            caller, permission.action, scope, data=permission.data
        ),
        settled=azurite.settled,
        tokens=tokens,
    )
    services = Services(
        arm=arm,
        entra=entra.create_app(directory, tokens),
        blob=blob,
        registries=RegistryHosts(arm, arm.store.registry),
        tokens=tokens,
    )
    local = administration.create_app(
        token=settings.token,
        certificate_expires=expiry(folder.server_certificate).timestamp(),
        managed_identities=ManagedIdentityEndpoint(directory, tokens, settings.token),
        faults=arm.faults,
    )
    # A storage account's secondary endpoint resolves whenever the account exists.
    proxy = ConnectProxy(
        ports.azure, lambda name: arm.store.storage_account(name.removesuffix("-secondary")) is not None
    )

    async def close() -> None:
        await blob.close()
        arm.store.close()

    return Emulator(
        azure=server.create_app(services, proxy.drop),
        local=local,
        proxy=proxy,
        busy=lambda: services.in_flight > 0,
        close=close,
    )


def _seeds(settings: SandboxSettings) -> tuple[RoleSeed, ...]:
    """The roles that principals of the configuration hold on the subscription from the beginning."""
    scope = f"/subscriptions/{settings.subscription_id}"
    return tuple(RoleSeed(p.object_id, role, scope) for p in settings.principals for role in p.roles)
