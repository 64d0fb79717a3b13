"""Stage 1 as a whole: its components in the order of their dependencies.

Components take ids of each other, so Pulumi runs side by side whatever does not depend on
anything. The one explicit order is that of the workspace after its identity's roles: Azure
uses that identity while it creates the workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra.access import Access, AccessArgs, Grantee, persona_grantees
from infra.compute.cluster import Cluster, ClusterArgs
from infra.compute.instance import Instance, InstanceArgs
from infra.foundation import Foundation, FoundationArgs
from infra.identity import Identity, IdentityArgs
from infra.insights import Insights, InsightsArgs
from infra.key_vault import KeyVault, KeyVaultArgs
from infra.naming import Names
from infra.outputs import PlatformOutputs, Readiness
from infra.registry import Registry, RegistryArgs
from infra.roles import (
    COMPUTE_IDENTITY,
    IMAGE_BUILD_IDENTITY,
    MANAGED_NETWORK,
    UPLOAD,
    WORKSPACE_IDENTITY,
    WORKSPACE_SELF,
    Grant,
    Scope,
)
from infra.settings.model import StackSettings
from infra.storage import Storage, StorageArgs
from infra.workspace import Workspace, WorkspaceArgs


@dataclass(frozen=True, kw_only=True)
class PlatformArgs:
    """All settings, and the names made of them."""

    settings: StackSettings
    names: Names


class Platform(pulumi.ComponentResource):
    """The platform: everything that stage 2 stands on."""

    outputs: PlatformOutputs
    readiness: Readiness

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Platform", name, None, opts)
        settings, names, here = args.settings, args.names, pulumi.ResourceOptions(parent=self)
        location, network, protection = settings.location, settings.network, settings.protection

        foundation = Foundation(
            "foundation",
            FoundationArgs(
                names=names, location=location, log_analytics=settings.log_analytics, protection=protection
            ),
            here,
        )
        group = foundation.resource_group_name
        storage = Storage(
            "storage",
            StorageArgs(
                names=names,
                location=location,
                resource_group_name=group,
                storage=settings.storage,
                network=network,
                protection=protection,
            ),
            here,
        )
        key_vault = KeyVault(
            "key-vault",
            KeyVaultArgs(
                names=names,
                location=location,
                subscription_id=foundation.subscription_id,
                tenant_id=foundation.tenant_id,
                resource_group_name=group,
                key_vault=settings.key_vault,
                network=network,
                protection=protection,
            ),
            here,
        )
        insights = Insights(
            "insights",
            InsightsArgs(
                names=names,
                location=location,
                resource_group_name=group,
                log_analytics_workspace_id=foundation.log_analytics_workspace_id,
            ),
            here,
        )
        registry = Registry(
            "registry",
            RegistryArgs(
                names=names,
                location=location,
                resource_group_name=group,
                container_registry=settings.container_registry,
                network=network,
                protection=protection,
            ),
            here,
        )

        def identity(purpose: str) -> Identity:
            arguments = IdentityArgs(
                names=names, location=location, resource_group_name=group, purpose=purpose
            )
            return Identity(f"{purpose}-identity", arguments, here)

        builder = settings.workspace.image_build_compute
        workspace_identity, compute_identity = identity("workspace"), identity("compute")
        image_build_identity = identity("image-build") if builder is not None else None

        scopes: dict[Scope, pulumi.Input[str]] = {
            "resourceGroup": foundation.resource_group_id,
            "storage": storage.account_id,
            "keyVault": key_vault.vault_id,
            "registry": registry.registry_id,
            "insights": insights.component_id,
        }

        def access(access_name: str, grantees: Sequence[Grantee]) -> Access:
            arguments = AccessArgs(
                names=names, subscription_id=foundation.subscription_id, scopes=scopes, grantees=grantees
            )
            return Access(access_name, arguments, here)

        roles = settings.workspace.identity_roles
        before_workspace = WORKSPACE_IDENTITY[roles] + (
            MANAGED_NETWORK if network.has_managed_network else ()
        )
        workspace_access = access(
            "workspace-access", [_grantee("workspace", workspace_identity, before_workspace)]
        )
        compute_grantees = [_grantee("compute", compute_identity, COMPUTE_IDENTITY)]
        if image_build_identity is not None:
            compute_grantees.append(_grantee("image-build", image_build_identity, IMAGE_BUILD_IDENTITY))
        compute_access = access("compute-access", compute_grantees)

        workspace = Workspace(
            "workspace",
            WorkspaceArgs(
                names=names,
                location=location,
                subscription_id=foundation.subscription_id,
                tenant_id=foundation.tenant_id,
                resource_group_name=group,
                storage_account_id=storage.account_id,
                key_vault_id=key_vault.vault_id,
                application_insights_id=insights.component_id,
                container_registry_id=registry.registry_id,
                identity_id=workspace_identity.identity_id,
                workspace=settings.workspace,
                network=network,
                protection=protection,
                after=workspace_access.assignments,
            ),
            here,
        )
        scopes["workspace"] = workspace.workspace_id
        workspace_self_access = access(
            "workspace-self-access", [_grantee("workspace", workspace_identity, WORKSPACE_SELF[roles])]
        )
        persona_access = access("persona-access", list(persona_grantees(settings.access)))

        clusters = {
            names.compute_cluster(key): Cluster(
                key,
                ClusterArgs(
                    names=names,
                    location=location,
                    resource_group_name=group,
                    workspace_name=workspace.workspace_name,
                    identity_id=(
                        image_build_identity if image_build_identity and key == builder else compute_identity
                    ).identity_id,
                    key=key,
                    cluster=cluster,
                    has_managed_network=network.has_managed_network,
                ),
                here,
            )
            for key, cluster in settings.compute.clusters.items()
        }
        instances = [
            Instance(
                key,
                InstanceArgs(
                    names=names,
                    location=location,
                    tenant_id=foundation.tenant_id,
                    resource_group_name=group,
                    workspace_name=workspace.workspace_name,
                    key=key,
                    instance=instance,
                    has_managed_network=network.has_managed_network,
                ),
                here,
            )
            for key, instance in settings.compute.instances.items()
        ]

        self.outputs = PlatformOutputs(
            subscription_id=foundation.subscription_id,
            tenant_id=foundation.tenant_id,
            location=pulumi.Output.from_input(location),
            environment=pulumi.Output.from_input(str(settings.environment)),
            resource_group_name=group,
            workspace_name=workspace.workspace_name,
            workspace_id=workspace.workspace_id,
            studio_url=workspace.studio_url,
            storage_account_name=storage.account_name,
            storage_account_id=storage.account_id,
            blob_endpoint=storage.blob_endpoint,
            key_vault_name=key_vault.vault_name,
            key_vault_id=key_vault.vault_id,
            key_vault_uri=key_vault.vault_uri,
            container_registry_name=registry.registry_name,
            container_registry_id=registry.registry_id,
            container_registry_login_server=registry.login_server,
            application_insights_id=insights.component_id,
            log_analytics_workspace_id=foundation.log_analytics_workspace_id,
            workspace_identity_id=workspace_identity.identity_id,
            workspace_identity_principal_id=workspace_identity.principal_id,
            workspace_identity_client_id=workspace_identity.client_id,
            compute_identity_id=compute_identity.identity_id,
            compute_identity_principal_id=compute_identity.principal_id,
            compute_identity_client_id=compute_identity.client_id,
            compute_cluster_names=pulumi.Output.all(*(cluster.compute_name for cluster in clusters.values())),
            compute_instance_names=pulumi.Output.all(*(instance.compute_name for instance in instances)),
        )
        workspace_roles = (*workspace_access.assignments, *workspace_self_access.assignments)
        compute_roles = [each.assignment for each in compute_access.granted if each.label == "compute"]
        self.readiness = Readiness(
            clusters=clusters,
            upload_roles=[each.assignment for each in persona_access.granted if each.grant == UPLOAD],
            identity_roles={
                f"{identity}_identity_{output}": assignments
                for identity, assignments in {"workspace": workspace_roles, "compute": compute_roles}.items()
                for output in ("id", "principal_id", "client_id")
            },
        )
        self.register_outputs(self.outputs.as_exports())


def _grantee(label: str, identity: Identity, grants: Sequence[Grant]) -> Grantee:
    return Grantee(
        label=label,
        principal_id=identity.principal_id,
        principal_type="ServicePrincipal",  # what an identity is to Entra ID
        reason=f"the {label} identity",
        grants=grants,
    )
