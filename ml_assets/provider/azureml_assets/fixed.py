"""What Azure ML never changes once a resource is there: told in the preview, or the resource is replaced.

A datastore is replaced, since no data goes with it. A deployment or an endpoint answers requests: to
remove it and make it anew is an outage that nobody should get by changing a line.

Sources: `x-ms-mutability` of OnlineDeploymentProperties.instanceType and endpointComputeType, Azure ML REST
API; "Authenticate clients for online endpoints": the identity of an endpoint is set once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from azureml_assets.kinds import AssetType
from azureml_assets.versions import WrongChange
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import shown, wording
from ml_assets.schemas import Kind
from resource_provider.values import UNKNOWN

_ANOTHER_DEPLOYMENT: Final = (
    "its value for as long as the deployment is there; write a deployment of another name, move the traffic "
    "to it, then remove this one"
)
_ANOTHER_ENDPOINT: Final = "its value for as long as the endpoint is there; write an endpoint of another name"
# Path -> what holds where a file says nothing ("": files always say it), and what to do instead.
_FIXED: Final[Mapping[Kind, Mapping[DocumentPath, tuple[str, str]]]] = {
    Kind.ONLINE_DEPLOYMENT: {
        ("instance_type",): ("", _ANOTHER_DEPLOYMENT),
        ("type",): ("managed", _ANOTHER_DEPLOYMENT),
    },
    Kind.ONLINE_ENDPOINT: {("identity", "type"): ("system_assigned", _ANOTHER_ENDPOINT)},
}
_REPLACED: Final[Mapping[Kind, DocumentPath]] = {Kind.DATASTORE: ("type",)}


def changed_for_good(asset: AssetType, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[WrongChange]:
    """Changes of what stays for as long as the resource is there; `old` is empty for a new one."""
    if not old or asset.routes or _identity(old) != _identity(new):
        return []
    found = []
    for path, (default, allowed) in _FIXED.get(asset.kind, {}).items():
        before, now = _value(old, path) or default, _value(new, path) or default
        if UNKNOWN not in (before, now) and _plain(before) != _plain(now):
            text = wording(found=f"{shown(now)} in place of {shown(before)}", allowed=allowed)
            found.append(WrongChange(path, text))
    return found


def is_replaced(asset: AssetType, path: tuple[object, ...]) -> bool:
    """Whether a change at a path of the inputs makes another resource of the same name."""
    fixed = _REPLACED.get(asset.kind)
    return fixed is not None and path == ("spec", *fixed)


def _identity(inputs: Mapping[str, Any]) -> tuple[Any, ...]:
    spec = inputs.get("spec", {})
    return inputs.get("target"), spec.get("name"), spec.get("endpoint_name")


def _value(inputs: Mapping[str, Any], path: DocumentPath) -> Any:
    here: Any = inputs.get("spec")
    for part in path:
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _plain(value: object) -> str:
    """As files and Azure ML both have it: user_assigned is UserAssigned there."""
    return str(value).replace("_", "").lower()
