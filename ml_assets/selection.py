"""Which files of the catalogue a stack takes, with the stack's changes in them.

A file of the catalogue is a YAML file with a key `$schema`; all others below ml_assets/assets
belong to one of those. Patterns and overrides that meet nothing are mistakes, as is any setting
that does nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from ml_assets.documents import Document, DocumentError, DocumentPath, Mistake, read
from ml_assets.entries import Entry
from ml_assets.mistakes import dotted, nearest, wording
from ml_assets.overrides import Merged, merge
from ml_assets.patterns import has_wildcards, matches
from ml_assets.platform_values import with_values
from ml_assets.schemas import Kind, kind_of
from ml_assets.secret_keys import secret_values
from ml_assets.stack_files import StackFile, taken_by_all

FOLDER: Final = "ml_assets/assets"
IN_REGISTRIES: Final = (Kind.ENVIRONMENT, Kind.COMPONENT, Kind.DATA, Kind.MODEL)
_SCHEMA_KEY: Final = re.compile(rb"""^(?:\xef\xbb\xbf)?\{?\s*["']?\$\w+["']?\s*:""", re.MULTILINE)
_NAME_KEY: Final = re.compile(r"""^name\s*:\s*["']?([^\s"'#]+)""", re.MULTILINE)


class WantedRegistry(Protocol):
    """The settings of a registry."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def files(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def must_exist(self) -> bool: ...  # noqa: D102


class Wanted(Protocol):
    """What the settings of a stack say about assets."""

    @property
    def include(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def exclude(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def overrides(self) -> Mapping[str, Mapping[str, Any]]: ...  # noqa: D102
    @property
    def when_replaced(self) -> str: ...  # noqa: D102
    @property
    def registry(self) -> WantedRegistry | None: ...  # noqa: D102


@dataclass(frozen=True)
class Selection:
    """The files that a stack takes, what it leaves out, and what is wrong with either.

    Attributes:
        entries: The files taken, by path.
        unused: Files that no stack takes or excludes, relative to the project's root.
        nameless: YAML files without a $schema that no file of the catalogue mentions.
        unreadable: Names of assets whose files cannot be read; what refers to them is not to blame.
        unreadable_files: Those files, relative to the project's root.
        left_out: Files of the catalogue that the stack does not take.
        mistakes: All that is wrong, except with references.
    """

    entries: tuple[Entry, ...]
    unused: tuple[str, ...]
    nameless: tuple[str, ...]
    unreadable: frozenset[str]
    unreadable_files: frozenset[str]
    left_out: tuple[Path, ...]
    root: Path
    mistakes: tuple[Mistake, ...]

    @cached_property
    def elsewhere(self) -> Mapping[tuple[Kind, str], str]:
        """Where assets are described that the stack does not take: file and line by kind and name.

        Read only when a reference leads nowhere, to say why.
        """
        found: dict[tuple[Kind, str], str] = {}
        for path in self.left_out:
            try:
                document = read(path, self.root)
                kind = kind_of(document)
            except DocumentError:
                continue
            where = f"{document.file}:{document.line(('name',))}"
            found.setdefault((kind, str(document.data.get("name"))), where)
        return found


def select(wanted: Wanted, stack: StackFile, root: Path, values: Mapping[str, str]) -> Selection:
    """The files that the settings ask for. `values`: outputs of the platform that are known already."""
    names, others = catalogue_files(root)
    choice = _Choice(wanted, stack, names)
    mistakes, entries = list(choice.mistakes()), list[Entry]()
    unreadable, unreadable_files = set[str](), set[str]()
    for name in choice.taken:
        path = root / FOLDER / name
        try:
            document = read(path, root)
            kind = kind_of(document)
        except DocumentError as error:
            mistakes.extend(error.mistakes)
            unreadable.update(_names_in(path))
            unreadable_files.add(f"{FOLDER}/{name}")
            continue
        merged = Merged(document.data)
        if changes := wanted.overrides.get(name):
            merged = merge(document, name, changes, stack)
            mistakes.extend(merged.mistakes)
            mistakes.extend(_open_secrets(name, kind, merged, stack))
        registered = choice.is_registered(name)
        if registered and kind not in IN_REGISTRIES:
            mistakes.append(_not_for_registries(document, kind))
        data = with_values(merged.data, values)
        entries.append(Entry(name, document, data, kind, registered, stack, merged.changed))
    taken = set(choice.taken)
    left_out = tuple(root / FOLDER / name for name in choice.names if name not in taken)
    return Selection(
        tuple(entries),
        tuple(_unused(names, root, stack)),
        tuple(_nameless(others, names, root)),
        frozenset(unreadable),
        frozenset(unreadable_files),
        left_out,
        root,
        tuple(mistakes),
    )


def catalogue_files(root: Path) -> tuple[list[str], list[str]]:
    """The files of the catalogue, which may still be wrong, and other YAML files, relative to its folder."""
    folder = root / FOLDER
    found, others = list[str](), list[str]()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in names:
            path = Path(parent, name)
            if path.suffix in (".yml", ".yaml"):
                (found if _has_schema(path) else others).append(path.relative_to(folder).as_posix())
    return sorted(found), sorted(others)


def _has_schema(path: Path) -> bool:
    """Whether a file has a key that begins with `$` at its top, be it misspelt."""
    try:
        return _SCHEMA_KEY.search(path.read_bytes()) is not None
    except OSError:
        return True  # reading it in earnest says what is wrong


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _names_in(path: Path) -> Iterable[str]:
    return _NAME_KEY.findall(_content(path).decode("utf-8", errors="replace"))


def _unused(names: Collection[str], root: Path, stack: StackFile) -> list[str]:
    """Files that nobody has decided about: what a stack excludes is left out on purpose."""
    stacks = taken_by_all(root, stack.settings_key)
    if stacks is None:
        return []
    return [
        f"{FOLDER}/{name}"
        for name in names
        if not any(_meets(name, (*each.include, *each.exclude)) for each in stacks)
    ]


def _nameless(others: Sequence[str], names: Sequence[str], root: Path) -> list[str]:
    """Files that look forgotten: neither they nor a folder around them occur in a file of the catalogue."""
    if not others:
        return []
    text = b"\n".join(_content(root / FOLDER / name) for name in names)
    return [
        f"{FOLDER}/{other}"
        for other in others
        if not any(part.encode() in text for part in other.split("/")[1:] or [other])
    ]


def _meets(name: str, patterns: Iterable[str]) -> bool:
    return any(matches(name, pattern) for pattern in patterns)


def _open_secrets(name: str, kind: Kind, merged: Merged, stack: StackFile) -> Iterable[Mistake]:
    """Keys and passwords that stand in the stack's file for everybody to read."""
    for path, value in secret_values(kind, merged.data):
        place = ("overrides", name, *path)
        if value and stack.given(place) == value:
            option = f'{stack.settings_key}.assets.overrides["{name}"].{dotted(path)}'
            yield stack.mistake(
                place,
                wording(
                    found="a secret in plain text",
                    allowed="a secret of the stack; renew the one that was here",
                    example=f"pulumi config set --secret --path '{option}'",
                ),
            )


def _not_for_registries(document: Document, kind: Kind) -> Mistake:
    allowed = "environment, component, data or model in a registry (assets.registry.files)"
    return document.mistake(("$schema",), wording(found=str(kind), allowed=allowed))


class _Choice:
    """The settings' patterns against the files there are."""

    def __init__(self, wanted: Wanted, stack: StackFile, names: Sequence[str]) -> None:
        self.wanted = wanted
        self.stack = stack
        self.names = names
        self.included = [name for name in names if _meets(name, wanted.include)]
        self.taken = [name for name in self.included if not _meets(name, wanted.exclude)]

    def is_registered(self, name: str) -> bool:
        """Whether the registry takes a file."""
        return self.wanted.registry is not None and _meets(name, self.wanted.registry.files)

    def mistakes(self) -> Iterable[Mistake]:
        """Patterns and overrides that meet nothing."""
        yield from self._idle(("include",), self.wanted.include, self.names, f"files below {FOLDER}")
        yield from self._idle(("exclude",), self.wanted.exclude, self.included, "files that include meets")
        if self.wanted.registry is not None:
            yield from self._idle(
                ("registry", "files"), self.wanted.registry.files, self.taken, "files that the stack takes"
            )
        for name in self.wanted.overrides:
            if name not in self.taken:
                yield self._override_of_nothing(name)

    def _idle(
        self, path: DocumentPath, patterns: Sequence[str], names: Sequence[str], what: str
    ) -> Iterable[Mistake]:
        for index, pattern in enumerate(patterns):
            if any(matches(name, pattern) for name in names):
                continue
            found = f"'{pattern}', which meets no file with a $schema"
            if not has_wildcards(pattern) and pattern in self.names:
                found = f"'{pattern}'"
            text = wording(
                found=found, allowed=f"a pattern of {what}", suggestion=_meant(pattern, names, self.names)
            )
            yield self.stack.mistake((*path, index), text)

    def _override_of_nothing(self, name: str) -> Mistake:
        if name in self.names:
            text = wording(
                found="a file that the stack does not take",
                allowed="files that include meets, and exclude not",
            )
        else:
            text = wording(
                found="a file that is not there",
                allowed=f"files of the catalogue below {FOLDER}",
                suggestion=nearest(name, self.names),
            )
        return self.stack.mistake(("overrides", name), text)


def _meant(pattern: str, names: Sequence[str], all_names: Sequence[str]) -> str | None:
    """A pattern that meets something, near to one that does not."""
    if any(name.startswith(f"{pattern}/") for name in names):
        return f"{pattern}/**"
    folders = {name.partition("/")[0] for name in all_names if "/" in name}
    first, slash, rest = pattern.partition("/")
    if slash and first not in folders and not has_wildcards(first):
        folder = nearest(first, folders)
        return f"{folder}/{rest}" if folder else None
    return None if has_wildcards(pattern) else nearest(pattern, names)
