"""Names and versions: what Azure ML accepts, and what survives the way there.

Sources: "Naming rules and restrictions for Azure resources", section Microsoft.MachineLearningServices,
and the reference pages of CLI v2 for each kind.
"""

from __future__ import annotations

import re
from typing import Final

from azureml_assets.checks.subject import Subject
from ml_assets.mistakes import one_of, shown
from ml_assets.schemas import SCHEMAS, VERSIONED, Kind
from resource_provider.values import UNKNOWN

_ASSET: Final = (
    re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}"),
    "1 to 255 letters, digits, -, _ and ., beginning with a letter or digit",
)
_ENDPOINT: Final = (
    re.compile(r"[A-Za-z](?:[A-Za-z0-9-]{1,30}[A-Za-z0-9])"),
    "3 to 32 letters, digits and -, beginning with a letter and ending with a letter or digit",
)
_COMPONENT: Final = (
    re.compile(r"[a-z][a-z0-9_]{0,254}"),
    "1 to 255 lower-case letters, digits and _, beginning with a letter",
)
_DATASTORE: Final = (
    re.compile(r"[A-Za-z0-9_]{1,255}"),
    "1 to 255 letters, digits and _",
)
_FORMS: Final = {
    Kind.COMPONENT: _COMPONENT,
    Kind.DATASTORE: _DATASTORE,
    Kind.ONLINE_ENDPOINT: _ENDPOINT,
    Kind.BATCH_ENDPOINT: _ENDPOINT,
    Kind.ONLINE_DEPLOYMENT: _ENDPOINT,
    Kind.BATCH_DEPLOYMENT: _ENDPOINT,
}
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,29}")
_BUILT_IN: Final = frozenset(
    {"workspaceblobstore", "workspaceartifactstore", "workspacefilestore", "workspaceworkingdirectory"}
)
# The `type` that belongs to a name of `$schema`; None: no key `type`, or one that says something else.
_TYPES: Final[dict[str, str]] = {
    "azureBlob": "azure_blob",
    "azureFile": "azure_file",
    "azureDataLakeGen2": "azure_data_lake_gen2",
    "azureDataLakeGen1": "azure_data_lake_gen1",
    "oneLake": "one_lake",
    "commandComponent": "command",
    "pipelineComponent": "pipeline",
    "parallelComponent": "parallel",
    "sparkComponent": "spark",
    "automlComponent": "automl",
    "dataTransferComponent": "data_transfer",
    "managedOnlineDeployment": "managed",
    "kubernetesOnlineDeployment": "kubernetes",
    "modelBatchDeployment": "model",
    "pipelineComponentBatchDeployment": "pipeline",
    "commandJob": "command",
    "pipelineJob": "pipeline",
    "sweepJob": "sweep",
    "sparkJob": "spark",
    **{name: "automl" for name in SCHEMAS if name.startswith("autoML")},
}
# Where the SDK takes this type when the file gives none.
_IMPLIED: Final = frozenset(
    {"commandComponent", "commandJob", "managedOnlineDeployment", "modelBatchDeployment"}
)


def check(subject: Subject) -> None:
    """Records wrong names and versions, and a `type` that contradicts `$schema`."""
    _name(subject)
    if subject.kind in VERSIONED:
        _version(subject)
    elif "version" in subject.spec and subject.kind is not Kind.JOB:
        versioned = one_of(sorted(kind.value for kind in VERSIONED))
        subject.wrong(
            ("version",),
            found="a version",
            allowed=f"none here; {versioned} have versions",
            example="leave it out",
        )
    _type(subject)


def warn(subject: Subject) -> None:
    """Records what is read by nobody: keys that only Azure ML writes."""
    for key in ("id", "creation_context", "provisioning_state", "latest_version"):
        if key in subject.spec and not (key == "id" and subject.kind is Kind.JOB):
            subject.wrong((key,), found="a key that Azure ML alone writes", allowed="a file without it")


def _name(subject: Subject) -> None:
    name = subject.get("name")
    if name is UNKNOWN or (subject.kind is Kind.JOB and "name" not in subject.spec):
        return
    form, allowed = _FORMS.get(subject.kind, _ASSET)
    example = "churn_train" if subject.kind in (Kind.COMPONENT, Kind.DATASTORE) else "churn-train"
    if "name" not in subject.spec or name is None:
        subject.wrong(("name",), found="nothing, and it is required", allowed=allowed, example=example)
    elif not isinstance(name, str):
        subject.wrong(("name",), found=shown(name), allowed="text, in quotes", example=f'"{shown(name)}"')
    elif not form.fullmatch(name):
        meant = _corrected(name, subject.kind)
        suggestion = meant if form.fullmatch(meant) else None
        subject.wrong(
            ("name",),
            found=shown(name),
            allowed=allowed,
            suggestion=suggestion,
            example=suggestion or example,
        )
    elif subject.kind is Kind.DATASTORE and name in _BUILT_IN:
        subject.wrong(
            ("name",),
            found=f"{shown(name)}, which each workspace has already",
            allowed="another name; the built-in datastores are used without a file",
            example=f"{name}_churn",
        )


def _corrected(name: str, kind: Kind) -> str:
    if kind in (Kind.COMPONENT, Kind.DATASTORE):
        text = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
        return text.lower() if kind is Kind.COMPONENT else text
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")


def _version(subject: Subject) -> None:
    version = subject.get("version")
    written = subject.document.data.get("version")
    allowed = "auto, or 1 to 30 letters, digits, -, _ and ., beginning with a letter or digit"
    if version is UNKNOWN:
        return
    if version is None:
        subject.wrong(("version",), found="nothing, and it is required", allowed=allowed, example="auto")
    elif isinstance(version, float) or (isinstance(written, float) and version == written):
        # 1.10 is the number 1.1, and 1.0 reaches Azure ML as 1.
        subject.wrong(
            ("version",),
            found=f"the number {written if isinstance(written, float) else version}, which loses digits",
            allowed=f"{allowed}, in quotes",
            example=f'"{written if isinstance(written, float) else version}"',
        )
    elif isinstance(version, int) and not isinstance(version, bool) and version >= 0:
        return
    elif not isinstance(version, str) or not _VERSION.fullmatch(version):
        subject.wrong(("version",), found=shown(version), allowed=allowed, example='"1"')
    elif version != "auto" and version.casefold() in ("auto", "latest"):
        subject.wrong(("version",), found=shown(version), allowed=allowed, suggestion="auto", example="auto")


def expected_type(subject: Subject) -> str | None:
    """The `type` that the document's `$schema` asks for; None where it asks for none."""
    return _TYPES.get(subject.schema or "")


def _type(subject: Subject) -> None:
    expected = expected_type(subject)
    given = subject.get("type")
    if expected is None or given is UNKNOWN or given == expected:
        return
    if "type" not in subject.spec:
        if subject.schema not in _IMPLIED:
            subject.wrong(("type",), found="nothing, and it is required", allowed=expected, example=expected)
        return
    if isinstance(given, str) and any(given == other for other in _TYPES.values()):
        found = f"{shown(given)}, while $schema is {subject.schema}"
        subject.wrong(("type",), found=found, allowed=expected, example=expected)
