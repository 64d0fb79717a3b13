"""Every type of asset in one stack: made, unchanged, changed, moved by hand, replaced, imported, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.asset_stack import azure, client, take
from tests.support.every_asset_type import (
    API_VERSION,
    ONE_LAKE,
    ONLINE,
    ROWS,
    Catalogue,
    Found,
    key_of,
)
from tests.support.sandbox import RunningSandbox
from tests.support.stack import PulumiStack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-assets-of-every-type")]


@pytest.fixture(scope="module")
def brought_up(
    request: pytest.FixtureRequest, sandboxes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    running = RunningSandbox(sandboxes, "stack-assets-of-every-type")
    running.start()
    stack = PulumiStack(running, "dev", tmp_path_factory.mktemp("stacks") / "dev")
    folder = stack.own_assets()
    (folder / "datastores/product-fabric.yml").write_text(yaml.safe_dump(ONE_LAKE))
    jobs = ["jobs/automl-*.yml", "jobs/sweep-*.yml", "jobs/pipeline-automl.yml", "jobs/s*.yml"]
    # Azure keeps feature sets for feature stores; the emulator's workspaces take them all.
    stack.change_settings(take(["**"], exclude=jobs))
    stack.up()
    yield Catalogue(stack, folder)
    if not (request.config.getoption("--keep") or request.config.getoption("--keep-failed")):
        running.supervisor.stop()


@pytest.fixture
def catalogue(brought_up: Catalogue, clean_environment: None) -> Catalogue:
    """Each test leaves the stack as its files then say."""
    return brought_up


def test_every_type_is_made_and_stays(catalogue: Catalogue) -> None:
    types = {type_ for type_, _ in catalogue.assets()}

    assert {row.type for row in ROWS} | {"Job"} == types
    assert {(row.type, row.name) for row in ROWS} <= set(catalogue.assets())
    assert catalogue.steps() == {}


def test_what_was_moved_by_hand_is_shown_and_moved_back(catalogue: Catalogue) -> None:
    before = catalogue.assets()
    with catalogue.stack.sandbox.entered():
        ml = client(catalogue.stack, catalogue.stack.outputs())
        for row in ROWS:
            its = before[row.type, row.name]
            version = str(its["outputs"].get("version", ""))
            row.by_hand(Found(catalogue.stack, ml, its["id"], row.name, version))

    refreshed = catalogue.stack.refresh()
    steps = catalogue.steps()

    assert steps == {(row.type, row.name): "update" for row in ROWS}
    assert refreshed["update"] == len(ROWS)
    catalogue.stack.up()
    assert set(catalogue.stack.refresh()) == {"same"}
    after = catalogue.assets()
    for key in before:
        assert after[key]["outputs"]["state"] == before[key]["outputs"]["state"], key


def test_what_may_change_changes_in_place(catalogue: Catalogue) -> None:
    for row in ROWS:
        catalogue.change(row.file, row.change)
    before = catalogue.assets()

    steps = catalogue.steps()

    assert steps == {(row.type, row.name): "update" for row in ROWS}
    catalogue.stack.up()
    assert catalogue.steps() == {}
    assert set(catalogue.stack.refresh()) == {"same"}
    after = catalogue.assets()
    for row in ROWS:
        old, new = before[row.type, row.name], after[row.type, row.name]
        assert new["id"] == old["id"]
        assert new["outputs"]["state"] != old["outputs"]["state"], row


DELETED_BY_HAND = ("Datastore", "Connection", "Schedule", "OnlineEndpoint", "BatchEndpoint")
GONE_WITH_THEM = ("OnlineDeployment", "OnlineTraffic", "BatchDeployment", "BatchDefaults")
# Type and name -> a file that belongs to it.
OTHER_CONTENT = {
    ("Environment", "training-sklearn"): "environments/training-sklearn/conda.yml",
    ("Environment", "scoring"): "environments/scoring/Dockerfile",
    ("Data", "churn-customers"): "data/churn/customers.csv",
    ("Data", "churn-table"): "data/churn/MLTable",
    ("Component", "prep"): "components/prep/src/prep.py",
    ("Model", "churn-classifier"): "models/churn-classifier/MLmodel",
    ("FeatureSet", "churn-signals"): "feature-store/churn-signals/transformation/churn_signals.py",
}
# Type and name -> file, and what is changed in it before the first preview after the import.
IMPORTED_AND_CHANGED: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("Datastore", "exchange_files"): ("datastores/exchange-files.yml", {"description": "Taken over."}),
    ("Environment", "scoring"): ("environments/scoring.yml", {"description": "Taken over."}),
    ("OnlineDeployment", f"{ONLINE}/blue"): ("endpoints/online/churn/blue.yml", {"instance_count": 3}),
    ("Schedule", "import-customers"): ("schedules/import-customers.yml", {"is_enabled": False}),
}


def test_what_is_imported_shows_what_the_file_changes_and_nothing_else(catalogue: Catalogue) -> None:
    before = catalogue.assets()
    deployment = json.loads(catalogue.stack.pulumi("stack export").stdout)
    resources = deployment["deployment"]["resources"]
    (parent,) = (each["urn"] for each in resources if each["type"] == "azureml:assets:Catalog")
    gone = {each["urn"] for each in before.values()}
    deployment["deployment"]["resources"] = [each for each in resources if each["urn"] not in gone]
    file = catalogue.stack.folder / "import.json"
    file.write_text(json.dumps(deployment))
    catalogue.stack.pulumi("stack import", "--file", str(file))
    wanted = {
        "nameTable": {"catalog": parent},
        "resources": [
            {"type": each["type"], "name": name, "id": each["id"], "parent": "catalog"}
            for (type_, name), each in before.items()
            if type_ != "Job"
        ],
    }
    file.write_text(json.dumps(wanted))
    for changed, changes in IMPORTED_AND_CHANGED.values():
        catalogue.change(changed, changes)

    catalogue.stack.pulumi("import", "--file", str(file), "--generate-code=false", "--yes")

    steps = catalogue.stack.preview().document["steps"]
    shown = {
        key_of(step["urn"]): sorted(step["detailedDiff"] or {})
        for step in steps
        if step["op"] not in ("same", "create")
    }
    credentials = ["spec.credentials.client_id", "spec.credentials.resource_id"]  # Azure never tells them
    assert shown == {
        ("Connection", "crm"): credentials,
        **{key: [f"spec.{name}" for name in changes] for key, (_, changes) in IMPORTED_AND_CHANGED.items()},
    }
    catalogue.stack.up()
    assert catalogue.steps() == {}
    assert set(catalogue.stack.refresh()) == {"same"}


def test_what_is_deleted_by_hand_is_made_again(catalogue: Catalogue) -> None:
    """Deployments and their traffic go with an endpoint."""
    before = catalogue.assets()
    named = {key for key in before if key[0] in (*DELETED_BY_HAND, *GONE_WITH_THEM)}
    with catalogue.stack.sandbox.entered():
        ml = client(catalogue.stack, catalogue.stack.outputs())
        for type_, name in sorted(named):
            if type_ == "Schedule":
                ml.schedules.begin_disable(name).result()
            if type_ in DELETED_BY_HAND:
                azure(catalogue.stack, before[type_, name]["id"], "DELETE", api_version=API_VERSION)

    refreshed = catalogue.stack.refresh()
    steps = catalogue.steps()

    assert refreshed["delete"] == len(named)
    assert {key for key, step in steps.items() if step == "create"} == named
    catalogue.stack.up()
    assert set(catalogue.stack.refresh()) == {"same"}


def test_other_content_replaces_a_version_and_keeps_the_older_one(catalogue: Catalogue) -> None:
    before = catalogue.assets()
    catalogue.change("feature-store/churn-signals.yml", {"version": "2"})  # the others have `version: auto`
    for file in OTHER_CONTENT.values():
        path = catalogue.folder / file
        path.write_bytes(path.read_bytes() + b"\n")

    steps = catalogue.steps()

    assert set(OTHER_CONTENT) <= {key for key, step in steps.items() if step == "replace"}
    assert "delete" not in steps.values()
    catalogue.stack.up()
    assert catalogue.steps() == {}
    with catalogue.stack.sandbox.entered():
        for key in OTHER_CONTENT:
            assert azure(catalogue.stack, before[key]["id"], api_version=API_VERSION)["name"]


def test_what_the_stack_no_longer_takes_is_removed_but_for_versions(catalogue: Catalogue) -> None:
    before = catalogue.assets()
    catalogue.stack.change_settings(take(["environments/scoring.yml"]))

    steps = catalogue.steps()

    assert steps == {key: "delete" for key in before if key != ("Environment", "scoring")}
    catalogue.stack.up()
    with catalogue.stack.sandbox.entered():
        ml = client(catalogue.stack, catalogue.stack.outputs())
        left = {each.name for each in ml.datastores.list()}
        assert left == {
            "workspaceblobstore",
            "workspaceartifactstore",
            "workspacefilestore",
            "workspaceworkingdirectory",
        }
        for found in (ml.schedules, ml.online_endpoints, ml.batch_endpoints, ml.connections):
            assert [each.name for each in found.list()] == []
        for key in OTHER_CONTENT:
            assert azure(catalogue.stack, before[key]["id"], api_version=API_VERSION)["name"]
