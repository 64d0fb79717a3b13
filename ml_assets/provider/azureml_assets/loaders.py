"""From a document to azure-ai-ml's object for it, by azure-ai-ml's own loaders.

Two kinds take more than one call. A batch deployment with `settings` is not known to the loader
for all of them. A schedule holds its job here (the program puts the file's content in its place),
whereas the loader wants a file: the job is loaded by itself.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from azureml_assets.kinds import AssetType
from azureml_assets.sdk import undisturbed
from ml_assets.schemas import Kind

PLACEHOLDER: Final = "azureml:job"


def load(asset: AssetType, spec: Mapping[str, Any], origin: Path) -> Any:
    """The object; paths are relative to the folder of `origin`. The SDK's errors pass through."""
    if asset.kind is Kind.SCHEDULE:
        return _schedule(asset, dict(spec), origin)
    if asset.kind is Kind.BATCH_DEPLOYMENT and spec.get("type") == "pipeline":
        return _load("load_pipeline_component_batch_deployment", {"settings": {}, **spec}, origin)
    if asset.kind is Kind.BATCH_DEPLOYMENT and "settings" in spec:
        return _load("load_model_batch_deployment", spec, origin)
    return _load(asset.loader, spec, origin)


def has_job(spec: Mapping[str, Any]) -> bool:
    """Whether a schedule's document holds the definition of its job."""
    job = spec.get("create_job")
    return isinstance(job, Mapping) and "type" in job and "job" not in job


def _schedule(asset: AssetType, spec: dict[str, Any], origin: Path) -> Any:
    """`is_enabled: false` pauses it; the loader drops that key, which it only knows in answers."""
    enabled = bool(spec.pop("is_enabled", True))
    job = spec["create_job"] if has_job(spec) else None
    schedule = _load(asset.loader, {**spec, "create_job": PLACEHOLDER} if job else spec, origin)
    if job:
        schedule.create_job = _load("load_job", job, origin)
    schedule._is_enabled = enabled  # noqa: SLF001  # as the SDK's own begin_disable does
    return schedule


def _load(loader: str, spec: Mapping[str, Any], origin: Path) -> Any:
    from azure.ai.ml.entities import _load_functions  # slow to load

    text = json.dumps(spec)  # JSON is YAML, without its surprises
    load = getattr(_load_functions, loader)
    return undisturbed(lambda: load(io.StringIO(text), relative_origin=str(origin)))
