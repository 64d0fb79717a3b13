"""Resources without versions through the plugin: changed in place, with traffic moved by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.entities import AzureBlobDatastore
from azure.core.exceptions import ResourceNotFoundError

from azureml_assets.kinds import Target
from resource_provider.provider import ProviderError
from tests.support.arm_requests import unique
from tests.support.asset_workspace import AssetWorkspace
from tests.support.plugin import Plugin, PluginError, running_plugin

IMAGE = "mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference:20240709.v1"


@pytest.fixture
def plugin(assets: AssetWorkspace, tmp_path: Path) -> Iterator[Plugin]:
    target = Target(assets.arm.subscription_id, assets.parts.group, assets.name)
    with running_plugin(tmp_path, target) as running:
        yield running


def datastore(plugin: Plugin, name: str, **data: Any) -> dict[str, Any]:
    fixed = {"name": name, "type": "azure_blob", "account_name": "stproduct", "container_name": "raw"}
    return plugin.document("store.yml", "azureBlob", **fixed, **data)


def test_a_datastore_is_made_changed_and_removed(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("store")
    made = plugin.create("Datastore", datastore(plugin, name, description="old"))
    assert made.outputs["reference"] == f"azureml:{name}"
    assert plugin.read("Datastore", made.id, made.outputs).outputs == made.outputs

    changed = plugin.check("Datastore", datastore(plugin, name, description="new"), made.outputs)
    plugin.update("Datastore", made, changed)
    assert assets.client.datastores.get(name).description == "new"

    plugin.delete("Datastore", made.id, made.outputs)
    with pytest.raises(ResourceNotFoundError):
        assets.client.datastores.get(name)
    plugin.delete("Datastore", made.id, made.outputs)
    assert plugin.read("Datastore", made.id, made.outputs).id == ""


def test_what_exists_already_is_not_taken_over_silently(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("store")
    theirs = AzureBlobDatastore(name=name, account_name="stproduct", container_name="raw")
    assets.client.datastores.create_or_update(theirs)

    with pytest.raises(ProviderError) as refused:
        plugin.create("Datastore", datastore(plugin, name))

    its_id = f"{plugin.target.workspace_id}/datastores/{name}"
    assert str(refused.value) == (
        f"datastore {name} in workspace {assets.name} exists already, and this stack did not make it. "
        "Give the file another name, or take it over by "
        f"`pulumi import azureml-assets:index:Datastore {name} {its_id} --parent catalog=URN "
        "--generate-code=false`, URN being the catalogue's in `pulumi stack --show-urns`"
    )
    imported = plugin.read("Datastore", its_id)
    checked = plugin.check("Datastore", imported.inputs)
    assert checked["spec"]["container_name"] == "raw"
    assert {} not in checked["spec"].values()


def test_a_new_container_is_a_change_in_place_and_a_new_name_is_not(plugin: Plugin) -> None:
    before = plugin.check("Datastore", datastore(plugin, "one"))
    container = plugin.check("Datastore", {**before, "spec": {**before["spec"], "container_name": "other"}})
    name = plugin.check("Datastore", {**before, "spec": {**before["spec"], "name": "two"}})

    assert plugin.diff("Datastore", before, container)["spec.container_name"] is False
    assert plugin.diff("Datastore", before, name)["spec.name"] is True


def endpoint(plugin: Plugin, name: str, **data: Any) -> dict[str, Any]:
    return plugin.document("endpoint.yml", "managedOnlineEndpoint", name=name, auth_mode="aad_token", **data)


def deployment(plugin: Plugin, endpoint: str, name: str, environment: str, **data: Any) -> dict[str, Any]:
    plugin.file("onlinescoring/score.py", "def init(): ...\ndef run(data): return data\n")
    plugin.file("model/model.pkl", "model")
    return plugin.document(
        f"{name}.yml",
        "managedOnlineDeployment",
        **{
            "name": name,
            "endpoint_name": endpoint,
            "environment": environment,
            "code_configuration": {"code": "onlinescoring", "scoring_script": "score.py"},
            "instance_type": "Standard_DS3_v2",
            "instance_count": 1,
            **data,
        },
    )


def test_blue_and_green_with_traffic_of_its_own(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("churn-")
    env = plugin.create(
        "Environment",
        plugin.document("env.yml", "environment", name=unique("env"), version="1", image=IMAGE),
    ).outputs["reference"]
    made = plugin.create("OnlineEndpoint", endpoint(plugin, name))
    assert "traffic" not in made.outputs["state"]
    for colour in ("blue", "green"):
        plugin.create("OnlineDeployment", deployment(plugin, name, colour, env))
    assert plugin.read("OnlineEndpoint", made.id, made.outputs).outputs == made.outputs
    shares = {"file": "endpoint.yml", "target": plugin.target.as_input()}
    traffic = plugin.create("OnlineTraffic", {**shares, "spec": {"name": name, "traffic": {"blue": 100}}})
    assert assets.client.online_endpoints.get(name).traffic == {"blue": 100, "green": 0}

    plugin.update(
        "OnlineEndpoint", made, plugin.check("OnlineEndpoint", endpoint(plugin, name, description="d"))
    )
    now = assets.client.online_endpoints.get(name)
    assert (now.traffic, now.description) == ({"blue": 100, "green": 0}, "d")

    moved = {**shares, "spec": {"name": name, "traffic": {"blue": 10, "green": 90}}}
    plugin.update("OnlineTraffic", traffic, plugin.check("OnlineTraffic", moved))
    assert assets.client.online_endpoints.get(name).traffic == {"blue": 10, "green": 90}
    assert plugin.read("OnlineTraffic", traffic.id, traffic.outputs).inputs["spec"]["traffic"] == {
        "blue": 10,
        "green": 90,
    }

    plugin.delete("OnlineTraffic", traffic.id, traffic.outputs)
    for colour in ("blue", "green"):
        plugin.delete("OnlineDeployment", f"{made.id}/deployments/{colour}", {})
    plugin.delete("OnlineEndpoint", made.id, {})
    with pytest.raises(ResourceNotFoundError):
        assets.client.online_endpoints.get(name)


def test_traffic_that_does_not_add_up_is_a_mistake_of_the_preview(plugin: Plugin) -> None:
    document = endpoint(plugin, "churn-1", traffic={"blue": 60, "green": 30})

    with pytest.raises(PluginError) as refused:
        plugin.check("OnlineTraffic", document)

    (reason,) = refused.value.reasons
    assert reason.startswith("endpoint.yml:4: traffic · found: a sum of 90 (blue 60, green 30)")


def test_an_import_of_a_deployment_needs_its_id(plugin: Plugin) -> None:
    with pytest.raises(ProviderError) as refused:
        plugin.read("OnlineDeployment", "blue")

    assert str(refused.value) == (
        "'blue' is no id of azureml-assets:index:OnlineDeployment; such an id is "
        "/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.MachineLearningServices"
        "/workspaces/WORKSPACE/onlineEndpoints/ENDPOINT/deployments/NAME"
    )


def test_a_schedule_of_anything_but_a_pipeline_is_a_mistake(plugin: Plugin) -> None:
    trigger = {"type": "cron", "expression": "0 3 * * *", "time_zone": "UTC"}
    job = {
        "type": "command",
        "command": "echo hello",
        "environment": "azureml://registries/azureml/environments/sklearn-1.5/versions/10",
    }

    with pytest.raises(PluginError) as refused:
        plugin.check(
            "Schedule", plugin.document("s.yml", "schedule", name="s", trigger=trigger, create_job=job)
        )

    assert refused.value.reasons == [
        "s.yml:8: create_job.type · found: 'command' · allowed: pipeline: Azure ML schedules nothing else"
    ]


def test_a_job_is_checked_and_never_sent(plugin: Plugin, assets: AssetWorkspace) -> None:
    job = plugin.document(
        "job.yml",
        "commandJob",
        type="command",
        command="echo hello",
        environment="azureml://registries/azureml/environments/sklearn-1.5/versions/10",
        compute="azureml:cpu-cluster",
    )

    made = plugin.create("Job", job)

    assert made.outputs["state"] == {}
    assert plugin.read("Job", made.id, made.outputs).id == made.id
    plugin.delete("Job", made.id, job)


def test_a_batch_endpoint_gets_its_default_deployment_afterwards(
    plugin: Plugin, assets: AssetWorkspace
) -> None:
    name = unique("score-")
    component = plugin.create(
        "Component",
        plugin.document(
            "pipeline.yml",
            "pipelineComponent",
            type="pipeline",
            name=unique("pipe"),
            version="1",
            jobs={
                "score": {
                    "type": "command",
                    "command": "echo hello",
                    "environment": "azureml://registries/azureml/environments/sklearn-1.5/versions/10",
                }
            },
        ),
    ).outputs["reference"]
    document = plugin.document(
        "endpoint.yml", "batchEndpoint", name=name, defaults={"deployment_name": "monthly"}
    )
    part = {**document, "spec": {"name": name, "defaults": document["spec"].pop("defaults")}}
    made = plugin.create("BatchEndpoint", document)
    deployment = plugin.document(
        "monthly.yml",
        "pipelineComponentBatchDeployment",
        name="monthly",
        endpoint_name=name,
        type="pipeline",
        component=component,
        settings={"continue_on_step_failure": False},
    )
    plugin.create("BatchDeployment", deployment)

    defaults = plugin.create("BatchDefaults", part)

    assert assets.client.batch_endpoints.get(name).defaults.deployment_name == "monthly"
    assert plugin.read("BatchDefaults", defaults.id, defaults.outputs).outputs == defaults.outputs
    assert plugin.read("BatchEndpoint", made.id, made.outputs).outputs == made.outputs
    plugin.delete("BatchDefaults", defaults.id, {})
    plugin.delete("BatchDeployment", f"{made.id}/deployments/monthly", {})
    plugin.delete("BatchEndpoint", made.id, {})


def test_a_schedule_is_made_paused_and_removed(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("nightly-")
    component = plugin.create(
        "Component",
        plugin.document(
            "command.yml",
            "commandComponent",
            type="command",
            name=unique("echo"),
            version="1",
            command="echo hello",
            environment="azureml://registries/azureml/environments/sklearn-1.5/versions/10",
        ),
    ).outputs["reference"]
    job = {
        "type": "pipeline",
        "settings": {"default_compute": "azureml:serverless"},
        "jobs": {"echo": {"type": "command", "component": component}},
    }

    def schedule(**data: Any) -> dict[str, Any]:
        trigger = {"type": "cron", "expression": "0 3 * * *", "time_zone": "UTC"}
        return plugin.document("s.yml", "schedule", name=name, trigger=trigger, create_job=job, **data)

    made = plugin.create("Schedule", schedule())
    assert assets.client.schedules.get(name).is_enabled is True
    assert plugin.read("Schedule", made.id, made.outputs).outputs == made.outputs

    plugin.update("Schedule", made, plugin.check("Schedule", schedule(is_enabled=False), made.outputs))
    assert assets.client.schedules.get(name).is_enabled is False

    plugin.delete("Schedule", made.id, {})
    with pytest.raises(ResourceNotFoundError):
        assets.client.schedules.get(name)
