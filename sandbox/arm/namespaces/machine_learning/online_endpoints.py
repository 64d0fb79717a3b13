"""Online endpoints: names, sign-in, traffic between deployments, addresses, keys.

Left out: requests to the scoring address (nothing answers there), namespaces and certificates of
Kubernetes clusters, data collection, autoscale settings (they belong to Microsoft.Insights).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces.machine_learning import references, serving_errors
from sandbox.arm.namespaces.values import JsonObject, account_key, object_at, timestamp, value_at
from sandbox.arm.resource_type import Answer, LroStyle

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
DEPLOYMENT_TYPE = f"{TYPE}/deployments"
ENDPOINTS_PER_REGION = 100
MIRROR_LIMIT = 50
KUBERNETES = "Kubernetes"

ROLLOUT = documented("Perform safe rollout of new deployments for real-time inference")
RECORDING = recorded("ansible-collections/azure, samples of azure_rm_ml_online_endpoint, 2026-04-09")
IDENTITY = documented("Access Azure resources from an online endpoint with a managed identity")


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """No traffic yet, reachable from outside, and an identity of its own."""
    kept: JsonObject = {} if "identity" in body else {"identity": {"type": "SystemAssigned"}}
    if context.existing and "identity" not in body and "identity" in context.existing:
        kept = {"identity": context.existing["identity"]}
    return {
        "kind": "K8S" if value_at(body, "properties.compute") else "Managed",
        **kept,
        "properties": {
            "description": None,
            "properties": {},
            "compute": None,
            "traffic": {},
            "mirrorTraffic": {},
            "publicNetworkAccess": "Enabled",
        },
    }


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Addresses, and what the service notes in `properties.properties`."""
    base = f"https://{context.name.lower()}.{context.location}.inference.ml.azure.com"
    return {
        "properties": {
            "scoringUri": f"{base}/score",
            "swaggerUri": f"{base}/swagger.json",
            "properties": noted(context, "azureml.onlineendpointid"),
        }
    }


def noted(context: RequestContext, id_key: str) -> JsonObject:
    """What the service adds to an endpoint's own properties."""
    before = object_at(context.existing, "properties.properties")
    moment = timestamp(context.now)
    return {
        id_key: context.id.lower(),
        "createdBy": before.get("createdBy") or context.caller.application_id or context.caller.object_id,
        "createdAt": before.get("createdAt") or moment,
        "lastModifiedAt": moment,
    }


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """A free name, keys only where they are used, traffic that adds up."""
    properties = object_at(body, "properties")
    if existing is None:
        _check_name_is_free(context)
    if properties.get("keys") and properties.get("authMode") != "Key":
        raise serving_errors.no_keys(str(properties.get("authMode")))
    _check_cluster(context, properties.get("compute"))
    _check_traffic(context, object_at(properties, "traffic"), object_at(properties, "mirrorTraffic"))


def _check_cluster(context: RequestContext, compute: object) -> None:
    if not compute:
        return
    kind = value_at(references.require_compute(context, compute), "properties.computeType")
    if kind != KUBERNETES:
        raise serving_errors.refused(
            f"An online endpoint runs on managed machines, or on a compute of type {KUBERNETES}; "
            f"'{str(compute).rpartition('/')[2]}' is of type {kind or 'serverless'}.",
            field="Compute",
        )


def _check_name_is_free(context: RequestContext) -> None:
    in_region = [other for other in context.all(TYPE) if other.get("location") == context.location]
    if any(str(other["name"]).lower() == context.name.lower() for other in in_region):
        raise serving_errors.endpoint_name_taken()
    own = [o for o in in_region if f"/subscriptions/{context.subscription_id}/" in str(o["id"])]
    if len(own) >= ENDPOINTS_PER_REGION:
        raise serving_errors.refused(
            f"The subscription has {ENDPOINTS_PER_REGION} endpoints in {context.location} already, its limit."
        )


def _check_traffic(context: RequestContext, live: JsonObject, mirrored: JsonObject) -> None:
    names = {str(item["name"]) for item in context.children(context.id, DEPLOYMENT_TYPE)}
    known = ", ".join(sorted(names)) or "none"
    for label, rules in (("Traffic", live), ("MirrorTraffic", mirrored)):
        for name, percent in rules.items():
            if name not in names:
                raise serving_errors.traffic_invalid(
                    f"Deployment '{name}' does not exist. The endpoint's deployments: {known}.", label
                )
            if not 0 <= percent <= 100:
                raise serving_errors.traffic_invalid(
                    f"Traffic of '{name}' is {percent}, not 0 to 100.", label
                )
    total = sum(live.values())
    if total not in (0, 100):
        raise serving_errors.traffic_invalid(
            f"Traffic percentages must sum to 0 or 100; the sum of the request is {total}."
        )
    _check_mirror(live, {name: percent for name, percent in mirrored.items() if percent})


def _check_mirror(live: JsonObject, mirrored: JsonObject) -> None:
    if sum(mirrored.values()) > MIRROR_LIMIT:
        raise serving_errors.traffic_invalid(
            f"Mirrored traffic must not be more than {MIRROR_LIMIT} percent.", "MirrorTraffic"
        )
    if len(mirrored) > 1:
        raise serving_errors.traffic_invalid(
            "Traffic can be mirrored to one deployment only.", "MirrorTraffic"
        )
    for name in mirrored:
        if live.get(name):
            raise serving_errors.traffic_invalid(
                f"Deployment '{name}' can't receive live and mirrored traffic at once.", "MirrorTraffic"
            )


def created(context: RequestContext, body: JsonObject) -> None:
    """Draw the keys, unless the request brought them."""
    given = object_at(body, "properties.keys")
    for name in ("primaryKey", "secondaryKey"):
        context.secrets[name] = str(given.get(name) or account_key(32))


def deleted(context: RequestContext, body: JsonObject) -> None:
    """Deployments with traffic go with their endpoint; alone they would not be let go."""
    if value_at(body, "properties.traffic") or value_at(body, "properties.mirrorTraffic"):
        quiet = {**body["properties"], "traffic": {}, "mirrorTraffic": {}}
        context.write(context.id, {**body, "properties": quiet})


def list_keys(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listKeys."""
    mode = str(value_at(context.existing, "properties.authMode"))
    if mode != "Key":
        raise serving_errors.no_keys(mode)
    return {name: context.secrets.get(name) for name in ("primaryKey", "secondaryKey")}


def regenerate_keys(context: RequestContext, request: JsonObject) -> Answer:
    """POST regenerateKeys {keyType, keyValue}.

    azure-ai-ml 1.35 sends the key that is in force as keyValue, and means a new one.
    """
    present = list_keys(context, request)
    name = f"{str(request.get('keyType')).lower()}Key"
    given = request.get("keyValue")
    context.secrets[name] = str(given) if given and given != present[name] else account_key(32)
    return Answer(status=202, style=LroStyle.LOCATION, seconds=10.0)


def token(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST token: for an endpoint with Azure ML's own tokens, good for twelve hours."""
    mode = str(value_at(context.existing, "properties.authMode"))
    if mode != "AMLToken":
        raise serving_errors.no_token(mode)
    moment = context.now
    return {
        "accessToken": account_key(48),
        "tokenType": "Bearer",
        "expiryTimeUtc": int((moment + timedelta(hours=12)).timestamp()),
        "refreshAfterTimeUtc": int((moment + timedelta(hours=8)).timestamp()),
    }
