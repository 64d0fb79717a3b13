"""A document checked whole, in azure-ai-ml's own process; see sdk_process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from azureml_assets import sdk
from azureml_assets.kinds import AssetType
from azureml_assets.loaders import PLACEHOLDER, has_job
from ml_assets import documents
from ml_assets.mistakes import Mistake, shown, wording
from ml_assets.schemas import Kind
from resource_provider.values import UNKNOWN, reveal


def check(
    asset: AssetType, file: Path, root: Path, spec: dict[str, Any]
) -> tuple[list[Mistake], list[Mistake]]:
    """Mistakes and warnings of a document, with file and line.

    `spec`: its values with references replaced and overrides merged in. `root`: the project's.
    """
    try:
        document = documents.read(file, root)
    except documents.DocumentError as error:
        return list(error.mistakes), []
    sdk.load()
    from azureml_assets import checks  # loads azure-ai-ml

    if asset.routes:  # the rest of the document is its endpoint's
        return checks.check_traffic(document, spec, root), []
    found = []
    if asset.kind is Kind.SCHEDULE and has_job(reveal(spec)):
        job_type = spec["create_job"]["type"]
        if job_type not in ("pipeline", UNKNOWN):
            allowed = "pipeline: Azure ML schedules nothing else"
            text = wording(found=shown(job_type), allowed=allowed)
            found.append(document.mistake(("create_job", "type"), text))
        found += checks.check(document, spec["create_job"], Kind.JOB, root)
        spec = {**spec, "create_job": PLACEHOLDER}
    found += checks.check(document, spec, asset.kind, root)
    return found, [] if found else checks.warnings(document, spec, asset.kind, root)
