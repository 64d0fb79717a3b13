"""One model per concern of Azure: its keys, defaults, and the rules that need no other section.

Keys are Azure's own words in camelCase. Defaults are the strict ones: what an environment
relaxes stands in its stack file. A rule yields `Mistake`s with keys relative to its section;
`model.py` runs them all.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from infra.settings import azure_tables, types
from infra.settings.errors import Mistake, shown


class Section(BaseModel):
    """Base of all settings: unknown keys are refused, values are not converted, nothing changes later."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True
    )

    def mistakes(self) -> Iterator[Mistake]:
        """What is wrong across the keys of this section; keys are relative to it."""
        return iter(())


Switch = Literal["Enabled", "Disabled"]


class TagSettings(Section):
    """Tags that every resource carries, beside `environment`, `workload` and `managed-by`."""

    owner: types.Label = Field(description="Team that answers for the platform; becomes the tag `owner`.")
    cost_centre: types.Label = Field(
        description="Cost centre that is charged; becomes the tag `cost-centre`."
    )
    data_class: Literal["public", "internal", "confidential", "restricted"] = Field(
        description="Most sensitive class of data kept here; becomes the tag `data-class`."
    )
    additional: dict[types.TagName, types.Label] = Field(
        default={}, max_length=40, description="Further tags, name to value."
    )

    def mistakes(self) -> Iterator[Mistake]:
        for name in self.additional:
            if name.casefold() in RESERVED_TAGS:
                yield Mistake(
                    key=f"additional.{name}",
                    found=shown(self.additional[name]),
                    allowed=f"any name but {', '.join(sorted(RESERVED_TAGS))}, which are set by other keys",
                    example="project",
                )


RESERVED_TAGS = frozenset({"owner", "cost-centre", "data-class", "environment", "workload", "managed-by"})


class FqdnRule(Section):
    """Outbound rule to a host name, on ports 80 and 443; needs the managed network's firewall."""

    type: Literal["FQDN"] = Field(description="Kind of rule.")
    destination: types.Fqdn = Field(description="Host name, or one with a leading `*.`.")


class ServiceTagRule(Section):
    """Outbound rule to the addresses behind an Azure service tag."""

    type: Literal["ServiceTag"] = Field(description="Kind of rule.")
    service_tag: types.ServiceTag = Field(description="Service tag.")
    protocol: Literal["TCP", "UDP", "ICMP", "*"] = Field(default="TCP", description="Protocol.")
    port_ranges: types.PortRanges = Field(default="443", description="Ports, ranges of ports, or `*`.")


class PrivateEndpointRule(Section):
    """Outbound rule to one Azure resource through a private endpoint in the managed network."""

    type: Literal["PrivateEndpoint"] = Field(description="Kind of rule.")
    service_resource_id: types.ResourceId = Field(description="ARM id of the resource.")
    subresource_target: types.Label = Field(description="Sub-resource (group id), such as `blob`.")
    spark_enabled: bool = Field(default=False, description="Whether serverless Spark jobs use it too.")


OutboundRule = Annotated[FqdnRule | ServiceTagRule | PrivateEndpointRule, Field(discriminator="type")]
IsolationMode = Literal["Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"]


