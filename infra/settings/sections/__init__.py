"""One model per concern of Azure: its keys, defaults, and the rules that need no other section.

Keys are Azure's own words in camelCase. Defaults are the strict ones: what an environment
relaxes stands in its stack file. A rule yields `Mistake`s with keys relative to its section;
`model.py` runs them all.
"""

from infra.settings.sections.access import AccessSettings, Principal
from infra.settings.sections.assets import AssetSettings, RegistrySettings
from infra.settings.sections.base import Section, Switch, below
from infra.settings.sections.compute import ClusterSettings, ComputeSettings, InstanceSettings, PowerSchedule
from infra.settings.sections.container_registry import ContainerRegistrySettings
from infra.settings.sections.key_vault import KeyVaultSettings
from infra.settings.sections.log_analytics import LogAnalyticsSettings
from infra.settings.sections.network import FqdnRule, NetworkSettings, PrivateEndpointRule, ServiceTagRule
from infra.settings.sections.protection import ProtectionSettings
from infra.settings.sections.storage import StorageSettings
from infra.settings.sections.tags import TagSettings
from infra.settings.sections.workspace import WorkspaceSettings

__all__ = [
    "AccessSettings",
    "AssetSettings",
    "ClusterSettings",
    "ComputeSettings",
    "ContainerRegistrySettings",
    "FqdnRule",
    "InstanceSettings",
    "KeyVaultSettings",
    "LogAnalyticsSettings",
    "NetworkSettings",
    "PowerSchedule",
    "Principal",
    "PrivateEndpointRule",
    "ProtectionSettings",
    "RegistrySettings",
    "Section",
    "ServiceTagRule",
    "StorageSettings",
    "Switch",
    "TagSettings",
    "WorkspaceSettings",
    "below",
]
