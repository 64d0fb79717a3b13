"""What is done with blobs in the process of Azure's own clients; see sdk_process."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from azureml_assets.credentials import credential
from azureml_assets.files import LocalFile
from azureml_assets.sdk_process import THREADS

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

_UPLOADS: Final = ThreadPoolExecutor(THREADS)
_COMPLETED: Final = {"upload_status": "completed"}


def upload(url: str, secret: str | None, files: Sequence[LocalFile], prefix: str) -> None:
    """Writes files below a prefix of a container, over what is there; an error once all have ended.

    `url`: the container's, with a SAS if there is no other way in. `secret`: an account key or a SAS;
    None for the identity of the process, unless the URL has a SAS.
    """
    container = _container(url, secret)
    uploads = [_UPLOADS.submit(_put, container, f"{prefix}/{file.name}", file) for file in files]
    for each in wait(uploads).done:
        each.result()


def is_complete(url: str, secret: str | None, sign: str) -> bool:
    """Whether the blob that tells of an upload says that all of it is there."""
    from azure.core.exceptions import ResourceNotFoundError  # with azure-storage-blob

    try:
        found = _container(url, secret).get_blob_client(sign).get_blob_properties().metadata or {}
    except ResourceNotFoundError:
        return False
    return found.items() >= _COMPLETED.items()


def mark_complete(url: str, secret: str | None, sign: str, asset: tuple[str, str]) -> None:
    """Writes that, with name and version of an asset that the files are of."""
    blob = _container(url, secret).get_blob_client(sign)
    blob.set_blob_metadata({**_COMPLETED, "name": asset[0], "version": asset[1]})


@functools.lru_cache(maxsize=64)
def _container(url: str, secret: str | None) -> ContainerClient:
    from azure.storage.blob import ContainerClient  # half a second, only for uploads

    from azureml_assets.transport import transport  # with it

    if secret is None and "?" not in url:
        return ContainerClient.from_container_url(url, credential=credential(), transport=transport())
    return ContainerClient.from_container_url(url, credential=secret, transport=transport())


def _put(container: ContainerClient, name: str, file: LocalFile) -> None:
    with file.source.open("rb") as data:
        container.upload_blob(name, data, overwrite=True, length=file.source.stat().st_size)
