"""The workspace's default storage account, reached by Entra identities only.

The containers and shares that Azure Machine Learning keeps its artifacts in are not declared:
the workspace creates them, with names that hold its own id. Blob and file service settings are
singletons of the account, so deleting them from the program changes nothing in Azure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_azure_native import authorization, storage

from infra.naming import Names
from infra.options import child_options
from infra.settings.sections import NetworkSettings, ProtectionSettings, StorageSettings
from infra.settings.types import Location

_SERVICE: Final = "default"  # the only name that Azure allows for blob and file services
_LONGEST_SAS: Final = "01.00:00:00"  # one day; longer-lived user delegation SAS are logged


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """Settings of storage, the network and protection, and where to build."""

    names: Names
    location: Location
    resource_group_name: pulumi.Input[str]
    storage: StorageSettings
    network: NetworkSettings
    protection: ProtectionSettings


class Storage(pulumi.ComponentResource):
    """Storage account with its blob and file services."""

    account_id: pulumi.Output[str]
    account_name: pulumi.Output[str]
    blob_endpoint: pulumi.Output[str]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Storage", name, None, opts)
        settings = args.storage
        account = storage.StorageAccount(
            f"{name}-account",
            account_name=args.names.storage_account(),
            resource_group_name=args.resource_group_name,
            location=args.location,
            kind=storage.Kind.STORAGE_V2,
            sku=storage.SkuArgs(name=settings.sku),
            access_tier=storage.AccessTier.HOT,
            is_hns_enabled=False,  # a workspace's default storage may not have a hierarchical namespace
            allow_shared_key_access=False,
            default_to_o_auth_authentication=True,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            is_sftp_enabled=False,
            is_local_user_enabled=False,
            enable_https_traffic_only=True,
            minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
            sas_policy=storage.SasPolicyArgs(
                expiration_action=storage.ExpirationAction.LOG, sas_expiration_period=_LONGEST_SAS
            ),
            public_network_access=args.network.public_network_access,
            network_rule_set=_network_rules(args.network),
            tags=args.names.tags(),
            opts=child_options(self, protection=args.protection),
        )
        storage.BlobServiceProperties(
            f"{name}-blobs",
            account_name=account.name,
            resource_group_name=args.resource_group_name,
            blob_services_name=_SERVICE,
            delete_retention_policy=storage.DeleteRetentionPolicyArgs(
                enabled=True, days=settings.blob_retention_in_days
            ),
            container_delete_retention_policy=storage.DeleteRetentionPolicyArgs(
                enabled=True, days=settings.container_retention_in_days
            ),
            is_versioning_enabled=settings.is_versioning_enabled,
            opts=child_options(self),
        )
        storage.FileServiceProperties(
            f"{name}-files",
            account_name=account.name,
            resource_group_name=args.resource_group_name,
            file_services_name=_SERVICE,
            share_delete_retention_policy=storage.DeleteRetentionPolicyArgs(
                enabled=True, days=settings.share_retention_in_days
            ),
            opts=child_options(self),
        )
        if args.protection.delete_lock:
            authorization.ManagementLockByScope(
                f"{name}-lock",
                lock_name=args.names.delete_lock(),
                scope=account.id,
                level=authorization.LockLevel.CAN_NOT_DELETE,
                notes="Holds the workspace's data; protection.deleteLock of the stack's settings.",
                opts=child_options(self),
            )
        self.account_id = account.id
        self.account_name = account.name
        self.blob_endpoint = account.primary_endpoints.blob
        self.register_outputs(
            {
                "accountId": self.account_id,
                "accountName": self.account_name,
                "blobEndpoint": self.blob_endpoint,
            }
        )


def _network_rules(network: NetworkSettings) -> storage.NetworkRuleSetArgs:
    """Closed unless everybody may come: trusted Azure services pass in any case."""
    open_to_all = network.public_network_access == "Enabled" and not network.allowed_ip_ranges
    return storage.NetworkRuleSetArgs(
        bypass=storage.Bypass.AZURE_SERVICES,
        default_action=storage.DefaultAction.ALLOW if open_to_all else storage.DefaultAction.DENY,
        ip_rules=[
            storage.IPRuleArgs(i_p_address_or_range=written, action=storage.Action.ALLOW)
            for written in network.allowed_ip_ranges
        ],
    )
