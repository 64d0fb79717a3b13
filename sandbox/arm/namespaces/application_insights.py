"""Application Insights components, kept in a Log Analytics workspace.

The wire names are the service's own, in capitals: `Application_Type`, `AppId`,
`WorkspaceResourceId`. Left out: API keys, export, analytics items, web tests, billing plans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces import operational_insights
from sandbox.arm.namespaces.values import JsonObject, new_guid, object_at, timestamp, type_of, value_at
from sandbox.arm.resource_type import Immutable, NameRule, ResourceType

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.Insights/components"
RETENTION_DAYS = (30, 60, 90, 120, 180, 270, 365, 550, 730)

WORKSPACE_MESSAGE = recorded("Azure-Samples/keyvault-rotation-storageaccountkey-powershell#2")


def invalid_workspace() -> ArmError:
    """No Log Analytics workspace under that id; see WORKSPACE_MESSAGE."""
    return ArmError(400, "BadRequest", "Provided WorkspaceResourceId is invalid")


def classic_is_retired() -> ArmError:
    """A component without a workspace: classic components can't be created since February 2024."""
    return ArmError(
        400,
        "BadRequest",
        "Classic Application Insights resources are retired; provide a WorkspaceResourceId.",
    )


def invalid_retention() -> ArmError:
    """Days for which the service has no retention."""
    return ArmError(
        400,
        "BadRequest",
        f"RetentionInDays must be one of {', '.join(str(days) for days in RETENTION_DAYS)}.",
    )


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Retention of ninety days, open ingestion and query, keys accepted."""
    return {
        "properties": {
            "Flow_Type": "Bluefield",
            "Request_Source": "rest",
            "RetentionInDays": 90,
            "IngestionMode": "LogAnalytics",
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
            "DisableIpMasking": False,
            "DisableLocalAuth": False,
        }
    }


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """The identifiers that are drawn once, and the connection string made of them."""
    existing = object_at(context.existing, "properties")
    key = existing.get("InstrumentationKey") or new_guid()
    app_id = existing.get("AppId") or new_guid()
    connection = f"InstrumentationKey={key};IngestionEndpoint=https://{context.location}-1.in.applicationinsights.azure.com/;LiveEndpoint=https://{context.location}.livediagnostics.monitor.azure.com/;ApplicationId={app_id}"
    return {
        "properties": {
            "ApplicationId": context.name,
            "AppId": app_id,
            "Name": context.name,
            "InstrumentationKey": key,
            "ConnectionString": connection,
            "CreationDate": existing.get("CreationDate") or timestamp(context.now),
            "LaMigrationDate": existing.get("LaMigrationDate") or timestamp(context.now),
            "TenantId": context.subscription_id,
            "Ver": "v2",
        }
    }


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """The workspace must be there; retention comes in steps."""
    workspace = value_at(body, "properties.WorkspaceResourceId")
    if not workspace:
        raise classic_is_retired()
    if type_of(workspace) != operational_insights.TYPE.lower() or context.find(workspace) is None:
        raise invalid_workspace()
    if value_at(body, "properties.RetentionInDays") not in RETENTION_DAYS:
        raise invalid_retention()


COMPONENT = ResourceType(
    type=TYPE,
    token="azure-native:applicationinsights:Component",
    name=NameRule(
        pattern=r"[^%&\\?/<>#:]{0,259}[^%&\\?/<>#:. ]",
        allowed="1 to 260 characters other than %&\\?/<>#: , without a blank or dot at the end",
        source=documented("Naming rules and restrictions for Azure resources: Microsoft.Insights"),
    ),
    name_input="resourceName",
    system_data=False,
    created_status=200,
    extra_api_versions=("2015-05-01", "2018-05-01-preview", "2020-02-02", "2020-02-02-preview"),
    immutable=(
        Immutable(
            path="properties.Application_Type",
            source=documented(
                "hashicorp/terraform-provider-azurerm, application_insights: application_type forces a "
                "new resource"
            ),
        ),
    ),
    defaults=defaults,
    computed=computed,
    validate=validate,
    facts=(
        Fact(
            "A create is answered with 200, never 201.",
            documented("Components_CreateOrUpdate: responses, 2020-02-02"),
        ),
        Fact(
            "Classic components cannot be created any more.",
            documented("Migrate to workspace-based Application Insights"),
        ),
        Fact(
            "Retention comes in nine steps, 90 days by default.",
            documented("Change data retention of Application Insights"),
        ),
        Fact(
            "A workspace id that names nothing: Provided WorkspaceResourceId is invalid.", WORKSPACE_MESSAGE
        ),
        Fact(
            "The connection string names the region's ingestion and live endpoints.",
            documented("Connection strings in Application Insights"),
        ),
        Fact(
            "The number in the ingestion host is -1.",
            assumed("Azure numbers its stamps; clients only use the string"),
        ),
    ),
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (COMPONENT,)