class NetworkSettings(Section):
    """Who reaches the platform, and what its compute reaches."""

    public_network_access: Switch = Field(
        default="Disabled",
        description="Whether workspace, storage, key vault and registry have public endpoints.",
    )
    allowed_ip_ranges: tuple[types.IpRange, ...] = Field(
        default=(),
        max_length=100,  # the registry's limit, the lowest of the three ("Configure public registry access")
        description="Public addresses that reach storage, key vault and registry; empty: all. The workspace's "
        "own endpoint has no such list in this API version.",
    )
    isolation_mode: IsolationMode = Field(
        default="AllowOnlyApprovedOutbound",
        description="Managed virtual network of the workspace's compute. Azure does not go back to Disabled.",
    )
    outbound_rules: dict[types.RuleName, OutboundRule] = Field(
        default={}, description="What compute may reach beyond Azure's required destinations, by rule name."
    )
    firewall_sku: Literal["Basic", "Standard"] | None = Field(
        default=None, description="Firewall behind FQDN rules; Azure takes Standard when there are any."
    )
    provision_network_now: bool | None = Field(
        default=None,
        description="Build the managed network with the workspace, not with its first compute. Default: true "
        "where there is one.",
    )

    @property
    def has_managed_network(self) -> bool:
        return self.isolation_mode != "Disabled"

    def mistakes(self) -> Iterator[Mistake]:
        yield from self._ip_range_mistakes()
        yield from self._outbound_mistakes()
        if self.public_network_access == "Disabled" and not self.has_managed_network:
            yield Mistake(
                key="isolationMode",
                found="'Disabled'",
                allowed="AllowInternetOutbound or AllowOnlyApprovedOutbound while publicNetworkAccess is Disabled, "
                "or compute reaches neither storage nor key vault",
                example="AllowInternetOutbound",
                involves=("publicNetworkAccess",),
            )
        if self.provision_network_now is not None and not self.has_managed_network:
            yield Mistake(
                key="provisionNetworkNow",
                found=shown(self.provision_network_now),
                allowed="no such key while isolationMode is Disabled, since there is no network to build",
                example="isolationMode: AllowInternetOutbound",
                involves=("isolationMode",),
            )

    def _ip_range_mistakes(self) -> Iterator[Mistake]:
        if self.allowed_ip_ranges and self.public_network_access == "Disabled":
            yield Mistake(
                key="allowedIpRanges",
                found=shown(list(self.allowed_ip_ranges)),
                allowed="no ranges while publicNetworkAccess is Disabled, since nobody comes in by them",
                example="publicNetworkAccess: Enabled",
                involves=("publicNetworkAccess",),
            )
        elif self.allowed_ip_ranges and not self.has_managed_network:
            yield Mistake(
                key="allowedIpRanges",
                found=shown(list(self.allowed_ip_ranges)),
                allowed="no ranges while isolationMode is Disabled, since they shut out the workspace's own compute",
                example="isolationMode: AllowInternetOutbound",
                involves=("isolationMode",),
            )
        networks = [ipaddress.IPv4Network(written) for written in self.allowed_ip_ranges]
        for later, network in enumerate(networks):
            for earlier in range(later):
                if network.overlaps(networks[earlier]):
                    yield Mistake(
                        key=f"allowedIpRanges[{later}]",
                        found=shown(self.allowed_ip_ranges[later]),
                        allowed=f"ranges without overlap; '{self.allowed_ip_ranges[earlier]}' stands before it",
                        example="203.0.113.0/24",
                        involves=(f"allowedIpRanges[{earlier}]",),
                    )

    def _outbound_mistakes(self) -> Iterator[Mistake]:
        for name, rule in self.outbound_rules.items():
            if isinstance(rule, PrivateEndpointRule):
                if not self.has_managed_network:
                    yield Mistake(
                        key=f"outboundRules.{name}",
                        found="type 'PrivateEndpoint'",
                        allowed="no rules while isolationMode is Disabled",
                        example="isolationMode: AllowOnlyApprovedOutbound",
                        involves=("isolationMode",),
                    )
            elif self.isolation_mode != "AllowOnlyApprovedOutbound":
                yield Mistake(
                    key=f"outboundRules.{name}",
                    found=f"type '{rule.type}'",
                    allowed=f"{rule.type} rules only with isolationMode AllowOnlyApprovedOutbound; "
                    f"it is {self.isolation_mode}",
                    example="isolationMode: AllowOnlyApprovedOutbound",
                    involves=("isolationMode",),
                )
        has_fqdn_rules = any(isinstance(rule, FqdnRule) for rule in self.outbound_rules.values())
        if self.firewall_sku is not None and not has_fqdn_rules:
            yield Mistake(
                key="firewallSku",
                found=shown(self.firewall_sku),
                allowed="no such key without a rule of type FQDN, since only those need a firewall",
                example="outboundRules: {pypi: {type: FQDN, destination: pypi.org}}",
                involves=("outboundRules",),
            )


