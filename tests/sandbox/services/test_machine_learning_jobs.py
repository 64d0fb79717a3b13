"""Jobs of every kind up to the queue, read and cancelled with azure-ai-ml."""

# azure-ai-ml reads the annotations of pipeline functions: they must be objects, not text.
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml import Input, MLClient, automl, command, spark
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import Environment, Job
from azure.ai.ml.sweep import Uniform
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique
from tests.support.asset_workspace import AssetWorkspace
from tests.support.platform_parts import VERSION, Parts, workspace_path

JsonObject = dict[str, Any]
ENVIRONMENT = "azureml://registries/azureml/environments/sklearn-1.5/versions/20"


class Jobs:
    """Requests about the jobs of one workspace that has a cluster."""

    def __init__(self, arm: ArmRequests, parts: Parts, workspace: str, client: MLClient) -> None:
        self.arm, self.parts, self.workspace, self.client = arm, parts, workspace, client

    def path(self, name: str, below: str = "") -> str:
        """Path of a job, or of an action on it."""
        return workspace_path(self.parts.group, self.workspace, f"/jobs/{name}{below}")

    def body(self, **changes: Any) -> JsonObject:
        """A command job as a plain request; None leaves a property out."""
        workspace = (
            f"/subscriptions/{self.arm.subscription_id}/{workspace_path(self.parts.group, self.workspace)}"
        )
        properties: JsonObject = {
            "jobType": "Command",
            "command": "echo hello",
            "environmentId": ENVIRONMENT,
            "computeId": f"{workspace}/computes/cpu-cluster",
            **changes,
        }
        return {"properties": {key: value for key, value in properties.items() if value is not None}}

    def submit(self, job: Any) -> Job:
        """Submit a job; it answers as accepted, and is queued when asked again."""
        done: Job = self.client.jobs.create_or_update(job, experiment_name="churn")
        assert done.status == "NotStarted"
        assert done.name is not None
        assert str(done.studio_url).count("tid=") == 1  # which the client adds
        found: Job = self.client.jobs.get(done.name)
        assert (found.status, found.experiment_name) == ("Queued", "churn")
        assert found.studio_url is not None
        assert f"/runs/{done.name}?wsid=/subscriptions/" in found.studio_url
        return found

    def refusal(self, name: str, body: JsonObject) -> tuple[int, str, str]:
        """The refusal of a PUT that must not succeed."""
        answer = self.arm.send("PUT", self.path(name), VERSION, body)
        assert answer.status_code >= 400, answer.text
        return error_of(answer)


