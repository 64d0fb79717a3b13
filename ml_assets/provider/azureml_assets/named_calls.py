"""What is done with resources without versions in azure-ai-ml's own process; see sdk_process."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from azureml_assets.asset import Asset
from azureml_assets.kinds import AssetType, Identity
from azureml_assets.loaders import load
from azureml_assets.routing import KEYS, keep_routes, route, routes_of, without_routes
from azureml_assets.sdk import operations, state_of
from ml_assets.schemas import Kind
from resource_provider.arm_errors import StoppedError

# Where azure-ai-ml notes the configuration of a pipeline's deployment: among its properties.
_COPIES: Final = frozenset(
    {
        "deployment_configuration_type",
        "componentDeployment.Settings.continue_on_step_failure",
        "default_datastore",
        "default_compute",
    }
)
_LOOK_SECONDS: Final = 1.0  # how often a wait looks whether the user has stopped
_STOPPED: Final = threading.Event()


def stop() -> None:
    """Ends all waits for long-running operations, for good."""
    _STOPPED.set()


def get(type: AssetType, known: Identity) -> dict[str, Any]:
    """The state in Azure ML."""
    calls = operations(type, known.target)
    if known.parent:
        state = state_of(calls.get(name=known.name, endpoint_name=known.parent))
        notes = state.get("properties") or {}
        if notes.get("deployment_configuration_type") == "PipelineComponent":
            return _of_pipeline(calls, known, state, notes)
        return state
    state = state_of(calls.get(known.name))
    return routes_of(type, known.name, state) if type.routes else without_routes(type, state)


def put(asset: Asset, spec: Mapping[str, Any], known: Identity) -> dict[str, Any]:
    """Writes a resource, waits until it is ready, and reads it. StoppedError when the user stops."""
    if asset.type.routes:
        return _put_routes(asset.type, known, spec)
    calls = operations(asset.type, asset.target)
    entity = load(asset.type, spec, asset.origin)
    if asset.type.collection in KEYS:
        _keep_routes(asset.type, calls, entity)
    if hasattr(calls, "begin_create_or_update"):
        _wait(calls.begin_create_or_update(entity))
    else:
        calls.create_or_update(entity)
    return get(asset.type, known)


def delete(type: AssetType, known: Identity) -> None:
    """Deletes a resource, and waits. StoppedError when the user stops."""
    calls = operations(type, known.target)
    if type.routes:
        _put_routes(type, known, {})
    elif type.kind is Kind.SCHEDULE:
        _wait(calls.begin_disable(known.name))
        _wait(calls.begin_delete(known.name))
    elif known.parent:
        _wait(calls.begin_delete(name=known.name, endpoint_name=known.parent))
    elif hasattr(calls, "begin_delete"):
        _wait(calls.begin_delete(known.name))
    else:
        calls.delete(known.name)


def _put_routes(type: AssetType, known: Identity, spec: Mapping[str, Any]) -> dict[str, Any]:
    calls = operations(type, known.target)
    endpoint = calls.get(known.name)
    route(type, endpoint, spec)
    _wait(calls.begin_create_or_update(endpoint))
    return get(type, known)


def _keep_routes(type: AssetType, calls: Any, entity: Any) -> None:
    try:
        now = calls.get(entity.name)
    except Exception as error:
        if getattr(error, "status_code", 0) != HTTPStatus.NOT_FOUND:
            raise
        now = None
    keep_routes(type, entity, now)


def _wait(poller: Any) -> Any:
    """The result of a long-running operation. StoppedError as soon as the user stops."""
    if not hasattr(poller, "done"):
        return poller
    while not poller.done():
        poller.wait(_LOOK_SECONDS)
        if _STOPPED.is_set():
            raise StoppedError("cancelled while Azure was still working on the resource")
    return poller.result()


def _of_pipeline(
    calls: Any, known: Identity, state: Mapping[str, Any], notes: Mapping[str, Any]
) -> dict[str, Any]:
    """A batch deployment of a pipeline component: azure-ai-ml's own reading leaves the component out."""
    body = calls._batch_deployment.get(  # noqa: SLF001  # the call behind `get`
        endpoint_name=known.parent,
        deployment_name=known.name,
        resource_group_name=known.target.resource_group_name,
        workspace_name=known.target.workspace_name,
    )
    configuration = body.properties.deployment_configuration
    settings = {key: value for key, value in (configuration.settings or {}).items() if value is not None}
    return {
        **{key: state[key] for key in ("name", "description", "tags", "endpoint_name") if key in state},
        "type": "pipeline",
        "component": configuration.component_id.asset_id,
        "settings": settings,
        "properties": {key: value for key, value in notes.items() if key not in {*settings, *_COPIES}},
    }
