"""Assets with versions: found and adopted, or uploaded and registered; archived when a stack says so.

A version never changes: what is registered under it already is the same asset, or the update is
refused. The content hash travels with the asset, as a property, so that the next environment,
or another person's stack, can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from azureml_assets import version_calls
from azureml_assets.asset import Asset
from azureml_assets.codes import Codes
from azureml_assets.content import LocalPath, replaced
from azureml_assets.kinds import API_VERSION, AssetType, Target, resource_id
from azureml_assets.sdk_process import SdkProcess
from azureml_assets.uploads import DEFAULT_DATASTORE, Uploads
from ml_assets.schemas import Kind
from resource_provider.arm_client import ArmClient
from resource_provider.arm_errors import ArmError
from resource_provider.provider import ProviderError

_DOCKERFILE: Final = {"dockerfile_path": "Dockerfile"}  # which Azure ML notes where a file says nothing


@dataclass(frozen=True)
class Registered:
    """A version in Azure ML: its state, and the content hash that this plugin gave it, if it did."""

    state: dict[str, Any]
    digest: str


class Registration:
    """What the plugin does with versions."""

    def __init__(self, sdk: SdkProcess, arm: ArmClient, codes: Codes, uploads: Uploads) -> None:
        self._sdk = sdk
        self._arm = arm
        self._uploads = uploads
        self._codes = codes

    async def create(self, asset: Asset) -> dict[str, Any]:
        """Adopts or registers; its state in Azure ML. ProviderError when another asset has its version."""
        found = await self._find(asset.type, asset.target, asset.name, asset.version)
        return await (self._register(asset) if found is None else self._adopt(asset, found))

    async def taken(self, asset: Asset) -> dict[str, Any]:
        """What an earlier environment has registered; ProviderError for nothing, or other content."""
        found = await self._find(asset.type, asset.target, asset.name, asset.version)
        if found is None:
            raise ProviderError(
                f"{asset.title} is not there, and this stack only takes what an earlier environment has "
                "registered (assets.registry.mustExist). Bring the same files up in that environment first."
            )
        return await self._adopt(asset, found)

    async def update(self, asset: Asset, *, archived: bool) -> dict[str, Any]:
        """Writes what may change at any time (description, tags, ...); brings an archived version back."""
        if archived:
            await self._sdk.run(version_calls.restore, asset.type, asset.target, asset.name, asset.version)
        return await self._register(asset)

    async def read(self, type: AssetType, target: Target, name: str, version: str) -> Registered | None:
        """What Azure ML has, with `archived: true` for a hidden version; None when there is none."""
        return await self._find(type, target, name, version)

    async def take_over(self, asset: Asset) -> dict[str, Any]:
        """An imported version of other origin: adopted if its content is that of the file, then written."""
        found = await self._find(asset.type, asset.target, asset.name, asset.version)
        if found is not None:
            await self._adopt(asset, found)
        return await self._register(asset)

    async def archive(self, type: AssetType, target: Target, name: str, version: str) -> None:
        """Hides a version from lists; whoever refers to it still gets it. One that is gone is no error."""
        try:
            await self._sdk.run(version_calls.archive, type, target, name, version)
        except ArmError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    async def _find(self, type: AssetType, target: Target, name: str, version: str) -> Registered | None:
        archived = False
        notes: dict[str, Any] = {}
        if not target.registry_name:  # cheaper than the SDK's answer to what is not there
            body = await self._arm.get(resource_id(type, target, name, version), API_VERSION)
            if body is None:
                return None
            properties = body.get("properties", {})
            archived = bool(properties.get("isArchived"))
            notes = properties.get("properties") or {}  # azure-ai-ml drops those of some components
        try:
            state, properties = await self._sdk.run(version_calls.get, type, target, name, version)
        except ArmError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return Registered(
            {**state, "archived": True} if archived else state,
            str({**notes, **properties}.get(version_calls.HASH_PROPERTY, "")),
        )

    async def _adopt(self, asset: Asset, found: Registered) -> dict[str, Any]:
        if found.digest == asset.digest:
            return found.state
        if found.digest:
            what = f"its content hash is {found.digest[:12]}, that of the files here {asset.digest[:12]}"
        else:  # registered by other means
            differences = await self._differences(asset, found.state)
            if not differences:
                return found.state
            what = "it differs in " + ", ".join(differences)
        raise ProviderError(
            f"{asset.title} is registered already, with other content: {what}. A version cannot be changed. "
            "Give the file another version, or `version: auto` for one that follows the content."
        )

    async def _differences(self, asset: Asset, state: Mapping[str, Any]) -> list[str]:
        """Keys in which an asset that others registered differs; code is compared by its hash."""
        wanted = await self._sdk.run(version_calls.wanted_state, asset, await self._uploaded(asset))
        ignored = {
            "description",
            "tags",
            "properties",
            "stage",
            "version",
            "name",
            "display_name",
            "is_anonymous",
        }
        differing = []
        for key, value in wanted.items():
            if key in ignored or key not in state:
                continue
            if _plain(state[key], asset.target) == _plain(value, asset.target):
                continue
            if key == "code" and await self._same_code(str(state[key]), str(value)):
                continue
            differing.append(key)
        return differing

    async def _same_code(self, one: str, other: str) -> bool:
        first = await self._codes.hash_of(one.removeprefix("azureml:"))
        return bool(first) and first == await self._codes.hash_of(other.removeprefix("azureml:"))

    async def _register(self, asset: Asset) -> dict[str, Any]:
        return await self._sdk.run(version_calls.put, asset, await self._uploaded(asset))

    async def _uploaded(self, asset: Asset) -> dict[str, Any]:
        """The document with its local paths replaced by where the files are now."""
        if asset.target.registry_name:  # a registry has a handshake of its own, which the SDK does
            return dict(asset.spec)
        return replaced(asset.spec, await uploaded_paths(asset, self._codes, self._uploads, self._sdk))


def _plain(value: Any, target: Target) -> Any:
    """A path or a build as a file has it: Azure ML writes in full where a datastore of the workspace is."""
    if isinstance(value, Mapping):
        return {**_DOCKERFILE, **value}
    home = f"azureml:/{target.workspace_id}/".replace("/providers/Microsoft.MachineLearningServices", "")
    if isinstance(value, str) and value.lower().startswith(home.lower()):
        return f"azureml://{value[len(home) :]}"
    return value


async def uploaded_paths(
    asset: Asset, codes: Codes, uploads: Uploads, sdk: SdkProcess
) -> dict[tuple[str, ...], str]:
    """Key of each local path that is uploaded -> what stands there instead."""
    values: dict[tuple[str, ...], str] = {}
    for local in asset.content.paths:
        if local.is_code:
            values[local.key] = "azureml:" + await codes.id_of(asset.target, local)
        elif local.key[-1] == "path":
            values[local.key] = await _to_datastore(asset, local, uploads, sdk)
    return values


async def _to_datastore(asset: Asset, local: LocalPath, uploads: Uploads, sdk: SdkProcess) -> str:
    digest = await sdk.run(version_calls.object_hash, local)
    datastore = str(asset.spec.get("datastore") or DEFAULT_DATASTORE).removeprefix("azureml:")
    done = await uploads.to_datastore(asset.target, local, digest, (asset.name, asset.version), datastore)
    if local.key[-2:] == ("build", "path"):
        return f"{done.url}/"
    if asset.type.kind is Kind.MODEL or local.key[0] == "model":
        scope = asset.target.workspace_id.replace("/providers/Microsoft.MachineLearningServices", "")
        scope = scope.replace("resourceGroups", "resourcegroups")
        return f"azureml:/{scope}/datastores/{done.datastore}/paths/{done.path}"
    return f"azureml://datastores/{done.datastore}/paths/{done.path}"
