"""Resources without versions: datastores, connections, schedules, endpoints, deployments, traffic.

They are changed in place. What takes long (endpoints, deployments) is waited for, and stays in the
state with its error when it does not become ready. Jobs are checked only: nothing here submits one.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from azureml_assets import named_calls
from azureml_assets.asset import Asset
from azureml_assets.codes import Codes
from azureml_assets.content import replaced
from azureml_assets.kinds import AssetType, Identity, import_command, resource_id
from azureml_assets.registration import uploaded_paths
from azureml_assets.sdk_process import SdkProcess
from azureml_assets.uploads import Uploads
from ml_assets.schemas import Kind
from resource_provider.arm_errors import ArmError
from resource_provider.provider import InitializationError, ProviderError


class Named:
    """What the plugin does with resources that have a name and no version."""

    def __init__(self, sdk: SdkProcess, codes: Codes, uploads: Uploads) -> None:
        self._sdk = sdk
        self._codes = codes
        self._uploads = uploads

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
            return await self._sdk.run(named_calls.get, type, known)
        except ArmError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def delete(self, type: AssetType, known: Identity) -> None:
        """Removes it, and waits; one that is gone is no error."""
        if type.kind is Kind.JOB:
            return
        try:
            await self._sdk.run(named_calls.delete, type, known)
        except ArmError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    async def _write(self, asset: Asset, inputs: Mapping[str, Any], known: Identity) -> dict[str, Any]:
        values = await uploaded_paths(asset, self._codes, self._uploads, self._sdk)
        spec = replaced(asset.spec, values)
        try:
            return await self._sdk.run(named_calls.put, asset, spec, known)
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


def identity(asset: Asset) -> Identity:
    """Which resource an asset is."""
    parent = str(asset.spec.get("endpoint_name") or "").removeprefix("azureml:")
    return Identity(
        asset.target, asset.name, parent="" if asset.type.routes or not asset.type.parent else parent
    )


def title(asset: Asset) -> str:
    """For messages: "online endpoint churn in workspace mlw-dev"."""
    return f"{asset.type.kind.value.replace('_', ' ')} {asset.name} in {asset.target}"
