"""Batch endpoints and their deployments, of models and of pipeline components; with azure-ai-ml."""

from __future__ import annotations

from typing import Any

import pytest
from azure.ai.ml.entities import (
    BatchEndpoint,
    BatchRetrySettings,
    ModelBatchDeployment,
    ModelBatchDeploymentSettings,
    PipelineComponentBatchDeployment,
)
from azure.core.exceptions import ResourceNotFoundError

from tests.support.arm_requests import LOCATION, error_of, unique
from tests.support.asset_workspace import AssetWorkspace
from tests.support.platform_parts import VERSION

JsonObject = dict[str, Any]
MODEL = "azureml://registries/azureml/models/mlflow-sample/versions/1"


@pytest.fixture(scope="module")
def workspace(assets: AssetWorkspace) -> AssetWorkspace:
    """A workspace with a cluster and a pipeline component."""
    scale = {"minNodeCount": 0, "maxNodeCount": 2}
    inner = {"vmSize": "Standard_DS3_v2", "scaleSettings": scale}
    cluster = {"location": LOCATION, "properties": {"computeType": "AmlCompute", "properties": inner}}
    assets.arm.done("PUT", assets.path("/computes/cpu-cluster"), VERSION, cluster)
    spec = {"type": "pipeline", "name": "score", "version": "1", "jobs": {}, "inputs": {}, "outputs": {}}
    component = {"properties": {"componentSpec": spec}}
    assets.arm.done("PUT", assets.path("/components/score/versions/1"), VERSION, component)
    return assets


def make(workspace: AssetWorkspace, *deployments: str) -> str:
    """A new endpoint with deployments of a model; its name."""
    name = unique("be-")
    workspace.client.batch_endpoints.begin_create_or_update(BatchEndpoint(name=name)).result()
    for deployment in deployments:
        wanted = ModelBatchDeployment(
            name=deployment,
            endpoint_name=name,
            model=MODEL,
            compute="cpu-cluster",
            settings=ModelBatchDeploymentSettings(
                mini_batch_size=20, retry_settings=BatchRetrySettings(max_retries=2, timeout=60)
            ),
        )
        workspace.client.batch_deployments.begin_create_or_update(wanted).result()
    return name


def refusal(workspace: AssetWorkspace, child: str, body: JsonObject) -> tuple[int, str, str]:
    """The refusal of a PUT that must not succeed."""
    answer = workspace.send("PUT", child, body, version=VERSION)
    assert answer.status_code >= 400, answer.text
    return error_of(answer)


def deployment(**changes: Any) -> JsonObject:
    """A deployment as a plain request; None leaves a property out."""
    properties: JsonObject = {
        "model": {"referenceType": "Id", "assetId": MODEL},
        "compute": "azureml:cpu-cluster",
        **changes,
    }
    return {"location": LOCATION, "properties": {k: v for k, v in properties.items() if v is not None}}


def test_an_endpoint_with_a_default_deployment(workspace: AssetWorkspace) -> None:
    name = make(workspace, "blue", "green")
    endpoints = workspace.client.batch_endpoints
    found = endpoints.get(name)
    assert found.scoring_uri == f"https://{name}.{LOCATION}.inference.ml.azure.com/jobs"
    found.defaults = {"deployment_name": "blue"}
    body = workspace.send("GET", f"/batchEndpoints/{name}", version=VERSION).json()
    body["properties"]["defaults"] = {"deploymentName": "blue"}
    workspace.arm.done("PUT", workspace.path(f"/batchEndpoints/{name}"), VERSION, body)
    assert endpoints.get(name).defaults.deployment_name == "blue"
    assert sorted(item.name for item in workspace.client.batch_deployments.list(name)) == ["blue", "green"]
    workspace.client.batch_deployments.begin_delete("blue", name).wait()
    shown = workspace.send("GET", f"/batchEndpoints/{name}", version=VERSION).json()
    assert shown["properties"]["defaults"] == {"deploymentName": None}
    endpoints.begin_delete(name).wait()
    with pytest.raises(ResourceNotFoundError):
        endpoints.get(name)
    gone = workspace.send("GET", f"/batchEndpoints/{name}/deployments/green", version=VERSION)
    assert gone.status_code == 404


def test_what_the_service_writes_of_a_deployment(workspace: AssetWorkspace) -> None:
    name = make(workspace, "blue")
    shown = workspace.send("GET", f"/batchEndpoints/{name}/deployments/blue", version=VERSION).json()
    properties = shown["properties"]
    assert (properties["miniBatchSize"], properties["retrySettings"]) == (
        20,
        {"maxRetries": 2, "timeout": "PT1M"},
    )
    assert (properties["errorThreshold"], properties["outputAction"]) == (-1, "AppendRow")
    assert properties["provisioningState"] == "Succeeded"
    found = workspace.client.batch_deployments.get("blue", name)
    assert (found.endpoint_name, found.provisioning_state) == (name, "Succeeded")


def test_a_pipeline_component_is_deployed(workspace: AssetWorkspace) -> None:
    name = make(workspace)
    component = workspace.client.components.get("score", "1")
    wanted = PipelineComponentBatchDeployment(
        name="pipeline",
        endpoint_name=name,
        component=component,
        settings={"default_compute": "cpu-cluster", "continue_on_step_failure": "false"},
    )
    workspace.client.batch_deployments.begin_create_or_update(wanted).result()
    shown = workspace.send("GET", f"/batchEndpoints/{name}/deployments/pipeline", version=VERSION).json()
    configuration = shown["properties"]["deploymentConfiguration"]
    assert configuration["deploymentConfigurationType"] == "PipelineComponent"
    assert configuration["componentId"]["assetId"].endswith("/components/score/versions/1")


def test_the_default_deployment_must_be_there(workspace: AssetWorkspace) -> None:
    body = {
        "location": LOCATION,
        "properties": {"authMode": "AADToken", "defaults": {"deploymentName": "blue"}},
    }
    status, code, message = refusal(workspace, f"/batchEndpoints/{unique('be-')}", body)
    assert (status, code) == (400, "UserError")
    assert "'blue' does not exist" in message


def test_batch_endpoints_know_entra_alone(workspace: AssetWorkspace) -> None:
    body = {"location": LOCATION, "properties": {"authMode": "Key"}}
    assert "AADToken" in refusal(workspace, f"/batchEndpoints/{unique('be-')}", body)[2]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"compute": "azureml:nothing"}, "Unknown compute target 'nothing'."),
        ({"compute": None}, "needs a compute"),
        ({"model": None}, "needs a model"),
        ({"model": {"referenceType": "Id", "assetId": "azureml:nothing:1"}}, "azureml:nothing:1"),
        ({"environmentId": "azureml:nothing:1"}, "azureml:nothing:1"),
        ({"resources": {"instanceCount": 0}}, "at least 1"),
        (
            {
                "model": None,
                "deploymentConfiguration": {
                    "deploymentConfigurationType": "PipelineComponent",
                    "componentId": {"referenceType": "Id", "assetId": "azureml:nothing:1"},
                },
            },
            "azureml:nothing:1",
        ),
    ],
)
def test_deployments_that_can_not_run_are_refused(
    workspace: AssetWorkspace, changes: JsonObject, said: str
) -> None:
    name = make(workspace)
    child = f"/batchEndpoints/{name}/deployments/blue"
    assert said in refusal(workspace, child, deployment(**changes))[2]
