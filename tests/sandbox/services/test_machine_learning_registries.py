"""Registries with azure-ai-ml: creation, discovery, assets of every kind, uploads, rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.ai.ml import MLClient
from azure.ai.ml.entities import BuildContext, CommandComponent, Data, Environment, Model, Registry
from azure.ai.ml.entities._registry.registry_support_classes import RegistryRegionDetails
from azure.core.credentials import TokenCredential
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.storage.blob import ContainerClient

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique
from tests.support.asset_workspace import grant
from tests.support.platform_parts import ML, VERSION
from tests.support.sandbox import RunningSandbox

JsonObject = dict[str, Any]
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
DATA_PLANE = f"https://cert-{LOCATION}.experiments.azureml.net/mferp/managementfrontend"
DATA_PLANE_VERSION = "2021-10-01-dataplanepreview"
REGISTRY_USER = "1823dd4f-9b8c-4ab6-ab4e-7397a3684615"


@pytest.fixture(scope="module")
def registry(arm: ArmRequests, shared_group: str) -> JsonObject:
    """A registry in one region."""
    body = {
        "location": LOCATION,
        "identity": {"type": "SystemAssigned"},
        "properties": {"regionDetails": [{"location": LOCATION}]},
    }
    path = f"resourceGroups/{shared_group}/providers/{ML}/registries/{unique('reg')}"
    return arm.done("PUT", path, VERSION, body)


@pytest.fixture
def client(registry: JsonObject, credential: TokenCredential) -> MLClient:
    """azure-ai-ml on that registry, which it finds by its name."""
    return MLClient(credential, registry_name=registry["name"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with content of its own."""
    made = tmp_path / "src"
    made.mkdir()
    (made / "main.py").write_text(f"print({unique('run')!r})\n")
    (made / "Dockerfile").write_text("FROM scratch\n")
    return made


def asset(arm: ArmRequests, registry: JsonObject, path: str) -> JsonObject:
    """An asset as Resource Manager shows it."""
    answer = arm.send("GET", f"{registry['id']}/{path}", VERSION)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def stored(arm: ArmRequests, registry: JsonObject, asset_id: str, uri: str) -> dict[str, bytes]:
    """The files of an asset, read with the signature that the registry gives for reading."""
    place, _, below = uri.replace(":443/", "/").removesuffix("/").rpartition("/")
    answer = data_plane(
        arm, registry, "POST", f"datarefs/{below_of(asset_id)}", {"assetId": asset_id, "blobUri": uri}
    )
    signature = answer.json()["blobReferenceForConsumption"]["credential"]["sasUri"].partition("?")[2]
    with ContainerClient.from_container_url(f"{place}?{signature}") as container:
        names = [blob.name for blob in container.list_blobs(name_starts_with=below)]
        found = {name.removeprefix(f"{below}/"): container.download_blob(name).readall() for name in names}
        with pytest.raises(HttpResponseError):
            container.upload_blob("more.txt", b"no")
    return found


def below_of(asset_id: str) -> str:
    *_, name, _, version = asset_id.split("/")
    return f"{name}/versions/{version}"


