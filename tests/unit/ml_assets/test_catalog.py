"""The whole program with a small catalogue: what is registered, with which inputs, after what."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.settings.load import MESSAGE_SHOWN
from tests.support.asset_outputs import AUTOMATIC_VERSION, CONTENT_HASH, PACKAGE, VERSIONED
from tests.support.recorded_stack import SUBSCRIPTION, UNKNOWN, Recorded, RecordedStack, leaves, recorded
from tests.support.small_catalogue import FILES, Catalogue

A = "ml_assets/assets/"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
ROLE = "azure-native:authorization:RoleAssignment"
CLUSTER = "azure-native:machinelearningservices:Compute"


@pytest.fixture(scope="module")
def update(tmp_path_factory: pytest.TempPathFactory) -> RecordedStack:
    return Catalogue.small(tmp_path_factory.mktemp("update")).run()


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> RecordedStack:
    return Catalogue.small(tmp_path_factory.mktemp("preview")).run(known=False)


def assets(stack: RecordedStack) -> list[Recorded]:
    return [each for each in stack.resources if each.type.startswith(PACKAGE)]


def asset(stack: RecordedStack, kind: str, name: str) -> Recorded:
    (found,) = (each for each in stack.of(PACKAGE + kind) if each.name == name)
    return found


def direct(stack: RecordedStack, resource: Recorded, *types: str) -> set[str]:
    """Names of the resources of some types that a resource waits for by itself."""
    return {stack.by_urn(urn).name for urn in resource.dependencies if stack.by_urn(urn).type in types}


def test_every_file_becomes_a_resource_below_the_catalogue(update: RecordedStack) -> None:
    catalogue = update["azureml:assets:Catalog"]

    assert sorted(
        each.inputs["file"] for each in assets(update) if not each.type.endswith(("Traffic", "Defaults"))
    ) == sorted(A + path for path in FILES)
    assert {each.parent for each in assets(update)} == {catalogue.urn}


def test_references_become_what_the_other_asset_is_called_in_azure(update: RecordedStack) -> None:
    assert asset(update, "Component", "train").inputs["spec"]["environment"] == "azureml:training:3"
    whole = asset(update, "Component", "whole").inputs["spec"]
    assert whole["jobs"]["train"]["component"] == f"azureml:train:{AUTOMATIC_VERSION}"
    blue = asset(update, "OnlineDeployment", "churn-dev/blue").inputs["spec"]
    assert (blue["endpoint_name"], blue["model"]) == ("churn-dev", "azureml:churn:1")
    assert (
        asset(update, "Data", "history").inputs["spec"]["path"]
        == "azureml://datastores/lake/paths/churn/dev/"
    )


def test_a_stack_tells_what_it_has_registered_so_that_the_next_can_compare(update: RecordedStack) -> None:
    registered = update.exports["registeredAssets"]

    assert {"type": "azureml-assets:index:Environment", "name": "training", "version": "3"}.items() <= next(
        each.items() for each in registered if each["name"] == "training"
    )
    versioned = [each for each in assets(update) if each.type.removeprefix(PACKAGE) in VERSIONED]
    assert len(registered) == len(versioned)
    assert {each["contentHash"] for each in registered} == {CONTENT_HASH}


def test_outputs_of_the_platform_are_put_in(update: RecordedStack) -> None:
    account = update.exports["storageAccountName"]

    assert asset(update, "Datastore", "lake").inputs["spec"]["account_name"] == account


def test_a_preview_knows_all_that_does_not_come_from_azure(preview: RecordedStack) -> None:
    unknown = {each.name for each in assets(preview) if UNKNOWN in leaves(each.inputs["spec"])}

    assert asset(preview, "Component", "train").inputs["spec"]["environment"] == "azureml:training:3"
    assert asset(preview, "Datastore", "lake").inputs["spec"]["account_name"] is UNKNOWN
    # The lake's account and the endpoint's identity come from Azure, and so does what refers to these two.
    assert unknown == {"lake", "history", "churn-dev", "churn-dev/blue", "churn-dev/green"}


def test_the_same_is_registered_in_a_preview(preview: RecordedStack, update: RecordedStack) -> None:
    assert {each.urn for each in preview.resources} == {each.urn for each in update.resources}
    assert preview.exports["assets"] is UNKNOWN


def test_everything_goes_to_the_workspace_and_waits_for_it(update: RecordedStack) -> None:
    workspace = update[WORKSPACE]
    for each in assets(update):
        assert each.inputs["target"] == {
            "subscriptionId": SUBSCRIPTION,
            "resourceGroupName": "rg-mlplat-dev-weu",
            "workspaceName": workspace.inputs["workspaceName"],
        }
        assert workspace.urn in each.property_dependencies["target"]


@pytest.mark.parametrize(
    ("kind", "name", "clusters"),
    [
        ("Component", "whole", {"cpu-cluster-compute"}),
        ("Component", "train", set()),
        ("Schedule", "retrain", {"gpu-cluster-compute"}),
        ("BatchDeployment", "nightly/whole", {"gpu-cluster-compute"}),
        ("Job", "jobs/pipeline.yml", set()),
        ("OnlineEndpoint", "churn-dev", set()),
    ],
)
def test_only_the_clusters_that_a_document_names_are_waited_for(
    update: RecordedStack, kind: str, name: str, clusters: set[str]
) -> None:
    assert direct(update, asset(update, kind, name), CLUSTER) == clusters


def test_roles_are_waited_for_where_files_are_uploaded_or_an_identity_is_used(update: RecordedStack) -> None:
    waiting = {
        each.name: direct(update, each, ROLE)
        for each in assets(update)
        if not each.type.endswith(("Traffic", "Defaults"))
    }

    def of(who: str) -> set[str]:
        return {name for name, roles in waiting.items() if any(role.startswith(who) for role in roles)}

    assert of("persona-") == {"customers", "churn", "scoring"}
    assert of("compute-") == {"churn-dev"}
    assert all(role.endswith("storage-blob-data-contributor-storage") for role in waiting["customers"])


def test_traffic_moves_after_the_deployments_are_there(update: RecordedStack) -> None:
    traffic = asset(update, "OnlineTraffic", "churn-dev")

    assert traffic.inputs["spec"] == {"name": "churn-dev", "traffic": {"blue": 90, "green": 10}}
    assert direct(update, traffic, f"{PACKAGE}OnlineDeployment") == {"churn-dev/blue", "churn-dev/green"}


def test_a_default_deployment_is_set_after_it_is_there(update: RecordedStack) -> None:
    defaults = asset(update, "BatchDefaults", "nightly")

    assert defaults.inputs["spec"]["defaults"] == {"deployment_name": "whole"}
    assert direct(update, defaults, f"{PACKAGE}BatchDeployment") == {"nightly/whole"}
    assert "defaults" not in asset(update, "BatchEndpoint", "nightly").inputs["spec"]


def test_only_what_has_versions_says_what_becomes_of_them(update: RecordedStack) -> None:
    said = {each.type.removeprefix(PACKAGE) for each in assets(update) if "whenReplaced" in each.inputs}

    assert said == {"Environment", "Component", "Data", "Model"}


def test_inputs_are_those_of_the_contract(update: RecordedStack) -> None:
    for each in assets(update):
        assert set(each.inputs) - {"whenReplaced"} == {"file", "spec", "target"}, each.name
        assert "$schema" not in each.inputs["spec"]


def test_the_stack_exports_what_the_assets_are_called(update: RecordedStack) -> None:
    exported: dict[str, Any] = update.exports["assets"]

    assert exported[f"{A}environments/training.yml"] == "azureml:training:3"
    assert len(exported) == len(FILES) - 1, "all but the job"


def test_a_registry_takes_some_of_the_assets(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    files = ["environments/**", "components/train/*"]
    catalogue.assets |= {
        "whenReplaced": "archive",
        "registry": {"name": "contoso-ml", "files": files, "mustExist": True},
    }

    stack = catalogue.run()

    train = asset(stack, "Component", "train")
    assert {key: train.inputs[key] for key in ("target", "mustExist", "whenReplaced")} == {
        "target": {"registryName": "contoso-ml"},
        "mustExist": True,
        "whenReplaced": "archive",
    }
    environment = "azureml://registries/contoso-ml/environments/training/versions/3"
    assert train.inputs["spec"]["environment"] == environment
    assert train.dependencies == {asset(stack, "Environment", "training").urn}, "no workspace"
    assert "mustExist" not in asset(stack, "Model", "churn").inputs


def test_two_versions_at_once_keep_the_state_of_the_first(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.asset("models/next.yml", "model", "name: churn\nversion: 2\ntype: mlflow_model\npath: next")

    stack = catalogue.run()

    assert asset(stack, "Model", "churn:1").former_names == ("churn",)
    assert asset(stack, "Model", "churn:2").former_names == ()


def test_a_wrong_catalogue_ends_the_program_before_any_resource(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change("models/churn.yml", "name: churn", "name: 5")
    catalogue.change("components/whole.yml", "cpu-cluster", "cpu")
    monkeypatch.setattr("infra.platform.Platform.__init__", None)  # nobody gets that far

    with pytest.raises(SystemExit) as caught:
        catalogue.run()

    assert caught.value.code == MESSAGE_SHOWN, "the engine would add a line of its own"
    (told,) = (entry for entry in caplog.records if entry.levelno >= logging.WARNING)
    first, *others = told.getMessage().splitlines()
    assert first == "the assets of stack 'dev' have 2 mistakes; no resource was touched:"
    assert [line.split(": ")[0] for line in others] == [
        f"  {A}components/whole.yml:9",
        f"  {A}models/churn.yml:2",
    ]


def test_unused_files_are_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets["include"] = ["[c-m]*/**"]
    catalogue.write("environments/serving.yml", "name: serving")

    catalogue.run()

    assert [entry.getMessage() for entry in caplog.records if entry.levelno == logging.WARNING] == [
        (
            "no stack takes this file; add it to assets.include or assets.exclude of a Pulumi.STACK.yaml, or "
            f"delete it: {A}schedules/retrain.yml"
        ),
        (
            "nothing uses this file, which has no $schema; give it one, or delete it: "
            f"{A}environments/serving.yml"
        ),
    ]


def test_a_stack_without_assets_has_no_stage_2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not even its modules are loaded, so it costs nothing."""
    monkeypatch.setitem(sys.modules, "ml_assets.plan", None)
    catalogue = Catalogue(tmp_path, assets={})

    stack = catalogue.run()

    assert assets(stack) == []
    assert "assets" not in stack.exports
    assert stack.resources


def test_assets_do_not_change_stage_1(update: RecordedStack) -> None:
    without = {each.urn for each in recorded("dev").resources}
    with_assets = {each.urn for each in update.resources if "azureml:assets" not in each.urn}

    assert without <= with_assets
    assert {urn.rpartition("::")[2] for urn in with_assets - without} == {
        "gpu-cluster",
        "gpu-cluster-compute",
    }
