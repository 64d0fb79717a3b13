"""Environments with azure-ai-ml: registration, conflicts, labels, lists, archive; and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.entities import BuildContext, Environment
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from tests.support.arm_requests import error_of, unique
from tests.support.asset_workspace import AssetWorkspace

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
CONDA: dict[str, Any] = {
    "name": "training",
    "dependencies": ["python=3.11", {"pip": ["scikit-learn==1.5.2"]}],
}


def environment(name: str, version: str | None = "1", **more: Any) -> Environment:
    return Environment(name=name, version=version, image=IMAGE, **more)


def test_an_image(assets: AssetWorkspace) -> None:
    name = unique("env")
    made = assets.client.environments.create_or_update(environment(name, tags={"team": "churn"}))
    found = assets.client.environments.get(name, "1")
    assert (made.id, found.image, found.tags, found.os_type) == (found.id, IMAGE, {"team": "churn"}, "Linux")
    assert f"/resourceGroups/{assets.parts.group}/" in str(found.id)


def test_an_image_with_a_conda_file(assets: AssetWorkspace) -> None:
    name = unique("env")
    assets.client.environments.create_or_update(environment(name, conda_file=CONDA))
    assert assets.client.environments.get(name, "1").conda_file == CONDA


def test_a_build_context_lands_in_the_default_datastore(assets: AssetWorkspace, tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\n")
    (context / "requirements.txt").write_text("numpy==2.1.0\n")
    name = unique("env")
    made = Environment(name=name, version="1", build=BuildContext(path=context))
    assets.client.environments.create_or_update(made)
    build = assets.client.environments.get(name, "1").build
    assert build is not None
    assert build.dockerfile_path == "Dockerfile"
    _, _, below = str(build.path).partition(".blob.core.windows.net/")
    container, _, folder = below.partition("/")
    assert assets.files(container, folder) == {
        f"{folder}Dockerfile": b"FROM scratch\n",
        f"{folder}requirements.txt": b"numpy==2.1.0\n",
    }


def test_what_azure_fills_in(assets: AssetWorkspace) -> None:
    path = f"/environments/{unique('env')}/versions/7"
    answer = assets.send("PUT", path, {"properties": {"image": IMAGE}})
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["type"]) == (
        "7",
        "Microsoft.MachineLearningServices/workspaces/environments/versions",
    )
    assert answer.json()["properties"] == {
        "description": None,
        "tags": {},
        "properties": {},
        "isArchived": False,
        "isAnonymous": False,
        "osType": "Linux",
        "stage": "Development",
        "image": IMAGE,
        "environmentType": "UserCreated",
        "provisioningState": "Succeeded",
    }


def test_another_content_is_a_conflict(assets: AssetWorkspace) -> None:
    name = unique("env")
    assets.client.environments.create_or_update(environment(name))
    changed = environment(name, description="Now described", tags={"a": "b"})
    assert assets.client.environments.create_or_update(changed).description == "Now described"
    with pytest.raises(ResourceExistsError) as refusal:
        assets.client.environments.create_or_update(environment(name, conda_file=CONDA))
    sentence = f"Environment {name} with version 1 is already registered and cannot be changed."
    assert sentence in str(refusal.value)
    assert refusal.value.status_code == 409


def test_without_a_version_the_client_counts(assets: AssetWorkspace) -> None:
    name = unique("env")
    first = assets.client.environments.create_or_update(environment(name, None))
    same = assets.client.environments.create_or_update(environment(name, None))
    changed = assets.client.environments.create_or_update(environment(name, None, conda_file=CONDA))
    assert [first.version, same.version, changed.version] == ["1", "1", "2"]


def test_labels_and_lists(assets: AssetWorkspace) -> None:
    name, operations = unique("env"), assets.client.environments
    for version in ("2", "10", "0.9-rc1"):
        operations.create_or_update(environment(name, version))
    assert operations.get(name, label="latest").version == "0.9-rc1"
    assert [item.version for item in operations.list(name)] == ["0.9-rc1", "10", "2"]
    container = assets.send("GET", f"/environments/{name}").json()["properties"]
    assert (container["latestVersion"], container["nextVersion"]) == ("0.9-rc1", "11")


def test_archived_versions_and_names(assets: AssetWorkspace) -> None:
    name, operations = unique("env"), assets.client.environments
    for version in ("1", "2"):
        operations.create_or_update(environment(name, version))

    def versions(view: ListViewType) -> list[str | None]:
        return [item.version for item in operations.list(name, list_view_type=view)]

    operations.archive(name, version="2")
    assert versions(ListViewType.ACTIVE_ONLY) == ["1"]
    assert versions(ListViewType.ARCHIVED_ONLY) == ["2"]
    assert versions(ListViewType.ALL) == ["2", "1"]
    assert operations.get(name, label="latest").version == "1"
    operations.archive(name)
    assert name not in [item.name for item in operations.list()]
    assert versions(ListViewType.ACTIVE_ONLY) == []
    operations.restore(name)
    operations.restore(name, version="2")
    assert name in [item.name for item in operations.list()]
    assert versions(ListViewType.ACTIVE_ONLY) == ["2", "1"]


def test_a_missing_one(assets: AssetWorkspace) -> None:
    with pytest.raises(ResourceNotFoundError) as refusal:
        assets.client.environments.get("nowhere", "3")
    assert "No environment exists for name: nowhere, version: 3, label:" in str(refusal.value)
    assert assets.send("GET", "/environments/nowhere").status_code == 404
    assert assets.send("GET", "/environments/nowhere/versions").json() == {"value": []}


def test_top_limits_a_list(assets: AssetWorkspace) -> None:
    name = unique("env")
    for version in range(3):
        path = f"/environments/{name}/versions/{version}"
        assert assets.send("PUT", path, {"properties": {"image": IMAGE}}).status_code == 201
    listed = assets.send("GET", f"/environments/{name}/versions", query={"$top": "2"}).json()
    assert [item["name"] for item in listed["value"]] == ["2", "1"]


def test_deletion(assets: AssetWorkspace) -> None:
    path = f"/environments/{unique('env')}"
    body = {"properties": {"image": IMAGE}}
    assets.send("PUT", f"{path}/versions/1", body)
    assert assets.send("DELETE", f"{path}/versions/1").status_code == 200
    assert assets.send("DELETE", f"{path}/versions/1").status_code == 204
    assert assets.send("GET", f"{path}/versions/1").status_code == 404
    assert assets.send("GET", path).json()["properties"]["latestVersion"] is None
    assert assets.send("PUT", f"{path}/versions/1", body).status_code == 201
    assert assets.send("DELETE", path).status_code == 200
    assert assets.send("GET", f"{path}/versions").json() == {"value": []}


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({}, "it has neither"),
        ({"image": IMAGE, "build": {"contextUri": "https://st.blob.core.windows.net/c/d/"}}, "it has both"),
        ({"image": IMAGE, "imagee": IMAGE}, "properties.imagee: is not a property here; did you mean image?"),
        ({"image": 3}, "properties.image: must be a string, found the number 3"),
        ({"image": IMAGE, "osType": "Plan9"}, "properties.osType"),
        ({"build": {"dockerfilePath": "Dockerfile"}}, "properties.build.contextUri: is required and missing"),
    ],
)
def test_a_wrong_body_is_refused(assets: AssetWorkspace, properties: dict[str, Any], found: str) -> None:
    path = f"/environments/{unique('env')}/versions/1"
    status, _, message = error_of(assets.send("PUT", path, {"properties": properties}))
    assert status == 400
    assert found in message
    assert assets.send("GET", path).status_code == 404


@pytest.mark.parametrize("path", ["/environments/has%20space/versions/1", "/environments/env/versions/-1"])
def test_a_wrong_name_or_version_is_refused(assets: AssetWorkspace, path: str) -> None:
    status, _, message = error_of(assets.send("PUT", path, {"properties": {"image": IMAGE}}))
    assert (status, "is invalid" in message) == (400, True)


def test_curated_names_are_azures(assets: AssetWorkspace) -> None:
    path = "/environments/AzureML-mine/versions/1"
    _, _, message = error_of(assets.send("PUT", path, {"properties": {"image": IMAGE}}))
    assert message.startswith("Environment name can not start with the prefix AzureML.")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"$orderBy": "name"}, 400),
        ({"listViewType": "Some"}, 400),
        ({"$top": "0"}, 400),
        ({"hash": "x"}, 501),
    ],
)
def test_a_wrong_filter_is_refused(assets: AssetWorkspace, query: dict[str, str], status: int) -> None:
    assert assets.send("GET", "/environments/env/versions", query=query).status_code == status


def test_a_workspace_must_be_there(assets: AssetWorkspace) -> None:
    path = assets.path("/environments/env/versions/1").replace(assets.name, "mlw-nowhere")
    answer = assets.arm.send("PUT", path, "2023-04-01-preview", {"properties": {"image": IMAGE}})
    assert error_of(answer)[:2] == (404, "ParentResourceNotFound")
