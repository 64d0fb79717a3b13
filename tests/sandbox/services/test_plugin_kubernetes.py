"""Online endpoints on an attached Kubernetes cluster, through the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from azureml_assets.kinds import Target
from resource_provider.provider import ProviderError
from tests.support.arm_requests import unique
from tests.support.asset_workspace import AssetWorkspace
from tests.support.plugin import Plugin, running_plugin

VERSION = "2024-10-01"
KEYLESS: dict[str, Any] = {"auth_mode": "aml_token"}


@pytest.fixture
def plugin(assets: AssetWorkspace, tmp_path: Path) -> Iterator[Plugin]:
    target = Target(assets.arm.subscription_id, assets.parts.group, assets.name)
    with running_plugin(tmp_path, target) as running:
        yield running


@pytest.fixture
def cluster(assets: AssetWorkspace) -> str:
    """How documents name an attached cluster: by its id, as the stack's own clusters are no such ones."""
    name = unique("k")[:16]
    group = f"/subscriptions/{assets.arm.subscription_id}/resourceGroups/{assets.parts.group}"
    body = {
        "location": "westeurope",
        "properties": {
            "computeType": "Kubernetes",
            "resourceId": f"{group}/providers/Microsoft.ContainerService/managedClusters/aks",
            "properties": {"namespace": "ml", "defaultInstanceType": "defaultinstancetype"},
        },
    }
    made = assets.send("PUT", f"/computes/{name}", body, version=VERSION)
    assert made.status_code in (200, 201), made.text
    return (
        f"azureml:/subscriptions/{assets.arm.subscription_id}/{assets.path(f'/computes/{name}').lstrip('/')}"
    )


def endpoint(plugin: Plugin, name: str, **data: Any) -> dict[str, Any]:
    return plugin.document("endpoint.yml", "kubernetesOnlineEndpoint", name=name, **{**KEYLESS, **data})


def deployment(plugin: Plugin, endpoint: str, kind: str = "kubernetes", **data: Any) -> dict[str, Any]:
    """A deployment of a model that its own document describes."""
    plugin.file("model/MLmodel", "flavors: {}\n")
    fixed = {
        "type": kind,
        "name": "blue",
        "endpoint_name": endpoint,
        "model": {"name": unique("model"), "version": "1", "type": "mlflow_model", "path": "model"},
        "instance_count": 1,
    }
    return plugin.document("blue.yml", f"{kind}OnlineDeployment", **{**fixed, **data})


def test_an_endpoint_and_its_deployment_on_a_cluster(
    plugin: Plugin, assets: AssetWorkspace, cluster: str
) -> None:
    name = unique("k8s-")
    made = plugin.create("OnlineEndpoint", endpoint(plugin, name, compute=cluster))
    blue = plugin.create("OnlineDeployment", deployment(plugin, name))

    found = assets.client.online_endpoints.get(name)
    assert found.compute.lower().endswith(cluster.rpartition("/")[2].lower())
    assert plugin.read("OnlineEndpoint", made.id, made.outputs).outputs == made.outputs
    assert plugin.read("OnlineDeployment", blue.id, blue.outputs).outputs == blue.outputs
    assert blue.outputs["state"]["type"] == "kubernetes"
    assert blue.outputs["state"]["instance_type"] == "defaultinstancetype"
    part = {"file": "endpoint.yml", "target": plugin.target.as_input()}
    plugin.create("OnlineTraffic", {**part, "spec": {"name": name, "traffic": {"blue": 100}}})
    assert assets.client.online_endpoints.get(name).traffic == {"blue": 100}


def test_an_endpoint_runs_on_a_cluster_of_kubernetes_only(plugin: Plugin, assets: AssetWorkspace) -> None:
    with pytest.raises(ProviderError, match="Unknown compute target 'other'"):
        plugin.create("OnlineEndpoint", endpoint(plugin, unique("k8s-"), compute="azureml:other"))


def test_a_deployment_is_of_the_kind_of_its_endpoint(plugin: Plugin, cluster: str) -> None:
    name = unique("k8s-")
    plugin.create("OnlineEndpoint", endpoint(plugin, name, compute=cluster))

    with pytest.raises(ProviderError, match="endpointComputeType"):
        plugin.create(
            "OnlineDeployment", deployment(plugin, name, "managed", instance_type="Standard_DS3_v2")
        )