def data_plane(
    arm: ArmRequests,
    registry: JsonObject,
    method: str,
    child: str,
    body: JsonObject | None = None,
    *,
    version: str = DATA_PLANE_VERSION,
    credential: TokenCredential | None = None,
) -> requests.Response:
    """A plain request to the host of the registry's region."""
    token = (credential or arm.credential).get_token("https://management.azure.com/.default").token
    return arm.session.request(
        method,
        f"{DATA_PLANE}{registry['id']}/{child}?api-version={version}",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


def test_azure_ai_ml_creates_and_deletes_a_registry(
    credential: TokenCredential, subscription_id: str, shared_group: str, arm: ArmRequests
) -> None:
    client = MLClient(credential, subscription_id, shared_group)
    name = unique("reg")
    regions = [RegistryRegionDetails(location=place) for place in (LOCATION, "northeurope")]
    client.registries.begin_create(
        Registry(name=name, location=LOCATION, replication_locations=regions)
    ).result()
    found = client.registries.get(name)
    assert found.location == LOCATION
    assert [place.location for place in found.replication_locations or []] == [LOCATION, "northeurope"]
    assert str(found.discovery_url).startswith(f"https://{LOCATION}.api.azureml.ms/registrymanagement/")
    group = found.managed_resource_group["resourceId"]
    assert arm.send("GET", group, "2024-03-01").json()["managedBy"] == found.id
    assert name in [item.name for item in client.registries.list()]
    client.registries.begin_delete(name=name, resource_group_name=shared_group).result()
    assert arm.send("GET", group, "2024-03-01").status_code == 404


def test_environments(client: MLClient, registry: JsonObject, arm: ArmRequests, folder: Path) -> None:
    name, operations = unique("env"), client.environments
    made = operations.create_or_update(Environment(name=name, version="1", image=IMAGE))
    assert made.id == f"azureml://registries/{registry['name']}/environments/{name}/versions/1"
    assert operations.get(name, label="latest").image == IMAGE
    built = Environment(name=name, version="2", build=BuildContext(path=folder))
    operations.create_or_update(built)
    assert [item.version for item in operations.list(name)] == ["2", "1"]
    build = asset(arm, registry, f"environments/{name}/versions/2")["properties"]["build"]
    asset_id = f"azureml://registries/{registry['name']}/environments/{name}/versions/2"
    content = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert stored(arm, registry, asset_id, build["contextUri"]) == content
    with pytest.raises(HttpResponseError) as refusal:
        operations.create_or_update(Environment(name=name, version="1", image=f"{IMAGE}-2"))
    assert refusal.value.status_code == 409
    assert "is already registered and cannot be changed" in str(refusal.value)
    operations.archive(name, version="2")
    active = data_plane(arm, registry, "GET", f"environments/{name}/versions").json()["value"]
    assert [item["id"].rsplit("/", 1)[-1] for item in active] == ["1"]


def test_a_component_with_code(
    client: MLClient, registry: JsonObject, arm: ArmRequests, folder: Path
) -> None:
    environment = client.environments.create_or_update(
        Environment(name=unique("env"), version="1", image=IMAGE)
    )
    name = unique("train")
    component = CommandComponent(
        name=name, version="1", command="python main.py", environment=environment.id, code=str(folder)
    )
    made = client.components.create_or_update(component)
    assert made.id == f"azureml://registries/{registry['name']}/components/{name}/versions/1"
    found = client.components.get(name, "1")
    assert isinstance(found, CommandComponent)
    assert str(found.environment) == environment.id
    code = str(found.code)
    assert code.startswith(f"azureml://registries/{registry['name']}/codes/")
    uri = asset(arm, registry, f"codes/{below_of(code)}")["properties"]["codeUri"]
    assert stored(arm, registry, code, uri)["main.py"] == (folder / "main.py").read_bytes()
    component.environment = f"{environment.id}0"
    component.version = "2"
    with pytest.raises(HttpResponseError) as refusal:
        client.components.create_or_update(component)
    assert f"Could not find asset with assetId {environment.id}0" in str(refusal.value)


def test_models(client: MLClient, registry: JsonObject, arm: ArmRequests, folder: Path) -> None:
    name = unique("model")
    client.models.create_or_update(Model(name=name, version="1", path=folder))
    found = client.models.get(name, "1")
    assert found.id == f"azureml://registries/{registry['name']}/models/{name}/versions/1"
    assert (
        stored(arm, registry, str(found.id), str(found.path))["main.py"] == (folder / "main.py").read_bytes()
    )
    assert [item.version for item in client.models.list(name)] == ["1"]


def test_data(client: MLClient, registry: JsonObject, arm: ArmRequests, folder: Path) -> None:
    name = unique("data")
    client.data.create_or_update(Data(name=name, version="1", path=str(folder), type="uri_folder"))
    found = client.data.get(name, "1")
    assert found.id == f"azureml://registries/{registry['name']}/data/{name}/versions/1"
    assert (
        stored(arm, registry, str(found.id), str(found.path))["main.py"] == (folder / "main.py").read_bytes()
    )


def test_a_deleted_version_does_not_come_back(registry: JsonObject, arm: ArmRequests) -> None:
    path, body = f"environments/{unique('env')}/versions/1", {"properties": {"image": IMAGE}}
    assert data_plane(arm, registry, "PUT", path, body).status_code == 201
    assert data_plane(arm, registry, "DELETE", path).status_code == 200
    status, code, message = error_of(data_plane(arm, registry, "PUT", path, body))
    assert (status, code) == (400, "UserError")
    assert message.startswith(f"Asset azureml://registries/{registry['name']}/{path} was deleted at ")
    assert message.endswith("it cannot be recreated. Please try again with a different version.")


def test_a_place_for_an_upload(registry: JsonObject, arm: ArmRequests) -> None:
    name = unique("code")
    asset_id = f"azureml://registries/{registry['name']}/environments/{name}/versions/1"
    body = {"assetId": asset_id, "temporaryDataReferenceType": "TemporaryBlobReference"}
    path = f"tempdatarefs/{name}/versions/1"

    def place() -> requests.Response:
        return data_plane(arm, registry, "PUT", path, body)

    def uri() -> str:
        return str(place().json()["blobReferenceForConsumption"]["blobUri"])

    assert uri() == uri()
    data_plane(arm, registry, "PUT", f"environments/{name}/versions/1", {"properties": {"image": IMAGE}})
    assert place().status_code == 409
    for wrong in ({**body, "assetId": f"{asset_id}2"}, {**body, "more": 1}, {"assetId": asset_id}):
        assert data_plane(arm, registry, "PUT", path, wrong).status_code == 400


def test_the_data_plane_is_strict(registry: JsonObject, arm: ArmRequests) -> None:
    path, body = f"environments/{unique('env')}/versions/1", {"properties": {"image": IMAGE}}
    assert data_plane(arm, registry, "PUT", path, body, version="2024-10-01").status_code == 400
    assert data_plane(arm, registry, "PUT", path, {"properties": {"imagee": IMAGE}}).status_code == 400
    assert data_plane(arm, registry, "GET", "nothing/x/versions/1").status_code == 404
    answer = arm.send("GET", f"{registry['id']}/{path}", DATA_PLANE_VERSION)
    assert error_of(answer)[:2] == (404, "InvalidResourceType")


def test_an_unknown_registry(credential: TokenCredential) -> None:
    with pytest.raises(HttpResponseError) as refusal:
        MLClient(credential, registry_name="nowhere")
    assert refusal.value.status_code == 404


def test_registry_users_may_register_and_nobody_else(
    registry: JsonObject,
    arm: ArmRequests,
    shared_sandbox: RunningSandbox,
    as_principal: Callable[[str], ClientSecretCredential],
) -> None:
    reader = next(item for item in shared_sandbox.settings.principals if not item.roles)
    credential = as_principal(reader.name)
    path, body = f"environments/{unique('env')}/versions/1", {"properties": {"image": IMAGE}}
    refused = data_plane(arm, registry, "PUT", path, body, credential=credential)
    assert error_of(refused)[:2] == (403, "AuthorizationFailed")
    assert f"{ML}/registries/assets/write" in refused.text
    grant(arm, registry["id"], reader.object_id, REGISTRY_USER)
    assert data_plane(arm, registry, "PUT", path, body, credential=credential).status_code == 201
    found = MLClient(credential, registry_name=registry["name"]).environments.get(path.split("/")[1], "1")
    assert found.image == IMAGE


@pytest.mark.parametrize("host", ["azuremlschemas.azureedge.net", "azuremlschemasprod.azureedge.net"])
def test_schema_hosts_answer_at_once(arm: ArmRequests, host: str) -> None:
    answer = arm.session.get(f"https://{host}/latest/MLTable.schema.json", timeout=5)
    assert (answer.status_code, answer.elapsed.total_seconds() < 1) == (404, True)


@pytest.mark.parametrize(
    ("regions", "found"),
    [
        ([], "regionDetails must name westeurope"),
        (["northeurope"], "regionDetails must name westeurope"),
        (["westeurope", "moon"], "moon is no region"),
        (["westeurope", "westeurope"], "every region once"),
    ],
)
def test_wrong_regions_are_refused(
    arm: ArmRequests, shared_group: str, regions: list[str], found: str
) -> None:
    body = {
        "location": LOCATION,
        "identity": {"type": "SystemAssigned"},
        "properties": {"regionDetails": [{"location": region} for region in regions]},
    }
    path = f"resourceGroups/{shared_group}/providers/{ML}/registries/{unique('reg')}"
    answer = arm.send("PUT", path, VERSION, body)
    assert answer.status_code == 400
    assert found in answer.text
