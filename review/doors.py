"""Properties of azure-native that stand between a resource and others, with their values from closed to open.

`absent` is what Azure does where a property is not set. Sources: the reference pages of the resource types
(Microsoft Learn, ARM templates).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from review.preview import ASSETS


@dataclass(frozen=True)
class Door:
    """A property that stands between a resource and others.

    Attributes:
        order: Values in lower case, from closed to open.
        absent: The value that counts where there is none.
        what: What it opens, for "opens …".
        grave: False where it opens less than a way to data or machines.
    """

    type: str
    path: str
    order: tuple[str, ...]
    absent: str
    what: str
    grave: bool = True


_NO_KEYS: Final = ("true", "false")
_LOG_KEYS: Final = "logs written with a key"
_ACCESS: Final = ("disabled", "securedbyperimeter", "enabled")
_PUBLIC: Final = "the public network"
_SIGN_IN: Final = ("aad_token", "aadtoken", "aml_token", "amltoken", "key")
_BY_KEY: Final = "calls with a key"
# Where it is not set, the managed network of the workspace decides.
_EGRESS: Final = (("disabled", "enabled"), "disabled", "the way out to the internet")
DOORS: Final[tuple[Door, ...]] = (
    Door("machinelearningservices:Workspace", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "machinelearningservices:Workspace",
        "managedNetwork.isolationMode",
        ("allowonlyapprovedoutbound", "allowinternetoutbound", "disabled"),
        "disabled",
        "the way out to the internet",
    ),
    Door(
        "machinelearningservices:Workspace",
        "allowPublicAccessWhenBehindVnet",
        ("false", "true"),
        "false",
        _PUBLIC,
    ),
    Door("machinelearningservices:Registry", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "machinelearningservices:OnlineEndpoint",
        "properties.publicNetworkAccess",
        _ACCESS,
        "enabled",
        _PUBLIC,
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.properties.enableNodePublicIp",
        ("false", "true"),
        "true",
        "public addresses of its nodes",
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.properties.remoteLoginPortPublicAccess",
        ("disabled", "notspecified", "enabled"),
        "notspecified",
        "SSH from the public network",
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.properties.sshSettings.sshPublicAccess",
        ("disabled", "enabled"),
        "disabled",
        "SSH from the public network",
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.disableLocalAuth",
        ("true", "false"),
        "false",
        "sign-in without Entra ID",
    ),
    Door("machinelearningservices:OnlineEndpoint", "properties.authMode", _SIGN_IN, "key", _BY_KEY),
    Door("machinelearningservices:OnlineDeployment", "properties.egressPublicNetworkAccess", *_EGRESS),
    Door(f"{ASSETS}OnlineEndpoint", "spec.public_network_access", _ACCESS, "enabled", _PUBLIC),
    Door(f"{ASSETS}OnlineEndpoint", "spec.auth_mode", _SIGN_IN, "key", _BY_KEY),
    Door(f"{ASSETS}OnlineDeployment", "spec.egress_public_network_access", *_EGRESS),
    Door("storage:StorageAccount", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "storage:StorageAccount", "networkRuleSet.defaultAction", ("deny", "allow"), "allow", "every network"
    ),
    Door(
        "storage:StorageAccount", "allowBlobPublicAccess", ("false", "true"), "false", "blobs without sign-in"
    ),
    Door(
        "storage:StorageAccount", "allowSharedKeyAccess", ("false", "true"), "true", "sign-in by account key"
    ),
    Door("storage:StorageAccount", "isSftpEnabled", ("false", "true"), "false", "SFTP"),
    Door("storage:StorageAccount", "isLocalUserEnabled", ("false", "true"), "false", "local users with keys"),
    Door(
        "storage:StorageAccount",
        "allowCrossTenantReplication",
        ("false", "true"),
        "false",
        "replication to other tenants",
    ),
    Door(
        "storage:BlobContainer",
        "publicAccess",
        ("none", "blob", "container"),
        "none",
        "blobs without sign-in",
    ),
    Door("keyvault:Vault", "properties.publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "keyvault:Vault", "properties.networkAcls.defaultAction", ("deny", "allow"), "allow", "every network"
    ),
    Door(
        "keyvault:Vault",
        "properties.enableRbacAuthorization",
        ("true", "false"),
        "false",
        "access policies in place of roles",
    ),
    Door("containerregistry:Registry", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door("containerregistry:Registry", "adminUserEnabled", ("false", "true"), "false", "the admin user"),
    Door(
        "containerregistry:Registry",
        "anonymousPullEnabled",
        ("false", "true"),
        "false",
        "pulls without sign-in",
    ),
    # Logs, for whoever signs in; anything else needs a private link scope of Azure Monitor.
    Door("operationalinsights:Workspace", "publicNetworkAccessForQuery", _ACCESS, "enabled", _PUBLIC, False),
    Door("applicationinsights:Component", "publicNetworkAccessForQuery", _ACCESS, "enabled", _PUBLIC, False),
    Door("operationalinsights:Workspace", "features.disableLocalAuth", _NO_KEYS, "false", _LOG_KEYS, False),
    Door("applicationinsights:Component", "disableLocalAuth", _NO_KEYS, "false", _LOG_KEYS, False),
    Door("network:Subnet", "defaultOutboundAccess", ("false", "true"), "true", "the way out to the internet"),
)
WAY_OUT: Final = "a way out"
# Lists of what is let through: each entry that comes opens, each that goes closes.
LISTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("machinelearningservices:Workspace", "managedNetwork.outboundRules", WAY_OUT),
    ("machinelearningservices:Workspace", "ipAllowlist", "the public network for an address range"),
    ("storage:StorageAccount", "networkRuleSet.ipRules", "the public network for an address range"),
    ("storage:StorageAccount", "networkRuleSet.resourceAccessRules", "another resource's way in"),
    ("keyvault:Vault", "properties.networkAcls.ipRules", "the public network for an address range"),
    ("containerregistry:Registry", "networkRuleSet.ipRules", "the public network for an address range"),
)
