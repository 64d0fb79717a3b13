"""The declarations of batch endpoints and their deployments."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import batch_endpoints, serving_rules
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.resource_type import ResourceType

_SENTENCES = assumed("no exchange with this refusal was found")

BATCH_ENDPOINT = ResourceType(
    type=batch_endpoints.TYPE,
    token="azure-native:machinelearningservices:BatchEndpoint",
    name=serving_rules.name_rule("Endpoint"),
    name_input="endpointName",
    parent_inputs=("workspaceName",),
    flattened=False,
    coerces=True,
    extra_api_versions=API_VERSIONS,
    write_only=("properties.keys",),
    lro=serving_rules.operations(create=20.0, update=10.0, delete=20.0),
    actions={"listKeys": batch_endpoints.list_keys},
    defaults=batch_endpoints.defaults,
    computed=batch_endpoints.computed,
    validate=batch_endpoints.validate,
    facts=(
        Fact(
            "Values of enums are taken in any case.",
            documented("azure-ai-ml 1.35 sends authMode: aadToken, as older releases did"),
        ),
        Fact("Batch endpoints know Microsoft Entra alone.", batch_endpoints.AUTHORIZATION),
        Fact("Names are unique in a region.", batch_endpoints.NAMES),
        Fact(
            "The address that takes jobs ends with /jobs.",
            documented("Deploy models for scoring in batch endpoints: invoke with REST"),
        ),
        Fact("The default deployment must be there.", _SENTENCES),
        Fact("How long an endpoint takes.", assumed("no machine is started for it")),
    ),
)

BATCH_DEPLOYMENT = ResourceType(
    type=batch_endpoints.DEPLOYMENT_TYPE,
    token="azure-native:machinelearningservices:BatchDeployment",
    name=serving_rules.name_rule("Deployment"),
    name_input="deploymentName",
    parent_inputs=("workspaceName", "endpointName"),
    flattened=False,
    coerces=True,
    extra_api_versions=API_VERSIONS,
    lro=serving_rules.operations(create=20.0, update=10.0, delete=10.0),
    defaults=batch_endpoints.deployment_defaults,
    validate=batch_endpoints.validate_deployment,
    deleted=batch_endpoints.deployment_deleted,
    facts=(
        Fact("How a deployment cuts its input unless it says so.", batch_endpoints.REFERENCE),
        Fact("20 deployments of an endpoint.", serving_rules.LIMITS),
        Fact(
            "The settings of a pipeline component deployment may hold booleans.",
            documented("CLI (v2) batch pipeline component deployment YAML: continue_on_step_failure: false"),
        ),
        Fact(
            "MLflow models need no environment and no script.",
            documented("Deploy MLflow models in batch deployments"),
        ),
        Fact("A compute that is not there.", recorded("Azure/AML-Kubernetes#118, for a job")),
        Fact(
            "A default deployment can be deleted and leaves its endpoint without one.",
            assumed("the documents delete deployments without a word about it"),
        ),
        Fact("The sentences of other refusals.", _SENTENCES),
    ),
)
