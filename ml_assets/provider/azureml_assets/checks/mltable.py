"""The MLTable file in a data folder: how its files become a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from azureml_assets.checks.local_files import is_dir, is_file, is_local
from azureml_assets.checks.subject import Subject
from ml_assets.documents import DocumentError, read
from ml_assets.mistakes import nearest, one_of, shown

_KEYS: Final = ("file", "folder", "pattern")
# "CLI (v2) MLtable YAML schema", keys at the root.
_ROOT: Final = ("$schema", "type", "paths", "transformations", "traits", "metadata")
_EXAMPLE: Final = "paths: [{file: ./train.csv}]"


def check(subject: Subject, folder: Path) -> None:
    """Records at `path` what is wrong with the MLTable file of a folder."""
    file = folder / "MLTable"
    if not is_file(file):
        subject.wrong(
            ("path",),
            found=f"{subject.shown_path(folder)} without a file MLTable",
            allowed="a folder with an MLTable file that says how its files are read",
            example=_EXAMPLE,
        )
        return
    try:
        table = read(file, subject.root)
    except DocumentError as error:
        found = f"an MLTable file with mistakes: {error.mistakes[0]}"
        subject.wrong(("path",), found=found, allowed="an MLTable file in YAML", example=_EXAMPLE)
        return
    mistake = _mistake(table.data, folder)
    if mistake is not None:
        found, allowed, line = mistake
        place = f"{table.file}:{table.line(line)}"
        subject.wrong(("path",), found=f"{found} in {place}", allowed=allowed, example=_EXAMPLE)


def _mistake(data: dict[str, Any], folder: Path) -> tuple[str, str, tuple[str | int, ...]] | None:
    for key in data:
        if key not in _ROOT:
            meant = nearest(key, _ROOT)
            allowed = one_of(_ROOT) + (f"; did you mean '{meant}'?" if meant else "")
            return f"the unknown key {shown(key)}", allowed, (key,)
    entries = data.get("paths")
    if not isinstance(entries, list) or not entries:
        return f"{shown(entries)} for paths", "a list of files, folders or patterns", ("paths",)
    for index, entry in enumerate(entries):
        place = ("paths", index)
        if not isinstance(entry, dict) or len(entry) != 1 or next(iter(entry)) not in _KEYS:
            return shown(entry), f"a map of one of {one_of(_KEYS)}", place
        (key, value), *_ = entry.items()
        if not isinstance(value, str):
            return f"{shown(value)} for {key}", "text", place
        if key == "pattern" or not is_local(value):
            continue
        local = folder / value
        if not (is_file(local) if key == "file" else is_dir(local)):
            return (
                f"the {key} {shown(value)}, which is not there",
                f"a {key} that exists, relative to MLTable",
                place,
            )
    return None