class StorageSettings(Section):
    """The workspace's storage account."""

    sku: Literal[
        "Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"
    ] = Field(default="Standard_ZRS", description="Redundancy of the account.")
    blob_retention_in_days: int = Field(
        default=30, ge=1, le=365, description="Days for which deleted blobs can be restored."
    )
    container_retention_in_days: int = Field(
        default=30, ge=1, le=365, description="Days for which deleted containers can be restored."
    )
    share_retention_in_days: int = Field(
        default=30, ge=1, le=365, description="Days for which deleted file shares can be restored."
    )
    is_versioning_enabled: bool = Field(default=True, description="Keep earlier versions of blobs.")


class KeyVaultSettings(Section):
    """The workspace's key vault."""

    sku: Literal["standard", "premium"] = Field(
        default="standard", description="Premium has HSM-backed keys."
    )
    enable_purge_protection: bool = Field(
        default=True, description="Nobody can purge a deleted vault early. Azure never turns this off again."
    )
    soft_delete_retention_in_days: int = Field(
        default=90, ge=7, le=90, description="Days for which a deleted vault can be recovered; set once."
    )
    purge_soft_deleted: bool = Field(
        default=False, description="Purge a soft-deleted vault of the same name before creating this one."
    )
    create_mode: Literal["default", "recover"] = Field(
        default="default", description="`recover` brings back a soft-deleted vault; for one `pulumi up`."
    )

    def mistakes(self) -> Iterator[Mistake]:
        if self.purge_soft_deleted and self.enable_purge_protection:
            yield Mistake(
                key="purgeSoftDeleted",
                found="true",
                allowed="false while enablePurgeProtection is true, since Azure refuses the purge",
                example="enablePurgeProtection: false",
                involves=("enablePurgeProtection",),
            )
        if self.purge_soft_deleted and self.create_mode == "recover":
            yield Mistake(
                key="createMode",
                found="'recover'",
                allowed="default while purgeSoftDeleted is true, since a purged vault cannot be recovered",
                example="purgeSoftDeleted: false",
                involves=("purgeSoftDeleted",),
            )


class LogAnalyticsSettings(Section):
    """The Log Analytics workspace behind Application Insights."""

    retention_in_days: int = Field(default=90, ge=30, le=730, description="Days for which logs are kept.")
    daily_quota_gb: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="Ingestion stops for the day above this many GB; default: no cap.",
    )


class ContainerRegistrySettings(Section):
    """The registry of the workspace's images."""

    sku: Literal["Basic", "Standard", "Premium"] = Field(
        default="Premium", description="Premium is needed for private access and IP rules."
    )
    zone_redundancy: Switch | None = Field(
        default=None, description="Premium only, in regions with zones; set once. Default: Azure's, Disabled."
    )
    untagged_retention_in_days: int | None = Field(
        default=None,
        ge=0,
        le=365,
        description="Premium only: days after which untagged manifests are deleted.",
    )

    def mistakes(self) -> Iterator[Mistake]:
        premium_only: dict[str, Any] = {
            "zoneRedundancy": self.zone_redundancy,
            "untaggedRetentionInDays": self.untagged_retention_in_days,
        }
        for key, value in premium_only.items():
            if value is not None and self.sku != "Premium":
                yield Mistake(
                    key=key,
                    found=shown(value),
                    allowed=f"no such key with sku {self.sku}; only Premium has it",
                    example="sku: Premium",
                    involves=("sku",),
                )


class WorkspaceSettings(Section):
    """The Azure Machine Learning workspace itself."""

    friendly_name: types.Label | None = Field(default=None, description="Name shown in the studio.")
    description: types.Label | None = Field(default=None, description="Sentence shown in the studio.")
    hbi_workspace: bool = Field(
        default=False, description="High business impact: Microsoft collects less diagnostic data. Set once."
    )
    image_build_compute: types.ComputeName | None = Field(
        default=None, description="Cluster that builds images; needed where the registry is private."
    )
    identity_roles: Literal["documented", "tight"] = Field(
        default="documented",
        description="Roles of the workspace's identity: those Microsoft documents, or a narrower set that was "
        "seen working elsewhere but that no document promises.",
    )
    purge_soft_deleted: bool = Field(
        default=False, description="Purge a soft-deleted workspace of the same name before creating this one."
    )


