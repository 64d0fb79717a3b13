"""Where requests to an endpoint go: its traffic, or its default deployment.

Azure ML keeps this in the endpoint; here it is a resource of its own, because an endpoint exists
before its deployments and requests are sent to them after they are healthy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from azureml_assets.kinds import AssetType

# Keys of the endpoint's document, by the collection of the endpoints.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "onlineEndpoints": ("traffic", "mirror_traffic"),
    "batchEndpoints": ("defaults",),
}


def without_routes(type: AssetType, state: Mapping[str, Any]) -> dict[str, Any]:
    """The state of an endpoint itself. Its `properties` are Azure's own notes: when it was changed, ..."""
    hidden = (*KEYS[type.collection], "properties") if type.collection in KEYS else ()
    return {key: value for key, value in state.items() if key not in hidden}


def routes_of(type: AssetType, name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """The state of the routing. Azure lists deployments without traffic as well: they are left out."""
    routes: dict[str, Any] = {}
    for key in KEYS[type.parent]:
        chosen = {each: value for each, value in (state.get(key) or {}).items() if value}
        if chosen:
            routes[key] = chosen
    return {"name": name, **routes}


def route(type: AssetType, endpoint: Any, spec: Mapping[str, Any]) -> None:
    """Sets the routing of the SDK's endpoint; what `spec` does not name gets no requests."""
    if type.parent == "onlineEndpoints":
        for key in KEYS[type.parent]:
            setattr(endpoint, key, {str(name): int(share) for name, share in (spec.get(key) or {}).items()})
        return
    name = (spec.get("defaults") or {}).get("deployment_name")
    endpoint.defaults = {"deployment_name": str(name)} if name else None


def keep_routes(type: AssetType, endpoint: Any, now: Any | None) -> None:
    """A PUT of an endpoint sets its routing too: as it is `now`, or none for a new one."""
    for key in KEYS[type.collection]:
        empty: Any = None if key == "defaults" else {}
        setattr(endpoint, key, empty if now is None else getattr(now, key))
