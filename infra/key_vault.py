"""The workspace's key vault, with RBAC instead of access policies.

`createMode` is read by Azure on creation only, so changes to it are ignored afterwards.
A soft-deleted vault of the same name is dealt with by `soft_delete.py` before the creation.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, keyvault

from infra.naming import Names
from infra.options import child_options
from infra.settings.sections import KeyVaultSettings, NetworkSettings, ProtectionSettings
from infra.settings.types import Location
from infra.soft_delete import key_vault_hook


@dataclass(frozen=True, kw_only=True)
class KeyVaultArgs:
    """`subscription_id` is where soft-deleted vaults are looked for."""

    names: Names
    location: Location
    subscription_id: pulumi.Input[str]
    tenant_id: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    key_vault: KeyVaultSettings
    network: NetworkSettings
    protection: ProtectionSettings


class KeyVault(pulumi.ComponentResource):
    """Key vault."""

    vault_id: pulumi.Output[str]
    vault_name: pulumi.Output[str]
    vault_uri: pulumi.Output[str]

    def __init__(self, name: str, args: KeyVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:KeyVault", name, None, opts)
        settings = args.key_vault
        vault = keyvault.Vault(
            f"{name}-vault",
            vault_name=args.names.key_vault(),
            resource_group_name=args.resource_group_name,
            location=args.location,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=args.tenant_id,
                sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName(settings.sku)),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=settings.soft_delete_retention_in_days,
                # Azure refuses `false`: the property is true or absent ("Vaults - Create Or Update").
                enable_purge_protection=True if settings.enable_purge_protection else None,
                enabled_for_deployment=False,
                enabled_for_disk_encryption=False,
                enabled_for_template_deployment=False,
                create_mode=keyvault.CreateMode.RECOVER if settings.create_mode == "recover" else None,
                public_network_access=args.network.public_network_access,
                network_acls=_network_rules(args.network),
            ),
            tags=args.names.tags(),
            opts=child_options(
                self,
                protection=args.protection,
                ignore_changes=["properties.createMode"],
                hooks=key_vault_hook(f"{name}-soft-deleted", args.subscription_id, settings),
            ),
        )
        if args.protection.delete_lock:
            authorization.ManagementLockByScope(
                f"{name}-lock",
                lock_name=args.names.delete_lock(),
                scope=vault.id,
                level=authorization.LockLevel.CAN_NOT_DELETE,
                notes="Holds the workspace's secrets; protection.deleteLock of the stack's settings.",
                opts=child_options(self),
            )
        self.vault_id = vault.id
        self.vault_name = vault.name
        # Not `properties.vaultUri`: a preview echoes `properties` as it was given, without the URI.
        self.vault_uri = pulumi.Output.concat("https://", vault.name, ".vault.azure.net/")
        self.register_outputs(
            {"vaultId": self.vault_id, "vaultName": self.vault_name, "vaultUri": self.vault_uri}
        )


def _network_rules(network: NetworkSettings) -> keyvault.NetworkRuleSetArgs:
    """Closed unless everybody may come: trusted Azure services pass in any case."""
    open_to_all = network.public_network_access == "Enabled" and not network.allowed_ip_ranges
    return keyvault.NetworkRuleSetArgs(
        bypass=keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
        default_action=keyvault.NetworkRuleAction.ALLOW if open_to_all else keyvault.NetworkRuleAction.DENY,
        ip_rules=[keyvault.IPRuleArgs(value=written) for written in network.allowed_ip_ranges],
    )
