"""Microsoft.Resources: subscriptions, tenants, resource groups, the list of all resources, providers.

Left out, and refused by name: template deployments. Also not here: tags as resources of
their own, moving resources, policies, management groups.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm import errors, resource_errors
from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.namespaces.values import JsonObject
from sandbox.arm.regions import REGIONS
from sandbox.arm.resource_type import Answer, Lro, LroStyle, NameRule, Operation, ResourceType

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

GROUPS = "Microsoft.Resources/resourceGroups"
NAMING = documented("Naming rules and restrictions for Azure resources: Microsoft.Resources")
REFERENCE = documented("Azure Resource Manager REST API: Resources, Providers, Subscriptions")

SUBSCRIPTION_VERSIONS = (
    "2014-04-01", "2015-01-01", "2015-11-01", "2016-06-01", "2018-06-01", "2019-06-01", "2019-11-01",
    "2020-01-01",
    "2020-09-01", "2021-01-01", "2021-10-01", "2022-01-01", "2022-09-01", "2022-12-01", "2023-07-01",
)  # fmt: skip
RESOURCE_VERSIONS = (
    "2015-11-01", "2016-02-01", "2016-09-01", "2017-05-10", "2018-02-01", "2018-05-01", "2019-05-01",
    "2019-05-10",
    "2019-07-01", "2019-08-01", "2019-10-01", "2020-06-01", "2020-08-01", "2020-10-01", "2021-01-01",
    "2021-04-01",
    "2022-09-01", "2023-07-01", "2024-03-01", "2024-07-01", "2024-11-01", "2025-03-01", "2025-04-01",
)  # fmt: skip


def group_name_invalid(name: str) -> ArmError:
    """A resource group's name breaks its rule (Azure/azure-cli#14481); for its length and end: assumed."""
    invalid = "".join(sorted(set(re.sub(r"[-.()\w]", "", name))))
    if not invalid:
        return ArmError(
            400,
            "InvalidResourceGroup",
            f"The provided resource group name '{name}' is longer than 90 characters or ends with a period.",
        )
    return ArmError(
        400,
        "InvalidResourceGroup",
        f"The provided resource group name '{name}' has these invalid characters: '{invalid}'. The name can "
        "only "
        "be a letter, digit, '-', '.', '(', ')' or '_'.",
    )


def filter_invalid(text: str) -> ArmError:
    """A $filter of the resource list that is not understood."""
    return ArmError(
        400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string."
    )


def group_not_found(context: RequestContext) -> ArmError:
    """GET or PATCH of a group that is not there."""
    return resource_errors.resource_group_not_found(context.name)


# subscriptions and tenants ------------------------------------------------------------------------


