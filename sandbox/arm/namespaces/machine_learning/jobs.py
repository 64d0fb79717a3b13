"""Jobs: command, pipeline, sweep, automl and spark jobs that are submitted and wait.

No job runs: it is queued until somebody cancels it. Left out: run history, logs, outputs,
child jobs of pipelines, fine-tuning's checks, jobs on a client's own machine, and the user's
second token that pipelines bring along (x-azureml-token).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces.machine_learning import errors, references
from sandbox.arm.namespaces.values import JsonObject, object_at, value_at, without_nulls
from sandbox.arm.resource_type import Answer, LroStyle

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/jobs"
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}"
FINISHED = ("Completed", "Failed", "Canceled", "NotResponding")
CHANGEABLE = ("description", "tags", "displayName", "properties", "isArchived")
SPARK_SIZES = tuple(f"standard_e{cores}s_v3" for cores in (4, 8, 16, 32, 64))

IMMUTABLE = recorded("Azure/azure-sdk-for-python#47389, MicrosoftDocs/azure-docs#122250")
REFERENCE = documented("JobBase and its kinds, models of the Azure ML REST API")
SPARK = documented("CLI (v2) Spark job YAML schema: resources.instance_type")


def not_found(context: RequestContext) -> ArmError:
    """A job that is not there (Azure/azureml-previews#267)."""
    return ArmError(404, "UserError", f"Job {context.name} not found.")


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """The experiment "Default", a display name, and a place for outputs of commands."""
    properties: JsonObject = {
        "description": None,
        "tags": {},
        "properties": {},
        "displayName": context.name,
        "experimentName": "Default",
        "isArchived": False,
    }
    if value_at(body, "properties.jobType") == "Command":
        uri = f"azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.{context.name}"
        place = {"jobOutputType": "uri_folder", "mode": "ReadWriteMount", "uri": uri}
        properties["outputs"] = {"default": place}
    return {"properties": properties}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Status, addresses; tags and properties once given stay."""
    before = object_at(context.existing, "properties")
    return {
        "properties": {
            "status": before.get("status") or "NotStarted",
            "services": _services(context),
            "tags": {**object_at(before, "tags"), **object_at(body, "properties.tags")},
            "properties": {**object_at(before, "properties"), **object_at(body, "properties.properties")},
        }
    }


def _services(context: RequestContext) -> JsonObject:
    workspace = references.workspace_of(context)
    region = workspace.get("location")
    studio = f"https://ml.azure.com/runs/{context.name}?wsid={workspace.get('id')}"  # clients add the tenant
    tracking = f"azureml://{region}.api.azureml.ms/mlflow/v1.0{workspace.get('id')}?"
    return {
        "Tracking": {"jobServiceType": "Tracking", "endpoint": tracking},
        "Studio": {"jobServiceType": "Studio", "endpoint": studio},
    }


def presented(context: RequestContext, body: JsonObject) -> JsonObject:
    """A job that was accepted is queued by the time anybody asks again."""
    if value_at(body, "properties.status") != "NotStarted":
        return body
    return {**body, "properties": {**body["properties"], "status": "Queued"}}


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """What a job runs and where is there; what it is does not change."""
    properties = object_at(body, "properties")
    if existing is not None:
        _check_unchanged(properties, object_at(existing, "properties"))
        return
    check_definition(context, properties)


def check_definition(context: RequestContext, properties: JsonObject) -> None:
    """The assets and computes of a job, also of one that a schedule will start."""
    for kind, reference in _assets(properties):
        references.require_asset(context, reference, kind)
    for compute in _computes(properties):
        references.require_compute(context, compute)
    size = value_at(properties, "resources.instanceType")
    if properties.get("jobType") == "Spark" and size and str(size).lower() not in SPARK_SIZES:
        raise errors.user_error(
            f"Spark instance type '{size}' is not supported. Supported: {', '.join(SPARK_SIZES)}"
        )


def _steps(properties: JsonObject) -> Iterator[JsonObject]:
    """The job itself, the trial of a sweep, the nodes of a pipeline."""
    yield properties
    yield object_at(properties, "trial")
    for node in object_at(properties, "jobs").values():
        if isinstance(node, dict):
            yield node
            yield object_at(node, "trial")


def _assets(properties: JsonObject) -> Iterator[tuple[str, Any]]:
    for step in _steps(properties):
        yield "codes", step.get("codeId")
        yield "environments", step.get("environmentId")
        yield "components", step.get("componentId")


def _computes(properties: JsonObject) -> Iterator[Any]:
    settings = object_at(properties, "settings")
    yield settings.get("default_compute") or settings.get("defaultCompute")
    for step in _steps(properties):
        yield step.get("computeId")


def _check_unchanged(after: JsonObject, before: JsonObject) -> None:
    """Names of the parts that differ, as the service writes them; a part left out is not one."""
    changed = []
    for name, value in after.items():
        given = without_nulls(value) if isinstance(value, dict) else value
        stored = before.get(name)
        if name in (*CHANGEABLE, "status", "services") or value in (None, {}, []):
            continue
        if given != (without_nulls(stored) if isinstance(stored, dict) else stored):
            changed.append(name[0].upper() + name[1:])
    if changed:
        raise _fixed(",  ".join(sorted(changed)))
    noted = object_at(before, "properties")
    altered = [
        name for name, value in object_at(after, "properties").items() if noted.get(name, value) != value
    ]
    if altered:
        raise errors.user_error(f"Properties of a job can be added, not altered: {', '.join(altered)}")


def _fixed(names: str) -> ArmError:
    message = (
        "A job with this name already exists. If you are trying to create a new job, use a different name. "
        f"If you are trying to update an existing job, the existing job's {names} cannot be changed. Only "
        "description, tags, displayName, properties, and isArchived can be updated."
    )
    inner = {"code": "Immutable", "innerError": {"code": "JobPropertyImmutable", "innerError": None}}
    return ArmError(400, "UserError", message, innererror=inner)


def cancel(context: RequestContext, request: JsonObject) -> Answer:
    """POST cancel: 202; 200 for a job that is over."""
    body = dict(context.existing or {})
    if value_at(body, "properties.status") in FINISHED:
        return Answer(status=200)
    context.write(context.id, {**body, "properties": {**body["properties"], "status": "Canceled"}})
    return Answer(status=202, style=LroStyle.LOCATION, seconds=10.0)


def listed(context: RequestContext, found: list[JsonObject]) -> list[JsonObject]:
    """LIST: newest first; filters listViewType, jobType and tag."""
    view = context.query.get("listviewtype", "ActiveOnly").lower()
    if view != "all":
        archived = view == "archivedonly"
        found = [item for item in found if bool(value_at(item, "properties.isArchived")) == archived]
    if kind := context.query.get("jobtype"):
        found = [item for item in found if str(value_at(item, "properties.jobType")).lower() == kind.lower()]
    if tag := context.query.get("tag"):
        name, separator, value = tag.partition("=")
        tagged = [(item, object_at(item, "properties.tags")) for item in found]
        found = [item for item, tags in tagged if name in tags and (not separator or tags[name] == value)]
    return sorted(found, key=lambda item: str(value_at(item, "systemData.createdAt")), reverse=True)
