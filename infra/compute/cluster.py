"""A compute cluster (AmlCompute): nodes that come with jobs and go when idle."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from infra.naming import Names
from infra.options import child_options
from infra.settings.sections import ClusterSettings
from infra.settings.types import Location


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """`key` is the cluster's key in the settings; jobs name the cluster by it."""

    names: Names
    location: Location
    resource_group_name: pulumi.Input[str]
    workspace_name: pulumi.Input[str]
    identity_id: pulumi.Input[str]
    key: str
    cluster: ClusterSettings
    has_managed_network: bool


class Cluster(pulumi.ComponentResource):
    """A compute cluster, with a managed identity and without local accounts."""

    compute_id: pulumi.Output[str]
    compute_name: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Cluster", name, None, opts)
        settings = args.cluster
        compute = ml.Compute(
            f"{name}-compute",
            compute_name=args.names.compute_cluster(args.key),
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[args.identity_id]
            ),
            properties=ml.AmlComputeArgs(
                compute_type="AmlCompute",
                compute_location=args.location,
                disable_local_auth=True,
                properties=ml.AmlComputePropertiesArgs(
                    vm_size=settings.vm_size,
                    vm_priority=settings.vm_priority,
                    os_type=ml.OsType.LINUX,
                    scale_settings=ml.ScaleSettingsArgs(
                        min_node_count=settings.min_node_count,
                        max_node_count=settings.max_node_count,
                        node_idle_time_before_scale_down=settings.node_idle_time_before_scale_down,
                    ),
                    remote_login_port_public_access=ml.RemoteLoginPortPublicAccess.DISABLED,
                    # Without a managed network the nodes reach Azure over public addresses of their own.
                    enable_node_public_ip=not args.has_managed_network,
                ),
            ),
            tags=args.names.tags(),
            opts=child_options(self, custom_timeouts=pulumi.CustomTimeouts(create="60m", delete="60m")),
        )
        self.compute_id = compute.id
        self.compute_name = compute.name
        self.register_outputs({"computeId": self.compute_id, "computeName": self.compute_name})
