"""What changes: every resource property by property, what is lost, what is not known yet, and the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from review.assets import is_only_forgotten
from review.document import Destructive, Edge, Node, PropertyChange, ResourceChange, Unknown
from review.preview import Change, Op, Preview, State, Step, native_type
from review.values import contains_unknown, is_secret, is_unknown, shown

# What is gone with a resource of azure-native, by module and name. Source: the services' overview pages.
LOSSES: Final[Mapping[str, str]] = {
    "resources:ResourceGroup": "everything in the resource group",
    "machinelearningservices:Workspace": "runs, metrics, models, endpoints and all other assets",
    "machinelearningservices:Registry": "every asset of the registry, for all workspaces that use it",
    "machinelearningservices:OnlineEndpoint": "the endpoint's address and its deployments; callers fail",
    "machinelearningservices:BatchEndpoint": "the endpoint's address and its deployments",
    "machinelearningservices:OnlineDeployment": "the deployment; requests routed to it fail",
    "machinelearningservices:Compute": "what runs on it, and an instance's local files",
    "machinelearningservices:Datastore": "the datastore's name; the data stays",
    "storage:StorageAccount": "all blobs, files, tables and queues of the account",
    "storage:BlobContainer": "all blobs of the container",
    "storage:FileShare": "all files of the share",
    "keyvault:Vault": "all secrets, keys and certificates of the vault",
    "keyvault:Key": "what was encrypted with the key",
    "keyvault:Secret": "the secret's value",
    "containerregistry:Registry": "all images of the registry",
    "operationalinsights:Workspace": "all logs of the workspace",
    "applicationinsights:Component": "the telemetry that is kept in the component",
    "sql:Database": "all data of the database",
    "sql:Server": "all databases of the server",
    "cosmosdb:DatabaseAccount": "all data of the account",
    "databricks:Workspace": "notebooks, jobs and the workspace's root storage",
    "synapse:Workspace": "pools, notebooks and pipelines of the workspace",
    "datafactory:Factory": "pipelines and triggers of the factory",
    "search:Service": "all indexes of the service",
    "eventhub:Namespace": "events that nobody has read yet",
    "kusto:Cluster": "all databases of the cluster",
}
_ASSET_LOSSES: Final[Mapping[str, str]] = {
    "OnlineEndpoint": LOSSES["machinelearningservices:OnlineEndpoint"],
    "BatchEndpoint": LOSSES["machinelearningservices:BatchEndpoint"],
    "OnlineDeployment": LOSSES["machinelearningservices:OnlineDeployment"],
    "Datastore": LOSSES["machinelearningservices:Datastore"],
    "Schedule": "the schedule's runs to come",
}
ASSETS: Final = "azureml-assets:index:"


def resource_changes(preview: Preview) -> Iterator[ResourceChange]:
    """Everything that changes, in the order of the preview."""
    yield from _told(preview, preview.changing())


def drift(preview: Preview) -> Iterator[ResourceChange]:
    """What somebody changed or deleted beside the program, if the preview looked."""
    yield from _told(preview, preview.drift)


def _told(preview: Preview, steps: Iterable[Step]) -> Iterator[ResourceChange]:
    names = {step.urn: step.name for step in preview.steps}
    for step in steps:
        yield ResourceChange(
            urn=step.urn,
            type=step.type,
            name=step.name,
            parent=names.get(step.parent, ""),
            op=step.op.value,
            replaced_by=step.replaced_by,
            possible=step.op is Op.REPLACE and step.may_not_replace,
            properties=tuple(_property(change) for change in step.changes),
        )


def destructive(preview: Preview) -> Iterator[Destructive]:
    """What is deleted or replaced."""
    for step in preview.changing():
        if step.op not in (Op.DELETE, Op.REPLACE):
            continue
        if is_only_forgotten(step.type):
            continue  # assets tells what becomes of a version
        old = step.old or State()
        if not old.custom and not losses(step.type):
            continue  # a component is a name for others, which are told of themselves
        forced = tuple(change.path for change in step.changes if change.replaces) or step.replaced_by
        yield Destructive(
            urn=step.urn,
            type=step.type,
            name=step.name,
            op="delete" if step.op is Op.DELETE else "replace",
            certain=not (step.op is Op.REPLACE and step.may_not_replace),
            forced_by=forced,
            protected=old.protect,
            retained=old.retain_on_delete,
            deletes_first=step.deletes_first,
            loses=losses(step.type),
        )


def losses(token: str) -> str:
    """What data is gone with a resource of this type; empty for none that is known."""
    if token.startswith(ASSETS):
        return _ASSET_LOSSES.get(token.removeprefix(ASSETS), "")
    return LOSSES.get(native_type(token), "")


def unknowns(preview: Preview) -> Iterator[Unknown]:
    """Properties of changing resources whose value is known only after the update."""
    for step in preview.changing():
        inputs = step.new.inputs if step.new else {}
        for path in _unknown_paths(inputs, ""):
            yield Unknown(urn=step.urn, name=step.name, path=path)


def graph(preview: Preview) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Resources, and which takes a value from which, as far as known ids tell it."""
    nodes = tuple(
        Node(
            urn=step.urn,
            name=step.name,
            type=step.type,
            parent=step.parent,
            op=step.op.value,
            component=not step.state.custom,
        )
        for step in preview.steps
        if not step.type.startswith("pulumi:providers:")
    )
    by_id = {
        state.id.lower(): step.urn
        for step in preview.steps
        for state in (step.new, step.old)
        if state and state.custom and state.id.startswith("/")
    }
    edges = {
        (by_id[text], step.urn)
        for step in preview.steps
        if step.state.custom
        for text in _taken(step)
        if text in by_id and by_id[text] != step.urn
    }
    return nodes, tuple(Edge(source=source, target=target) for source, target in sorted(edges))


def _property(change: Change) -> PropertyChange:
    return PropertyChange(
        path=change.path,
        kind=change.kind.value,
        before=shown(change.before),
        after=shown(change.after),
        replaces=change.replaces,
        unknown=contains_unknown(change.after),
    )


def _unknown_paths(value: object, path: str) -> Iterator[str]:
    if is_unknown(value):
        yield path
    elif is_secret(value):
        return
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknown_paths(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown_paths(item, f"{path}[{index}]")


def _taken(step: Step) -> Iterator[str]:
    """Texts that may be ids of others; where one is not known yet, also what was there before."""
    yield from _texts(step.state.inputs)
    if step.old and contains_unknown(step.state.inputs):
        yield from _texts(step.old.inputs)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith("/"):
            yield value.lower()
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(str(key))
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