Processor = Literal["cpu", "gpu"]


def vm_mistakes(vm_size: str, processor: Processor) -> Iterator[Mistake]:
    """What is wrong with a size: another processor than declared, or a retired series."""
    is_gpu = vm_size.startswith("Standard_N")
    if is_gpu != (processor == "gpu"):
        yield Mistake(
            key="vmSize",
            found=shown(vm_size),
            allowed="a GPU size (Standard_NC…, _ND…, _NV…) for processor gpu"
            if processor == "gpu"
            else "a CPU size (not Standard_N…) for processor cpu",
            example="Standard_NC4as_T4_v3" if processor == "gpu" else "Standard_DS3_v2",
            involves=("processor",),
        )
    for pattern, series, last_day, instead in azure_tables.RETIRED_VM_SERIES:
        if re.fullmatch(pattern, vm_size):
            yield Mistake(
                key="vmSize",
                found=shown(vm_size),
                allowed=f"a size that Azure still offers; the {series} series was retired on {last_day}",
                example=instead,
            )


class ClusterSettings(Section):
    """A compute cluster (AmlCompute). Remote login is always closed."""

    vm_size: types.VmSize = Field(description="Size of each node.")
    processor: Processor = Field(description="What the size is meant to be; guards against a wrong family.")
    vm_priority: Literal["Dedicated", "LowPriority"] = Field(
        default="Dedicated", description="LowPriority is cheaper, and Azure may take its nodes away."
    )
    min_node_count: int = Field(
        default=0, ge=0, le=1000, description="Nodes kept while idle; each costs money."
    )
    max_node_count: int = Field(ge=1, le=1000, description="Nodes at most.", examples=[4])
    node_idle_time_before_scale_down: types.ScaleDownTime = Field(
        default="PT10M", description="Idle time after which a node above the minimum is released."
    )

    def mistakes(self) -> Iterator[Mistake]:
        yield from vm_mistakes(self.vm_size, self.processor)
        if self.min_node_count > self.max_node_count:
            yield Mistake(
                key="minNodeCount",
                found=str(self.min_node_count),
                allowed=f"at most maxNodeCount, which is {self.max_node_count}",
                example="0",
                involves=("maxNodeCount",),
            )
        scales = self.min_node_count != self.max_node_count
        if not scales and "node_idle_time_before_scale_down" in self.model_fields_set:
            yield Mistake(
                key="nodeIdleTimeBeforeScaleDown",
                found=shown(self.node_idle_time_before_scale_down),
                allowed="no such key while minNodeCount equals maxNodeCount, since the cluster never scales",
                example="minNodeCount: 0",
                involves=("minNodeCount", "maxNodeCount"),
            )


class PowerSchedule(Section):
    """A time at which a compute instance is started or stopped."""

    action: Literal["Start", "Stop"] = Field(description="What happens.")
    cron: types.Cron = Field(description="When, as minutes, hours, `*`, `*`, days of the week (0 is Sunday).")
    time_zone: types.TimeZone = Field(default="UTC", description="Windows time zone of the times.")


class InstanceSettings(Section):
    """A compute instance: one person's workstation. Always dedicated, SSH always closed."""

    vm_size: types.VmSize = Field(description="Size of the machine.")
    processor: Processor = Field(description="What the size is meant to be; guards against a wrong family.")
    vm_priority: Literal["Dedicated"] = Field(
        default="Dedicated", description="Azure has no low-priority instances."
    )
    assigned_user: types.Guid = Field(description="Entra object id of the only person who may use it.")
    idle_time_before_shutdown: types.ShutdownTime = Field(
        default="PT1H", description="Idle time after which it stops."
    )
    schedules: tuple[PowerSchedule, ...] = Field(
        default=(), max_length=4, description="Starts and stops by the clock, at most four."
    )

    def mistakes(self) -> Iterator[Mistake]:
        yield from vm_mistakes(self.vm_size, self.processor)
        for index, schedule in enumerate(self.schedules):
            if schedule in self.schedules[:index]:
                yield Mistake(
                    key=f"schedules[{index}]",
                    found=f"{schedule.action} at '{schedule.cron}' again",
                    allowed="each action and time once",
                    example="{action: Stop, cron: 0 19 * * 1-5}",
                )