@pytest.fixture(scope="module")
def jobs(assets: AssetWorkspace) -> Jobs:
    """Jobs of a workspace made for this module, with a cluster."""
    scale = {"minNodeCount": 0, "maxNodeCount": 2}
    cluster = {
        "computeType": "AmlCompute",
        "properties": {"vmSize": "Standard_DS3_v2", "scaleSettings": scale},
    }
    path = assets.path("/computes/cpu-cluster")
    assets.arm.done("PUT", path, VERSION, {"location": LOCATION, "properties": cluster})
    return Jobs(assets.arm, assets.parts, assets.name, assets.client)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a script, different in every test."""
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "train.py").write_text(f"print('{unique('run')}')\n", encoding="utf-8")
    return folder


def _train(source: Path, **options: Any) -> Any:
    return command(
        command="python train.py --lr ${{inputs.lr}} --data ${{inputs.data}} --out ${{outputs.model}}",
        code=str(source),
        environment=ENVIRONMENT,
        inputs={
            "lr": 0.1,
            "data": Input(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/d"),
        },
        outputs={"model": {"type": "uri_folder"}},
        compute="cpu-cluster",
        **options,
    )


def test_a_command_with_its_code_is_queued_and_cancelled(jobs: Jobs, source: Path) -> None:
    found = jobs.submit(_train(source, display_name="Train", tags={"team": "ml"}))
    assert (found.type, found.display_name, found.tags) == ("command", "Train", {"team": "ml"})
    shown = jobs.arm.send("GET", jobs.path(str(found.name)), VERSION).json()["properties"]
    assert "/codes/" in shown["codeId"]
    assert shown["inputs"]["lr"] == {"jobInputType": "literal", "value": "0.1"}
    assert set(shown["outputs"]) == {"default", "model"}
    jobs.client.jobs.begin_cancel(str(found.name)).result()
    assert jobs.client.jobs.get(str(found.name)).status == "Canceled"
    again = jobs.arm.send("POST", jobs.path(str(found.name), "/cancel"), VERSION)
    assert again.status_code == 200


def test_a_cancel_is_accepted_with_202(jobs: Jobs) -> None:
    name = unique("job-")
    assert jobs.arm.send("PUT", jobs.path(name), VERSION, jobs.body()).status_code == 201
    answer = jobs.arm.send("POST", jobs.path(name, "/cancel"), VERSION)
    assert answer.status_code == 202
    assert "Location" in answer.headers


def test_a_pipeline_of_components(jobs: Jobs, source: Path) -> None:
    step = _train(source)

    @pipeline(default_compute="cpu-cluster")  # type: ignore[call-overload, untyped-decorator]
    def train_twice(data: Input) -> JsonObject:
        first = step(data=data, lr=0.1)
        second = step(data=first.outputs.model, lr=0.2)
        return {"model": second.outputs.model}

    data = Input(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/d")
    found = jobs.submit(train_twice(data=data))
    assert found.type == "pipeline"
    shown = jobs.arm.send("GET", jobs.path(str(found.name)), VERSION).json()["properties"]
    assert sorted(shown["jobs"]) == ["first", "second"]
    assert all("/components/" in node["componentId"] for node in shown["jobs"].values())
    jobs.client.jobs.begin_cancel(str(found.name)).result()
    assert jobs.client.jobs.get(str(found.name)).status == "Canceled"


def test_a_sweep(jobs: Jobs, source: Path) -> None:
    trial = _train(source)(lr=Uniform(min_value=0.01, max_value=0.2))
    wanted = trial.sweep(
        sampling_algorithm="random", primary_metric="auc", goal="maximize", compute="cpu-cluster"
    )
    wanted.set_limits(max_total_trials=4, max_concurrent_trials=2, timeout=3600)
    found = jobs.submit(wanted)
    shown = jobs.arm.send("GET", jobs.path(str(found.name)), VERSION).json()["properties"]
    assert shown["jobType"] == "Sweep"
    assert shown["searchSpace"] == {"lr": ["uniform", [0.01, 0.2]]}
    assert shown["limits"]["maxTotalTrials"] == 4
    assert "/codes/" in shown["trial"]["codeId"]


def test_an_automl_classification(jobs: Jobs) -> None:
    wanted = automl.classification(
        compute="cpu-cluster",
        training_data=Input(type="mltable", path="azureml://datastores/workspaceblobstore/paths/train"),
        target_column_name="churned",
        primary_metric="accuracy",
        n_cross_validations=5,
    )
    wanted.set_limits(timeout_minutes=60, max_trials=5)
    found = jobs.submit(wanted)
    shown = jobs.arm.send("GET", jobs.path(str(found.name)), VERSION).json()["properties"]
    assert (shown["jobType"], shown["taskDetails"]["taskType"]) == ("AutoML", "Classification")
    assert shown["taskDetails"]["targetColumnName"] == "churned"


def test_a_spark_job(jobs: Jobs, source: Path) -> None:
    def job(size: str) -> Any:
        return spark(
            code=str(source),
            entry={"file": "train.py"},
            driver_cores=1,
            driver_memory="2g",
            executor_cores=2,
            executor_memory="2g",
            executor_instances=2,
            resources={"instance_type": size, "runtime_version": "3.4"},
            identity={"type": "managed"},
        )

    found = jobs.submit(job("Standard_E8S_V3"))
    shown = jobs.arm.send("GET", jobs.path(str(found.name)), VERSION).json()["properties"]
    assert (shown["jobType"], shown["resources"]["instanceType"]) == ("Spark", "Standard_E8S_V3")
    body = {key: value for key, value in shown.items() if key not in ("services", "status", "outputs")}
    body["resources"] = {"instanceType": "Standard_DS3_v2", "runtimeVersion": "3.4"}
    status, code, message = jobs.refusal(unique("job-"), {"properties": body})
    assert (status, code) == (400, "UserError")
    assert "standard_e8s_v3" in message


def test_an_inline_environment_becomes_an_anonymous_one(jobs: Jobs) -> None:
    environment = Environment(image=f"mcr.microsoft.com/azureml/{unique('image')}:latest")
    found = jobs.submit(command(command="echo", environment=environment, compute="cpu-cluster"))
    shown = jobs.arm.send("GET", jobs.path(str(found.name)), VERSION).json()["properties"]
    assert "/environments/CliV2AnonymousEnvironment/versions/" in shown["environmentId"]


def test_a_job_without_compute_runs_serverless(jobs: Jobs) -> None:
    found = jobs.submit(command(command="echo", environment=ENVIRONMENT, compute="serverless"))
    assert found.type == "command"


def test_what_a_job_is_does_not_change(jobs: Jobs) -> None:
    name = unique("job-")
    jobs.arm.done("PUT", jobs.path(name), VERSION, jobs.body(tags={"a": "1"}))
    changed = jobs.body(command="echo other", displayName="Other", experimentName="other")
    error = jobs.arm.send("PUT", jobs.path(name), VERSION, changed)
    status, code, message = error_of(error)
    assert (status, code) == (400, "UserError")
    assert "the existing job's Command,  ExperimentName cannot be changed. Only description, tags" in message
    assert "JobPropertyImmutable" in error.text


def test_labels_of_a_job_change(jobs: Jobs) -> None:
    name = unique("job-")
    jobs.arm.done("PUT", jobs.path(name), VERSION, jobs.body(tags={"a": "1"}))
    changes = {"tags": {"b": "2"}, "displayName": "Other", "description": "Described"}
    answer = jobs.arm.send("PUT", jobs.path(name), VERSION, jobs.body(**changes))
    assert answer.status_code == 200
    properties = answer.json()["properties"]
    assert (properties["displayName"], properties["description"]) == ("Other", "Described")
    assert properties["tags"] == {"a": "1", "b": "2"}


def test_properties_of_a_job_are_added_and_never_altered(jobs: Jobs) -> None:
    name = unique("job-")
    jobs.arm.done("PUT", jobs.path(name), VERSION, jobs.body(properties={"commit": "1"}))
    added = jobs.arm.done("PUT", jobs.path(name), VERSION, jobs.body(properties={"branch": "main"}))
    assert added["properties"]["properties"] == {"commit": "1", "branch": "main"}
    assert jobs.refusal(name, jobs.body(properties={"commit": "2"}))[:2] == (400, "UserError")


def test_archived_jobs_are_listed_apart(jobs: Jobs) -> None:
    name = unique("job-")
    jobs.arm.done("PUT", jobs.path(name), VERSION, jobs.body())
    assert name in [item.name for item in jobs.client.jobs.list()]
    jobs.arm.done("PUT", jobs.path(name), VERSION, jobs.body(isArchived=True))
    assert name not in [item.name for item in jobs.client.jobs.list()]
    collection = jobs.path("").rstrip("/")
    shown = jobs.arm.send("GET", collection, VERSION, listViewType="ArchivedOnly").json()["value"]
    assert [(item["name"], item["properties"]["status"]) for item in shown] == [(name, "Queued")]


def test_a_job_is_deleted(jobs: Jobs) -> None:
    name = unique("job-")
    jobs.arm.done("PUT", jobs.path(name), VERSION, jobs.body())
    jobs.client.jobs.begin_delete(name).wait()
    with pytest.raises(ResourceNotFoundError, match=f"Job {name} not found"):
        jobs.client.jobs.get(name)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"computeId": "nothing"}, "Unknown compute target 'nothing'."),
        ({"environmentId": "azureml:nothing:1"}, "azureml:nothing:1"),
        ({"codeId": "azureml:nothing:1"}, "azureml:nothing:1"),
    ],
)
def test_a_job_needs_what_it_names(jobs: Jobs, changes: JsonObject, said: str) -> None:
    status, code, message = jobs.refusal(unique("job-"), jobs.body(**changes))
    assert status in (400, 404)
    assert code == "UserError"
    assert said in message


def test_a_pipeline_needs_its_components(jobs: Jobs) -> None:
    nodes = {"train": {"type": "command", "componentId": "azureml:nothing:1"}}
    body = {"properties": {"jobType": "Pipeline", "jobs": nodes}}
    assert "azureml:nothing:1" in jobs.refusal(unique("job-"), body)[2]


def test_an_unknown_property_is_refused(jobs: Jobs) -> None:
    assert jobs.refusal(unique("job-"), jobs.body(comand="echo"))[1] == "InvalidRequestContent"


def test_azure_ai_ml_says_which_compute_is_missing(jobs: Jobs, source: Path) -> None:
    step = _train(source)

    @pipeline(default_compute="missing-cluster")  # type: ignore[call-overload, untyped-decorator]
    def once(data: Input) -> None:
        step(data=data, lr=0.1)

    data = Input(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/d")
    with pytest.raises((HttpResponseError, Exception), match="missing-cluster"):
        jobs.client.jobs.create_or_update(once(data=data))
