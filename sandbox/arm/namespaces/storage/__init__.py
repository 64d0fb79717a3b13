"""Microsoft.Storage: accounts, their services, containers, shares and the lifecycle policy."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.storage import accounts, errors, services
from sandbox.arm.namespaces.values import same_setting
from sandbox.arm.resource_type import Immutable, Lro, LroStyle, NameRule, Operation, ResourceType

SERVICE_VERBS = frozenset({"PUT", "GET", "LIST"})
CHILD_NAMES = documented(
    "Naming and referencing containers, blobs, and metadata; naming shares (Azure Storage)"
)
SERVICE_NAME = NameRule(pattern="default", allowed="`default`", source=accounts.REFERENCE)


def _set_once(property_name: str, path: str) -> Immutable:
    return Immutable(
        path=path,
        source=accounts.UPDATE,
        error=lambda: errors.property_cannot_be_updated(property_name),
        same=same_setting,
    )


STORAGE_ACCOUNT = ResourceType(
    type=accounts.TYPE,
    token="azure-native:storage:StorageAccount",
    name=NameRule(
        pattern=accounts.NAME_PATTERN,
        allowed="3 to 24 characters, lower-case letters and digits",
        source=accounts.NAMING,
        unique="global",
        error=errors.account_name_not_valid,
    ),
    name_input="accountName",
    system_data=False,
    put_keeps_omitted=True,
    created_status=200,
    extra_api_versions=(
        "2019-06-01",
        "2023-01-01",
        "2024-01-01",
        "2025-01-01",
        "2025-06-01",
        "2025-08-01",
        "2026-09-01",
    ),
    immutable=(
        _set_once("isHnsEnabled", "properties.isHnsEnabled"),
        _set_once("isNfsV3Enabled", "properties.isNfsV3Enabled"),
        _set_once("dnsEndpointType", "properties.dnsEndpointType"),
        _set_once("immutableStorageWithVersioning", "properties.immutableStorageWithVersioning.enabled"),
        _set_once("requireInfrastructureEncryption", "properties.encryption.requireInfrastructureEncryption"),
    ),
    lro=Lro(create=LroStyle.LOCATION, create_seconds=20.0),
    actions={"listKeys": accounts.list_keys, "regenerateKey": accounts.regenerate_key},
    operations=(
        Operation(
            method="POST",
            path="providers/Microsoft.Storage/checkNameAvailability",
            handler=accounts.check_name_availability,
            api_versions_of=accounts.TYPE,
        ),
    ),
    defaults=accounts.defaults,
    computed=accounts.computed,
    validate=accounts.validate,
    created=accounts.created,
    deleted=accounts.deleted,
    facts=(
        Fact("A create is answered with 202, an empty body and a Location header.", accounts.RECORDING),
        Fact(
            "A create takes about twenty seconds.",
            recorded("Azure/azure-cli#28980: output of az ml workspace create"),
        ),
        Fact(
            "accessTier Hot, encryption of blobs and files with Microsoft's keys are the defaults.",
            accounts.RECORDING,
        ),
        Fact("minimumTlsVersion is TLS1_0 where nobody sets it.", accounts.REFERENCE),
        Fact("allowBlobPublicAccess and allowCrossTenantReplication default to false.", accounts.REFERENCE),
        Fact("A PUT on an existing account keeps the properties that it leaves out.", accounts.REFERENCE),
        Fact("The SKUs of each kind.", documented("Storage account overview: types of storage accounts")),
        Fact(
            "An update adds and removes copies in the paired region, but no zones.",
            documented("Change how a storage account is replicated"),
        ),
        Fact(
            "The sentence of StorageAccountTypeConversionNotAllowed.", assumed("only the code is documented")
        ),
        Fact(
            "Kind changes only to StorageV2.", documented("Upgrade to a general-purpose v2 storage account")
        ),
        Fact(
            "IP rules take public IPv4 addresses, and no ranges of /31 or /32.",
            documented("Configure Azure Storage firewalls and virtual networks"),
        ),
        Fact(
            "The static website's host has zone number z6.",
            assumed("the number depends on Azure's own placement"),
        ),
    ),
)

BLOB_SERVICE = ResourceType(
    type="Microsoft.Storage/storageAccounts/blobServices",
    token="azure-native:storage:BlobServiceProperties",
    name=SERVICE_NAME,
    name_input="blobServicesName",
    parent_inputs=("accountName",),
    singleton="default",
    tracked=False,
    provisioning_state=False,
    system_data=False,
    created_status=200,
    put_keeps_omitted=True,
    extra_api_versions=STORAGE_ACCOUNT.extra_api_versions,
    verbs=SERVICE_VERBS,
    defaults=services.blob_service_defaults,
    computed=services.service_computed,
    validate=services.validate_blob_service,
    facts=(
        Fact(
            "Soft delete of blobs is off where nobody sets it; the service shows the account's SKU.",
            accounts.RECORDING,
        ),
        Fact(
            "Retention is 1 to 365 days.", documented("DeleteRetentionPolicy, model of the Storage REST API")
        ),
        Fact(
            "Restoring to a point in time needs soft delete, versioning and the change feed, for fewer days.",
            documented("Point-in-time restore for block blobs: prerequisites"),
        ),
    ),
)

FILE_SERVICE = ResourceType(
    type="Microsoft.Storage/storageAccounts/fileServices",
    token="azure-native:storage:FileServiceProperties",
    name=SERVICE_NAME,
    name_input="fileServicesName",
    parent_inputs=("accountName",),
    singleton="default",
    tracked=False,
    provisioning_state=False,
    system_data=False,
    created_status=200,
    put_keeps_omitted=True,
    extra_api_versions=STORAGE_ACCOUNT.extra_api_versions,
    verbs=SERVICE_VERBS,
    defaults=services.file_service_defaults,
    computed=services.service_computed,
    validate=services.validate_file_service,
    facts=(Fact("Soft delete of shares is on for seven days where nobody sets it.", accounts.RECORDING),),
)

QUEUE_SERVICE = ResourceType(
    type="Microsoft.Storage/storageAccounts/queueServices",
    token="azure-native:storage:QueueServiceProperties",
    name=SERVICE_NAME,
    name_input="queueServiceName",
    parent_inputs=("accountName",),
    singleton="default",
    tracked=False,
    provisioning_state=False,
    system_data=False,
    created_status=200,
    put_keeps_omitted=True,
    extra_api_versions=STORAGE_ACCOUNT.extra_api_versions,
    verbs=SERVICE_VERBS,
    defaults=services.queue_service_defaults,
    facts=(Fact("Logging is off, there are no CORS rules.", accounts.RECORDING),),
)

TABLE_SERVICE = ResourceType(
    type="Microsoft.Storage/storageAccounts/tableServices",
    token="azure-native:storage:TableServiceProperties",
    name=SERVICE_NAME,
    name_input="tableServiceName",
    parent_inputs=("accountName",),
    singleton="default",
    tracked=False,
    provisioning_state=False,
    system_data=False,
    created_status=200,
    put_keeps_omitted=True,
    extra_api_versions=STORAGE_ACCOUNT.extra_api_versions,
    verbs=SERVICE_VERBS,
    defaults=services.table_service_defaults,
    facts=(Fact("There are no CORS rules.", accounts.RECORDING),),
)

BLOB_CONTAINER = ResourceType(
    type="Microsoft.Storage/storageAccounts/blobServices/containers",
    token="azure-native:storage:BlobContainer",
    name=NameRule(
        pattern=r"\$(?:root|web|logs)|(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        allowed="3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends",
        source=CHILD_NAMES,
        error=lambda name: errors.child_name_not_valid("Container", name),
    ),
    name_input="containerName",
    parent_inputs=("accountName",),
    tracked=False,
    provisioning_state=False,
    system_data=False,
    put_keeps_omitted=True,
    extra_api_versions=STORAGE_ACCOUNT.extra_api_versions,
    immutable=(
        _set_once("defaultEncryptionScope", "properties.defaultEncryptionScope"),
        _set_once("denyEncryptionScopeOverride", "properties.denyEncryptionScopeOverride"),
    ),
    defaults=services.container_defaults,
    computed=services.container_computed,
    validate=services.validate_container,
    created=services.container_created,
    deleted=services.container_deleted,
    facts=(
        Fact("A create is answered with 201.", accounts.RECORDING),
        Fact(
            "Anonymous access is refused in an account that forbids it.",
            documented("Remediate anonymous read access to blob data: PublicAccessNotPermitted"),
        ),
    ),
)

FILE_SHARE = ResourceType(
    type="Microsoft.Storage/storageAccounts/fileServices/shares",
    token="azure-native:storage:FileShare",
    name=NameRule(
        pattern=r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        allowed="3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends",
        source=CHILD_NAMES,
        error=lambda name: errors.child_name_not_valid("Share", name),
    ),
    name_input="shareName",
    parent_inputs=("accountName",),
    tracked=False,
    provisioning_state=False,
    system_data=False,
    put_keeps_omitted=True,
    extra_api_versions=STORAGE_ACCOUNT.extra_api_versions,
    immutable=(_set_once("enabledProtocols", "properties.enabledProtocols"),),
    defaults=services.share_defaults,
    computed=services.share_computed,
    validate=services.validate_share,
    facts=(
        Fact(
            "5 TiB of SMB, transaction optimized, are the defaults.",
            documented("File Shares - Create, REST API"),
        ),
    ),
)

MANAGEMENT_POLICY = ResourceType(
    type="Microsoft.Storage/storageAccounts/managementPolicies",
    token="azure-native:storage:ManagementPolicy",
    name=SERVICE_NAME,
    name_input="managementPolicyName",
    parent_inputs=("accountName",),
    tracked=False,
    provisioning_state=False,
    system_data=False,
    created_status=200,
    extra_api_versions=STORAGE_ACCOUNT.extra_api_versions,
    verbs=frozenset({"PUT", "GET", "DELETE"}),
    not_found=lambda context: errors.management_policy_not_found(services.account_name(context)),
    computed=services.policy_computed,
    validate=services.validate_policy,
    facts=(Fact("The policy calls itself DefaultManagementPolicy.", accounts.RECORDING),),
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    STORAGE_ACCOUNT,
    BLOB_SERVICE,
    FILE_SERVICE,
    QUEUE_SERVICE,
    TABLE_SERVICE,
    BLOB_CONTAINER,
    FILE_SHARE,
    MANAGEMENT_POLICY,
)