class ComputeSettings(Section):
    """Compute of the workspace, by name. Names stay within one workspace or region, so they are short."""

    clusters: dict[types.ComputeName, ClusterSettings] = Field(default={}, description="Clusters by name.")
    instances: dict[types.ComputeName, InstanceSettings] = Field(
        default={},
        description="Personal workstations by name; Azure's name gets a short suffix. Only in dev.",
    )

    def mistakes(self) -> Iterator[Mistake]:
        for kind, computes in (("clusters", self.clusters), ("instances", self.instances)):
            for name, compute in computes.items():
                for mistake in compute.mistakes():
                    yield below(f"{kind}.{name}", mistake)
        folded = Counter(name.casefold() for name in (*self.clusters, *self.instances))
        for kind, computes in (("clusters", self.clusters), ("instances", self.instances)):
            for name in computes:
                if folded[name.casefold()] > 1 and kind == "instances":
                    yield Mistake(
                        key=f"instances.{name}",
                        found=f"the name '{name}' twice",
                        allowed="names that differ from each other and from those of clusters",
                        example=f"{name[:12]}-ci",
                    )


class Principal(Section):
    """Somebody in Entra ID who gets the roles of a persona."""

    object_id: types.Guid = Field(description="Object id of the group, service principal or user.")
    principal_type: Literal["Group", "ServicePrincipal", "User"] = Field(
        description="What the object id is; users only in dev."
    )
    display_name: types.Label = Field(description="Name for readers; stands in the assignment's description.")


class AccessSettings(Section):
    """Who may do what, by persona. Roles of each persona: `infra/roles.py`."""

    owner: tuple[Principal, ...] = Field(
        default=(), description="Owner of the resource group, without the right to give privileged roles."
    )
    contributor: tuple[Principal, ...] = Field(default=(), description="Contributor on the resource group.")
    reader: tuple[Principal, ...] = Field(default=(), description="Reader on the resource group.")
    data_scientist: tuple[Principal, ...] = Field(
        default=(), description="Runs jobs and registers assets; writes to the workspace's storage."
    )
    data_reader: tuple[Principal, ...] = Field(
        default=(), description="Sees jobs, assets and data and changes nothing: data scientists in prod."
    )
    compute_operator: tuple[Principal, ...] = Field(
        default=(), description="Creates, starts, stops and deletes compute; no data."
    )

    def mistakes(self) -> Iterator[Mistake]:
        for persona, principals in self.by_persona().items():
            for index, principal in enumerate(principals):
                if principal.object_id in {earlier.object_id for earlier in principals[:index]}:
                    yield Mistake(
                        key=f"{persona}[{index}].objectId",
                        found=f"'{principal.object_id}' again",
                        allowed="each principal once per persona, since Azure refuses a second equal assignment",
                        example="another object id",
                    )

    def by_persona(self) -> dict[str, tuple[Principal, ...]]:
        """The principals of each persona, by the persona's key."""
        return {to_camel(name): getattr(self, name) for name in type(self).model_fields}


class ProtectionSettings(Section):
    """What stands between a slip of the hand and lost data."""

    protect: bool = Field(default=True, description="Pulumi refuses to delete or replace stateful resources.")
    retain_on_delete: bool = Field(
        default=True, description="Stateful resources stay in Azure when they leave the program."
    )
    delete_lock: bool = Field(
        default=True, description="CanNotDelete locks on the storage account and the key vault."
    )


def below(prefix: str, mistake: Mistake) -> Mistake:
    """The same mistake, with its keys below `prefix`."""
    return Mistake(
        key=f"{prefix}.{mistake.key}",
        found=mistake.found,
        allowed=mistake.allowed,
        example=mistake.example,
        involves=tuple(f"{prefix}.{key}" for key in mistake.involves),
    )
