"""Data, models, feature sets and entities with azure-ai-ml: local files, remote paths, conflicts, lists."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.entities import (
    Data,
    DataColumn,
    DataColumnType,
    FeatureSet,
    FeatureSetSpecification,
    FeatureStoreEntity,
    Model,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.support.arm_requests import error_of, unique
from tests.support.asset_workspace import AssetWorkspace

REMOTE = "azureml://datastores/workspaceblobstore/paths/raw/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with content of its own, in two levels."""
    made = tmp_path / "churn"
    (made / "2026").mkdir(parents=True)
    (made / "a.csv").write_text(f"id,{unique('column')}\n1,2\n")
    (made / "2026" / "b.bin").write_bytes(os.urandom(3000))
    return made


def stored(assets: AssetWorkspace, uri: str | None) -> dict[str, bytes]:
    """What lies in the default datastore at a path, by the names below its folder."""
    path = str(uri).partition("/paths/")[2].rstrip("/")
    found = assets.files("", path)
    return {name.removeprefix(f"{path}/") if name != path else "": data for name, data in found.items()}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_folder(assets: AssetWorkspace, folder: Path) -> None:
    name = unique("data")
    assets.client.data.create_or_update(
        Data(name=name, version="1", path=str(folder), type=AssetTypes.URI_FOLDER)
    )
    found = assets.client.data.get(name, "1")
    assert found.type == "uri_folder"
    assert str(found.path).startswith(
        f"azureml://subscriptions/{assets.arm.subscription_id}/resourcegroups/{assets.parts.group}"
        f"/workspaces/{assets.name}/datastores/workspaceblobstore/paths/LocalUpload/"
    )
    assert stored(assets, found.path) == content(folder)


def test_a_file(assets: AssetWorkspace, folder: Path) -> None:
    name, file = unique("data"), folder / "a.csv"
    made = Data(name=name, version="1", path=str(file), type=AssetTypes.URI_FILE)
    assets.client.data.create_or_update(made)
    assert stored(assets, assets.client.data.get(name, "1").path) == {"": file.read_bytes()}


def test_a_table(assets: AssetWorkspace, folder: Path) -> None:
    (folder / "MLTable").write_text("paths:\n  - file: ./a.csv\ntransformations:\n  - read_delimited: {}\n")
    name, started = unique("data"), time.monotonic()
    assets.client.data.create_or_update(
        Data(name=name, version="1", path=str(folder), type=AssetTypes.MLTABLE)
    )
    assert time.monotonic() - started < 3
    found = assets.send("GET", f"/data/{name}/versions/1").json()["properties"]
    assert (found["dataType"], found["referencedUris"]) == ("mltable", ["./a.csv"])
    assert stored(assets, found["dataUri"]) == content(folder)


def test_remote_paths(assets: AssetWorkspace) -> None:
    for path, kept in (
        (REMOTE, f"/workspaces/{assets.name}/datastores/workspaceblobstore/paths/raw/"),
        ("https://example.blob.core.windows.net/c/f.csv", "https://example.blob.core.windows.net/c/f.csv"),
        ("abfss://c@lake.dfs.core.windows.net/f", "abfss://c@lake.dfs.core.windows.net/f"),
    ):
        name = unique("data")
        assets.client.data.create_or_update(Data(name=name, version="1", path=path, type="uri_folder"))
        assert str(assets.client.data.get(name, "1").path).endswith(kept)


def test_another_path_is_refused(assets: AssetWorkspace, folder: Path) -> None:
    name, operations = unique("data"), assets.client.data
    operations.create_or_update(Data(name=name, version="1", path=str(folder), type="uri_folder"))
    again = Data(name=name, version="1", path=str(folder), type="uri_folder", description="Now described")
    assert operations.create_or_update(again).description == "Now described"
    (folder / "a.csv").write_text("changed")
    with pytest.raises(HttpResponseError) as refusal:
        operations.create_or_update(Data(name=name, version="1", path=str(folder), type="uri_folder"))
    assert refusal.value.status_code == 400
    assert "(UserError) Asset paths cannot be updated." in str(refusal.value)


def test_a_name_has_one_type(assets: AssetWorkspace) -> None:
    path = f"/data/{unique('data')}/versions"
    body = {"properties": {"dataType": "uri_folder", "dataUri": REMOTE}}
    assert assets.send("PUT", f"{path}/1", body).status_code == 201
    body["properties"]["dataType"] = "uri_file"
    status, _, message = error_of(assets.send("PUT", f"{path}/2", body))
    assert (status, "has the type uri_folder" in message) == (400, True)


