"""Deployments of online endpoints: what they run, on what, how many, and when they may go.

Left out: the container itself, with its start, its probes and its failures (a test makes a
deployment fail with an injected fault), autoscaling, packages, Kubernetes instance types.
"""

from __future__ import annotations

import math
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces.machine_learning import locations, references, serving_errors, vm_sizes
from sandbox.arm.namespaces.machine_learning.online_endpoints import KUBERNETES
from sandbox.arm.namespaces.values import JsonObject, object_at, parent_of, seconds_of, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
DEPLOYMENTS_PER_ENDPOINT = 20
INSTANCES_PER_DEPLOYMENT = 50
LONGEST_REQUEST_SECONDS = 180
RESERVE = 0.2
APP = "/var/azureml-app"

RECORDING = recorded("ansible-collections/azure, samples of azure_rm_ml_online_deployment_info, 2026-04-17")
REFERENCE = documented("ManagedOnlineDeployment and OnlineDeploymentProperties of the Azure ML REST API")
QUOTA = documented(
    "Deploy and score a machine learning model by using an online endpoint: virtual machine quota allocation"
)

# What the default instance type asks for and gets at the most.
_RESOURCES = {
    "containerResourceRequests": {"cpu": "100m", "memory": "2Gi", "gpu": None},
    "containerResourceLimits": {"cpu": "2", "memory": "8Gi", "gpu": None},
}
_PROBE = {
    "failureThreshold": 30,
    "successThreshold": 1,
    "initialDelay": "PT10S",
    "period": "PT10S",
    "timeout": "PT2S",
}


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """One small instance with the usual probes; on an update what the deployment has already."""
    on_cluster = value_at(body, "properties.endpointComputeType") == KUBERNETES
    return {
        "kind": "K8S" if on_cluster else "Managed",
        "sku": {"name": "Default", "tier": "Standard", "capacity": 1},
        "properties": {
            "description": None,
            "properties": {},
            "appInsightsEnabled": False,
            "egressPublicNetworkAccess": "Enabled",
            "environmentVariables": {},
            "instanceType": "defaultinstancetype" if on_cluster else "Standard_F4s_v2",
            "livenessProbe": dict(_PROBE),
            "readinessProbe": dict(_PROBE),
            "requestSettings": {
                "maxConcurrentRequestsPerInstance": 1,
                "maxQueueWait": "PT0.5S",
                "requestTimeout": "PT5S",
            },
            "scaleSettings": {"scaleType": "Default"},
            **({"containerResourceRequirements": deepcopy(_RESOURCES)} if on_cluster else {}),
        },
    }


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """The variables that tell the container where its code and its model are."""
    variables: JsonObject = {}
    code = object_at(body, "properties.codeConfiguration")
    if code.get("scoringScript"):
        stored = references.find_asset(context, str(code.get("codeId")), "codes") or {}
        folder = str(value_at(stored, "properties.codeUri") or "").rstrip("/").rpartition("/")[2]
        variables["AZUREML_ENTRY_SCRIPT"] = code["scoringScript"]
        variables["AML_APP_ROOT"] = f"{APP}/{folder}" if folder else APP
    if model := value_at(body, "properties.model"):
        steps = str(model).rstrip("/").split("/")
        if len(steps) > 3 and steps[-2].lower() == "versions":
            variables["AZUREML_MODEL_DIR"] = f"{APP}/azureml-models/{steps[-3]}/{steps[-1]}"
    return {"properties": {"environmentVariables": variables}}


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """What it runs is there; its size is known; its instances fit into quota and limits."""
    properties = object_at(body, "properties")
    _check_kind(context, properties.get("endpointComputeType"))
    _check_assets(context, properties)
    if existing is None:
        others = context.children(parent_of(context.id), TYPE)
        if len(others) >= DEPLOYMENTS_PER_ENDPOINT:
            raise serving_errors.deployment_invalid(
                f"An endpoint has at most {DEPLOYMENTS_PER_ENDPOINT} deployments."
            )
    _check_requests(properties)
    if properties.get("endpointComputeType") == "Managed":
        _check_instances(context, body)


