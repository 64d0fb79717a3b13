"""The local files behind a path of a document: which are uploaded, under which names, with which hash.

What counts is what azure-ai-ml would upload: `.amlignore` in the folder, else `.gitignore`;
links are followed; `__pycache__` is left out of code; `additional_includes` are merged into
the code folder. (azure-ai-ml 1.35: IgnoreFile, ComponentIgnoreFile, AdditionalIncludes.)
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pathspec import PathSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from resource_provider.provider import ProviderError

_BLOCK: Final = 1 << 20
_IGNORED_IN_CODE: Final = ("__pycache__",)


@dataclass(frozen=True)
class LocalFile:
    """A file and the posix path that it is uploaded under, relative to the folder."""

    source: Path
    name: str


@dataclass(frozen=True)
class FileFacts:
    """What of a file is compared: sha256 of its bytes (hex), size in bytes, and whether it is executable."""

    sha256: str
    size: int
    executable: bool

    @property
    def mark(self) -> str:
        """Short form for the state: the first 16 hex digits, with "x" for an executable file."""
        return self.sha256[:16] + ("x" if self.executable else "")


def facts(path: Path) -> FileFacts:
    """Reads the file. OSError where it cannot be read, or is no file: a pipe would be waited for."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "no file", str(path))
    digest = hashlib.sha256()
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        while block := file.read(_BLOCK):
            digest.update(block)
    return FileFacts(digest.hexdigest(), status.st_size, bool(status.st_mode & 0o100))


def unreadable(error: OSError) -> ProviderError:
    """What the user reads when a file could be listed and not be read."""
    return ProviderError(f"{error.filename} cannot be read: {error.strerror}; nothing of it was sent")


def files_of(path: Path, *, code: bool = False, includes: Sequence[Path] = ()) -> list[LocalFile]:
    """The files to upload for a file or folder, by name; `includes` are merged into a folder of code."""
    extra = _IGNORED_IN_CODE if code else ()
    found = list(_walk(path, extra)) if path.is_dir() else [LocalFile(path, path.name)]
    for include in includes:
        if include.suffix == ".zip" and not include.exists():
            raise ProviderError(
                f"additional_includes: {include.name} would be packed from a folder, with other bytes "
                "each time; list the folder itself"
            )
        if include.is_dir():
            found += [LocalFile(f.source, f"{include.name}/{f.name}") for f in _walk(include, extra)]
        else:
            found.append(LocalFile(include, include.name))
    return sorted(found, key=lambda file: file.name.lower())


def code_hash(files: Iterable[LocalFile]) -> str:
    """The hash by which Azure ML finds code that it has already: azure-ai-ml's hash_version 202208.

    sha256 of the number of files, then "#name#size" of each, then their bytes; all in the order of
    the names in lower case.
    """
    ordered = sorted(files, key=lambda file: file.name.lower())
    digest = hashlib.sha256(str(len(ordered)).encode())
    for file in ordered:
        digest.update(f"#{file.name}#{file.source.stat().st_size}".encode())
    for file in ordered:
        with file.source.open("rb") as opened:
            while block := opened.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _walk(folder: Path, extra: Sequence[str]) -> Iterable[LocalFile]:
    ignored = _ignore_rules(folder, extra)
    for root, directories, names in os.walk(folder, followlinks=True):
        around = [name for name in directories if _leads_back(Path(root, name))]
        directories[:] = sorted(set(directories) - set(around))
        for name in [*names, *around]:
            source = Path(root, name)
            relative = source.relative_to(folder).as_posix()
            if not ignored.match_file(relative):
                yield LocalFile(source, relative)


def _leads_back(folder: Path) -> bool:
    """Whether a link leads to a folder around it: walking on would never end."""
    return folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve())


def _ignore_rules(folder: Path, extra: Sequence[str]) -> PathSpec[GitIgnoreSpecPattern]:
    """Rules of which the last one that fits decides, as in azure-ai-ml (git looks at folders first)."""
    for name in (".amlignore", ".gitignore"):
        file = folder / name
        if file.is_file():
            lines = [line.rstrip() for line in file.read_text(encoding="utf-8").splitlines()]
            return PathSpec.from_lines(GitIgnoreSpecPattern, [*lines, *extra])
    return PathSpec.from_lines(GitIgnoreSpecPattern, extra)
