"""Resources without versions: datastores, connections, schedules, endpoints, deployments, traffic.

They are changed in place. What takes long (endpoints, deployments) is waited for, and stays in the
state with its error when it does not become ready. Jobs are checked only: nothing here submits one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from azureml_assets.codes import Codes
from azureml_assets.content import replaced
from azureml_assets.kinds import AssetType, Identity, import_command, resource_id
from azureml_assets.loaders import load
from azureml_assets.registration import Asset, uploaded_paths
from azureml_assets.routing import KEYS, keep_routes, route, routes_of, without_routes
from azureml_assets.sdk import Sdk, state_of
from azureml_assets.uploads import Uploads
from ml_assets.schemas import Kind
from resource_provider.arm_client import ArmError, StoppedError
from resource_provider.provider import InitializationError, ProviderError

_NOT_FOUND: Final = 404
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


class Named:
    """What the plugin does with resources that have a name and no version."""

    def __init__(self, sdk: Sdk, codes: Codes, uploads: Uploads) -> None:
        self._sdk = sdk
        self._codes = codes
        self._uploads = uploads
        self.cancelled = threading.Event()

    async def create(self, asset: Asset, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Makes it; ProviderError when there is one of that name already."""
        if asset.type.kind is Kind.JOB:
            return {}
        known = identity(asset)
        if not asset.type.routes and await self.read(asset.type, known) is not None:
            its_id = resource_id(asset.type, asset.target, asset.name, None, known.parent)
            raise ProviderError(
                f"{title(asset)} exists already, and this stack did not make it. Give the file another "
                f"name, or take it over by {import_command(asset.type, asset.name, its_id)}"
            )
        return await self._write(asset, inputs, known)

    async def update(self, asset: Asset, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Writes it again."""
        if asset.type.kind is Kind.JOB:
            return {}
        return await self._write(asset, inputs, identity(asset))

    async def read(self, type: AssetType, known: Identity) -> dict[str, Any] | None:
        """The state in Azure ML, or None when it is gone."""
        if type.kind is Kind.JOB:
            return {}
        try:
            return await self._sdk.run(self._get, type, known)
        except ArmError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    async def delete(self, type: AssetType, known: Identity) -> None:
        """Removes it, and waits; one that is gone is no error."""
        if type.kind is Kind.JOB:
            return
        try:
            await self._sdk.run(self._delete, type, known)
        except ArmError as error:
            if error.status != _NOT_FOUND:
                raise

    def _get(self, type: AssetType, known: Identity) -> dict[str, Any]:
        operations = self._sdk.operations(type, known.target)
        if known.parent:
            state = state_of(operations.get(name=known.name, endpoint_name=known.parent))
            notes = state.get("properties") or {}
            if notes.get("deployment_configuration_type") == "PipelineComponent":
                return _of_pipeline(operations, known, state, notes)
            return state
        state = state_of(operations.get(known.name))
        return routes_of(type, known.name, state) if type.routes else without_routes(type, state)

    async def _write(self, asset: Asset, inputs: Mapping[str, Any], known: Identity) -> dict[str, Any]:
        values = await uploaded_paths(asset, self._codes, self._uploads, self._sdk)
        spec = replaced(asset.spec, values)
        try:
            return await self._sdk.run(self._put, asset, spec, known)
        except ProviderError as error:
            await self._keep_half_made(asset, inputs, known, error)
            raise

    async def _keep_half_made(
        self, asset: Asset, inputs: Mapping[str, Any], known: Identity, error: ProviderError
    ) -> None:
        """What exists although it is not ready stays in the state; the next update goes on with it."""
        if asset.type.routes:
            return
        try:
            state = await self.read(asset.type, known)
        except ProviderError:
            return
        if state is not None:
            its_id = resource_id(asset.type, asset.target, asset.name, None, known.parent)
            outputs = {**inputs, "id": its_id, "name": asset.name, "state": state}
            raise InitializationError(
                [str(error)], id=its_id, outputs=outputs, inputs=dict(inputs)
            ) from error

    def _put(self, asset: Asset, spec: Mapping[str, Any], known: Identity) -> dict[str, Any]:
        operations = self._sdk.operations(asset.type, asset.target)
        if asset.type.routes:
            return self._put_routes(asset.type, known, spec)
        entity = load(asset.type, spec, asset.origin)
        if asset.type.collection in KEYS:
            self._keep_routes(asset.type, operations, entity)
        if hasattr(operations, "begin_create_or_update"):
            self._wait(operations.begin_create_or_update(entity))
        else:
            operations.create_or_update(entity)
        return self._get(asset.type, known)

    def _put_routes(self, type: AssetType, known: Identity, spec: Mapping[str, Any]) -> dict[str, Any]:
        operations = self._sdk.operations(type, known.target)
        endpoint = operations.get(known.name)
        route(type, endpoint, spec)
        self._wait(operations.begin_create_or_update(endpoint))
        return self._get(type, known)

    def _keep_routes(self, type: AssetType, operations: Any, entity: Any) -> None:
        try:
            now = operations.get(entity.name)
        except Exception as error:
            if getattr(error, "status_code", 0) != _NOT_FOUND:
                raise
            now = None
        keep_routes(type, entity, now)

    def _delete(self, type: AssetType, known: Identity) -> None:
        operations = self._sdk.operations(type, known.target)
        if type.routes:
            self._put_routes(type, known, {})
        elif type.kind is Kind.SCHEDULE:
            self._wait(operations.begin_disable(known.name))
            self._wait(operations.begin_delete(known.name))
        elif known.parent:
            self._wait(operations.begin_delete(name=known.name, endpoint_name=known.parent))
        elif hasattr(operations, "begin_delete"):
            self._wait(operations.begin_delete(known.name))
        else:
            operations.delete(known.name)

    def _wait(self, poller: Any) -> Any:
        """The result of a long-running operation. StoppedError as soon as the user stops."""
        if not hasattr(poller, "done"):
            return poller
        while not poller.done():
            poller.wait(_LOOK_SECONDS)
            if self.cancelled.is_set():
                raise StoppedError("cancelled while Azure was still working on the resource")
        return poller.result()


def _of_pipeline(
    operations: Any, known: Identity, state: Mapping[str, Any], notes: Mapping[str, Any]
) -> dict[str, Any]:
    """A batch deployment of a pipeline component: azure-ai-ml's own reading leaves the component out."""
    body = operations._batch_deployment.get(  # noqa: SLF001  # the call behind `get`
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


def identity(asset: Asset) -> Identity:
    """Which resource an asset is."""
    parent = str(asset.spec.get("endpoint_name") or "").removeprefix("azureml:")
    return Identity(
        asset.target, asset.name, parent="" if asset.type.routes or not asset.type.parent else parent
    )


def title(asset: Asset) -> str:
    """For messages: "online endpoint churn in workspace mlw-dev"."""
    return f"{asset.type.kind.value.replace('_', ' ')} {asset.name} in {asset.target}"
