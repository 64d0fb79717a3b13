"""Assets with versions through the plugin: registered, adopted, refused, refreshed, archived, imported."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import azure.ai.ml
import pytest
from azure.ai.ml.entities import Environment

from azureml_assets import patience
from azureml_assets.kinds import Target
from resource_provider.provider import Created, ProviderError
from resource_provider.values import UNKNOWN
from sandbox.folder import REPOSITORY
from tests.support.arm_requests import ArmRequests, unique
from tests.support.asset_workspace import AssetWorkspace
from tests.support.platform_parts import VERSION, workspace_body, workspace_path
from tests.support.plugin import Plugin, PluginError, running_plugin
from tests.support.sandbox import RunningSandbox

CONDA = "dependencies: [python=3.11]\n"
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20240709.v1"

CURATED = "azureml://registries/azureml/environments/sklearn-1.5/versions/10"


@pytest.fixture
def plugin(assets: AssetWorkspace, tmp_path: Path) -> Iterator[Plugin]:
    target = Target(assets.arm.subscription_id, assets.parts.group, assets.name)
    with running_plugin(tmp_path, target) as running:
        yield running


def environment(plugin: Plugin, name: str, version: str = "auto", **data: Any) -> dict[str, Any]:
    return plugin.document("env.yml", "environment", name=name, version=version, image=IMAGE, **data)


def component(plugin: Plugin, name: str, environment: str, **data: Any) -> dict[str, Any]:
    plugin.file("train/src/train.py", "print('training')\n")
    return plugin.document(
        "train/component.yml",
        "commandComponent",
        **{
            "type": "command",
            "name": name,
            "version": "auto",
            "code": "./src",
            "command": "python train.py",
            "environment": environment,
            **data,
        },
    )


def test_an_environment_is_registered_under_a_version_of_its_content(
    plugin: Plugin, assets: AssetWorkspace
) -> None:
    name = unique("env")
    plugin.file("conda.yml", "name: x\ndependencies: [python=3.11]\n")
    inputs = environment(plugin, name, conda_file="conda.yml", tags={"team": "churn"})

    preview = plugin.preview("Environment", plugin.check("Environment", inputs))
    made = plugin.create("Environment", inputs)

    version = made.outputs["version"]
    assert (preview["id"], preview["reference"]) == (made.id, f"azureml:{name}:{version}")
    found = assets.client.environments.get(name, version)
    assert (found.id, found.image, found.tags) == (made.id, IMAGE, {"team": "churn"})
    assert found.conda_file == {"name": "x", "dependencies": ["python=3.11"]}
    again = plugin.check("Environment", inputs, plugin.check("Environment", inputs))
    assert plugin.diff("Environment", plugin.check("Environment", inputs), again) == {}


def test_code_of_components_arrives_byte_for_byte_and_once(plugin: Plugin, assets: AssetWorkspace) -> None:
    env = plugin.create("Environment", environment(plugin, unique("env"))).outputs["reference"]
    first = component(plugin, unique("train"), env)
    plugin.file("train/src/data/mean.bin", "\x00\x01")
    made = plugin.create("Component", first)
    other = plugin.create("Component", component(plugin, unique("train"), env))

    code = made.outputs["state"]["code"].removeprefix("azureml:")
    assert other.outputs["state"]["code"].removeprefix("azureml:") == code
    uri = assets.arm.send("GET", code, "2023-04-01").json()["properties"]["codeUri"]
    container, _, folder = urlsplit(uri).path.strip("/").partition("/")
    files = assets.files(container, f"{folder}/")
    assert files == {
        f"{folder}/train.py": b"print('training')\n",
        f"{folder}/data/mean.bin": b"\x00\x01",
    }


def test_a_closed_storage_account_takes_no_uploads_and_the_user_is_told_what_to_do(
    plugin: Plugin, assets: AssetWorkspace, request: pytest.FixtureRequest
) -> None:
    def access(value: str) -> None:
        body = {"properties": {"publicNetworkAccess": value}}
        assert assets.arm.send("PATCH", assets.parts.storage, "2023-05-01", body).status_code == 200

    env = plugin.create("Environment", environment(plugin, unique("env"))).outputs["reference"]
    plugin.file("rows.csv", f"a\n{unique('')}\n")
    data = {"name": unique("rows"), "version": "1", "type": "uri_file", "path": "rows.csv"}
    request.addfinalizer(lambda: access("Enabled"))
    access("Disabled")
    told = (
        'Status=403 Code="AuthorizationFailure" Message=".* from this network: deploy from inside its network'
    )

    with pytest.raises(ProviderError, match=told):
        plugin.create("Data", plugin.document("rows.yml", "data", **data))
    plugin.file("train/src/unlike.py", unique("# "))
    with pytest.raises(ProviderError, match=told):
        plugin.create("Component", component(plugin, unique("train"), env))


def test_a_role_that_uploads_lack_is_waited_for_and_named(
    assets: AssetWorkspace, shared_sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LIMIT_SECONDS", 0.1)
    target = Target(assets.arm.subscription_id, assets.parts.group, assets.name)
    data = {"name": unique("rows"), "version": "1", "type": "uri_file", "path": "rows.csv"}
    with shared_sandbox.entered("contributor"), running_plugin(tmp_path, target) as plugin:
        plugin.file("rows.csv", f"a\n{unique('')}\n")
        with pytest.raises(ProviderError, match="Uploads need the role Storage Blob Data Contributor"):
            plugin.create("Data", plugin.document("rows.yml", "data", **data))

    assert [line.partition(":")[0] for _, line in plugin.log.lines] == ["Azure refuses"]


def test_other_content_is_another_version_that_replaces(plugin: Plugin) -> None:
    name = unique("env")
    before = plugin.check("Environment", environment(plugin, name))
    after = plugin.check(
        "Environment", environment(plugin, name, conda_file={"dependencies": ["python=3.11"]}), before
    )

    changes = plugin.diff("Environment", before, after)

    assert before["version"] != after["version"]
    assert changes["version"] is True
    assert changes["spec.conda_file"] is False


def test_other_content_under_the_same_version_is_a_mistake(plugin: Plugin) -> None:
    name = unique("env")
    plugin.file("conda.yml", CONDA)
    before = plugin.check("Environment", environment(plugin, name, "7", conda_file="conda.yml"))
    plugin.file("conda.yml", f"name: y\n{CONDA}")

    with pytest.raises(PluginError, match=f"{name}:7 is registered, .*; conda.yml changed. Give it"):
        plugin.check("Environment", environment(plugin, name, "7", conda_file="conda.yml"), before)


def test_descriptions_and_tags_change_in_place(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("env")
    inputs = environment(plugin, name, description="old")
    made = plugin.create("Environment", inputs)
    changed = plugin.check("Environment", environment(plugin, name, description="new"), made.outputs)

    assert plugin.diff("Environment", plugin.check("Environment", inputs), changed) == {
        "spec.description": False
    }
    plugin.update("Environment", made, changed)
    assert assets.client.environments.get(name, made.outputs["version"]).description == "new"


def test_the_same_content_registered_by_others_is_adopted(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("env")
    assets.client.environments.create_or_update(Environment(name=name, version="1", image=IMAGE))

    made = plugin.create("Environment", environment(plugin, name, "1"))

    assert made.outputs["state"]["image"] == IMAGE


# Type, name of the schema, what its document says beside name and version.
OF_OTHERS = [
    ("Environment", "environment", {"image": IMAGE, "conda_file": "conda.yml"}),
    ("Environment", "environment", {"build": {"path": "context"}}),
    ("Data", "data", {"type": "uri_file", "path": "rows.csv"}),
    ("Data", "data", {"type": "uri_folder", "path": "context"}),
    ("Data", "data", {"type": "mltable", "path": "table"}),
    ("Data", "data", {"type": "uri_folder", "path": "azureml://datastores/workspaceblobstore/paths/rows/"}),
    ("Data", "data", {"type": "uri_file", "path": "https://contoso.blob.core.windows.net/public/rows.csv"}),
    ("Model", "model", {"type": "custom_model", "path": "rows.csv"}),
    ("Model", "model", {"type": "custom_model", "path": "context"}),
    ("Component", "commandComponent", {"command": "python a.py", "code": "context", "environment": CURATED}),
]


@pytest.mark.parametrize(("type", "schema", "data"), OF_OTHERS, ids=[f"{t}-{d}" for t, _, d in OF_OTHERS])
def test_what_azure_ai_ml_has_registered_of_the_same_files_is_adopted(
    plugin: Plugin, assets: AssetWorkspace, type: str, schema: str, data: dict[str, Any]
) -> None:
    files = {
        "conda.yml": CONDA,
        "context/Dockerfile": f"FROM {IMAGE}\n",
        "rows.csv": "a,b\n1,2\n",
        "table/MLTable": "paths: [{file: ./rows.csv}]\ntransformations: [{read_delimited: {}}]\n",
        "table/rows.csv": "a,b\n1,2\n",
    }
    for file, text in files.items():
        plugin.file(file, text)
    inputs = plugin.document("asset.yml", schema, name=unique("theirs"), version="1", **data)
    kind = type.lower()
    load, operations = getattr(azure.ai.ml, f"load_{kind}"), f"{kind}s" if kind != "data" else kind
    getattr(assets.client, operations).create_or_update(load(plugin.root / "asset.yml"))

    made = plugin.create(type, inputs)

    assert made.outputs["version"] == "1"


def test_data_at_another_place_of_a_datastore_is_refused(plugin: Plugin, assets: AssetWorkspace) -> None:
    data = {"name": unique("rows"), "version": "1", "type": "uri_folder"}
    place = "azureml://datastores/workspaceblobstore/paths/rows"
    plugin.document("asset.yml", "data", **data, path=f"{place}/old/")
    assets.client.data.create_or_update(azure.ai.ml.load_data(plugin.root / "asset.yml"))

    with pytest.raises(ProviderError, match="with other content: it differs in path"):
        plugin.create("Data", plugin.document("asset.yml", "data", **data, path=f"{place}/new/"))


def test_other_content_registered_by_others_is_refused(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("env")
    assets.client.environments.create_or_update(Environment(name=name, version="1", image=f"{IMAGE}-other"))

    with pytest.raises(ProviderError) as refused:
        plugin.create("Environment", environment(plugin, name, "1"))

    assert str(refused.value).startswith(
        f"environment {name}:1 in workspace {assets.name} is registered already, with other content: "
        "it differs in image. A version cannot be changed."
    )


def test_a_refresh_sees_what_changed_and_what_is_gone(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("env")
    made = plugin.create("Environment", environment(plugin, name, "1", description="ours"))
    assert plugin.read("Environment", made.id, made.outputs).outputs == made.outputs

    theirs = Environment(name=name, version="1", image=IMAGE, description="theirs")
    assets.client.environments.create_or_update(theirs)
    drifted = plugin.read("Environment", made.id, made.outputs)
    assert drifted.inputs["spec"]["description"] == "theirs"
    assert drifted.outputs["state"]["description"] == "theirs"

    assert plugin.read("Environment", f"{made.id}0").id == ""


def test_what_was_archived_behind_pulumis_back_is_seen_and_brought_back(
    plugin: Plugin, assets: AssetWorkspace
) -> None:
    name = unique("env")
    inputs = plugin.check("Environment", environment(plugin, name, "1"))
    made = plugin.create("Environment", environment(plugin, name, "1"))
    assets.client.environments.archive(name, "1")

    drifted = plugin.read("Environment", made.id, made.outputs)

    assert drifted.inputs["spec"]["archived"] is True
    assert plugin.diff("Environment", drifted.inputs, inputs) == {"spec.archived": False}
    made = type(made)(made.id, {**made.outputs, **drifted.inputs})
    assert "archived" not in plugin.update("Environment", made, inputs)["state"]


@pytest.mark.parametrize(("when_replaced", "archived"), [("archive", True), ("keep", None)])
def test_a_removed_version_stays_or_is_archived(
    plugin: Plugin, when_replaced: str, archived: bool | None
) -> None:
    made = plugin.create("Environment", environment(plugin, unique("env"), "1"))

    plugin.delete("Environment", made.id, {"whenReplaced": when_replaced})

    assert plugin.read("Environment", made.id, made.outputs).inputs["spec"].get("archived") is archived


def test_what_only_pulumi_knows_is_noted_without_a_write(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("env")
    inputs = plugin.check("Environment", environment(plugin, name, "1", description="ours"))
    made = plugin.create("Environment", inputs)
    theirs = Environment(name=name, version="1", image=IMAGE, description="theirs")
    assets.client.environments.create_or_update(theirs)

    updated = plugin.update("Environment", made, {**inputs, "whenReplaced": "archive"})

    assert updated == {**made.outputs, "whenReplaced": "archive"}
    assert assets.client.environments.get(name, "1").description == "theirs"


def test_an_import_gives_the_document(plugin: Plugin, assets: AssetWorkspace) -> None:
    name = unique("env")
    theirs = Environment(name=name, version="1", image=IMAGE, description="theirs")
    made = assets.client.environments.create_or_update(theirs)

    imported = plugin.read("Environment", str(made.id))

    assert imported.inputs["spec"]["image"] == IMAGE
    assert imported.inputs["spec"]["description"] == "theirs"
    assert imported.inputs["target"] == plugin.target.as_input()


def test_a_workspace_that_is_not_known_yet_is_no_obstacle_to_a_check(plugin: Plugin) -> None:
    inputs = {**environment(plugin, unique("env"), "1"), "target": {"workspaceName": UNKNOWN}}

    outputs = plugin.preview("Environment", plugin.check("Environment", inputs))

    assert outputs["id"] is UNKNOWN
    assert outputs["reference"] == f"azureml:{inputs['spec']['name']}:1"


def test_files_that_change_between_check_and_create_are_not_sent(plugin: Plugin) -> None:
    plugin.file("conda.yml", CONDA)
    inputs = plugin.check("Environment", environment(plugin, unique("env"), conda_file="conda.yml"))
    plugin.file("conda.yml", f"name: y\n{CONDA}")

    with pytest.raises(ProviderError, match=r"^files of env\.yml changed while the update was running"):
        plugin._create("Environment", inputs, preview=False)


@pytest.mark.parametrize("schema_type", [("uri_file", "data.csv"), ("uri_folder", "folder")])
def test_data_is_uploaded_and_referenced(
    plugin: Plugin, assets: AssetWorkspace, schema_type: tuple[str, str]
) -> None:
    kind, path = schema_type
    plugin.file("data.csv", "a,b\n1,2\n")
    plugin.file("folder/part.csv", "a,b\n3,4\n")
    name = unique("data")

    made = plugin.create(
        "Data", plugin.document("data.yml", "data", name=name, version="1", type=kind, path=path)
    )

    found = assets.client.data.get(name, "1")
    assert (found.type, made.outputs["reference"]) == (kind, f"azureml:{name}:1")
    below = str(found.path).split("/paths/", 1)[1].rstrip("/")
    expected = {"uri_file": {below: b"a,b\n1,2\n"}, "uri_folder": {f"{below}/part.csv": b"a,b\n3,4\n"}}
    assert assets.files("", below) == expected[kind]


def test_a_model_is_uploaded(plugin: Plugin, assets: AssetWorkspace) -> None:
    plugin.file("model/MLmodel", "flavors: {}\n")
    name = unique("model")

    plugin.create(
        "Model",
        plugin.document("model.yml", "model", name=name, version="auto", type="custom_model", path="model"),
    )

    assert str(next(iter(assets.client.models.list(name))).path).endswith("/model")


def test_an_imported_version_of_others_is_compared_before_it_is_taken_over(
    plugin: Plugin, assets: AssetWorkspace
) -> None:
    name = unique("env")
    theirs = assets.client.environments.create_or_update(Environment(name=name, version="1", image=IMAGE))
    imported = plugin.read("Environment", str(theirs.id))
    made = Created(str(theirs.id), imported.inputs)

    same = plugin.check("Environment", environment(plugin, name, "1"), imported.inputs)
    assert plugin.diff("Environment", imported.inputs, same) == {"contentHash": False}
    plugin.update("Environment", made, same)
    assert plugin.read("Environment", str(theirs.id)).inputs["contentHash"] == same["contentHash"]

    other = plugin.check("Environment", environment(plugin, name, "1", conda_file={"name": "x"}))
    with pytest.raises(ProviderError, match=f"{name}:1 in workspace .* with other content"):
        plugin.update("Environment", made, other)


def test_an_imported_version_with_another_hash_is_a_mistake_of_the_preview(plugin: Plugin) -> None:
    name = unique("env")
    made = plugin.create("Environment", environment(plugin, name, "1"))
    imported = plugin.read("Environment", made.id)

    with pytest.raises(PluginError, match=f"{name}:1 is registered, .*; it was .* with other content"):
        plugin.check("Environment", environment(plugin, name, "1", conda_file={"name": "x"}), imported.inputs)


# azure-ai-ml reads the specification back from the blobs, in older ways of azure-storage-blob.
@pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties':DeprecationWarning")
@pytest.mark.filterwarnings("ignore:content_as_bytes:DeprecationWarning")
def test_feature_sets_and_entities_of_a_feature_store(
    arm: ArmRequests, shared_group: str, assets: AssetWorkspace, plugin: Plugin
) -> None:
    """The workspace is one of kind FeatureStore, where Azure keeps them."""
    name = unique("fs-")
    body = workspace_body(
        assets.parts, featureStoreSettings={"computeRuntime": {"sparkRuntimeVersion": "3.4"}}
    )
    arm.done("PUT", workspace_path(shared_group, name), VERSION, {**body, "kind": "FeatureStore"})
    plugin.target = Target(arm.subscription_id, shared_group, name)
    shutil.copytree(REPOSITORY / "ml_assets/assets/feature-store/churn-signals", plugin.root / "customers")
    entity = plugin.document(
        "entity.yml",
        "featureStoreEntity",
        name="customer",
        version="1",
        index_columns=[{"name": "customer_id", "type": "string"}],
    )
    features = plugin.document(
        "set.yml",
        "featureSet",
        name="customers",
        version="auto",
        specification={"path": "customers"},
        entities=["azureml:customer:1"],
    )

    made = [plugin.create("FeatureStoreEntity", entity), plugin.create("FeatureSet", features)]

    for type_, each in zip(("FeatureStoreEntity", "FeatureSet"), made, strict=True):
        assert plugin.read(type_, each.id, each.outputs).outputs == each.outputs
