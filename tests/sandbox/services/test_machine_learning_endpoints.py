"""Online endpoints and their deployments: lifecycle, traffic, keys, failures; with azure-ai-ml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.ai.ml import MLClient
from azure.ai.ml.entities import (
    EndpointAuthKeys,
    EndpointAuthToken,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
)
from azure.core.credentials import TokenCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique
from tests.support.platform_parts import VERSION, Parts, make_parts, make_workspace, workspace_path
from tests.support.sandbox import RunningSandbox

JsonObject = dict[str, Any]
MODEL = "azureml://registries/azureml/models/mlflow-sample/versions/1"
ENVIRONMENT = "azureml://registries/azureml/environments/minimal-inference/versions/12"


class Endpoints:
    """Requests about the endpoints of one workspace."""

    def __init__(self, arm: ArmRequests, parts: Parts, workspace: str, client: MLClient) -> None:
        self.arm, self.parts, self.workspace, self.client = arm, parts, workspace, client

    def path(self, name: str, below: str = "") -> str:
        """Path of an endpoint, or of what is below it."""
        return workspace_path(self.parts.group, self.workspace, f"/onlineEndpoints/{name}{below}")

    def make(self, *deployments: str, **options: Any) -> str:
        """A new endpoint with deployments; its name."""
        name = unique("ep-")
        wanted = ManagedOnlineEndpoint(name=name, auth_mode=options.get("auth_mode", "key"))
        self.client.online_endpoints.begin_create_or_update(wanted).result()
        for deployment in deployments:
            self.deploy(name, deployment)
        return name

    def deploy(self, endpoint: str, name: str, **changes: Any) -> ManagedOnlineDeployment:
        """Create or update a deployment with the real client."""
        arguments: JsonObject = {
            "model": MODEL,
            "environment": ENVIRONMENT,
            "instance_type": "Standard_DS3_v2",
            "instance_count": 1,
            **changes,
        }
        wanted = ManagedOnlineDeployment(name=name, endpoint_name=endpoint, **arguments)
        done = self.client.online_deployments.begin_create_or_update(wanted).result()
        assert isinstance(done, ManagedOnlineDeployment)
        return done

    def route(self, endpoint: str, traffic: JsonObject, mirrored: JsonObject | None = None) -> None:
        """Set the traffic as azure-ai-ml's users do: get, change, send back."""
        found = self.client.online_endpoints.get(endpoint)
        found.traffic, found.mirror_traffic = traffic, mirrored or {}
        self.client.online_endpoints.begin_create_or_update(found).result()

    def traffic(self, endpoint: str) -> JsonObject:
        """The traffic as GET shows it."""
        shown = self.arm.send("GET", self.path(endpoint), VERSION).json()
        return dict(shown["properties"]["traffic"])

    def refusal(self, method: str, path: str, body: JsonObject | None = None) -> tuple[int, str, str]:
        """Status, code and the inner message of a request that must be refused."""
        answer = self.arm.send(method, path, VERSION, body)
        assert answer.status_code >= 400, answer.text
        status, code, message = error_of(answer)
        details = answer.json()["error"].get("details") or [{}]
        return status, code, details[0].get("message", message)

    def deployment_body(self, **changes: Any) -> JsonObject:
        """A deployment as a plain request; None leaves a property out."""
        properties: JsonObject = {
            "endpointComputeType": "Managed",
            "model": MODEL,
            "environmentId": ENVIRONMENT,
            "instanceType": "Standard_DS3_v2",
            **{key: value for key, value in changes.items() if key != "capacity"},
        }
        return {
            "location": LOCATION,
            "sku": {"name": "Default", "capacity": changes.get("capacity", 1)},
            "properties": {key: value for key, value in properties.items() if value is not None},
        }


@pytest.fixture(scope="module")
def endpoints(
    arm: ArmRequests, shared_group: str, tenant_id: str, credential: TokenCredential, subscription_id: str
) -> Endpoints:
    """Endpoints of a workspace made for this module."""
    parts = make_parts(arm, shared_group, tenant_id)
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    return Endpoints(arm, parts, name, MLClient(credential, subscription_id, shared_group, name))


@pytest.fixture
def blue_green(endpoints: Endpoints) -> Iterator[str]:
    """An endpoint with two deployments and no traffic, taken away for the sake of the quota."""
    name = endpoints.make("blue", "green")
    yield name
    endpoints.client.online_endpoints.begin_delete(name).wait()


