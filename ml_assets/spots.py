"""Where texts stand in a document, and what a text may refer to at such a place.

The keys are those of Azure ML's CLI v2. What users name themselves (inputs, nodes of a pipeline)
says nothing about what a value means; what people read (descriptions, tags, commands) refers to
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ml_assets.documents import DocumentPath
from ml_assets.schemas import Kind

_PROSE: Final = frozenset(
    {
        "args",
        "command",
        "conf",
        "description",
        "display_name",
        "environment_variables",
        "metadata",
        "program_arguments",
        "properties",
        "tags",
    }
)
# Their keys are names that users give, so those keys have no meaning of their own.
_NAMED_BY_USERS: Final = frozenset({"inputs", "jobs", "outputs", "search_space"})


@dataclass(frozen=True)
class Role:
    """What a text refers to. `plain_files`: a path without a prefix is a file of the catalogue."""

    noun: str
    kinds: tuple[Kind, ...] = ()
    plain_files: bool = False


PROSE: Final = Role("nothing")
ANYTHING: Final = Role("an asset")
COMPUTE: Final = Role("a cluster")
ENDPOINT: Final = Role("an endpoint")
DEPLOYMENT: Final = Role("a deployment", (Kind.ONLINE_DEPLOYMENT,))
JOB: Final = Role("a job", (Kind.JOB,), plain_files=True)
DATA: Final = Role("a data asset", (Kind.DATA,))
MODEL: Final = Role("a model", (Kind.MODEL,))
DATA_OR_MODEL: Final = Role("a data asset or a model", (Kind.DATA, Kind.MODEL))
DATASTORE: Final = Role("a datastore", (Kind.DATASTORE,))
_ROLES: Final[dict[str, Role]] = {
    "component": Role("a component", (Kind.COMPONENT,), plain_files=True),
    "compute": COMPUTE,
    "connection": Role("a connection", (Kind.CONNECTION,)),
    "create_job": JOB,
    "datastore": DATASTORE,
    "default_compute": COMPUTE,
    "default_datastore": DATASTORE,
    "endpoint_deployment_id": DEPLOYMENT,
    "endpoint_name": ENDPOINT,
    "entities": Role("a feature store entity", (Kind.FEATURE_STORE_ENTITY,)),
    "environment": Role("an environment", (Kind.ENVIRONMENT,)),
    "job": JOB,
    "model": MODEL,
    "trial": Role("a component", (Kind.COMPONENT,), plain_files=True),
}
_MODEL_TYPES: Final = frozenset({"custom_model", "mlflow_model", "triton_model"})
# Paths of files on this machine; those that belong to an inlined job move with it.
_LOCAL_PATHS: Final = frozenset({"code", "conda_file", "path"})


@dataclass(frozen=True)
class Spot:
    """A text in a document. `type`: the key `type` beside it; `key` is empty where users chose it."""

    path: DocumentPath
    text: str
    role: Role
    key: str = ""
    type: object = None

    @property
    def is_local_path(self) -> bool:
        """Whether it names files on this machine, relative to the document."""
        remote = "://" in self.text or self.text.startswith(("azureml:", "git+", "/", "ref:", "file:"))
        return self.key in _LOCAL_PATHS and not remote and "${" not in self.text


def spots(value: Any, path: DocumentPath = (), role: Role = ANYTHING) -> Iterator[Spot]:
    """Every text of a document."""
    if isinstance(value, str):
        yield Spot(path, value, role)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from spots(item, (*path, index), role)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _member(value, key, item, (*path, key), role)


def _member(parent: dict[str, Any], key: str, item: Any, path: DocumentPath, role: Role) -> Iterator[Spot]:
    if role is PROSE or key in _PROSE:
        yield from spots(item, path, PROSE)
    elif key in _NAMED_BY_USERS and isinstance(item, dict):
        for name, child in item.items():
            if isinstance(child, str):
                yield Spot((*path, name), child, DATA_OR_MODEL if key == "inputs" else ANYTHING)
            else:
                yield from spots(child, (*path, name))
    elif isinstance(item, str):
        own = _ROLES.get(key, ANYTHING)
        if key == "path":
            own = MODEL if str(parent.get("type")) in _MODEL_TYPES else DATA
        yield Spot(path, item, own, key, parent.get("type"))
    else:
        yield from spots(item, path, _ROLES.get(key, ANYTHING) if isinstance(item, list) else ANYTHING)
