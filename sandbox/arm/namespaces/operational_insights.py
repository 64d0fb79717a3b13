"""Log Analytics workspaces: retention by tier, shared keys, fourteen days of soft delete.

Creating a workspace under the name of one that was deleted in the same group brings
that one back. Left out: tables, saved searches, data sources, linked services, queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.values import JsonObject, account_key, new_guid, object_at, timestamp, value_at
from sandbox.arm.resource_type import Lro, LroStyle, NameRule, ResourceType, SoftDelete

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.OperationalInsights/workspaces"
SOFT_DELETE_DAYS = 14
SKUS = (
    "Free",
    "Standard",
    "Premium",
    "PerNode",
    "PerGB2018",
    "Standalone",
    "CapacityReservation",
    "LACluster",
)
RETIRED_SKUS = ("Free", "Standard", "Premium", "PerNode", "Standalone")
CAPACITY_GB = (100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000, 50000)

RETENTION_HELP = (
    "https://docs.microsoft.com/azure/azure-monitor/platform/manage-cost-storage"
    "#change-the-data-retention-period"
)
DELETE_AND_RECOVER = documented("Delete and recover a Log Analytics workspace (Azure Monitor)")
REFERENCE = documented("Workspaces - Create Or Update, Log Analytics REST API 2023-09-01")
RETENTION = recorded("Azure/azure-powershell#12524: message of the service, 2021-09-06")


def invalid_retention() -> ArmError:
    """Days outside what the tier keeps."""
    return ArmError(
        400,
        "InvalidParameter",
        "The value provided for retention is invalid. the expected value should be between 30 to 730. "
        f"see {RETENTION_HELP} for more information",
    )


def deleted_workspace_not_found(name: str) -> ArmError:
    """A workspace that is not in the soft-deleted state; Azure only lists those that are."""
    return ArmError(404, "ResourceNotFound", f"The deleted workspace '{name}' was not found.")


def unsupported_sku(sku: str) -> ArmError:
    """A pricing tier that is unknown, or closed to new workspaces."""
    return ArmError(
        400, "InvalidParameter", f"The pricing tier '{sku}' is not supported for this subscription."
    )


def invalid_capacity() -> ArmError:
    """A commitment tier without one of its levels."""
    levels = ", ".join(str(level) for level in CAPACITY_GB)
    return ArmError(
        400,
        "InvalidParameter",
        f"sku.capacityReservationLevel must be one of {levels} for the tier CapacityReservation.",
    )


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Pay per gigabyte, thirty days, no daily cap, open to the public network."""
    return {
        "properties": {
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
            "features": {
                "legacy": 0,
                "searchVersion": 1,
                "enableLogAccessUsingOnlyResourcePermissions": True,
            },
            "workspaceCapping": {"dailyQuotaGb": -1.0},
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        }
    }


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """The workspace's own id (`customerId`) and times."""
    existing = object_at(context.existing, "properties")
    moment = timestamp(context.now)
    name = value_at(body, "properties.sku.name")
    before = object_at(existing, "sku")
    return {
        "properties": {
            "customerId": existing.get("customerId") or new_guid(),
            "createdDate": existing.get("createdDate") or moment,
            "modifiedDate": moment,
            "sku": {"lastSkuUpdate": before["lastSkuUpdate"] if before.get("name") == name else moment},
            "workspaceCapping": {
                "quotaNextResetTime": moment,
                "dataIngestionStatus": "RespectQuota",
            },
        }
    }


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Retention and commitment level fit the tier."""
    properties = object_at(body, "properties")
    sku = str(value_at(properties, "sku.name"))
    unchanged = value_at(existing, "properties.sku.name") == sku
    if sku not in SKUS or (sku in RETIRED_SKUS and not unchanged):
        raise unsupported_sku(sku)
    if (
        sku == "CapacityReservation"
        and value_at(properties, "sku.capacityReservationLevel") not in CAPACITY_GB
    ):
        raise invalid_capacity()
    days = properties.get("retentionInDays")
    immediate = value_at(properties, "features.immediatePurgeDataOn30Days")
    if days is not None and not (30 <= days <= 730 or (immediate and days >= 4)):
        raise invalid_retention()


def created(context: RequestContext, body: JsonObject) -> None:
    """Draw the two shared keys."""
    context.secrets.update({"primarySharedKey": account_key(), "secondarySharedKey": account_key()})


def regenerate_shared_key(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST regenerateSharedKey: both keys anew."""
    created(context, {})
    return shared_keys(context, request)


def shared_keys(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST sharedKeys: the keys with which agents send data."""
    return {key: context.secrets[key] for key in ("primarySharedKey", "secondarySharedKey")}


WORKSPACE = ResourceType(
    type=TYPE,
    token="azure-native:operationalinsights:Workspace",
    name=NameRule(
        pattern=r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
        allowed="4 to 63 letters, digits and hyphens, with a letter or digit at both ends",
        source=documented("Naming rules and restrictions for Azure resources: Microsoft.OperationalInsights"),
    ),
    name_input="workspaceName",
    system_data=False,
    put_keeps_omitted=True,
    extra_api_versions=("2020-08-01", "2021-06-01", "2022-10-01", "2023-09-01", "2025-02-01", "2025-07-01"),
    lro=Lro(create=LroStyle.BODY, create_seconds=7.0),
    soft_delete=SoftDelete(
        retention_days=lambda body: SOFT_DELETE_DAYS,
        on_conflict="recover",
        permanent=lambda context: context.query.get("force", "").lower() == "true",
        collection="deletedWorkspaces",
        shown=lambda body, deleted, purge: body,
        not_found=deleted_workspace_not_found,
        source=DELETE_AND_RECOVER,
    ),
    actions={"sharedKeys": shared_keys, "regenerateSharedKey": regenerate_shared_key},
    defaults=defaults,
    computed=computed,
    validate=validate,
    created=created,
    facts=(
        Fact("A deleted workspace is kept for 14 days; force=true deletes at once.", DELETE_AND_RECOVER),
        Fact("Creating one under a soft-deleted name in the same group recovers it.", DELETE_AND_RECOVER),
        Fact("Retention is 30 to 730 days, from 4 with immediate purge.", RETENTION),
        Fact(
            "PerGB2018 is the default tier; the older ones take no new workspaces.",
            documented("Azure Monitor Logs cost calculations and options"),
        ),
        Fact("Features, capping and public network access where nobody sets them.", REFERENCE),
        Fact("A create takes about seven seconds.", assumed("typical output of az ml workspace create")),
    ),
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (WORKSPACE,)
