"""Azure's built-in roles as far as this project uses them: data only.

Ids, names and permissions were compared with a published list of the role definitions that Azure answers
with; each role names its source. A role outside this table does not exist here, and assigning it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.arm.facts import Source, documented, recorded

_READ = documented("Azure built-in roles for AI + machine learning, 2024-04-25")
_LISTED = recorded("iann0036/iam-dataset, azure/built-in-roles-raw.json, 2026-08-22")


@dataclass(frozen=True)
class Role:
    """A role's id (GUID), its name and what it permits; patterns may hold `*`."""

    id: str
    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    source: Source = _LISTED


_COMMON = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
_HEALTH = "Microsoft.ResourceHealth/availabilityStatuses/read"
_BLOB = "Microsoft.Storage/storageAccounts/blobServices"
_FILE = "Microsoft.Storage/storageAccounts/fileServices"
_QUEUE = "Microsoft.Storage/storageAccounts/queueServices"
_TABLE = "Microsoft.Storage/storageAccounts/tableServices"
_VAULTS = "Microsoft.KeyVault/vaults"
_REGISTRY = "Microsoft.ContainerRegistry/registries"
_ML = "Microsoft.MachineLearningServices"
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"

_GENERAL = (
    Role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ("*",)),
    Role(
        "b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", ("*",),
        (
            "Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action", "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete", "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write", "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action", "Microsoft.Subscription/enable/action",
        ),
    ),
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ("*/read",)),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
    Role(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator",
        (
            "Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete",
            "*/read", "Microsoft.Support/*",
        ),
    ),
)  # fmt: skip

_STORAGE = (
    Role(
        "17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor",
        (*_COMMON, _HEALTH, "Microsoft.Insights/diagnosticSettings/*", "Microsoft.Storage/storageAccounts/*",
         "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action"),
    ),
    Role(
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor",
        (f"{_BLOB}/containers/delete", f"{_BLOB}/containers/read", f"{_BLOB}/containers/write",
         f"{_BLOB}/generateUserDelegationKey/action"),
        (),
        (f"{_BLOB}/containers/blobs/delete", f"{_BLOB}/containers/blobs/read",
         f"{_BLOB}/containers/blobs/write",
         f"{_BLOB}/containers/blobs/move/action", f"{_BLOB}/containers/blobs/add/action"),
    ),
    Role(
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader",
        (f"{_BLOB}/containers/read", f"{_BLOB}/generateUserDelegationKey/action"),
        (),
        (f"{_BLOB}/containers/blobs/read",),
    ),
    Role(
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Storage Blob Data Owner",
        (f"{_BLOB}/containers/*", f"{_BLOB}/generateUserDelegationKey/action"),
        (),
        (f"{_BLOB}/containers/blobs/*",),
    ),
    Role(
        "69566ab7-960f-475b-8e7c-b3118f30c6bd", "Storage File Data Privileged Contributor", (), (),
        (f"{_FILE}/fileshares/files/read", f"{_FILE}/fileshares/files/write",
         f"{_FILE}/fileshares/files/delete", f"{_FILE}/fileshares/files/modifypermissions/action",
         f"{_FILE}/readFileBackupSemantics/action", f"{_FILE}/writeFileBackupSemantics/action"),
    ),
    Role(
        "b8eda974-7b85-4f76-af95-65846b26df6d", "Storage File Data Privileged Reader", (), (),
        (f"{_FILE}/fileshares/files/read", f"{_FILE}/readFileBackupSemantics/action"),
    ),
    Role(
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "Storage Table Data Contributor",
        (f"{_TABLE}/tables/read", f"{_TABLE}/tables/write", f"{_TABLE}/tables/delete"),
        (),
        (f"{_TABLE}/tables/entities/read", f"{_TABLE}/tables/entities/write",
         f"{_TABLE}/tables/entities/delete",
         f"{_TABLE}/tables/entities/add/action", f"{_TABLE}/tables/entities/update/action"),
    ),
    Role(
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88", "Storage Queue Data Contributor",
        (f"{_QUEUE}/queues/delete", f"{_QUEUE}/queues/read", f"{_QUEUE}/queues/write"),
        (),
        (f"{_QUEUE}/queues/messages/delete", f"{_QUEUE}/queues/messages/read",
         f"{_QUEUE}/queues/messages/write",
         f"{_QUEUE}/queues/messages/process/action"),
    ),
)  # fmt: skip

