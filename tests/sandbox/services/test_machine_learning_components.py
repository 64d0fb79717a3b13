"""Components and their code with azure-ai-ml: uploads, reuse by content, references, immutability."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.ai.ml import Input, load_component
from azure.ai.ml.entities import CommandComponent, Component, Environment
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from tests.support.arm_requests import error_of, unique
from tests.support.asset_workspace import BLOB_CONTRIBUTOR, AssetWorkspace, grant

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
CODES = "2023-04-01"


@pytest.fixture(scope="module")
def environment_id(assets: AssetWorkspace) -> str:
    """An environment that components may name."""
    answer = assets.send("PUT", f"/environments/{unique('env')}/versions/1", {"properties": {"image": IMAGE}})
    return str(answer.json()["id"])


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder of code with content of its own."""
    folder = tmp_path / "src"
    (folder / "steps").mkdir(parents=True)
    (folder / "train.py").write_text(f"print({unique('run')!r})\n")
    (folder / "steps" / "__init__.py").write_bytes(b"")
    (folder / "steps" / "weights.bin").write_bytes(os.urandom(5000))
    return folder


def command(name: str, environment: str, code: Path | None = None, **more: Any) -> CommandComponent:
    return CommandComponent(
        name=name,
        version="1",
        command="python train.py --lr ${{inputs.lr}}",
        environment=environment,
        code=code,
        inputs={"lr": Input(type="number", default=0.1)},
        **more,
    )


def spec(name: str, environment: str, **more: Any) -> dict[str, Any]:
    """A component as it goes over the wire."""
    content = {"type": "command", "name": name, "version": "1", "command": "true", **more}
    return {"properties": {"componentSpec": {"environment": environment, **content}}}


def code_id(component: Component) -> str:
    assert isinstance(component, CommandComponent)
    return str(component.code).removeprefix("azureml:")


def test_a_folder_of_code_is_uploaded_as_it_is(
    assets: AssetWorkspace, environment_id: str, code: Path
) -> None:
    name = unique("train")
    made = assets.client.components.create_or_update(command(name, environment_id, code))
    found = assets.client.components.get(name, "1")
    assert isinstance(found, CommandComponent)
    assert str(found.environment).removeprefix("azureml:") == environment_id
    assert code_id(found) == code_id(made)
    stored = assets.arm.send("GET", code_id(made), CODES).json()["properties"]
    assert stored["properties"]["hash_version"] == "202208"
    assert stored["codeUri"].startswith(f"https://{assets.parts.storage.rsplit('/', 1)[1]}.blob.core.windows")
    container, _, folder = stored["codeUri"].partition(":443/")[2].partition("/")
    assert container.startswith(assets.body["properties"]["workspaceId"][:10])
    assert assets.files(container) == {
        f"{folder}/{path.relative_to(code).as_posix()}": path.read_bytes()
        for path in code.rglob("*")
        if path.is_file()
    }


def test_the_same_code_is_uploaded_once(assets: AssetWorkspace, environment_id: str, code: Path) -> None:
    made = [
        assets.client.components.create_or_update(command(unique("train"), environment_id, code))
        for _ in range(2)
    ]
    assert code_id(made[0]) == code_id(made[1])
    (code / "train.py").write_text("print('changed')\n")
    changed = assets.client.components.create_or_update(command(unique("train"), environment_id, code))
    assert code_id(changed) != code_id(made[0])


def test_another_specification_is_a_conflict(assets: AssetWorkspace, environment_id: str) -> None:
    name = unique("train")
    operations = assets.client.components
    operations.create_or_update(command(name, environment_id))
    described = operations.create_or_update(command(name, environment_id, description="Now described"))
    assert described.description == "Now described"
    with pytest.raises(ResourceExistsError) as refusal:
        operations.create_or_update(command(name, environment_id, is_deterministic=False))
    assert f"Component {name} with version 1 is already registered" in str(refusal.value)