def test_what_the_service_writes_of_an_endpoint(endpoints: Endpoints) -> None:
    name = endpoints.make()
    shown = endpoints.arm.send("GET", endpoints.path(name), VERSION).json()
    properties = shown["properties"]
    assert properties["scoringUri"] == f"https://{name}.{LOCATION}.inference.ml.azure.com/score"
    assert properties["swaggerUri"] == f"https://{name}.{LOCATION}.inference.ml.azure.com/swagger.json"
    assert (properties["traffic"], properties["mirrorTraffic"]) == ({}, {})
    assert (properties["publicNetworkAccess"], properties["provisioningState"]) == ("Enabled", "Succeeded")
    assert properties["properties"]["azureml.onlineendpointid"] == shown["id"].lower()
    assert (shown["kind"], shown["identity"]["type"]) == ("Managed", "SystemAssigned")
    assert len(shown["identity"]["principalId"]) == 36


def test_azure_ai_ml_makes_changes_lists_and_deletes_an_endpoint(endpoints: Endpoints) -> None:
    client, name = endpoints.client.online_endpoints, unique("ep-")
    wanted = ManagedOnlineEndpoint(
        name=name, auth_mode="key", description="First", tags={"team": "ml"}, public_network_access="disabled"
    )
    client.begin_create_or_update(wanted).result()
    shown = endpoints.arm.send("GET", endpoints.path(name), VERSION).json()
    assert shown["properties"]["publicNetworkAccess"] == "Disabled"
    found = client.get(name)
    assert (found.description, found.tags, found.auth_mode) == ("First", {"team": "ml"}, "key")
    found.description = "Second"
    client.begin_create_or_update(found).result()
    assert client.get(name).description == "Second"
    assert name in [item.name for item in client.list()]
    client.begin_delete(name).wait()
    with pytest.raises(ResourceNotFoundError):
        client.get(name)


def test_an_endpoint_takes_its_time(endpoints: Endpoints) -> None:
    body = {"location": LOCATION, "properties": {"authMode": "Key"}}
    answer = endpoints.arm.send("PUT", endpoints.path(unique("ep-")), VERSION, body)
    assert answer.status_code == 201
    assert answer.json()["properties"]["provisioningState"] == "Creating"
    assert "Azure-AsyncOperation" in answer.headers
    endpoints.arm.wait(answer)


def test_an_endpoint_name_is_unique_in_its_region(endpoints: Endpoints) -> None:
    name = endpoints.make()
    other = unique("mlw-")
    make_workspace(endpoints.arm, endpoints.parts, other)
    path = workspace_path(endpoints.parts.group, other, f"/onlineEndpoints/{name}")
    body = {"location": LOCATION, "properties": {"authMode": "Key"}}
    status, code, message = endpoints.refusal("PUT", path, body)
    assert (status, code) == (400, "BadRequest")
    assert "needs to be unique within a region" in message


@pytest.mark.parametrize("name", ["ab", "1abc", "abc-", "a_bc", "a" * 33])
def test_names_of_endpoints(endpoints: Endpoints, name: str) -> None:
    body = {"location": LOCATION, "properties": {"authMode": "Key"}}
    status, _, message = endpoints.refusal("PUT", endpoints.path(name), body)
    assert status == 400
    assert "3 to 32 letters" in message


def test_keys_are_given_out_and_drawn_anew(endpoints: Endpoints) -> None:
    client, name = endpoints.client.online_endpoints, endpoints.make()
    first = client.get_keys(name)
    assert isinstance(first, EndpointAuthKeys)
    assert first.primary_key
    assert first.primary_key != first.secondary_key
    client.begin_regenerate_keys(name, key_type="secondary").result()
    second = client.get_keys(name)
    assert isinstance(second, EndpointAuthKeys)
    assert second.primary_key == first.primary_key
    assert second.secondary_key != first.secondary_key
    assert first.primary_key not in endpoints.arm.send("GET", endpoints.path(name), VERSION).text


def test_an_endpoint_with_tokens_has_no_keys(endpoints: Endpoints) -> None:
    name = endpoints.make(auth_mode="aml_token")
    token = endpoints.client.online_endpoints.get_keys(name)
    assert isinstance(token, EndpointAuthToken)
    assert token.access_token
    assert endpoints.refusal("POST", endpoints.path(name, "/listKeys"))[:2] == (400, "BadRequest")
    with_keys = endpoints.make()
    assert endpoints.refusal("POST", endpoints.path(with_keys, "/token"))[:2] == (400, "BadRequest")


