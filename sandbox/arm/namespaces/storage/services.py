"""What lives inside a storage account: the four services, containers, shares, the lifecycle policy.

The services exist as soon as the account does, under the one name `default`.
A blob container is created in the blob backend too, so that a blob client finds
it. Left out: legal holds, immutability policies, queues, tables, deleted containers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.namespaces.storage import errors
from sandbox.arm.namespaces.values import JsonObject, object_at, timestamp, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

MAX_RETENTION_DAYS = 365
MAX_SHARE_GIB = 102400


def account_name(context: RequestContext) -> str:
    """Name of the account in the id of anything below it."""
    steps = context.id.split("/")
    lowered = [step.lower() for step in steps]
    return steps[lowered.index("storageaccounts") + 1]


def _account(context: RequestContext) -> JsonObject:
    steps = context.id.split("/")
    end = [step.lower() for step in steps].index("storageaccounts") + 2
    return context.find("/".join(steps[:end])) or {}


def blob_service_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Soft delete off, no CORS rules: recorded, see FACTS."""
    return {
        "properties": {
            "cors": {"corsRules": []},
            "deleteRetentionPolicy": {"allowPermanentDelete": False, "enabled": False},
        }
    }


def file_service_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Soft delete of shares on for seven days: recorded, see FACTS."""
    return {
        "properties": {
            "protocolSettings": {"smb": {}},
            "cors": {"corsRules": []},
            "shareDeleteRetentionPolicy": {"enabled": True, "days": 7},
        }
    }


def queue_service_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Recorded, see FACTS."""
    logging = {"version": "1.0", "delete": False, "read": False, "write": False}
    return {
        "properties": {
            "logging": {**logging, "retentionPolicy": {"enabled": False}},
            "cors": {"corsRules": []},
        }
    }


def table_service_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Recorded, see FACTS."""
    return {"properties": {"cors": {"corsRules": []}}}


def service_computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """The blob and file services show the account's SKU."""
    return {"sku": object_at(_account(context), "sku")}


def validate_blob_service(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Days of the three retention policies, and what restoring to a point in time needs."""
    properties = object_at(body, "properties")
    for policy in ("deleteRetentionPolicy", "containerDeleteRetentionPolicy", "restorePolicy"):
        _check_retention(object_at(properties, policy), policy)
    restore = object_at(properties, "restorePolicy")
    if restore.get("enabled"):
        needs = (
            value_at(properties, "deleteRetentionPolicy.enabled"),
            properties.get("isVersioningEnabled"),
            value_at(properties, "changeFeed.enabled"),
        )
        if not all(needs) or restore["days"] >= properties["deleteRetentionPolicy"].get("days", 0):
            raise errors.invalid_values("restorePolicy")


def validate_file_service(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Days of the share retention policy."""
    _check_retention(object_at(body, "properties.shareDeleteRetentionPolicy"), "shareDeleteRetentionPolicy")


def _check_retention(policy: JsonObject, name: str) -> None:
    days = policy.get("days")
    if policy.get("enabled") and days is None:
        raise errors.invalid_values(f"{name}.days")
    if days is not None and not 1 <= days <= MAX_RETENTION_DAYS:
        raise errors.invalid_values(f"{name}.days")


def container_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """A new container is private and uses the account's key."""
    return {
        "properties": {
            "publicAccess": "None",
            "defaultEncryptionScope": "$account-encryption-key",
            "denyEncryptionScopeOverride": False,
        }
    }


def container_computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Lease, legal hold and deletion state of a container nobody has touched."""
    return {
        "properties": {
            "deleted": False,
            "remainingRetentionDays": 0,
            "leaseStatus": "Unlocked",
            "leaseState": "Available",
            "lastModifiedTime": timestamp(context.now),
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
        }
    }


def validate_container(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Anonymous access only where the account permits it."""
    access = value_at(body, "properties.publicAccess") or "None"
    if access != "None" and not value_at(_account(context), "properties.allowBlobPublicAccess"):
        raise errors.public_access_not_permitted()


def container_created(context: RequestContext, body: JsonObject) -> None:
    """Create the container in the blob backend."""
    context.blob.ensure_container(account_name(context), context.name)


def container_deleted(context: RequestContext, body: JsonObject) -> None:
    """Remove the container and its blobs from the blob backend."""
    context.blob.delete_container(account_name(context), context.name)


def share_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """5 TiB, SMB, transaction optimized: "File Shares - Create"."""
    return {
        "properties": {"shareQuota": 5120, "enabledProtocols": "SMB", "accessTier": "TransactionOptimized"}
    }


def share_computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Lease state and times of a share."""
    moment = timestamp(context.now)
    return {
        "properties": {
            "accessTierChangeTime": value_at(context.existing, "properties.accessTierChangeTime") or moment,
            "lastModifiedTime": moment,
            "leaseState": "Available",
            "leaseStatus": "Unlocked",
        }
    }


def validate_share(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Size limits of a share, GiB."""
    quota = value_at(body, "properties.shareQuota")
    if quota is not None and not 1 <= quota <= MAX_SHARE_GIB:
        raise errors.invalid_values("shareQuota")


def policy_computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """The policy answers with a name that differs from the one in its path: recorded, see FACTS."""
    return {"name": "DefaultManagementPolicy", "properties": {"lastModifiedTime": timestamp(context.now)}}


def validate_policy(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """At least one rule, names distinct, at least one action each ("Configure a lifecycle policy")."""
    rules = value_at(body, "properties.policy.rules") or []
    names = [str(rule.get("name")).lower() for rule in rules]
    if not rules or len(set(names)) != len(names):
        raise errors.invalid_values("policy.rules")
    for rule in rules:
        actions = object_at(rule, "definition.actions")
        if not any(actions.get(kind) for kind in ("baseBlob", "snapshot", "version")):
            raise errors.invalid_values("policy.rules[*].definition.actions")
