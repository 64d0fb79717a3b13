"""Code assets: a folder is uploaded once, however many components run it.

Azure ML finds code by the hash of its content. The name of a new code asset is made from that
hash, so that an interrupted upload is completed by the next run and leaves no second asset.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Final

from azureml_assets.content import LocalPath
from azureml_assets.files import code_hash
from azureml_assets.kinds import Target
from azureml_assets.once import Once
from azureml_assets.uploads import Uploads
from resource_provider.arm_client import ArmClient
from resource_provider.provider import ProviderError

_API_VERSION: Final = "2023-04-01"  # that of azure-ai-ml 1.35's code operations
_HASH_VERSION: Final = "202208"
_NAMES: Final = uuid.UUID("6f2b1d0e-9c53-5d0a-8a43-5d7d1f7c2e11")  # namespace of the names made here


class Codes:
    """The code assets of one plugin process."""

    def __init__(self, arm: ArmClient, uploads: Uploads) -> None:
        self._arm = arm
        self._uploads = uploads
        self._known: Once[tuple[Target, str], str] = Once()

    async def id_of(self, target: Target, local: LocalPath) -> str:
        """Resource id of the code asset with these files; made if Azure ML has none."""
        if not local.files:
            raise ProviderError(
                f"{local.path} is an empty folder, or all of it is ignored: there is no code in it"
            )
        digest = await asyncio.to_thread(code_hash, local.files)
        return await self._known.get((target, digest), lambda: self._find_or_make(target, local, digest))

    async def hash_of(self, id: str) -> str:
        """The content hash that Azure ML keeps of a code asset; empty where there is none."""
        found = await self._arm.get(id, _API_VERSION) or {}
        return str((found.get("properties", {}).get("properties") or {}).get("hash_sha256", ""))

    async def _find_or_make(self, target: Target, local: LocalPath, digest: str) -> str:
        name = _name_of(digest)
        versions = f"{target.workspace_id}/codes/{name}/versions"
        query = {"hash": digest, "hashVersion": _HASH_VERSION}
        found: list[dict[str, Any]] = (
            await self._arm.request("GET", versions, _API_VERSION, query=query)
        ).body.get("value", [])
        if found:
            return str(found[0]["id"])
        wanted = {"pendingUploadType": "TemporaryBlobReference"}
        answer = await self._arm.request("POST", f"{versions}/1/startPendingUpload", _API_VERSION, wanted)
        blob = answer.body["blobReferenceForConsumption"]
        folder = local.path.name if local.is_folder else local.path.stem
        await self._uploads.to_container(blob["credential"]["sasUri"], local.files, folder)
        properties = {
            "codeUri": f"{blob['blobUri']}/{folder}",
            "isAnonymous": True,
            "properties": {"hash_sha256": digest, "hash_version": _HASH_VERSION},
        }
        made = await self._arm.put(f"{versions}/1", _API_VERSION, {"properties": properties}, {})
        return str(made.body["id"])


def code_name(local: LocalPath) -> str:
    """The name of the code asset that these files are, or would be, in any workspace."""
    return _name_of(code_hash(local.files))


def _name_of(digest: str) -> str:
    return str(uuid.uuid5(_NAMES, digest))
