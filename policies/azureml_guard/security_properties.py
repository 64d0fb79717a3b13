"""The properties that controls of this pack judge: what nobody should put into ignoreChanges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from azureml_guard.secret_names import words

# By name, wherever they stand and whatever the type.
_NAMES: Final = words(
    """
    publicNetworkAccess publicNetworkAccessForIngestion publicNetworkAccessForQuery networkAcls
    networkRuleSet managedNetwork outboundRules isolationMode allowPublicAccessWhenBehindVnet
    v1LegacyMode enableNodePublicIp remoteLoginPortPublicAccess sshSettings egressPublicNetworkAccess
    networkSecurityGroup securityRules disableLocalAuth adminUserEnabled anonymousPullEnabled
    allowSharedKeyAccess systemDatastoresAuthMode authMode enableRbacAuthorization accessPolicies
    identity primaryUserAssignedIdentity encryption hbiWorkspace enableHttpsTrafficOnly
    minimumTlsVersion allowBlobPublicAccess publicAccess allowCrossTenantReplication isSftpEnabled
    isLocalUserEnabled sasPolicy deleteRetentionPolicy containerDeleteRetentionPolicy
    isVersioningEnabled enablePurgeProtection enableSoftDelete softDeleteRetentionInDays
    roleDefinitionId principalId permissions issuer subject audiences
    """
)
# Where they stand, for what is ignored as a whole: `properties` of a vault.
_BELOW: Final[Mapping[str, tuple[str, ...]]] = {
    "keyvault:Vault": (
        "properties.publicNetworkAccess",
        "properties.networkAcls",
        "properties.enableRbacAuthorization",
        "properties.enablePurgeProtection",
    ),
    "machinelearningservices:Compute": (
        "properties.disableLocalAuth",
        "properties.properties.enableNodePublicIp",
        "properties.properties.subnet",
        "properties.properties.sshSettings",
    ),
    "machinelearningservices:OnlineEndpoint": ("properties.authMode", "properties.publicNetworkAccess"),
    "machinelearningservices:BatchEndpoint": ("properties.authMode",),
    "machinelearningservices:Datastore": ("properties.credentials",),
    "machinelearningservices:WorkspaceConnection": ("properties.authType", "properties.credentials"),
    "machinelearningservices:ManagedNetworkSettingsRule": ("properties.destination",),
}
_EVERYTHING: Final = "*"
_PARTS: Final = re.compile(r"[^.\[\]\"']+")


def covered(type_name: str, ignored: str) -> tuple[str, ...]:
    """The properties that keep a resource of this type safe and that an entry of ignoreChanges hides."""
    parts = _PARTS.findall(ignored)
    if not parts:
        return ()
    if parts[0] == _EVERYTHING:
        return ("the whole resource",)
    named = [part for part in parts if part in _NAMES]
    if named:
        return (named[0],)
    below = _BELOW.get(type_name, ())
    return tuple(path for path in below if _meets(parts, path.split(".")))


def _meets(ignored: list[str], path: list[str]) -> bool:
    """Whether one of them is at or below the other; `*` stands for any name."""
    return all(one in (other, _EVERYTHING) for one, other in zip(ignored, path, strict=False))
