"""From the `$schema` of a file to the kind of asset that it describes.

The names are those of Azure ML's CLI v2, as its reference pages and examples use them. What a
document of a kind may contain is checked by the plugin, with azure-ai-ml's own schemas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from ml_assets.documents import Document, DocumentError
from ml_assets.mistakes import nearest, one_of, shown, wording


class Kind(str, Enum):
    """What a file of the catalogue describes."""

    DATASTORE = "datastore"
    ENVIRONMENT = "environment"
    DATA = "data"
    COMPONENT = "component"
    MODEL = "model"
    ONLINE_ENDPOINT = "online_endpoint"
    ONLINE_DEPLOYMENT = "online_deployment"
    BATCH_ENDPOINT = "batch_endpoint"
    BATCH_DEPLOYMENT = "batch_deployment"
    SCHEDULE = "schedule"
    CONNECTION = "connection"
    FEATURE_SET = "feature_set"
    FEATURE_STORE_ENTITY = "feature_store_entity"
    JOB = "job"

    def __str__(self) -> str:
        return self.value


VERSIONED: Final = frozenset(
    {Kind.ENVIRONMENT, Kind.DATA, Kind.COMPONENT, Kind.MODEL, Kind.FEATURE_SET, Kind.FEATURE_STORE_ENTITY}
)

_NAMES: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.DATASTORE: ("azureBlob", "azureFile", "azureDataLakeGen2", "azureDataLakeGen1", "oneLake"),
    Kind.ENVIRONMENT: ("environment",),
    Kind.DATA: ("data",),
    Kind.COMPONENT: (
        "commandComponent",
        "pipelineComponent",
        "parallelComponent",
        "sparkComponent",
        "sweepComponent",
        "automlComponent",
        "dataTransferComponent",
    ),
    Kind.MODEL: ("model",),
    Kind.ONLINE_ENDPOINT: ("managedOnlineEndpoint", "kubernetesOnlineEndpoint"),
    Kind.ONLINE_DEPLOYMENT: ("managedOnlineDeployment", "kubernetesOnlineDeployment"),
    Kind.BATCH_ENDPOINT: ("batchEndpoint",),
    Kind.BATCH_DEPLOYMENT: ("batchDeployment", "modelBatchDeployment", "pipelineComponentBatchDeployment"),
    Kind.SCHEDULE: ("schedule", "monitorSchedule", "dataImportSchedule"),
    Kind.CONNECTION: ("connection", "workspaceConnection"),
    # The reference pages and Microsoft's examples disagree about the capitals.
    Kind.FEATURE_SET: ("featureSet", "featureset"),
    Kind.FEATURE_STORE_ENTITY: ("featureStoreEntity", "featurestoreEntity"),
    Kind.JOB: (
        "commandJob",
        "pipelineJob",
        "sweepJob",
        "sparkJob",
        "parallelJob",
        "autoMLJob",
        "autoMLClassificationJob",
        "autoMLRegressionJob",
        "autoMLForecastingJob",
        "autoMLImageClassificationJob",
        "autoMLImageClassificationMultilabelJob",
        "autoMLImageObjectDetectionJob",
        "autoMLImageInstanceSegmentationJob",
        "autoMLNLPTextClassificationJob",
        "autoMLNLPTextClassificationMultilabelJob",
        "autoMLNLPTextNERJob",
        "dataTransferJob",
        "fineTuningJob",
    ),
}

SCHEMAS: Final[dict[str, Kind]] = {name: kind for kind, names in _NAMES.items() for name in names}

# Documents of the CLI that azure-ai-ml reads without a schema: nothing in them could be checked beforehand.
_UNCHECKED: Final = ("serverlessEndpoint", "marketplaceSubscription")

_URL: Final = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"
_FORM: Final = re.compile(r"https?://azuremlschemas(?:prod)?\.azureedge\.net/[\w.-]+/([\w-]+)\.schema\.json")


def schema_name(data: Mapping[str, Any]) -> str | None:
    """NAME of a `$schema` that is a URL of Azure ML's schemas, whether it is known or not; else None."""
    url = data.get("$schema")
    match = _FORM.fullmatch(url) if isinstance(url, str) else None
    return match.group(1) if match else None


def kind_of(document: Document) -> Kind:
    """The kind of a document. Raises DocumentError for a missing or unknown `$schema`."""
    name = schema_name(document.data)
    if name in SCHEMAS:
        return SCHEMAS[name]
    url = document.data.get("$schema")
    meant = None
    if isinstance(url, str):
        meant = nearest(name or url.rpartition("/")[2].partition(".")[0], SCHEMAS, cutoff=0.7)
    path = ("$schema",)
    found = shown(name or url) if url is not None else "nothing, and it is required"
    if name in _UNCHECKED:
        found += ", which azure-ai-ml has no schema for: it could not be checked before it is deployed"
        meant = None
    text = wording(
        found=found,
        allowed=f"{_URL.format('NAME')}, NAME being {one_of(SCHEMAS)}",
        suggestion=meant,
        example=_URL.format(meant or "environment"),
    )
    raise DocumentError([document.mistake(path, text)])
