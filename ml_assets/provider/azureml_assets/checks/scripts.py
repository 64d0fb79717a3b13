"""Scripts in code folders: what a document starts must be among the files that it uploads."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from azureml_assets.checks.local_files import files_below, is_dir, is_file
from azureml_assets.checks.subject import MISSING, Subject, maps_at
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import one_of, shown
from ml_assets.schemas import Kind

_SHOWN_AT_MOST: Final = 10
_PYTHON: Final = re.compile(r"(?:^|[\s;&|])python3?\s+([\w./-]+\.py)\b")


def check(subject: Subject) -> None:
    """Records scripts that their code folder does not have."""
    if subject.kind in (Kind.ONLINE_DEPLOYMENT, Kind.BATCH_DEPLOYMENT):
        _both_keys(subject)
    for code, script in _pairs(subject):
        value = subject.get(*script)
        if isinstance(value, str):
            _script(subject, code, script, value, "a file in the code folder")


def warn(subject: Subject) -> None:
    """Records scripts that a command starts and its code folder does not have.

    A warning only, since a command may make the script itself.
    """
    places: list[DocumentPath] = [(), ("trial",)]
    places += [("jobs", name) for name, _ in maps_at(subject.spec, "jobs")]
    for path in places:
        command = subject.get(*path, "command")
        if not isinstance(command, str) or "cd " in command or subject.get(*path, "additional_includes"):
            continue
        for name in _PYTHON.findall(command):
            _script(subject, (*path, "code"), (*path, "command"), name, "a script in the code folder")


def _pairs(subject: Subject) -> Iterator[tuple[DocumentPath, DocumentPath]]:
    """Paths of a code folder and of the script in it."""
    yield ("code_configuration", "code"), ("code_configuration", "scoring_script")
    bases: list[DocumentPath] = [()]
    bases += [("jobs", name) for name, _ in maps_at(subject.spec, "jobs")]
    for base in bases:
        yield (*base, "code"), (*base, "entry", "file")
        yield (*base, "task", "code"), (*base, "task", "entry_script")
        if subject.get(*base, "type") == "parallel" and subject.get(*base, "task", "type") == "run_function":
            _required(subject, (*base, "task", "entry_script"), "a file in the code folder", "score.py")


def _both_keys(subject: Subject) -> None:
    if isinstance(subject.get("code_configuration"), dict):
        _required(subject, ("code_configuration", "code"), "a folder with code", "./src")
        _required(subject, ("code_configuration", "scoring_script"), "a file in the code folder", "score.py")


def _required(subject: Subject, path: DocumentPath, allowed: str, example: str) -> None:
    if subject.get(*path) is None:
        subject.wrong(path, found=f"{MISSING}it is required", allowed=allowed, example=example)


def _script(subject: Subject, code: DocumentPath, path: DocumentPath, name: str, allowed: str) -> None:
    folder = subject.local(subject.get(*code))
    if folder is None or not is_dir(folder) or is_file(folder / name):
        return
    scripts = [each.relative_to(folder).as_posix() for each in files_below(folder, "*.py")]
    close = difflib.get_close_matches(name, scripts, n=1)
    subject.wrong(
        path,
        found=f"{shown(name)}, which {subject.shown_path(folder)} does not have",
        allowed=one_of(scripts[:_SHOWN_AT_MOST]) or allowed,
        suggestion=close[0] if close else None,
    )
