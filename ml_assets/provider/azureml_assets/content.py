"""What an asset consists of beyond its document: local paths, the files behind them, and one hash of it all.

The hash covers what decides how the asset behaves: the document without what may change at any
time (description, tags, ...), and the names, bytes and executable bits of all local files. Two
assets with one hash are the same asset, in whatever environment they are registered.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from azureml_assets import secrets
from azureml_assets.files import LocalFile, facts, files_of
from ml_assets.schemas import VERSIONED, Kind
from resource_provider.values import UNKNOWN, contains_unknown

# Changing these leaves the asset what it is. "Update assets: tags, descriptions", Azure ML CLI v2 reference.
MUTABLE: Final = frozenset({"description", "tags", "properties", "stage", "archived"})
_VERSION_LENGTH: Final = 12
_CODE: Final = ("code", "trial.code", "task.code", "jobs.*.code", "jobs.*.trial.code", "jobs.*.task.code")
_INLINE: Final = ("environment.conda_file", "environment.build.path")
_PATHS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ENVIRONMENT: ("conda_file", "build.path"),
    Kind.COMPONENT: (*_CODE, *_INLINE, *(f"jobs.*.{each}" for each in _INLINE)),
    Kind.JOB: (*_CODE, *_INLINE, *(f"jobs.*.{each}" for each in _INLINE)),
    Kind.SCHEDULE: tuple(f"create_job.{each}" for each in (*_CODE, *_INLINE)),
    Kind.DATA: ("path",),
    Kind.MODEL: ("path",),
    Kind.FEATURE_SET: ("specification.path",),
    Kind.ONLINE_DEPLOYMENT: ("code_configuration.code", "model.path", *_INLINE),
    Kind.BATCH_DEPLOYMENT: ("code_configuration.code", "model.path", *_INLINE),
}
_REMOTE: Final = ("azureml:", "git+", "runs:", "mlflow-artifacts:")


@dataclass(frozen=True)
class LocalPath:
    """A path of a document that names local files. `key` is where it stands: ("jobs", "prep", "code")."""

    key: tuple[str, ...]
    path: Path
    files: tuple[LocalFile, ...]
    is_folder: bool

    @property
    def is_code(self) -> bool:
        """Whether the files are uploaded as a code asset."""
        return self.key[-1] == "code"


@dataclass(frozen=True)
class Content:
    """The local files of an asset. `marks`: path relative to the document -> short hash, to compare."""

    paths: tuple[LocalPath, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[tuple[str, ...], ...] = ()  # keys of paths that lead nowhere, or to what cannot be read


def is_local(value: object) -> bool:
    """Whether a value of a path key means files on this machine."""
    return isinstance(value, str) and "://" not in value and not value.startswith(_REMOTE)


def read(kind: Kind, spec: Mapping[str, Any], folder: Path, root: Path) -> Content:
    """Finds and hashes the local files; `folder` holds the document. Each call reads them anew.

    What is outside of the project's `root` is not looked at: it may be a whole disk.
    """
    paths, marks, missing = [], {}, []
    for key, value, owner in local_values(kind, spec):
        path = Path(os.path.normpath(folder / value))
        if not path.is_relative_to(root) or not path.exists():
            missing.append(key)
            continue
        files = tuple(files_at(key, path, owner, folder))
        paths.append(LocalPath(key, path, files, path.is_dir()))
        for file in files:
            name = os.path.relpath(file.source, folder).replace(os.sep, "/")
            try:
                marks[name] = facts(file.source).mark
            except OSError:  # which the checks tell
                marks[name] = ""
                missing.append(key)
    return Content(tuple(paths), marks, tuple(missing))


def content_hash(kind: Kind, spec: Mapping[str, Any], content: Content) -> Any:
    """sha256 (hex) of what the asset is, its secrets apart; UNKNOWN while a part that counts is."""
    told = secrets.without(kind, spec)
    counted = {key: value for key, value in told.items() if key not in MUTABLE and key != "version"}
    if contains_unknown(counted):
        return UNKNOWN
    named = _without_local_paths(counted, {path.key for path in content.paths})
    text = json.dumps([kind.value, named, sorted(content.marks.items())], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def version_of(kind: Kind, spec: Mapping[str, Any], digest: Any) -> Any:
    """The version: as written, or for `auto` the start of the hash. None for kinds without versions."""
    if kind not in VERSIONED:
        return None
    written = spec.get("version")
    if written == "auto":
        return digest if digest is UNKNOWN else str(digest)[:_VERSION_LENGTH]
    return written if written is UNKNOWN or written is None else str(written)


def replaced(spec: Mapping[str, Any], values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """The document with other values at some keys; what lies beside stays the same object."""
    result = dict(spec)
    for key, value in values.items():
        here = result
        for part in key[:-1]:
            here[part] = dict(here[part])
            here = here[part]
        here[key[-1]] = value
    return result


def files_at(key: tuple[str, ...], path: Path, owner: Mapping[str, Any], folder: Path) -> list[LocalFile]:
    """The files behind a path; `owner` is the map that has it, `folder` that of the document."""
    includes = owner.get("additional_includes") or () if key[-1] == "code" else ()
    merged = [Path(os.path.normpath(folder / each)) for each in includes if isinstance(each, str)]
    return files_of(path, code=key[-1] == "code", includes=[each for each in merged if each.exists()])


def local_values(
    kind: Kind, spec: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
    """Each text that names local files: its key, itself, and the map that has it."""
    for pattern in _PATHS.get(kind, ()):
        for key, value, owner in _matches(spec, pattern.split("."), ()):
            if is_local(value):
                yield key, value, owner


def _matches(
    here: object, pattern: Sequence[str], key: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Mapping[str, Any]]]:
    if not isinstance(here, Mapping):
        return
    first, rest = pattern[0], pattern[1:]
    names = list(here) if first == "*" else [first] if first in here else []
    for name in names:
        if rest:
            yield from _matches(here[name], rest, (*key, name))
        else:
            yield (*key, name), here[name], here


def _without_local_paths(spec: Mapping[str, Any], keys: set[tuple[str, ...]]) -> dict[str, Any]:
    """What a folder is called does not matter; what is in it does, and `marks` tell that."""
    return replaced(spec, dict.fromkeys(keys, "local"))
