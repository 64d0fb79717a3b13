"""A compute instance: one person's workstation.

It has no managed identity: its user signs in to it (single sign-on), so data is read with that
person's own rights. A managed identity would need rights on the workspace for the idle
shutdown to work ("Create a compute instance", configure idle shutdown).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from infra.naming import Names
from infra.options import child_options
from infra.settings.sections import InstanceSettings, PowerSchedule
from infra.settings.types import Location

# Azure answers a changed idle time or schedule of an existing instance with 200 and keeps the old one
# (Azure/bicep-types-az#2543), so a change is a new instance; its files are in the workspace's share.
_IGNORED_UPDATES: Final = ("properties.properties.idleTimeBeforeShutdown", "properties.properties.schedules")


@dataclass(frozen=True, kw_only=True)
class InstanceArgs:
    """`key` is the instance's key in the settings."""

    names: Names
    location: Location
    tenant_id: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    workspace_name: pulumi.Input[str]
    key: str
    instance: InstanceSettings
    has_managed_network: bool


class Instance(pulumi.ComponentResource):
    """A personal compute instance with idle shutdown, and without SSH or local accounts."""

    compute_id: pulumi.Output[str]
    compute_name: pulumi.Output[str]

    def __init__(self, name: str, args: InstanceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Instance", name, None, opts)
        settings = args.instance
        compute = ml.Compute(
            f"{name}-compute",
            compute_name=args.names.compute_instance(args.key),
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            properties=ml.ComputeInstanceArgs(
                compute_type="ComputeInstance",
                compute_location=args.location,
                disable_local_auth=True,
                properties=ml.ComputeInstancePropertiesArgs(
                    vm_size=settings.vm_size,
                    compute_instance_authorization_type=ml.ComputeInstanceAuthorizationType.PERSONAL,
                    personal_compute_instance_settings=ml.PersonalComputeInstanceSettingsArgs(
                        assigned_user=ml.AssignedUserArgs(
                            object_id=settings.assigned_user, tenant_id=args.tenant_id
                        )
                    ),
                    application_sharing_policy=ml.ApplicationSharingPolicy.PERSONAL,
                    enable_sso=True,
                    ssh_settings=ml.ComputeInstanceSshSettingsArgs(
                        ssh_public_access=ml.SshPublicAccess.DISABLED
                    ),
                    enable_node_public_ip=not args.has_managed_network,
                    idle_time_before_shutdown=settings.idle_time_before_shutdown,
                    schedules=_schedules(settings.schedules),
                ),
            ),
            tags=args.names.tags(),
            opts=child_options(
                self,
                replace_on_changes=_IGNORED_UPDATES,
                custom_timeouts=pulumi.CustomTimeouts(create="60m", delete="60m"),
            ),
        )
        self.compute_id = compute.id
        self.compute_name = compute.name
        self.register_outputs({"computeId": self.compute_id, "computeName": self.compute_name})


def _schedules(schedules: tuple[PowerSchedule, ...]) -> ml.ComputeSchedulesArgs | None:
    if not schedules:
        return None
    return ml.ComputeSchedulesArgs(
        compute_start_stop=[
            ml.ComputeStartStopScheduleArgs(
                action=schedule.action,
                trigger_type=ml.ComputeTriggerType.CRON,
                cron=ml.CronArgs(expression=schedule.cron, time_zone=schedule.time_zone),
                status=ml.ScheduleStatus.ENABLED,
            )
            for schedule in schedules
        ]
    )
