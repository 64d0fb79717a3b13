"""All settings of one stack, the rules across sections, and what each environment insists on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from pydantic import Field
from pydantic.alias_generators import to_snake

from infra.settings import types
from infra.settings.errors import Mistake, one_of, shown
from infra.settings.sections import (
    AccessSettings,
    AssetSettings,
    ComputeSettings,
    ContainerRegistrySettings,
    KeyVaultSettings,
    LogAnalyticsSettings,
    NetworkSettings,
    ProtectionSettings,
    Section,
    StorageSettings,
    TagSettings,
    WorkspaceSettings,
    below,
)

PROJECT: Final = "azureml-platform"  # the project's name in Pulumi.yaml
KEY: Final = "settings"
Environment = Literal["dev", "staging", "prod"]
ENVIRONMENTS: Final[tuple[str, ...]] = get_args(Environment)


class StackSettings(Section):
    """The value of `azureml-platform:settings`. Values are final: no rule here changes one."""

    organization: types.Organization = Field(
        description="Who runs the platform; goes into the hash that makes global names unique."
    )
    workload: types.Workload = Field(description="Short name of the platform; part of every resource name.")
    environment: Environment = Field(description="Which environment this stack is.", examples=["dev"])
    location: types.Location = Field(description="Azure region of everything.")
    name_salt: types.NameSalt | None = Field(
        default=None,
        description="Changes the hash in global names, for the day that Azure says a name is taken.",
    )
    tags: TagSettings = Field(
        description="Tags of every resource.",
        examples=[{"owner": "ml-platform-team", "costCentre": "4711", "dataClass": "internal"}],
    )
    network: NetworkSettings = Field(default=NetworkSettings(), description="Access from and to the network.")
    storage: StorageSettings = Field(default=StorageSettings(), description="Storage account.")
    key_vault: KeyVaultSettings = Field(default=KeyVaultSettings(), description="Key vault.")
    log_analytics: LogAnalyticsSettings = Field(default=LogAnalyticsSettings(), description="Log Analytics.")
    container_registry: ContainerRegistrySettings = Field(
        default=ContainerRegistrySettings(), description="Container registry."
    )
    workspace: WorkspaceSettings = Field(
        default=WorkspaceSettings(), description="Azure Machine Learning workspace."
    )
    compute: ComputeSettings = Field(default=ComputeSettings(), description="Clusters and instances.")
    access: AccessSettings = Field(default=AccessSettings(), description="Personas.")
    assets: AssetSettings = Field(default=AssetSettings(), description="Assets; none by default.")
    protection: ProtectionSettings = Field(default=ProtectionSettings(), description="Against accidents.")

    def mistakes(self) -> Iterator[Mistake]:
        """Every broken rule, those within sections first."""
        for name, field in type(self).model_fields.items():
            section = getattr(self, name)
            if isinstance(section, Section):
                for mistake in section.mistakes():
                    yield below(field.alias or name, mistake)
        yield from _registry_mistakes(self)
        yield from _image_build_mistakes(self)
        yield from _business_impact_mistakes(self)
        yield from _environment_mistakes(self)


def _registry_mistakes(settings: StackSettings) -> Iterator[Mistake]:
    """Source: "Azure Container Registry service tiers": private link and IP rules are Premium features."""
    sku = settings.container_registry.sku
    if sku == "Premium":
        return
    reasons = {
        "network.publicNetworkAccess is Disabled": settings.network.public_network_access == "Disabled",
        "network.allowedIpRanges is set": bool(settings.network.allowed_ip_ranges),
    }
    for reason, holds in reasons.items():
        if holds:
            yield Mistake(
                key="containerRegistry.sku",
                found=shown(sku),
                allowed=f"Premium while {reason}; other tiers cannot be closed",
                example="Premium",
                involves=("network",),
            )


def _image_build_mistakes(settings: StackSettings) -> Iterator[Mistake]:
    """Source: "Secure a workspace with virtual networks": a private registry builds images on a cluster."""
    name, clusters = settings.workspace.image_build_compute, settings.compute.clusters
    first = next(iter(clusters), "image-build")
    if name is None and settings.network.public_network_access == "Disabled":
        yield Mistake(
            key="workspace.imageBuildCompute",
            found="nothing",
            allowed="the name of a cluster while network.publicNetworkAccess is Disabled, since Azure's own "
            "builders cannot reach the registry",
            example=first,
            involves=("network", "compute"),
        )
    elif name is not None and name not in clusters:
        known = one_of(clusters) or "none is declared"
        yield Mistake(
            key="workspace.imageBuildCompute",
            found=shown(name),
            allowed=f"the name of a cluster in compute.clusters ({known})",
            example=first,
            involves=("compute",),
        )
    elif name is not None and clusters[name].processor == "gpu":
        yield Mistake(
            key="workspace.imageBuildCompute",
            found=f"'{name}', a GPU cluster",
            allowed="a cluster with processor cpu; building images has no use for a GPU",
            example="image-build",
            involves=("compute",),
        )


def _business_impact_mistakes(settings: StackSettings) -> Iterator[Mistake]:
    if settings.workspace.hbi_workspace and settings.network.public_network_access == "Enabled":
        yield Mistake(
            key="workspace.hbiWorkspace",
            found="true",
            allowed="false while network.publicNetworkAccess is Enabled; data of high impact is not public",
            example="network: {publicNetworkAccess: Disabled}",
            involves=("network",),
        )


@dataclass(frozen=True)
class Floor:
    """What an environment insists on for one key."""

    key: str
    holds: Callable[[StackSettings], bool]
    allowed: str
    example: str


_PROD: Final = (
    Floor(
        "network.publicNetworkAccess",
        lambda s: s.network.public_network_access == "Disabled",
        "Disabled",
        "Disabled",
    ),
    Floor(
        "network.isolationMode",
        lambda s: s.network.isolation_mode == "AllowOnlyApprovedOutbound",
        "AllowOnlyApprovedOutbound",
        "AllowOnlyApprovedOutbound",
    ),
    Floor(
        "storage.sku",
        lambda s: s.storage.sku != "Standard_LRS",
        "a redundancy that outlives one data centre",
        "Standard_ZRS",
    ),
    Floor("storage.isVersioningEnabled", lambda s: s.storage.is_versioning_enabled, "true", "true"),
    Floor(
        "storage.blobRetentionInDays",
        lambda s: s.storage.blob_retention_in_days >= 14,
        "14 days or more",
        "30",
    ),
    Floor(
        "storage.containerRetentionInDays",
        lambda s: s.storage.container_retention_in_days >= 14,
        "14 days or more",
        "30",
    ),
    Floor(
        "storage.shareRetentionInDays",
        lambda s: s.storage.share_retention_in_days >= 14,
        "14 days or more",
        "30",
    ),
    Floor("keyVault.enablePurgeProtection", lambda s: s.key_vault.enable_purge_protection, "true", "true"),
    Floor(
        "keyVault.softDeleteRetentionInDays",
        lambda s: s.key_vault.soft_delete_retention_in_days == 90,
        "90, the longest that Azure has",
        "90",
    ),
    Floor(
        "logAnalytics.retentionInDays",
        lambda s: s.log_analytics.retention_in_days >= 90,
        "90 days or more",
        "90",
    ),
    Floor(
        "logAnalytics.dailyQuotaGb",
        lambda s: s.log_analytics.daily_quota_gb is None,
        "no cap, since it drops the day's audit logs",
        "leave it out",
    ),
    Floor("workspace.purgeSoftDeleted", lambda s: not s.workspace.purge_soft_deleted, "false", "false"),
    Floor("protection.protect", lambda s: s.protection.protect, "true", "true"),
    Floor("protection.retainOnDelete", lambda s: s.protection.retain_on_delete, "true", "true"),
    Floor("protection.deleteLock", lambda s: s.protection.delete_lock, "true", "true"),
)
FLOORS: Final[dict[str, tuple[Floor, ...]]] = {"dev": (), "staging": (), "prod": _PROD}


def _environment_mistakes(settings: StackSettings) -> Iterator[Mistake]:
    environment = settings.environment
    for floor in FLOORS[environment]:
        if not floor.holds(settings):
            yield Mistake(
                key=floor.key,
                found=shown(value_at(settings, floor.key)),
                allowed=f"in {environment}: {floor.allowed}",
                example=floor.example,
                involves=("environment",),
            )
    if environment != "dev":
        yield from _workstation_mistakes(settings)
        yield from _user_mistakes(settings)
    if environment == "prod":
        yield from _low_priority_mistakes(settings)


def _workstation_mistakes(settings: StackSettings) -> Iterator[Mistake]:
    for name in settings.compute.instances:
        yield Mistake(
            key=f"compute.instances.{name}",
            found="a compute instance",
            allowed=f"in {settings.environment}: none; workstations belong to dev, clusters run jobs here",
            example="compute: {clusters: {...}}",
            involves=("environment",),
        )


def _low_priority_mistakes(settings: StackSettings) -> Iterator[Mistake]:
    for name, cluster in settings.compute.clusters.items():
        if cluster.vm_priority == "LowPriority":
            yield Mistake(
                key=f"compute.clusters.{name}.vmPriority",
                found="'LowPriority'",
                allowed="in prod: Dedicated, since Azure may take the others away in the middle of a job",
                example="Dedicated",
                involves=("environment",),
            )


def _user_mistakes(settings: StackSettings) -> Iterator[Mistake]:
    for persona, principals in settings.access.by_persona().items():
        for index, principal in enumerate(principals):
            if principal.principal_type == "User":
                yield Mistake(
                    key=f"access.{persona}[{index}].principalType",
                    found="'User'",
                    allowed=f"in {settings.environment}: Group or ServicePrincipal; people change in Entra",
                    example="Group",
                    involves=("environment",),
                )


def value_at(settings: Section, key: str) -> Any:
    """The value of a dotted camelCase key, such as `keyVault.sku`."""
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, to_snake(part))
    return value