def test_the_identity_of_an_endpoint_is_for_good(endpoints: Endpoints) -> None:
    name = endpoints.make()
    identity = {"type": "UserAssigned", "userAssignedIdentities": {endpoints.parts.identity: {}}}
    body = {"location": LOCATION, "identity": identity, "properties": {"authMode": "Key"}}
    assert endpoints.refusal("PUT", endpoints.path(name), body)[0] == 400


def test_what_the_service_writes_of_a_deployment(endpoints: Endpoints, blue_green: str) -> None:
    shown = endpoints.arm.send("GET", endpoints.path(blue_green, "/deployments/blue"), VERSION).json()
    properties = shown["properties"]
    assert (properties["endpointComputeType"], properties["scaleSettings"]) == (
        "Managed",
        {"scaleType": "Default"},
    )
    assert shown["sku"] == {"name": "Default", "tier": "Standard", "capacity": 1}
    assert properties["livenessProbe"]["failureThreshold"] == 30
    assert properties["requestSettings"]["requestTimeout"] == "PT5S"
    assert properties["environmentVariables"] == {
        "AZUREML_MODEL_DIR": "/var/azureml-app/azureml-models/mlflow-sample/1"
    }
    assert properties["provisioningState"] == "Succeeded"


def test_traffic_moves_from_blue_to_green(endpoints: Endpoints, blue_green: str) -> None:
    endpoints.route(blue_green, {"blue": 100})
    endpoints.route(blue_green, {"blue": 100}, mirrored={"green": 10})
    found = endpoints.client.online_endpoints.get(blue_green)
    assert (found.traffic, found.mirror_traffic) == ({"blue": 100}, {"green": 10})
    for traffic in ({"blue": 90, "green": 10}, {"green": 100}):
        endpoints.route(blue_green, traffic)
        assert endpoints.traffic(blue_green) == traffic
    endpoints.client.online_deployments.begin_delete("blue", blue_green).wait()
    assert [item.name for item in endpoints.client.online_deployments.list(blue_green)] == ["green"]


@pytest.mark.parametrize(
    ("live", "mirrored", "said"),
    [
        ({"blue": 50}, {}, "sum to 0 or 100"),
        ({"blue": 60, "green": 60}, {}, "sum to 0 or 100"),
        ({"blue": 90, "red": 10}, {}, "Deployment 'red' does not exist"),
        ({"blue": 150, "green": -50}, {}, "not 0 to 100"),
        ({"blue": 100}, {"green": 51}, "more than 50 percent"),
        ({"blue": 100}, {"red": 10}, "Deployment 'red' does not exist"),
        ({"blue": 100}, {"blue": 10}, "live and mirrored"),
        ({}, {"blue": 10, "green": 10}, "one deployment only"),
    ],
)
def test_wrong_traffic_is_refused(
    endpoints: Endpoints, blue_green: str, live: JsonObject, mirrored: JsonObject, said: str
) -> None:
    body = {
        "location": LOCATION,
        "properties": {"authMode": "Key", "traffic": live, "mirrorTraffic": mirrored},
    }
    status, code, message = endpoints.refusal("PUT", endpoints.path(blue_green), body)
    assert (status, code) == (400, "BadRequest")
    assert said in message
    assert endpoints.traffic(blue_green) == {}


def test_a_deployment_with_traffic_stays_and_goes_with_its_endpoint(endpoints: Endpoints) -> None:
    name = endpoints.make("blue")
    endpoints.route(name, {"blue": 100})
    with pytest.raises(HttpResponseError, match="can't be deleted"):
        endpoints.client.online_deployments.begin_delete("blue", name)
    endpoints.client.online_endpoints.begin_delete(name).wait()
    path = endpoints.path(name, "/deployments/blue")
    assert endpoints.arm.send("GET", path, VERSION).status_code == 404


def test_a_deployment_scales_and_changes(endpoints: Endpoints, blue_green: str) -> None:
    path = endpoints.path(blue_green, "/deployments/blue")
    patched = endpoints.arm.done("PATCH", path, VERSION, {"sku": {"capacity": 2}, "tags": {"a": "b"}})
    assert (patched["sku"]["capacity"], patched["tags"]) == (2, {"a": "b"})
    assert patched["properties"]["instanceType"] == "Standard_DS3_v2"
    changed = endpoints.deploy(blue_green, "blue", instance_count=3, environment_variables={"LEVEL": "info"})
    assert changed.instance_count == 3
    assert changed.environment_variables is not None
    assert changed.environment_variables["LEVEL"] == "info"
    unknown = endpoints.arm.send("PATCH", path, VERSION, {"properties": {"description": "no"}})
    assert unknown.status_code == 400


