"""How much a document uploads: warned about before it takes minutes, or is refused.

Limits: code snapshots "300 MB or 2000 files" ("Prevent unwanted files from being included",
Azure ML how-to-save-write-experiment-files), which the job service checks; for data and models
there is none, but from some gigabytes on a remote path spares each machine the upload.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from azureml_assets.checks.local_files import is_file
from azureml_assets.checks.subject import Subject, maps_at
from ml_assets.documents import DocumentPath
from ml_assets.schemas import Kind

_MB: Final = 1_000_000
CODE_BYTES: Final = 300 * _MB
CODE_FILES: Final = 2000
DATA_BYTES: Final = 2_000 * _MB
_COUNTED_AT_MOST: Final = 20_000  # files; then it is too many anyway


def warn(subject: Subject) -> None:
    """Records uploads above the limits."""
    for path in _code(subject):
        _measure(
            subject, path, CODE_BYTES, CODE_FILES, "leave files out by an .amlignore file, or make them data"
        )
    if subject.kind in (Kind.DATA, Kind.MODEL):
        _measure(
            subject, ("path",), DATA_BYTES, None, "upload it once and give its azureml://datastores/... path"
        )


def _code(subject: Subject) -> Iterator[DocumentPath]:
    yield ("code",)
    yield ("code_configuration", "code")
    yield ("trial", "code")
    yield ("build", "path")
    for name, _ in maps_at(subject.spec, "jobs"):
        yield ("jobs", name, "code")


def _measure(
    subject: Subject, path: DocumentPath, most_bytes: int, most_files: int | None, remedy: str
) -> None:
    local = subject.local(subject.get(*path))
    if local is None:
        return
    files, size = _measured(local)
    if size > most_bytes:
        subject.wrong(
            path,
            found=f"{size // _MB} MB to upload",
            allowed=f"at most {most_bytes // _MB} MB",
            example=remedy,
        )
    elif most_files is not None and files > most_files:
        subject.wrong(
            path, found=f"{files} files to upload", allowed=f"at most {most_files} files", example=remedy
        )


def _measured(local: Path) -> tuple[int, int]:
    """Files and bytes below a path; files that are ignored by .amlignore are counted too."""
    if is_file(local):
        return 1, local.stat().st_size
    files = size = 0
    for folder, _, names in os.walk(local):
        for name in names:
            try:
                size += (Path(folder) / name).stat().st_size
            except OSError:  # a broken link is uploaded as nothing
                continue
            files += 1
        if files > _COUNTED_AT_MOST:
            break
    return files, size