def _check_kind(context: RequestContext, kind: object) -> None:
    endpoint = context.find(parent_of(context.id))
    expected = KUBERNETES if value_at(endpoint, "properties.compute") else "Managed"
    if kind != expected:
        raise serving_errors.deployment_invalid(
            f"endpointComputeType is {kind}; the endpoint's deployments are of type {expected}.",
            "EndpointComputeType",
        )


def _check_assets(context: RequestContext, properties: JsonObject) -> None:
    references.require_asset(context, properties.get("model"), "models")
    references.require_asset(context, properties.get("environmentId"), "environments")
    references.require_asset(context, value_at(properties, "codeConfiguration.codeId"), "codes")
    if properties.get("environmentId"):
        return
    model = references.find_asset(context, str(properties.get("model") or ""), "models")
    kind = value_at(model, "properties.modelType")
    if model is None or (model and kind not in ("mlflow_model", "triton_model")):
        raise serving_errors.deployment_invalid(
            "A deployment needs an environment, unless its model is an MLflow or Triton model.",
            "EnvironmentId",
        )


def _check_requests(properties: JsonObject) -> None:
    timeout = seconds_of(str(value_at(properties, "requestSettings.requestTimeout")))
    if timeout is None or not 0 < timeout <= LONGEST_REQUEST_SECONDS:
        raise serving_errors.deployment_invalid(
            f"requestTimeout must be a duration of at most {LONGEST_REQUEST_SECONDS} seconds.",
            "RequestSettings",
        )


def _check_instances(context: RequestContext, body: JsonObject) -> None:
    name = str(value_at(body, "properties.instanceType"))
    size = vm_sizes.find(name)
    if size is None:
        raise serving_errors.vm_size_unknown(name, vm_sizes.supported_names())
    if value_at(body, "properties.scaleSettings.scaleType") != "Default":
        raise serving_errors.deployment_invalid(
            "A managed deployment has scaleType Default; autoscale settings are made with Azure Monitor.",
            "ScaleSettings",
        )
    count = value_at(body, "sku.capacity")
    if not isinstance(count, int) or not 1 <= count <= INSTANCES_PER_DEPLOYMENT:
        raise serving_errors.deployment_invalid(
            f"sku.capacity is {count}; the number of instances is from 1 to {INSTANCES_PER_DEPLOYMENT}.",
            "InstanceCount",
        )
    region = context.location
    in_clusters, _ = locations.cores_in_use(context, region)
    used = in_clusters[size.family.key] + serving_cores(context, region, without=context.id)[size.family.key]
    needed = _reserved_cores(size, count)
    if used + needed > size.family.dedicated_cores:
        raise serving_errors.out_of_quota(
            name, context.subscription_id, used, size.family.dedicated_cores, needed
        )


def _reserved_cores(size: vm_sizes.VmSize, count: int) -> int:
    """Cores that quota must have: a fifth more, in whole machines, for upgrades."""
    return math.ceil(count * (1 + RESERVE)) * size.cores


def serving_cores(context: RequestContext, region: str, *, without: str = "") -> Counter[str]:
    """Cores that managed deployments hold in a region, by family key."""
    held: Counter[str] = Counter()
    for deployment in context.all(TYPE):
        size = vm_sizes.find(str(value_at(deployment, "properties.instanceType")))
        elsewhere = deployment.get("location") != region
        if size is None or elsewhere or str(deployment["id"]).lower() == without.lower():
            continue
        held[size.family.key] += _reserved_cores(size, int(value_at(deployment, "sku.capacity") or 1))
    return held


def deleted(context: RequestContext, body: JsonObject) -> None:
    """Refuse while the endpoint still sends requests here."""
    endpoint = context.find(parent_of(context.id))
    for rules in ("traffic", "mirrorTraffic"):
        percent = object_at(endpoint, f"properties.{rules}").get(context.name)
        if percent:
            raise serving_errors.deployment_has_traffic(context.name, int(percent))


def get_logs(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST getLogs {containerType, tail}: what the service says itself; no container has run."""
    failed = value_at(context.existing, "properties.provisioningState") == "Failed"
    started = "Failed" if failed else "Succeeded"
    steps = ("SystemSetup", "UserContainerImagePull", "ModelDownload")
    lines = ["Instance status:", *(f"{step}: Succeeded" for step in steps), f"UserContainerStart: {started}"]
    tail = request.get("tail")
    return {"content": "\n".join(lines[-tail:] if isinstance(tail, int) and tail > 0 else lines)}
