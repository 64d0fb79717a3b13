"""Files that can be listed and not be read: links to nowhere or in a circle, pipes, other people's files."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Final

from azureml_assets import content as contents
from azureml_assets.checks.local_files import is_dir, is_file
from azureml_assets.checks.subject import Subject
from ml_assets.mistakes import shown

_TOLD: Final = 5  # of a folder; the others are probably of the same sort


def check(subject: Subject) -> None:
    """Records what an upload would fail by."""
    for key, value, owner in contents.local_values(subject.kind, subject.spec):
        path = subject.local(value)
        if path is None or not (is_file(path) or is_dir(path)):
            continue
        sources = (file.source for file in contents.files_at(key, path, owner, subject.folder))
        wrong = ((source, what) for source in sources if (what := _trouble(source)))
        for source, what in islice(wrong, _TOLD):
            subject.wrong(
                key,
                found=f"{subject.shown_path(source)}, {what}",
                allowed="files that can be read; remove it, or leave it out by an .amlignore file",
            )


def _trouble(source: Path) -> str:
    """What is wrong with a file; nothing where it can be read."""
    if is_file(source):
        return "" if os.access(source, os.R_OK) else "which you may not read"
    if source.is_symlink():
        end = "a folder around it" if is_dir(source) else "not there"
        return f"a link to {shown(source.readlink().as_posix())}, which is {end}"
    return "which is no file but a pipe, a socket or a device"
