"""Feature sets and entities of a feature store."""

from __future__ import annotations

from typing import Final

from azure.ai.ml.entities import DataColumnType

from azureml_assets.checks.local_files import is_file
from azureml_assets.checks.paths import found_path
from azureml_assets.checks.subject import Subject
from ml_assets.mistakes import nearest, one_of, shown
from ml_assets.schemas import Kind

# The SDK looks for the first; its own examples have the second.
_SPECIFICATIONS: Final = ("FeatureSetSpec.yaml", "FeaturesetSpec.yaml")
_TYPES: Final = tuple(each.name.lower() for each in DataColumnType)


def check(subject: Subject) -> None:
    """Records a specification that is not there, and columns of unknown types."""
    if subject.kind is Kind.FEATURE_SET and isinstance(subject.get("specification"), dict):
        path = ("specification", "path")
        folder = found_path(subject, path, wanted="folder")
        if folder is not None and not any(is_file(folder / name) for name in _SPECIFICATIONS):
            subject.wrong(
                path,
                found=f"{subject.shown_path(folder)} without a file {_SPECIFICATIONS[0]}",
                allowed="the folder of a feature set specification",
            )
    if subject.kind is Kind.FEATURE_STORE_ENTITY:
        columns = subject.get("index_columns")
        for index, column in enumerate(columns if isinstance(columns, list) else ()):
            given = column.get("type") if isinstance(column, dict) else None
            if isinstance(given, str) and given.lower() not in _TYPES:
                meant = nearest(given, _TYPES)
                subject.wrong(
                    ("index_columns", index, "type"),
                    found=shown(given),
                    allowed=one_of(_TYPES),
                    suggestion=meant,
                    example=meant or _TYPES[0],
                )
