"""What is done with versions in azure-ai-ml's own process; see sdk_process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from azureml_assets.asset import Asset
from azureml_assets.content import LocalPath
from azureml_assets.kinds import AssetType, Target
from azureml_assets.loaders import load
from azureml_assets.sdk import client, operations, state_of
from ml_assets.schemas import Kind

HASH_PROPERTY: Final = "azureml-assets.contentHash"


def get(type: AssetType, target: Target, name: str, version: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """State and properties of a version."""
    entity = operations(type, target).get(name=name, version=version)
    return state_of(entity), dict(entity.properties or {})


def put(asset: Asset, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Registers a version, its files being where `spec` says; its state."""
    entity = load(asset.type, spec, asset.origin)
    entity.properties = {**(entity.properties or {}), HASH_PROPERTY: asset.digest}
    for local in asset.content.paths:
        if spec.get("type") == "mltable" and local.key == ("path",):
            entity._referenced_uris = _referenced_uris(local)  # noqa: SLF001  # as the SDK's own upload does
    calls = operations(asset.type, asset.target)
    if asset.type.kind is Kind.COMPONENT:  # checked before, in the preview and by this update
        return state_of(calls.create_or_update(entity, skip_validation=True))
    if hasattr(calls, "create_or_update"):
        return state_of(calls.create_or_update(entity))
    return state_of(calls.begin_create_or_update(entity).result())


def archive(type: AssetType, target: Target, name: str, version: str) -> None:
    """Hides a version from lists."""
    operations(type, target).archive(name, version)


def restore(type: AssetType, target: Target, name: str, version: str) -> None:
    """Shows a hidden version again."""
    operations(type, target).restore(name, version)


def wanted_state(asset: Asset, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The state that a document would have, to compare with that of another's asset."""
    return state_of(load(asset.type, spec, asset.origin))


def submit(job: Asset, spec: Mapping[str, Any]) -> tuple[str, str]:
    """Starts a job: its name, and its page in the studio."""
    submitted = client(job.target).jobs.create_or_update(load(job.type, spec, job.origin))
    return str(submitted.name), str(submitted.studio_url)


def object_hash(local: LocalPath) -> str:
    """The hash that azure-ai-ml names uploads by, from azure-ai-ml itself."""
    from azure.ai.ml._utils._asset_utils import get_ignore_file, get_object_hash  # slow to load

    return str(get_object_hash(local.path, get_ignore_file(local.path)))


def _referenced_uris(local: LocalPath) -> list[str]:
    """The paths that an MLTable names; Azure ML keeps them with the asset."""
    from azure.ai.ml._utils._data_utils import read_local_mltable_metadata_contents  # slow to load
    from azure.ai.ml.entities._data.mltable_metadata import MLTableMetadata  # slow to load

    text = read_local_mltable_metadata_contents(path=str(local.path))
    metadata = MLTableMetadata._load(text, local.path / "MLTable")  # noqa: SLF001  # there is no public reader
    return [str(uri) for uri in metadata.referenced_uris()]
