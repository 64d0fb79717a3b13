"""The declarations of online endpoints and their deployments."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import (
    online_deployments,
    online_endpoints,
    serving_errors,
    serving_rules,
)
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.resource_type import Immutable, ResourceType

_SENTENCES = assumed("no exchange with this refusal was found; its envelope is recorded")

ONLINE_ENDPOINT = ResourceType(
    type=online_endpoints.TYPE,
    token="azure-native:machinelearningservices:OnlineEndpoint",
    name=serving_rules.name_rule("Endpoint"),
    name_input="endpointName",
    parent_inputs=("workspaceName",),
    flattened=False,
    coerces=True,
    extra_api_versions=API_VERSIONS,
    immutable=(
        Immutable(
            path="identity.type",
            source=online_endpoints.IDENTITY,
            error=lambda: serving_errors.refused(
                "The identity of an endpoint can't be changed.", field="Identity"
            ),
        ),
    ),
    write_only=("properties.keys",),
    lro=serving_rules.operations(create=90.0, update=30.0, delete=90.0),
    actions={
        "listKeys": online_endpoints.list_keys,
        "regenerateKeys": online_endpoints.regenerate_keys,
        "token": online_endpoints.token,
    },
    defaults=online_endpoints.defaults,
    computed=online_endpoints.computed,
    validate=online_endpoints.validate,
    created=online_endpoints.created,
    deleted=online_endpoints.deleted,
    facts=(
        Fact(
            "Values of enums are taken in any case.",
            documented("azure-ai-ml 1.35 sends publicNetworkAccess: disabled, as older releases did"),
        ),
        Fact("What an endpoint looks like, with the notes in its properties.", online_endpoints.RECORDING),
        Fact("An endpoint is made within some 90 seconds.", recorded("Azure/azureml-examples#1891")),
        Fact("Names are unique in a region.", recorded("Azure/azureml-examples#1931")),
        Fact("A region takes 100 endpoints of a subscription.", serving_rules.LIMITS),
        Fact(
            "Traffic values need to sum to 100, mirrored ones to at most 50.",
            documented("OnlineEndpointProperties of the Azure ML REST API"),
        ),
        Fact("Traffic may be 0 in total.", online_endpoints.ROLLOUT),
        Fact("Mirroring goes to one deployment that has no live traffic.", online_endpoints.ROLLOUT),
        Fact("An endpoint without an identity gets a system-assigned one.", online_endpoints.IDENTITY),
        Fact(
            "A PATCH changes tags and identity only.",
            documented("PartialMinimalTrackedResourceWithIdentity, model of the Azure ML REST API"),
        ),
        Fact(
            "A PUT without traffic clears it.",
            assumed("a PUT replaces; azure-ai-ml always sends the traffic"),
        ),
        Fact("listKeys and token are refused where the sign-in does not fit.", _SENTENCES),
        Fact(
            "regenerateKeys with the key in force draws a new one.",
            assumed("azure-ai-ml 1.35 sends that key and documents that keys are drawn anew"),
        ),
        Fact("A token is good for twelve hours.", assumed("documents name an expiry without its length")),
        Fact("Which sentences refuse traffic.", _SENTENCES),
        Fact(
            "An endpoint with a compute runs on an attached Kubernetes cluster.",
            documented("Deploy a model to a Kubernetes cluster: kubernetesOnlineEndpoint, compute"),
        ),
        Fact("Its kind is K8S.", documented("azure-ai-ml 1.35: OnlineEndpoint, 'K8s and Managed'")),
    ),
)

ONLINE_DEPLOYMENT = ResourceType(
    type=online_deployments.TYPE,
    token="azure-native:machinelearningservices:OnlineDeployment",
    name=serving_rules.name_rule("Deployment"),
    name_input="deploymentName",
    parent_inputs=("workspaceName", "endpointName"),
    flattened=False,
    coerces=True,
    extra_api_versions=API_VERSIONS,
    immutable=tuple(
        Immutable(
            path=f"properties.{name}",
            source=online_deployments.REFERENCE,
            error=lambda name=name: serving_errors.deployment_invalid(  # type: ignore[misc]
                f"{name} of a deployment can't be changed: make another one and move the traffic to it."
            ),
        )
        for name in ("instanceType", "endpointComputeType")
    ),
    lro=serving_rules.operations(create=480.0, update=240.0, delete=120.0),
    actions={"getLogs": online_deployments.get_logs},
    defaults=online_deployments.defaults,
    computed=online_deployments.computed,
    validate=online_deployments.validate,
    deleted=online_deployments.deleted,
    facts=(
        Fact("What a deployment looks like: defaults and added variables.", online_deployments.RECORDING),
        Fact("The instance type is Standard_F4s_v2 unless named.", online_deployments.REFERENCE),
        Fact(
            "A PATCH changes tags and the number of instances only.",
            documented("PartialMinimalTrackedResourceWithSku, model of the Azure ML REST API"),
        ),
        Fact("20 deployments of an endpoint, 50 instances, 180 seconds.", serving_rules.LIMITS),
        Fact("Quota must hold a fifth more for upgrades.", online_deployments.QUOTA),
        Fact(
            "The refusal for want of quota, and one instance counting as two.",
            recorded(
                "MicrosoftLearning/mslearn-azure-ml#30, Azure-Samples/rag-data-openai-python-promptflow#4"
            ),
        ),
        Fact(
            "MLflow models are deployed without environment and script.",
            documented("Deploy MLflow models to online endpoints"),
        ),
        Fact(
            "A deployment takes some eight minutes.",
            assumed("documents say up to 15 minutes, most of it for machines and images"),
        ),
        Fact("A deployment with traffic can't be deleted.", online_endpoints.ROLLOUT),
        Fact("The sentences of these refusals.", _SENTENCES),
        Fact(
            "A missing model, environment or code: 'Could not find asset with assetId'.",
            recorded("Azure/azure-sdk-for-python#34876, for a component"),
        ),
        Fact(
            "A deployment on a cluster has the instance type defaultinstancetype, with its requests and "
            "limits, unless it names others.",
            documented("Create and manage instance types for compute in a Kubernetes cluster"),
        ),
        Fact("A deployment is of the kind of its endpoint; the sentence.", _SENTENCES),
        Fact("Lines of getLogs.", assumed("after the example in the troubleshooting document")),
    ),
)