def _subscription(context: RequestContext, subscription_id: str) -> JsonObject:
    return {
        "id": f"/subscriptions/{subscription_id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription_id,
        "tenantId": context.tenant_id,
        "displayName": "Sandbox",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def list_subscriptions(context: RequestContext, request: JsonObject) -> JsonObject:
    """The subscriptions in which the caller holds any role."""
    seen = [item for item in context.subscriptions if context.roles_at(f"/subscriptions/{item}")]
    shown = [_subscription(context, item) for item in seen]
    return {"value": shown, "count": {"type": "Total", "value": len(shown)}}


def get_subscription(context: RequestContext, request: JsonObject) -> JsonObject:
    """One subscription."""
    return _subscription(context, context.subscription_id)


def list_tenants(context: RequestContext, request: JsonObject) -> JsonObject:
    """The caller's tenant."""
    tenant = context.tenant_id
    return {"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant, "tenantCategory": "Home"}]}


def list_locations(context: RequestContext, request: JsonObject) -> JsonObject:
    """All regions."""
    base = f"/subscriptions/{context.subscription_id}/locations"
    return {
        "value": [
            {
                "id": f"{base}/{name}",
                "name": name,
                "type": "Region",
                "displayName": display,
                "regionalDisplayName": display,
                "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
            }
            for name, display in REGIONS.items()
        ]
    }


# providers ------------------------------------------------------------------------------------------


def registered(context: RequestContext, namespace: str) -> bool:
    """Whether a subscription has registered a namespace; it has from the start."""
    return context.transaction.setting(_registration(context, namespace)) != "NotRegistered"


def _registration(context: RequestContext, namespace: str) -> str:
    return f"registration:{context.subscription_id}:{namespace}".lower()


def _provider(context: RequestContext, namespace: str) -> JsonObject:
    types = [declared for declared in context.registry.types if declared.namespace == namespace]
    return {
        "id": f"/subscriptions/{context.subscription_id}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered" if registered(context, namespace) else "NotRegistered",
        "resourceTypes": [
            {
                "resourceType": "/".join(declared.segments),
                "locations": list(REGIONS.values()) if declared.tracked else [],
                "apiVersions": list(reversed(context.registry.api_versions(declared))),
                "capabilities": "SupportsTags, SupportsLocation" if declared.tracked else "None",
            }
            for declared in types
        ],
    }


def _namespace(context: RequestContext) -> str:
    found = context.registry.namespace(context.query["namespace"])
    if found is None:
        raise errors.namespace_invalid(context.query["namespace"])
    return found


def list_providers(context: RequestContext, request: JsonObject) -> JsonObject:
    """All namespaces with their types."""
    return {"value": [_provider(context, namespace) for namespace in context.registry.namespaces()]}


def get_provider(context: RequestContext, request: JsonObject) -> JsonObject:
    """One namespace."""
    return _provider(context, _namespace(context))


def register(context: RequestContext, request: JsonObject) -> JsonObject:
    """Register a namespace: done at once here."""
    namespace = _namespace(context)
    context.transaction.set_setting(_registration(context, namespace), "Registered")
    return _provider(context, namespace)


def unregister(context: RequestContext, request: JsonObject) -> JsonObject:
    """Take a registration back: requests to the namespace are refused from then on."""
    namespace = _namespace(context)
    context.transaction.set_setting(_registration(context, namespace), "NotRegistered")
    return _provider(context, namespace)


# the list of all resources ------------------------------------------------------------------------------

_SHOWN = ("id", "name", "type", "location", "tags", "kind", "sku", "identity", "managedBy", "plan", "zones")


def list_resources(context: RequestContext, request: JsonObject) -> JsonObject:
    """Tracked resources of the subscription or group, in short form, filtered by type, name, place or tag."""
    wanted = _filter(context.query.get("$filter", ""))
    shown: list[JsonObject] = []
    for declared in context.registry.types:
        if not declared.tracked or declared.type == GROUPS:
            continue
        found = context.transaction.of_type(declared.type, context.subscription_id, context.resource_group)
        shown += [_short(body) for body in found if all(_fits(body, *pair) for pair in wanted.items())]
    return {"value": sorted(shown, key=lambda item: str(item["id"]).lower())}


def _short(body: JsonObject) -> JsonObject:
    return {key: body[key] for key in _SHOWN if body.get(key) is not None}


def _filter(text: str) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text.strip() else ():
        match = re.fullmatch(
            r"(resourceType|name|location|resourceGroup|tagName|tagValue) eq '([^']*)'", part, re.IGNORECASE
        )
        if match is None:
            raise filter_invalid(text)
        wanted[match[1].lower()] = match[2]
    return wanted


def _fits(body: JsonObject, key: str, value: str) -> bool:
    tags = body.get("tags") or {}
    if key == "tagname":
        return value.lower() in (name.lower() for name in tags)
    if key == "tagvalue":
        return value in tags.values()
    if key == "resourcegroup":
        return f"/resourcegroups/{value.lower()}/" in str(body["id"]).lower()
    return str(body.get("type" if key == "resourcetype" else key)).lower() == value.lower()


def deployments(context: RequestContext, request: JsonObject) -> Answer:
    """Template deployments are refused: nothing here expands a template."""
    raise errors.not_implemented("Deploying templates (Microsoft.Resources/deployments)")


def _deployment_operations() -> tuple[Operation, ...]:
    path = "providers/Microsoft.Resources/deployments/{name}"
    return tuple(
        Operation(
            method=method, path=path, handler=deployments, scope=scope, api_versions=RESOURCE_VERSIONS,
            permission="Microsoft.Resources/deployments/read",
        )
        for method in ("GET", "PUT", "DELETE")
        for scope in ("subscription", "resourceGroup")
    )  # fmt: skip


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """A group has properties, even if nothing was said about them."""
    return {"properties": {}}


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        type=GROUPS,
        token="azure-native:resources:ResourceGroup",
        scope="subscription",
        name=NameRule(
            pattern=r"[-\w.()]{0,89}[-\w()]",
            allowed="1-90 letters, digits, -, ., (, ) or _, not ending with a period",
            source=NAMING,
            error=group_name_invalid,
        ),
        name_input="resourceGroupName",
        extra_api_versions=RESOURCE_VERSIONS,
        system_data=False,
        lro=Lro(delete=LroStyle.LOCATION, delete_seconds=60.0),
        not_found=group_not_found,
        defaults=defaults,
        facts=(
            Fact("Deleting a resource group deletes all that is in it, and takes a while.", documented(
                "Azure Resource Manager resource group and resource deletion")),
            Fact("A resource group can't change its location.", documented("Manage Azure resource groups")),
            Fact("Deleting a resource group takes a minute.",
                 assumed("depends on the content; one figure for all")),
        ),
        operations=(
            Operation(method="GET", path="subscriptions", handler=list_subscriptions, scope="tenant",
                      api_versions=SUBSCRIPTION_VERSIONS),
            Operation(method="GET", path="tenants", handler=list_tenants, scope="tenant",
                      api_versions=SUBSCRIPTION_VERSIONS),
            Operation(method="GET", path="", handler=get_subscription, api_versions=SUBSCRIPTION_VERSIONS,
                      permission="Microsoft.Resources/subscriptions/read"),
            Operation(method="GET", path="locations", handler=list_locations,
                      api_versions=SUBSCRIPTION_VERSIONS,
                      permission="Microsoft.Resources/subscriptions/locations/read"),
            Operation(method="GET", path="providers", handler=list_providers, api_versions=RESOURCE_VERSIONS,
                      permission="Microsoft.Resources/subscriptions/providers/read"),
            Operation(method="GET", path="providers/{namespace}", handler=get_provider,
                      api_versions=RESOURCE_VERSIONS,
                      permission="Microsoft.Resources/subscriptions/providers/read"),
            Operation(method="POST", path="providers/{namespace}/register", handler=register,
                      api_versions=RESOURCE_VERSIONS, permission="{namespace}/register/action"),
            Operation(method="POST", path="providers/{namespace}/unregister", handler=unregister,
                      api_versions=RESOURCE_VERSIONS, permission="{namespace}/unregister/action"),
            Operation(method="GET", path="resources", handler=list_resources, api_versions=RESOURCE_VERSIONS,
                      permission="Microsoft.Resources/subscriptions/resources/read"),
            Operation(method="GET", path="resources", handler=list_resources, scope="resourceGroup",
                      api_versions=RESOURCE_VERSIONS,
                      permission="Microsoft.Resources/subscriptions/resourceGroups/resources/read"),
            *_deployment_operations(),
        ),
    ),
)  # fmt: skip