def test_versions_labels_and_archive(assets: AssetWorkspace) -> None:
    name, operations = unique("data"), assets.client.data
    made = [operations.create_or_update(Data(name=name, path=REMOTE, type="uri_folder")) for _ in range(3)]
    assert [item.version for item in made] == ["1", "2", "3"]
    assert operations.get(name, label="latest").version == "3"
    operations.archive(name, version="3")
    assert [item.version for item in operations.list(name)] == ["2", "1"]
    operations.restore(name, version="3")
    operations.archive(name)
    assert name not in [item.name for item in operations.list()]
    operations.restore(name)
    assert name in [item.name for item in operations.list()]
    assert assets.send("GET", f"/data/{name}").json()["properties"]["dataType"] == "uri_folder"


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"dataType": "uri_folder"}, "properties.dataUri: is required and missing"),
        ({"dataUri": REMOTE}, "properties.dataType: is missing"),
        ({"dataType": "uri_foldr", "dataUri": REMOTE}, "did you mean uri_folder?"),
        (
            {"dataType": "uri_folder", "dataUri": REMOTE, "path": "x"},
            "properties.path: is not a property here",
        ),
        ({"dataType": "uri_folder", "dataUri": "raw/"}, "dataUri 'raw/' is not a path"),
        (
            {"dataType": "uri_folder", "dataUri": "azureml://datastores/nowhere/paths/x"},
            "on the datastore 'nowhere', which was not found",
        ),
    ],
)
def test_a_wrong_body_is_refused(assets: AssetWorkspace, properties: dict[str, Any], found: str) -> None:
    answer = assets.send("PUT", f"/data/{unique('data')}/versions/1", {"properties": properties})
    status, _, message = error_of(answer)
    assert status == 400
    assert found in message


def test_a_model_from_a_folder(assets: AssetWorkspace, folder: Path) -> None:
    name, operations = unique("model"), assets.client.models
    operations.create_or_update(Model(name=name, version="1", path=folder, tags={"a": "b"}))
    found = operations.get(name, "1")
    assert (found.type, found.tags) == ("custom_model", {"a": "b"})
    assert assets.send("GET", f"/models/{name}/versions/1").json()["properties"]["flavors"] == {}
    assert stored(assets, str(found.path)) == content(folder)


def test_an_mlflow_model(assets: AssetWorkspace, folder: Path) -> None:
    (folder / "MLmodel").write_text(
        "artifact_path: model\nflavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
    )
    name, operations = unique("model"), assets.client.models
    operations.create_or_update(Model(name=name, version="1", path=folder, type=AssetTypes.MLFLOW_MODEL))
    found = operations.get(name, "1")
    assert found.type == "mlflow_model"
    assert stored(assets, str(found.path)) == content(folder)


def test_versions_of_a_model(assets: AssetWorkspace, folder: Path) -> None:
    name, operations = unique("model"), assets.client.models
    assert operations.create_or_update(Model(name=name, path=folder)).version == "1"
    (folder / "a.csv").write_text("changed")
    assert operations.create_or_update(Model(name=name, path=folder)).version == "2"
    assert operations.get(name, label="latest").version == "2"
    operations.archive(name, version="2")
    assert [item.version for item in operations.list(name)] == ["1"]
    with pytest.raises(HttpResponseError) as refusal:
        operations.create_or_update(Model(name=name, version="1", path=folder))
    assert "(UserError) Asset paths cannot be updated." in str(refusal.value)
    with pytest.raises(ResourceNotFoundError):
        operations.get(name, "9")


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"modelType": "custom"}, "the type 'custom' is not one of custom_model"),
        ({"modelUri": ""}, "modelUri '' is not a path"),
        ({"flavours": {}}, "properties.flavours: is not a property here; did you mean flavors?"),
    ],
)
def test_a_wrong_model_is_refused(assets: AssetWorkspace, properties: dict[str, Any], found: str) -> None:
    body = {"properties": {"modelUri": REMOTE, **properties}}
    answer = assets.send("PUT", f"/models/{unique('model')}/versions/1", body)
    assert answer.status_code == 400
    assert found in answer.text


def test_entities_and_feature_sets(assets: AssetWorkspace, tmp_path: Path) -> None:
    columns = [DataColumn(name="customer", type=DataColumnType.STRING)]
    entity = unique("entity")
    operations = assets.client.feature_store_entities
    operations.begin_create_or_update(
        FeatureStoreEntity(name=entity, version="1", index_columns=columns)
    ).result()
    assert [column.name for column in operations.get(entity, "1").index_columns] == ["customer"]
    spec = tmp_path / "spec"
    spec.mkdir()
    (spec / "FeatureSetSpec.yaml").write_text(
        "source:\n  type: parquet\n  path: wasbs://raw@lake.blob.core.windows.net/churn\n"
        "  timestamp_column: {name: day}\n"
        "index_columns: [{name: customer, type: string}]\nfeatures: [{name: spent, type: double}]\n"
    )
    name = unique("set")
    made = FeatureSet(
        name=name,
        version="1",
        entities=[f"azureml:{entity}:1"],
        specification=FeatureSetSpecification(path=str(spec)),
    )
    assets.client.feature_sets.begin_create_or_update(made).result()
    found = assets.client.feature_sets.get(name, "1")
    assert found.entities == [f"azureml:{entity}:1"]
    assert (found.stage, [item.version for item in assets.client.feature_sets.list(name=name)]) == (
        "Development",
        ["1"],
    )


def test_an_entity_must_be_there(assets: AssetWorkspace) -> None:
    properties = {"entities": ["azureml:nobody:1"], "specification": {"path": REMOTE}}
    answer = assets.send("PUT", f"/featuresets/{unique('set')}/versions/1", {"properties": properties})
    assert error_of(answer) == (404, "UserError", "Could not find asset with assetId azureml:nobody:1")
