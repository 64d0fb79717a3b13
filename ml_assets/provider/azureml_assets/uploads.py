"""Files go to blob containers: many at a time, over one connection pool, and an error is an error.

azure-ai-ml's own upload of a folder waits for ever when one file fails and progress is not shown;
and it opens connections for each asset. The layout of the blobs is the same as its layout.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from azureml_assets import blob_calls
from azureml_assets.content import LocalPath
from azureml_assets.files import LocalFile
from azureml_assets.kinds import API_VERSION, Target
from azureml_assets.once import Once
from azureml_assets.sdk_process import THREADS, SdkProcess
from resource_provider.arm_client import ArmClient
from resource_provider.provider import ProviderError

DEFAULT_DATASTORE: Final = "workspaceblobstore"
_ONE_REQUEST: Final = 64 << 20  # bytes; larger files go up in blocks, by azure-storage-blob
_BLOB_VERSION: Final = "2023-11-03"


@dataclass(frozen=True)
class Uploaded:
    """Where files are now: in a datastore, and as a blob's or folder's URL."""

    datastore: str
    path: str  # within the datastore, without a slash at the end
    url: str


@dataclass(frozen=True)
class _Container:
    """A container's URL, and an account key or SAS where the datastore has one."""

    url: str
    secret: str | None


class Uploads:
    """The uploads of one plugin process."""

    def __init__(self, arm: ArmClient, sdk: SdkProcess) -> None:
        self._arm = arm
        self._sdk = sdk
        self._slots = asyncio.Semaphore(THREADS)
        self._containers: Once[tuple[Target, str], _Container] = Once()

    async def to_container(self, sas_url: str, files: Sequence[LocalFile], prefix: str) -> None:
        """Writes the files below a prefix of a container that a SAS opens.

        Code is many small files: they go over the process's one pool of connections.
        """
        small = [file for file in files if file.source.stat().st_size <= _ONE_REQUEST]
        large = [file for file in files if file.source.stat().st_size > _ONE_REQUEST]
        await _all_done([self._put(sas_url, file, f"{prefix}/{file.name}") for file in small])
        if large:
            await self._sdk.run(blob_calls.upload, sas_url, None, large, prefix)

    async def to_datastore(
        self,
        target: Target,
        local: LocalPath,
        digest: str,
        asset: tuple[str, str],
        datastore: str = DEFAULT_DATASTORE,
    ) -> Uploaded:
        """Writes a file or folder to LocalUpload/{digest}/{its name}, unless it is there already.

        `asset` is name and version, which Azure ML keeps at the first file as a sign that all are there.
        """
        key = (target, datastore)
        container = await self._containers.get(key, lambda: self._open(target, datastore))
        prefix = f"LocalUpload/{digest}" + (f"/{local.path.name}" if local.is_folder else "")
        path = f"LocalUpload/{digest}/{local.path.name}"
        uploaded = Uploaded(datastore, path, f"{container.url}/{path}")
        sign = f"{prefix}/{local.files[0].name}" if local.files else ""
        if not sign:
            raise ProviderError(
                f"{local.path} is an empty folder, or all of it is ignored: there is nothing to upload"
            )
        where = container.url, container.secret
        if not await self._sdk.run(blob_calls.is_complete, *where, sign):
            await self._sdk.run(blob_calls.upload, *where, local.files, prefix)
            await self._sdk.run(blob_calls.mark_complete, *where, sign, asset)
        return uploaded

    async def _put(self, sas_url: str, file: LocalFile, name: str) -> None:
        """One blob in one request ("Put Blob", REST API), with the retries of every request to Azure."""
        base, _, sas = sas_url.partition("?")
        data = file.source.read_bytes()
        headers = {"x-ms-blob-type": "BlockBlob", "x-ms-version": _BLOB_VERSION}
        async with self._slots:
            await self._arm.send_bytes("PUT", f"{base}/{quote(name)}?{sas}", data, headers)

    async def _open(self, target: Target, datastore: str) -> _Container:
        store = f"{target.workspace_id}/datastores/{datastore}"
        answer = await self._arm.request("GET", store, API_VERSION)
        properties: dict[str, Any] = answer.body.get("properties", {})
        if properties.get("datastoreType") != "AzureBlob":
            raise ProviderError(
                f"datastore {datastore} is of type {properties.get('datastoreType')}: files are uploaded to "
                f"blob datastores only; name one, or none for {DEFAULT_DATASTORE}"
            )
        account = (
            f"https://{properties['accountName']}.blob.{properties.get('endpoint') or 'core.windows.net'}"
        )
        secret = None
        if properties.get("credentials", {}).get("credentialsType") != "None":
            wanted = {"expirableSecret": True, "expireAfterHours": 1}
            given = (await self._arm.request("POST", f"{store}/listSecrets", API_VERSION, wanted)).body
            secret = given.get("sasToken") or given.get("key")
        return _Container(f"{account}/{properties['containerName']}", secret)


async def _all_done(uploads: Sequence[Awaitable[None]]) -> None:
    """Waits for all, whatever becomes of them; then raises the first error."""
    done = await asyncio.gather(*uploads, return_exceptions=True)
    failed = [each for each in done if isinstance(each, BaseException)]
    if failed:
        raise failed[0]
