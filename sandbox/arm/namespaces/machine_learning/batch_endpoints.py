"""Batch endpoints and their deployments, of a model or of a pipeline component.

Left out: invocations (no job comes out of an endpoint), and that the first deployment of an
endpoint becomes its default one in Azure's studio: the resource says it or it is not so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces.machine_learning import references, serving_errors
from sandbox.arm.namespaces.machine_learning.errors import user_error
from sandbox.arm.namespaces.values import JsonObject, object_at, parent_of, seconds_of, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/batchEndpoints"
DEPLOYMENT_TYPE = f"{TYPE}/deployments"
DEPLOYMENTS_PER_ENDPOINT = 20
COMPUTE_KINDS = ("AmlCompute", "Kubernetes")

AUTHORIZATION = documented("Authorization on batch endpoints: Microsoft Entra ID alone")
REFERENCE = documented("BatchDeploymentProperties of the Azure ML REST API: defaults")
NAMES = recorded("ansible-collections/azure#2231")


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """No default deployment, and an identity of its own."""
    kept = {"identity": (context.existing or {}).get("identity") or {"type": "SystemAssigned"}}
    return {
        **({} if "identity" in body else kept),
        "properties": {"description": None, "properties": {}, "defaults": {"deploymentName": None}},
    }


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """The address that takes jobs."""
    base = f"https://{context.name.lower()}.{context.location}.inference.ml.azure.com"
    return {"properties": {"scoringUri": f"{base}/jobs", "swaggerUri": None}}


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """A free name, sign-in with Microsoft Entra, a default deployment that is there."""
    if existing is None:
        for other in context.all(TYPE):
            same = str(other["name"]).lower() == context.name.lower()
            if same and other.get("location") == context.location:
                raise serving_errors.batch_endpoint_name_taken(context.name)
    mode = value_at(body, "properties.authMode")
    if mode != "AADToken":
        raise user_error(f"authMode '{mode}' is not supported for batch endpoints; it must be AADToken.")
    name = value_at(body, "properties.defaults.deploymentName")
    if name and context.find(f"{context.id}/deployments/{name}") is None:
        raise user_error(f"The default deployment '{name}' does not exist in endpoint '{context.name}'.")


def list_keys(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listKeys: an endpoint without keys."""
    raise serving_errors.no_keys("AADToken")


def deployment_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """How a model's deployment cuts its input and writes its output; nothing for a pipeline component."""
    properties: JsonObject = {"description": None, "properties": {}}
    if not value_at(body, "properties.deploymentConfiguration"):
        properties |= {
            "environmentVariables": {},
            "errorThreshold": -1,
            "loggingLevel": "Info",
            "maxConcurrencyPerInstance": 1,
            "miniBatchSize": 10,
            "outputAction": "AppendRow",
            "outputFileName": "predictions.csv",
            "retrySettings": {"maxRetries": 3, "timeout": "PT30S"},
            "resources": {"instanceCount": 1},
        }
    return {"properties": properties}


def validate_deployment(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """A model with what it needs, or a pipeline component; and a compute to run on."""
    properties = object_at(body, "properties")
    others = context.children(parent_of(context.id), DEPLOYMENT_TYPE)
    if existing is None and len(others) >= DEPLOYMENTS_PER_ENDPOINT:
        raise user_error(f"An endpoint has at most {DEPLOYMENTS_PER_ENDPOINT} deployments.")
    configuration = object_at(properties, "deploymentConfiguration")
    if configuration:
        _check_component(context, configuration, properties)
    else:
        _check_model(context, properties)


def _check_component(context: RequestContext, configuration: JsonObject, properties: JsonObject) -> None:
    if properties.get("model"):
        raise user_error("A deployment has a model or a deploymentConfiguration, not both.")
    component = value_at(configuration, "componentId.assetId")
    if not component:
        raise user_error("A deployment of a pipeline component needs deploymentConfiguration.componentId.")
    references.require_asset(context, component, "components")
    settings = object_at(configuration, "settings")
    references.require_compute(context, settings.get("default_compute") or settings.get("defaultCompute"))


def _check_model(context: RequestContext, properties: JsonObject) -> None:
    model = object_at(properties, "model")
    if not model:
        raise user_error("A batch deployment needs a model or a deploymentConfiguration.")
    asset = model.get("assetId")
    if model.get("referenceType") == "Id":
        references.require_asset(context, asset, "models")
    references.require_asset(context, properties.get("environmentId"), "environments")
    references.require_asset(context, value_at(properties, "codeConfiguration.codeId"), "codes")
    stored = references.find_asset(context, str(asset or ""), "models") or {}
    plain = bool(stored) and value_at(stored, "properties.modelType") != "mlflow_model"
    if plain and not (properties.get("environmentId") and properties.get("codeConfiguration")):
        raise user_error(
            "A batch deployment needs environmentId and codeConfiguration, unless its model is an MLflow "
            "model."
        )
    _check_compute(context, properties)
    if seconds_of(str(value_at(properties, "retrySettings.timeout"))) is None:
        raise user_error("retrySettings.timeout must be an ISO 8601 duration, such as PT30S.")
    if (value_at(properties, "resources.instanceCount") or 0) < 1 or properties.get("miniBatchSize", 0) < 1:
        raise user_error("resources.instanceCount and miniBatchSize must be at least 1.")


def _check_compute(context: RequestContext, properties: JsonObject) -> None:
    compute = properties.get("compute")
    if not compute:
        raise user_error("A batch deployment of a model needs a compute.")
    found = references.require_compute(context, compute)
    kind = value_at(found, "properties.computeType")
    if found is not None and kind not in COMPUTE_KINDS:
        raise user_error(f"A batch deployment can't run on a compute of type {kind}.")


def deployment_deleted(context: RequestContext, body: JsonObject) -> None:
    """An endpoint whose default deployment goes has none."""
    endpoint = context.find(parent_of(context.id))
    name = value_at(endpoint, "properties.defaults.deploymentName")
    if endpoint is not None and str(name).lower() == context.name.lower():
        endpoint["properties"]["defaults"] = {"deploymentName": None}
        context.write(str(endpoint["id"]), endpoint)