_DEPLOYMENTS = "Microsoft.Resources/deployments/*"
_KEY_VAULT_ROLES_READ = (
    *_COMMON, "Microsoft.KeyVault/checkNameAvailability/read", "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read", f"{_VAULTS}/*/read", "Microsoft.KeyVault/operations/read",
)  # fmt: skip
_KEY_VAULT = (
    Role(
        "00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", _KEY_VAULT_ROLES_READ, (),
        (f"{_VAULTS}/*",)
    ),
    Role(
        "f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor",
        (*_COMMON, "Microsoft.KeyVault/*"),
        ("Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/hsmPools/*",
         "Microsoft.KeyVault/managedHsms/*"),
    ),
    Role(
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", _KEY_VAULT_ROLES_READ, (),
        (f"{_VAULTS}/secrets/*",),
    ),
    Role(
        "4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", (), (),
        (f"{_VAULTS}/secrets/getSecret/action", f"{_VAULTS}/secrets/readMetadata/action"),
    ),
    Role(
        "21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader",
        tuple(action for action in _KEY_VAULT_ROLES_READ if action != _DEPLOYMENTS), (),
        (f"{_VAULTS}/*/read", f"{_VAULTS}/secrets/readMetadata/action"),
    ),
    Role(
        "e147488a-f6f5-4113-8e2d-b22465e65bf6", "Key Vault Crypto Service Encryption User",
        ("Microsoft.EventGrid/eventSubscriptions/write", "Microsoft.EventGrid/eventSubscriptions/read",
         "Microsoft.EventGrid/eventSubscriptions/delete"),
        (),
        (f"{_VAULTS}/keys/read", f"{_VAULTS}/keys/wrap/action", f"{_VAULTS}/keys/unwrap/action"),
    ),
)  # fmt: skip

_REGISTRIES = (
    Role("7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull", (f"{_REGISTRY}/pull/read",)),
    Role(
        "8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush",
        (f"{_REGISTRY}/pull/read", f"{_REGISTRY}/push/write"),
    ),
    Role(
        "b93aa761-3e63-49ed-ac28-beffa264f7ac", "Container Registry Repository Reader", (), (),
        (f"{_REGISTRY}/repositories/content/read", f"{_REGISTRY}/repositories/metadata/read"),
    ),
    Role(
        "2a1e307c-b015-4ebd-883e-5b7698a07328", "Container Registry Repository Writer", (), (),
        (f"{_REGISTRY}/repositories/content/read", f"{_REGISTRY}/repositories/content/write",
         f"{_REGISTRY}/repositories/metadata/read", f"{_REGISTRY}/repositories/metadata/write"),
    ),
)  # fmt: skip

_IDENTITIES = (
    Role(
        "f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator",
        (f"{_IDENTITY}/*/read", f"{_IDENTITY}/*/assign/action", *_COMMON),
    ),
    Role(
        "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Managed Identity Contributor",
        (f"{_IDENTITY}/read", f"{_IDENTITY}/write", f"{_IDENTITY}/delete",
         f"{_IDENTITY}/federatedIdentityCredentials/read", f"{_IDENTITY}/federatedIdentityCredentials/write",
         f"{_IDENTITY}/federatedIdentityCredentials/delete", f"{_IDENTITY}/revokeTokens/action", *_COMMON),
    ),
)  # fmt: skip

_NETWORKS = (
    Role(
        "4d97b98b-1d4f-4787-a291-c67834d212e7", "Network Contributor",
        ("Microsoft.Network/*", *_COMMON, _HEALTH),
    ),
    Role(
        "b12aa53e-6015-4669-85d0-8515ebb3ae7f", "Private DNS Zone Contributor",
        ("Microsoft.Network/privateDnsZones/*", "Microsoft.Network/privateDnsOperationResults/*",
         "Microsoft.Network/privateDnsOperationStatuses/*", "Microsoft.Network/virtualNetworks/read",
         "Microsoft.Network/virtualNetworks/join/action", *_COMMON),
    ),
    Role(
        "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8", "Azure Kubernetes Service Cluster Admin Role",
        ("Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
         "Microsoft.ContainerService/managedClusters/accessProfiles/listCredential/action",
         "Microsoft.ContainerService/managedClusters/read",
         "Microsoft.ContainerService/managedClusters/runcommand/action"),
    ),
)  # fmt: skip

# what the network connection approver may do, by resource type
_CONNECTIONS = ("privateEndpointConnections/read", "privateEndpointConnections/write")
_LINKS = (*_CONNECTIONS, "privateLinkResources/read", "read")
_APPROVE = "privateEndpointConnectionsApproval/action"
_RESULTS = "privateEndpointConnections/operationResults/read"
_APPROVED = {
    **dict.fromkeys(
        (
            "Cache/redis", "Cache/redisEnterprise", "DBforMySQL/flexibleServers",
            "DBforPostgreSQL/flexibleServers", "EventHub/namespaces", "KeyVault/vaults",
            "MachineLearningServices/registries", "MachineLearningServices/workspaces", "Sql/servers",
        ),
        (_APPROVE, *_LINKS),
    ),
    **dict.fromkeys(
        ("ApiManagement/service", "CognitiveServices/accounts", "Network/applicationGateways"), _LINKS
    ),
    **dict.fromkeys(
        ("DocumentDB/databaseAccounts", "Insights/privatelinkscopes"), (_APPROVE, _RESULTS, *_LINKS)
    ),
    "ContainerRegistry/registries": (_APPROVE, *_CONNECTIONS),
    "DBforPostgreSQL/serverGroupsv2": (_APPROVE, *_CONNECTIONS, "privateLinkResources/read"),
    "Network/privateLinkServices": (_APPROVE, *_CONNECTIONS, "read"),
    "Search/searchServices": (_APPROVE, *_CONNECTIONS, "sharedPrivateLinkResources/read", "read"),
    "Storage/storageAccounts": ("PrivateEndpointConnectionsApproval/action", *_LINKS),
}  # fmt: skip

