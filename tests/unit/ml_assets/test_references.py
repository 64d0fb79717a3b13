"""What references become: parts of a text, an order, and the names of resources."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml_assets.index import ResourceName
from ml_assets.plan import Planned
from ml_assets.platform_values import PlatformValue
from ml_assets.references import Part, Use
from ml_assets.schemas import Kind
from tests.support.small_catalogue import FILES, Catalogue

A = "ml_assets/assets/"
TRAIN = "components/train/component.yml"
TRAINING = Use(f"{A}environments/training.yml", "reference")


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue.small(tmp_path)


def planned(catalogue: Catalogue, path: str) -> Planned:
    (found,) = (each for each in catalogue.plan().resources if each.file == A + path and not each.routes)
    return found


def parts(catalogue: Catalogue, path: str, *key: str | int) -> tuple[Part, ...] | None:
    return planned(catalogue, path).parts.get(key)


@pytest.mark.parametrize(
    "written",
    [
        "azureml:training@latest",
        "azureml:training:3",
        "ref:../../environments/training.yml",
        "file:../../environments/training.yml",
    ],
)
def test_an_environment_is_found_by_name_and_by_file(catalogue: Catalogue, written: str) -> None:
    catalogue.change(TRAIN, "azureml:training@latest", written)

    assert parts(catalogue, TRAIN, "environment") == (TRAINING,)


@pytest.mark.parametrize(
    "written",
    [
        "azureml:AzureML-sklearn-1.5:12",
        "azureml:AzureML-sklearn-1.5@latest",
        "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
        "azureml:/subscriptions/0/resourceGroups/g/providers/M.M/workspaces/w/environments/e/versions/1",
    ],
)
def test_what_lies_outside_the_catalogue_is_left_alone(catalogue: Catalogue, written: str) -> None:
    catalogue.change(TRAIN, "azureml:training@latest", written)

    assert parts(catalogue, TRAIN, "environment") is None
    assert planned(catalogue, TRAIN).spec["environment"] == written


def test_an_inline_environment_is_no_reference(catalogue: Catalogue) -> None:
    catalogue.change(TRAIN, "azureml:training@latest", "{image: ubuntu, conda_file: ../conda.yml}")

    assert planned(catalogue, TRAIN).parts == {}


@pytest.mark.parametrize("store", ["workspaceblobstore", "workspaceartifactstore"])
def test_the_built_in_datastores_are_known(catalogue: Catalogue, store: str) -> None:
    catalogue.change("data/history.yml", "datastores/lake/", f"datastores/{store}/")

    assert planned(catalogue, "data/history.yml").parts == {}


def test_what_azure_ml_puts_in_when_a_job_runs_stays_in_a_datastore_s_path(catalogue: Catalogue) -> None:
    catalogue.change("data/history.yml", "/churn/${platform.environment}/", "/imports/${{name}}")

    assert parts(catalogue, "data/history.yml", "path") == (
        "azureml://datastores/",
        Use(f"{A}datastores/lake.yml", "name"),
        "/paths/imports/${{name}}",
    )


def test_prose_and_the_names_of_inputs_mean_nothing(catalogue: Catalogue) -> None:
    catalogue.change(
        "jobs/pipeline.yml",
        "    command: python report.py",
        "    command: echo azureml:nothing:1 ${{inputs.environment}}\n"
        "    description: compares azureml:nothing:1\n"
        "    tags: {environment: azureml:nothing:1}\n"
        "    environment_variables: {STORE: 'azureml://datastore/x'}\n"
        "    inputs: {compute: fast, environment: dev, model: '${{parent.inputs.m}}', component: ./no.yml}",
    )

    assert set(planned(catalogue, "jobs/pipeline.yml").parts) == {
        ("jobs", "train", "component"),
        ("jobs", "train", "inputs", "customers", "path"),
        ("jobs", "report", "environment"),
    }


def test_an_input_may_be_written_as_a_bare_reference(catalogue: Catalogue) -> None:
    catalogue.change(
        "jobs/pipeline.yml",
        "command: python report.py",
        "command: python report.py\n    inputs: {data: 'azureml:customers@latest', model: 'azureml:churn:1'}",
    )

    assert parts(catalogue, "jobs/pipeline.yml", "jobs", "report", "inputs", "data") == (
        Use(f"{A}data/customers.yml", "reference"),
    )
    assert parts(catalogue, "jobs/pipeline.yml", "jobs", "report", "inputs", "model") == (
        Use(f"{A}models/churn.yml", "reference"),
    )


def test_text_around_an_output_of_the_platform_stays(catalogue: Catalogue) -> None:
    catalogue.change(
        "datastores/lake.yml", "${platform.storage", "https://${platform.workspace_name}/${platform.storage"
    )

    assert parts(catalogue, "datastores/lake.yml", "account_name") == (
        "https://",
        PlatformValue("workspace_name"),
        "/",
        PlatformValue("storage_account_name"),
    )


def test_variables_of_a_shell_are_no_placeholders(catalogue: Catalogue) -> None:
    catalogue.change(TRAIN, "python train.py", "python ${DATA_HOME} ${x.y} ${PLATFORM_HOME%.*} train.py")

    assert set(planned(catalogue, TRAIN).parts) == {("environment",)}


@pytest.mark.parametrize(
    "written", ["serverless", "azureml:serverless", "azureml:/subscriptions/0/x", "${{parent.c}}"]
)
def test_compute_that_is_no_cluster_is_waited_for_by_nobody(catalogue: Catalogue, written: str) -> None:
    catalogue.change("components/whole.yml", "azureml:cpu-cluster", written)

    assert planned(catalogue, "components/whole.yml").clusters == frozenset()


def test_a_monitor_depends_on_the_deployment_that_it_watches(catalogue: Catalogue) -> None:
    catalogue.asset(
        "schedules/monitor.yml",
        "monitorSchedule",
        """
        name: monitor
        create_monitor:
          monitoring_target:
            endpoint_deployment_id: azureml:churn-${platform.environment}:blue
        """,
    )

    key = ("create_monitor", "monitoring_target", "endpoint_deployment_id")
    assert parts(catalogue, "schedules/monitor.yml", *key) == (
        "azureml:",
        Use(f"{A}endpoints/churn/endpoint.yml", "name"),
        ":",
        Use(f"{A}endpoints/churn/blue.yml", "name"),
    )


def test_everything_comes_after_what_it_refers_to(catalogue: Catalogue) -> None:
    resources = catalogue.plan().resources
    place = {each.file: index for index, each in enumerate(resources) if not each.routes}

    for index, each in enumerate(resources):
        uses = [part.file for parts in each.parts.values() for part in parts if isinstance(part, Use)]
        assert all(place[file] < index for file in (*uses, *each.after)), each.file
    assert len(resources) == len(FILES) + 2  # traffic, and the default of the batch endpoint


def test_the_order_does_not_depend_on_chance(catalogue: Catalogue) -> None:
    assert catalogue.plan() == catalogue.plan()


def test_two_circles_are_two_mistakes(catalogue: Catalogue) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("x", "y"), ("y", "x")):
        catalogue.asset(
            f"components/{name}.yml",
            "pipelineComponent",
            f"name: {name}\nversion: 1\ntype: pipeline\njobs:\n  n:\n    component: azureml:{other}:1",
        )

    assert [said.partition(" · allowed")[0].partition("circle, ")[2] for said in catalogue.mistakes()] == [
        f"{A}components/a.yml:7 -> {A}components/b.yml:7 -> {A}components/c.yml:7 -> {A}components/a.yml",
        f"{A}components/x.yml:7 -> {A}components/y.yml:7 -> {A}components/x.yml",
    ]


def test_a_schedule_holds_its_job_as_seen_from_the_schedule(catalogue: Catalogue) -> None:
    catalogue.change("schedules/retrain.yml", "../jobs/pipeline.yml", "file:../jobs/pipeline.yml")
    schedule = planned(catalogue, "schedules/retrain.yml")

    assert schedule.spec["create_job"] == {
        "type": "pipeline",
        "experiment_name": "churn",
        "settings": {"default_compute": "azureml:gpu-cluster"},
        "jobs": planned(catalogue, "jobs/pipeline.yml").spec["jobs"],
    }
    assert schedule.parts["create_job", "jobs", "report", "environment"] == (TRAINING,)
    assert schedule.clusters == {"gpu-cluster"}, "the schedule takes another cluster than the job"


def test_a_job_of_another_folder_keeps_its_local_files(catalogue: Catalogue) -> None:
    catalogue.asset(
        "product/churn/report.yml", "commandJob", "type: command\ncode: src\ncommand: python report.py"
    )
    catalogue.change("schedules/retrain.yml", "../jobs/pipeline.yml", "../product/churn/report.yml")

    assert planned(catalogue, "schedules/retrain.yml").spec["create_job"]["code"] == "../product/churn/src"


def test_traffic_comes_from_the_endpoint_s_file(catalogue: Catalogue) -> None:
    resources = catalogue.plan().resources
    traffic = next(each for each in resources if each.routes and each.kind is Kind.ONLINE_ENDPOINT)

    assert traffic.spec == {"name": "churn-dev", "traffic": {"blue": 90, "green": 10}}
    assert traffic.after == (f"{A}endpoints/churn/blue.yml", f"{A}endpoints/churn/green.yml")
    assert "traffic" not in planned(catalogue, "endpoints/churn/endpoint.yml").spec


def test_without_traffic_nobody_moves_it(catalogue: Catalogue) -> None:
    catalogue.change("endpoints/churn/endpoint.yml", "traffic:\n  blue: 90\n  green: 10", "traffic: {}")

    routes = [each.kind for each in catalogue.plan().resources if each.routes]
    assert routes == [Kind.BATCH_ENDPOINT]


def test_versions_are_text(catalogue: Catalogue) -> None:
    """On their way through the engine numbers become doubles, and 3 would be 3.0."""
    assert planned(catalogue, "environments/training.yml").spec["version"] == "3"


def test_resources_are_called_like_their_assets(catalogue: Catalogue) -> None:
    """So a file can move: a resource of another name would be created, and the old one deleted."""
    assert planned(catalogue, TRAIN).name == ResourceName("train")
    assert planned(catalogue, "environments/training.yml").name == ResourceName("training", "training:3")
    assert planned(catalogue, "endpoints/churn/blue.yml").name == ResourceName("churn-dev/blue")
    assert planned(catalogue, "jobs/pipeline.yml").name == ResourceName("jobs/pipeline.yml")


def test_two_versions_at_once_are_two_resources_and_the_older_keeps_its_state(catalogue: Catalogue) -> None:
    catalogue.asset("models/next.yml", "model", "name: churn\nversion: 10\ntype: mlflow_model\npath: next")

    assert planned(catalogue, "models/churn.yml").name == ResourceName("churn:1", "churn")
    assert planned(catalogue, "models/next.yml").name == ResourceName("churn:10")
    assert parts(catalogue, "endpoints/churn/blue.yml", "model") == (
        Use(f"{A}models/churn.yml", "reference"),
    )
    assert parts(catalogue, "endpoints/churn/green.yml", "model") == (
        Use(f"{A}models/next.yml", "reference"),
    )


@pytest.mark.parametrize(
    ("path", "uploads"),
    [
        ("data/customers.yml", True),
        ("data/history.yml", False),
        ("models/churn.yml", True),
        ("environments/scoring.yml", True),
        ("environments/training.yml", False),
        (TRAIN, False),
    ],
)
def test_only_blobs_that_the_client_writes_itself_need_a_role(
    catalogue: Catalogue, path: str, uploads: bool
) -> None:
    assert planned(catalogue, path).uploads is uploads