def test_a_deployment_that_fails_stays_and_can_be_repaired(
    endpoints: Endpoints, sandbox: RunningSandbox
) -> None:
    name = endpoints.make()
    match = f"PUT */onlineEndpoints/{name}/deployments/blue"
    sandbox.cli("faults", "add", "--match", match, "--lro-fail", "UserScriptException")
    with pytest.raises(HttpResponseError) as failure:
        endpoints.deploy(name, "blue")
    assert "UserScriptException" in str(failure.value)
    assert endpoints.client.online_deployments.get("blue", name).provisioning_state == "Failed"
    assert "Failed" in endpoints.client.online_deployments.get_logs("blue", name, lines=50)
    assert endpoints.deploy(name, "blue").provisioning_state == "Succeeded"
    assert "Failed" not in endpoints.client.online_deployments.get_logs("blue", name, lines=50)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"instanceType": "Standard_Unknown"}, "Standard_Unknown is not supported"),
        ({"capacity": 0}, "from 1 to 50"),
        ({"capacity": 50}, "Not enough quota available for Standard_DS3_v2"),
        ({"instanceType": "Standard_NC40ads_H100_v5"}, "Current usage/limit: 0/0. Additional needed: 80"),
        ({"environmentId": "azureml:missing:1"}, "azureml:missing:1"),
        ({"model": "azureml:missing:1"}, "azureml:missing:1"),
        ({"scaleSettings": {"scaleType": "TargetUtilization"}}, "scaleType Default"),
        ({"requestSettings": {"requestTimeout": "PT10M"}}, "at most 180 seconds"),
        ({"environmentId": None, "model": None}, "needs an environment"),
    ],
)
def test_deployments_that_can_not_run_are_refused(
    endpoints: Endpoints, changes: JsonObject, said: str
) -> None:
    name = endpoints.make()
    body = endpoints.deployment_body(**changes)
    status, _, message = endpoints.refusal("PUT", endpoints.path(name, "/deployments/blue"), body)
    assert status in (400, 404)
    assert said in message


def test_the_size_of_a_deployment_is_for_good(endpoints: Endpoints, blue_green: str) -> None:
    body = endpoints.deployment_body(instanceType="Standard_DS2_v2")
    path = endpoints.path(blue_green, "/deployments/blue")
    assert "instanceType" in endpoints.refusal("PUT", path, body)[2]


def test_an_unknown_property_is_refused(endpoints: Endpoints) -> None:
    name = endpoints.make()
    body = endpoints.deployment_body(instanceCount=2)
    status, code, _ = endpoints.refusal("PUT", endpoints.path(name, "/deployments/blue"), body)
    assert (status, code) == (400, "InvalidRequestContent")


def test_a_deployment_needs_its_endpoint(endpoints: Endpoints) -> None:
    path = endpoints.path(unique("ep-"), "/deployments/blue")
    status, code, _ = endpoints.refusal("PUT", path, endpoints.deployment_body())
    assert (status, code) == (404, "ParentResourceNotFound")


def test_a_deleted_workspace_takes_its_endpoints_along(endpoints: Endpoints) -> None:
    name = unique("mlw-")
    make_workspace(endpoints.arm, endpoints.parts, name)
    path = workspace_path(endpoints.parts.group, name, f"/onlineEndpoints/{unique('ep-')}")
    body: JsonObject = {"location": LOCATION, "properties": {"authMode": "Key"}}
    endpoints.arm.done("PUT", path, VERSION, body)
    endpoints.arm.done("PUT", f"{path}/deployments/blue", VERSION, endpoints.deployment_body())
    body["properties"]["traffic"] = {"blue": 100}
    endpoints.arm.done("PUT", path, VERSION, body)
    endpoints.arm.done("DELETE", workspace_path(endpoints.parts.group, name), VERSION)
    again = endpoints.arm.send(
        "PUT",
        endpoints.path(path.rsplit("/", 1)[1]),
        VERSION,
        {"location": LOCATION, "properties": {"authMode": "Key"}},
    )
    assert again.status_code == 201, again.text
    endpoints.arm.wait(again)