_MACHINE_LEARNING = (
    Role(
        "f6c7c914-8db3-469d-8ca1-694a8f32e121", "AzureML Data Scientist",
        (f"{_ML}/workspaces/*/read", f"{_ML}/workspaces/*/action", f"{_ML}/workspaces/*/delete",
         f"{_ML}/workspaces/*/write"),
        (f"{_ML}/workspaces/delete", f"{_ML}/workspaces/write", f"{_ML}/workspaces/computes/*/write",
         f"{_ML}/workspaces/computes/*/delete", f"{_ML}/workspaces/computes/listKeys/action",
         f"{_ML}/workspaces/listKeys/action", f"{_ML}/workspaces/hubs/write", f"{_ML}/workspaces/hubs/delete",
         f"{_ML}/workspaces/featurestores/write", f"{_ML}/workspaces/featurestores/delete"),
        source=_READ,
    ),
    Role(
        "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815", "AzureML Compute Operator",
        (f"{_ML}/workspaces/computes/*", f"{_ML}/workspaces/notebooks/vm/*"),
        source=_READ,
    ),
    Role(
        "1823dd4f-9b8c-4ab6-ab4e-7397a3684615", "AzureML Registry User",
        (f"{_ML}/registries/read", f"{_ML}/registries/assets/*"),
    ),
    Role(
        "635dd51f-9968-44d3-b7fb-6d9a6bd613ae", "AzureML Metrics Writer (preview)",
        (f"{_ML}/workspaces/metrics/*/write",),
    ),
    Role(
        "b78c5d69-af96-48a3-bf8d-a8b4d589de94", "Azure AI Administrator",
        (*_COMMON, _HEALTH, "Microsoft.CognitiveServices/*", f"{_REGISTRY}/*",
         "Microsoft.DataFactory/factories/*", "Microsoft.DocumentDb/databaseAccounts/*",
         "Microsoft.Features/features/read", "Microsoft.Features/providers/features/read",
         "Microsoft.Features/providers/features/register/action", "Microsoft.Insights/components/*",
         "Microsoft.Insights/diagnosticSettings/*", "Microsoft.Insights/generateLiveToken/read",
         "Microsoft.Insights/logDefinitions/read", "Microsoft.Insights/metricAlerts/*",
         "Microsoft.Insights/metricdefinitions/read", "Microsoft.Insights/metrics/read",
         "Microsoft.Insights/scheduledqueryrules/*", "Microsoft.Insights/topology/read",
         "Microsoft.Insights/transactions/read", "Microsoft.Insights/webtests/*",
         "Microsoft.KeyVault/*", f"{_ML}/workspaces/*",
         "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action",
         "Microsoft.Resources/deployments/operations/read",
         "Microsoft.Resources/subscriptions/operationresults/read", "Microsoft.Resources/subscriptions/read",
         "Microsoft.Resources/subscriptions/resourcegroups/deployments/*",
         "Microsoft.Resources/subscriptions/resourceGroups/write",
         "Microsoft.Search/searchServices/write", "Microsoft.Search/searchServices/read",
         "Microsoft.Search/searchServices/delete", "Microsoft.Search/searchServices/indexes/*",
         "Microsoft.Search/searchServices/listAdminKeys/action",
         "Microsoft.Search/searchServices/privateEndpointConnections/*",
         "Microsoft.Storage/storageAccounts/*"),
    ),
    Role(
        "b556d68e-0be0-4f35-a333-ad7ee1ce17ea", "Azure AI Enterprise Network Connection Approver",
        tuple(f"Microsoft.{name}/{action}" for name, actions in _APPROVED.items() for action in actions),
    ),
    Role(
        "25cabde7-1a6c-4350-8877-cb6fe59f1399", "Azure AI Enterprise Networking Outbound Rules Operator",
        (f"{_ML}/workspaces/managedNetworks/read", f"{_ML}/workspaces/managedNetworks/write",
         f"{_ML}/workspaces/managedNetworks/outboundRules/read",
         f"{_ML}/workspaces/managedNetworks/outboundRules/write",
         f"{_ML}/workspaces/managedNetworks/outboundRules/delete",
         f"{_ML}/workspaces/managedNetworks/batchOutboundRules/action"),
    ),
)  # fmt: skip

BUILT_IN_ROLES: tuple[Role, ...] = (
    *_GENERAL, *_STORAGE, *_KEY_VAULT, *_REGISTRIES, *_IDENTITIES, *_NETWORKS, *_MACHINE_LEARNING,
)  # fmt: skip
BY_ID = {role.id: role for role in BUILT_IN_ROLES}
BY_NAME = {role.name: role for role in BUILT_IN_ROLES}