def test_labels_lists_archive_and_restore(assets: AssetWorkspace, environment_id: str) -> None:
    name, operations = unique("train"), assets.client.components
    for version in ("1", "2"):
        component = command(name, environment_id)
        component.version = version
        operations.create_or_update(component)
    assert operations.get(name, label="latest").version == "2"
    assert operations.get(name).version == "2"
    operations.archive(name, version="2")
    assert [item.version for item in operations.list(name)] == ["1"]
    operations.restore(name, version="2")
    assert [item.version for item in operations.list(name)] == ["2", "1"]
    operations.archive(name)
    assert name not in [item.name for item in operations.list()]


def test_an_unchanged_component_is_skipped(assets: AssetWorkspace, environment_id: str) -> None:
    name, operations = unique("train"), assets.client.components
    versions = []
    for text in ("true", "true", "false"):
        component = CommandComponent(name=name, command=text, environment=environment_id)
        versions.append(operations.create_or_update(component, skip_if_no_change=True).version)
    assert versions == ["1", "1", "2"]


def test_an_inline_environment_is_anonymous(assets: AssetWorkspace) -> None:
    component = CommandComponent(
        name=unique("train"), version="1", command="true", environment=Environment(image=IMAGE)
    )
    made = assets.client.components.create_or_update(component)
    found = assets.arm.send(
        "GET", str(made.environment).removeprefix("azureml:"), "2023-04-01-preview"
    ).json()
    assert "/environments/CliV2AnonymousEnvironment/versions/" in found["id"]
    assert found["properties"]["isAnonymous"] is True


def test_a_pipeline_registers_its_steps(assets: AssetWorkspace, environment_id: str, tmp_path: Path) -> None:
    step = assets.client.components.create_or_update(command(unique("train"), environment_id))
    (tmp_path / "pipeline.yml").write_text(
        f"""\
$schema: https://azuremlschemas.azureedge.net/latest/pipelineComponent.schema.json
type: pipeline
name: {unique("pipeline")}
version: 1
jobs:
  registered: {{type: command, component: "azureml:{step.id}"}}
  inline:
    type: command
    component: {{type: command, command: "true", environment: "azureml:{environment_id}"}}
"""
    )
    made = assets.client.components.create_or_update(load_component(tmp_path / "pipeline.yml"))
    shown = assets.send("GET", f"/components/{made.name}/versions/1", version="2024-01-01-preview").json()
    steps = shown["properties"]["componentSpec"]["jobs"]
    assert steps["registered"]["componentId"] == step.id
    assert "/components/azureml_anonymous/versions/" in steps["inline"]["componentId"]


def test_a_missing_reference_is_refused(assets: AssetWorkspace, environment_id: str) -> None:
    nowhere = environment_id.replace("/versions/1", "/versions/2")
    with pytest.raises(ResourceNotFoundError) as refusal:
        assets.client.components.create_or_update(command(unique("train"), nowhere))
    assert f"Could not find asset with assetId azureml:{nowhere}" in str(refusal.value)
    code = environment_id.replace("/environments/", "/codes/")
    name = unique("train")
    answer = assets.send("PUT", f"/components/{name}/versions/1", spec(name, environment_id, code=code))
    assert answer.status_code == 404
    step = {"type": "pipeline", "jobs": {"one": {"componentId": f"{code}x"}}}
    answer = assets.send("PUT", f"/components/{name}/versions/1", spec(name, environment_id, **step))
    assert error_of(answer) == (400, "UserError", f"'{code}x' is not an id of components.")


