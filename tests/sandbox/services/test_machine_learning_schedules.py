"""Schedules with azure-ai-ml: jobs and imports, triggers, switching on and off, deletion."""

# azure-ai-ml reads the annotations of pipeline functions: they must be objects, not text.
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml import Input, command
from azure.ai.ml.data_transfer import Database
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import (
    CronTrigger,
    DataImport,
    ImportDataSchedule,
    JobSchedule,
    RecurrencePattern,
    RecurrenceTrigger,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.support.arm_requests import LOCATION, error_of, unique
from tests.support.asset_workspace import AssetWorkspace
from tests.support.platform_parts import VERSION, make_workspace, workspace_path

JsonObject = dict[str, Any]
ENVIRONMENT = "azureml://registries/azureml/environments/sklearn-1.5/versions/20"
DAILY: JsonObject = {"triggerType": "Recurrence", "frequency": "Day", "interval": 1}


@pytest.fixture(scope="module")
def cluster(assets: AssetWorkspace) -> str:
    """A cluster of the workspace."""
    scale = {"minNodeCount": 0, "maxNodeCount": 2}
    inner = {"vmSize": "Standard_DS3_v2", "scaleSettings": scale}
    body = {"location": LOCATION, "properties": {"computeType": "AmlCompute", "properties": inner}}
    assets.arm.done("PUT", assets.path("/computes/cpu-cluster"), VERSION, body)
    return "cpu-cluster"


def plain(trigger: JsonObject, **changes: Any) -> JsonObject:
    """A schedule of a pipeline as a plain request."""
    definition = {"jobType": "Pipeline", "jobs": {}, **changes}
    return {
        "properties": {"action": {"actionType": "CreateJob", "jobDefinition": definition}, "trigger": trigger}
    }


def put(assets: AssetWorkspace, name: str, body: JsonObject) -> JsonObject:
    """Create or update a schedule by a plain request."""
    return assets.arm.done("PUT", assets.path(f"/schedules/{name}"), VERSION, body)


def refusal(assets: AssetWorkspace, body: JsonObject, version: str = VERSION) -> tuple[int, str, str]:
    """The refusal of a PUT that must not succeed."""
    answer = assets.arm.send("PUT", assets.path(f"/schedules/{unique('s')}"), version, body)
    assert answer.status_code >= 400, answer.text
    return error_of(answer)


def test_a_pipeline_is_scheduled_disabled_enabled_and_deleted(
    assets: AssetWorkspace, cluster: str, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(f"print('{unique('run')}')\n", encoding="utf-8")
    step = command(
        command="python train.py --data ${{inputs.data}}",
        code=str(tmp_path),
        environment=ENVIRONMENT,
        inputs={"data": Input(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/d")},
    )

    @pipeline(default_compute=cluster)  # type: ignore[call-overload, untyped-decorator]
    def nightly(data: Input) -> None:
        step(data=data)

    name, schedules = unique("sch"), assets.client.schedules
    pattern = RecurrencePattern(hours=[2], minutes=[30], week_days=["monday", "friday"])
    trigger = RecurrenceTrigger(frequency="week", interval=1, schedule=pattern, time_zone="UTC")
    job = nightly(data=Input(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/d"))
    wanted = JobSchedule(name=name, trigger=trigger, create_job=job, tags={"team": "ml"})
    done = schedules.begin_create_or_update(wanted).result()
    assert (done.is_enabled, done.provisioning_state) == (True, "Succeeded")
    shown = assets.send("GET", f"/schedules/{name}", version=VERSION).json()["properties"]
    assert shown["trigger"]["schedule"]["weekDays"] == ["Monday", "Friday"]
    [node] = shown["action"]["jobDefinition"]["jobs"].values()
    assert "/components/azureml_anonymous/versions/" in node["componentId"]
    assert name in [item.name for item in schedules.list()]

    with pytest.raises(HttpResponseError, match="Disable the schedule before deleting it"):
        schedules.begin_delete(name)
    assert schedules.begin_disable(name).result().is_enabled is False
    assert name not in [item.name for item in schedules.list()]
    assert name in [item.name for item in schedules.list(list_view_type="DisabledOnly")]
    assert schedules.begin_enable(name).result().is_enabled is True
    schedules.begin_disable(name).result()
    schedules.begin_delete(name).wait()
    with pytest.raises(ResourceNotFoundError):
        schedules.get(name)


def test_a_schedule_of_a_submitted_job(assets: AssetWorkspace) -> None:
    job = unique("job-")
    definition = {"jobType": "Pipeline", "jobs": {}}
    job_id = assets.arm.done("PUT", assets.path(f"/jobs/{job}"), VERSION, {"properties": definition})["id"]
    trigger = CronTrigger(expression="15 10 * * 1-5", time_zone="Pacific Standard Time")
    wanted = JobSchedule(name=unique("sch"), trigger=trigger, create_job=job_id)
    done = assets.client.schedules.begin_create_or_update(wanted).result()
    assert isinstance(done.trigger, CronTrigger)
    assert (done.trigger.expression, done.trigger.time_zone) == ("15 10 * * 1-5", "Pacific Standard Time")
    missing = plain(DAILY, sourceJobId=f"{job_id}x")
    assert refusal(assets, missing)[:2] == (400, "UserError")


def test_an_import_is_scheduled(assets: AssetWorkspace) -> None:
    source = Database(connection="azureml:warehouse", query="select * from churn")
    path = "azureml://datastores/workspaceblobstore/paths/imports/{name}"
    name = unique("sch")
    wanted = ImportDataSchedule(
        name=name,
        trigger=CronTrigger(expression="0 3 * * *"),
        import_data=DataImport(name="churn", path=path, source=source),
    )
    assets.client.schedules.begin_create_or_update(wanted).result()
    found = assets.client.schedules.get(name)
    assert isinstance(found, ImportDataSchedule)
    assert isinstance(found.import_data.source, Database)
    assert found.import_data.source.query == "select * from churn"


def test_imports_belong_to_older_versions(assets: AssetWorkspace) -> None:
    definition: JsonObject = {
        "dataType": "uri_folder",
        "dataUri": "azureml://x",
        "source": {"sourceType": "database"},
    }
    action = {"actionType": "ImportData", "dataImportDefinition": definition}
    body = {"properties": {"action": action, "trigger": DAILY}}
    assert refusal(assets, body)[1] == "InvalidRequestContent"
    assert refusal(assets, body, "2023-06-01-preview")[1] == "UserError"


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        ({**DAILY, "interval": 0}, "at least 1"),
        ({**DAILY, "schedule": {"hours": [24], "minutes": [0]}}, "not from 0 to 23"),
        ({**DAILY, "schedule": {"hours": [1], "minutes": [60]}}, "not from 0 to 59"),
        ({**DAILY, "schedule": {"hours": [1], "minutes": [0], "weekDays": ["Monday"]}}, "frequency Week"),
        ({**DAILY, "schedule": {"hours": [1], "minutes": [0], "monthDays": [1]}}, "frequency Month"),
        ({"triggerType": "Cron", "expression": "0 3 * *"}, "has 4 fields"),
        ({"triggerType": "Cron", "expression": "61 3 * * *"}, "no value of minutes"),
        ({"triggerType": "Cron", "expression": "0 3 * * 5-1"}, "no value of days of week"),
        ({**DAILY, "startTime": "tomorrow"}, "ISO 8601"),
        ({**DAILY, "startTime": "2030-01-02T00:00:00", "endTime": "2030-01-01T00:00:00"}, "not after"),
    ],
)
def test_triggers_that_can_never_be(assets: AssetWorkspace, trigger: JsonObject, said: str) -> None:
    status, code, message = refusal(assets, plain(trigger))
    assert (status, code) == (400, "UserError")
    assert said in message


@pytest.mark.parametrize("expression", ["*/15 * * * *", "0 8-18/2 * * mon-fri", "0,30 3 1 jan,jul 0"])
def test_cron_expressions(assets: AssetWorkspace, expression: str) -> None:
    found = put(assets, unique("sch"), plain({"triggerType": "Cron", "expression": expression}))
    assert found["properties"]["trigger"] == {
        "triggerType": "Cron",
        "expression": expression,
        "timeZone": "UTC",
    }


def test_a_schedule_needs_what_its_job_names(assets: AssetWorkspace) -> None:
    nodes = {"train": {"type": "command", "componentId": "azureml:nothing:1"}}
    assert "azureml:nothing:1" in refusal(assets, plain(DAILY, jobs=nodes))[2]
    settings = {"default_compute": "azureml:nothing"}
    assert refusal(assets, plain(DAILY, settings=settings))[2] == "Unknown compute target 'nothing'."


def test_a_deleted_workspace_takes_its_schedules_along(assets: AssetWorkspace) -> None:
    name = unique("mlw-")
    make_workspace(assets.arm, assets.parts, name)
    path = workspace_path(assets.parts.group, name)
    assets.arm.done("PUT", f"{path}/schedules/{unique('sch')}", VERSION, plain(DAILY))
    assert assets.arm.done("DELETE", path, VERSION) == {}