def test_microsofts_registries_are_taken_on_trust(assets: AssetWorkspace) -> None:
    name = unique("train")
    curated = "azureml://registries/azureml/environments/sklearn-1.5/versions/35"
    assert assets.send("PUT", f"/components/{name}/versions/1", spec(name, curated)).status_code == 201
    other = "azureml://registries/contoso/environments/sklearn/versions/1"
    assert assets.send("PUT", f"/components/{name}/versions/2", spec(name, other)).status_code == 400


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"type": "comand"}, "the type 'comand' is not one of command"),
        ({"command": ""}, "needs a command and an environment"),
        ({"name": "other"}, "name is 'other' in the specification"),
        ({"version": "2"}, "version is '2' in the specification"),
        ({"environment": "sklearn"}, "'sklearn' is not an id of environments"),
    ],
)
def test_a_wrong_specification_is_refused(
    assets: AssetWorkspace, environment_id: str, changes: dict[str, Any], found: str
) -> None:
    name = unique("train")
    body = spec(name, environment_id)
    body["properties"]["componentSpec"] |= changes
    status, code, message = error_of(assets.send("PUT", f"/components/{name}/versions/1", body))
    assert (status, code) == (400, "UserError")
    assert found in message


def test_a_deleted_component_does_not_come_back(assets: AssetWorkspace, environment_id: str) -> None:
    name = unique("train")
    path = f"/components/{name}/versions/1"
    assert assets.send("PUT", path, spec(name, environment_id)).status_code == 201
    assert assets.send("DELETE", path).status_code == 200
    _, _, message = error_of(assets.send("PUT", path, spec(name, environment_id)))
    assert "it cannot be recreated. Please try again with a different version." in message
    assert f"Not found component {name} with version 1." in assets.send("GET", path).text


def pending_upload(assets: AssetWorkspace, name: str, body: dict[str, Any]) -> requests.Response:
    return assets.send("POST", f"/codes/{name}/versions/1/startPendingUpload", body, version=CODES)


def test_an_upload_gets_a_place_of_its_own(assets: AssetWorkspace) -> None:
    name, body = unique("code"), {"pendingUploadType": "TemporaryBlobReference"}
    places = [
        pending_upload(assets, name, request).json()["blobReferenceForConsumption"]["blobUri"]
        for request in (body, body, {**body, "pendingUploadId": "a"}, {**body, "pendingUploadId": "a"})
    ]
    assert len(set(places)) == 3
    assert places[2] == places[3]
    assert pending_upload(assets, name, {"pendingUploadKind": "x"}).status_code == 400


def test_an_upload_has_the_rights_of_the_workspaces_identity(
    assets: AssetWorkspace, request: pytest.FixtureRequest
) -> None:
    answer = pending_upload(assets, unique("code"), {"pendingUploadType": "TemporaryBlobReference"}).json()
    place = answer["blobReferenceForConsumption"]
    assert place["storageAccountArmId"] == assets.parts.storage
    assert place["credential"]["credentialType"] == "SAS"
    identity = assets.arm.send("GET", assets.parts.identity, "2023-01-31").json()["properties"]["principalId"]
    assert f"skoid={identity}" in place["credential"]["sasUri"]
    with ContainerClient.from_container_url(place["credential"]["sasUri"]) as client:
        client.upload_blob("a.txt", b"one")
        assert client.download_blob("a.txt").readall() == b"one"
        with pytest.raises(HttpResponseError):
            client.delete_container()
    forged = place["credential"]["sasUri"].replace("sig=", "sig=A")
    with ContainerClient.from_container_url(forged) as client, pytest.raises(HttpResponseError):
        client.upload_blob("b.txt", b"two")
    roles = f"{assets.parts.storage}/providers/Microsoft.Authorization/roleAssignments"
    held = assets.arm.send("GET", roles, "2022-04-01").json()["value"]
    (mine,) = (role["id"] for role in held if role["properties"]["principalId"] == identity)
    request.addfinalizer(lambda: grant(assets.arm, assets.parts.storage, identity, BLOB_CONTRIBUTOR))
    assets.arm.send("DELETE", mine, "2022-04-01")
    with (
        ContainerClient.from_container_url(place["credential"]["sasUri"]) as client,
        pytest.raises(HttpResponseError) as refusal,
    ):
        client.upload_blob("c.txt", b"three")
    assert refusal.value.error_code == "AuthorizationPermissionMismatch"  # type: ignore[attr-defined]
