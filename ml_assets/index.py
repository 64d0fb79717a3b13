"""The assets of a selection by their names: what references find, and what the resources are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ml_assets.documents import Mistake
from ml_assets.entries import Entry
from ml_assets.mistakes import shown, wording
from ml_assets.platform_values import names_platform
from ml_assets.schemas import VERSIONED, Kind

DEPLOYMENTS: Final[Mapping[Kind, Kind]] = {
    Kind.ONLINE_DEPLOYMENT: Kind.ONLINE_ENDPOINT,
    Kind.BATCH_DEPLOYMENT: Kind.BATCH_ENDPOINT,
}


@dataclass(frozen=True)
class ResourceName:
    """The logical name of a resource, and one that it may have had before."""

    name: str
    former: str | None = None


class Index:
    """Assets by kind and name, endpoints' deployments, and files by path."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self._named: dict[tuple[Kind, str], list[Entry]] = defaultdict(list)
        self._files = {entry.file: entry for entry in entries}
        for entry in entries:
            self._named[entry.kind, _full_name(entry)].append(entry)

    def at(self, file: str) -> Entry | None:
        """The asset in a file, whose path is relative to the project's root."""
        return self._files.get(file)

    def named(self, kinds: Iterable[Kind], name: str) -> list[Entry]:
        """The assets of a name; several where a name has several versions."""
        return [entry for kind in kinds for entry in self._named.get((kind, name), ())]

    def names(self, kinds: Iterable[Kind]) -> list[str]:
        """Names of all assets of some kinds, sorted; deployments without their endpoint."""
        wanted = set(kinds)
        return sorted({entry.name for entry in self.entries if entry.kind in wanted and entry.name})

    def is_complete(self, kinds: Iterable[Kind]) -> bool:
        """Whether all assets of some kinds have a name by which they can be found."""
        wanted = set(kinds)
        return all(
            entry.name and not names_platform(entry.name) for entry in self.entries if entry.kind in wanted
        )

    def deployments(self, endpoint: Entry) -> list[Entry]:
        """The deployments of an endpoint."""
        return [
            entry
            for entry in self.entries
            if DEPLOYMENTS.get(entry.kind) is endpoint.kind and entry.endpoint == endpoint.name
        ]

    def strays(self) -> Iterator[str]:
        """Names of deployments whose endpoint is not here, which is a mistake of theirs."""
        for entry in self.entries:
            kind = DEPLOYMENTS.get(entry.kind)
            if kind is not None and not self.named([kind], entry.endpoint):
                yield entry.name

    def mistakes(self) -> Iterator[Mistake]:
        """Assets without a name that is known in advance, and names that two files have."""
        for entry in self.entries:
            yield from _name_mistakes(entry)
        for (kind, name), entries in self._named.items():
            if kind is Kind.JOB or not name or name.endswith("/"):
                continue
            first: dict[str | None, Entry] = {}
            for entry in entries:
                if (earlier := first.setdefault(entry.version, entry)) is not entry:
                    yield _twice(entry, earlier)

    def resource_name(self, entry: Entry) -> ResourceName:
        """What the resource of an asset is called.

        It is the asset's name, so that a file may move without a new resource. Where a name has
        several versions at once, the version is part of it, and the lowest may have been alone before.
        A job's name is that of one run, so its file counts.
        """
        if entry.kind is Kind.JOB:
            return ResourceName(entry.path)
        name = _full_name(entry)
        same = self._named[entry.kind, name]
        if entry.version is None:
            return ResourceName(name)
        with_version = f"{name}:{entry.version}"
        if len(same) == 1:
            return ResourceName(name, with_version if entry.version != "auto" else None)
        lowest = min(same, key=lambda each: _order(each.version))
        return ResourceName(with_version, name if lowest is entry else None)


def latest(entries: Sequence[Entry]) -> Entry | None:
    """The one of several versions that `@latest` means; None if that cannot be told before they exist."""
    if len(entries) == 1:
        return entries[0]
    if any(entry.version is None or not entry.version.isdecimal() for entry in entries):
        return None
    return max(entries, key=lambda entry: int(entry.version or 0))


def _full_name(entry: Entry) -> str:
    return f"{entry.endpoint}/{entry.name}" if entry.kind in DEPLOYMENTS else entry.name


def _order(version: str | None) -> tuple[int, int, str]:
    text = version or ""
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)


def _name_mistakes(entry: Entry) -> Iterator[Mistake]:
    if entry.kind is Kind.JOB:
        return
    keys = ["name", *(["endpoint_name"] if entry.kind in DEPLOYMENTS else [])]
    for key in keys:
        value = entry.data.get(key)
        if value is None:
            text = wording(found="nothing, and it is required", allowed="text", example="churn")
            yield entry.mistake((key,), text)
        elif not isinstance(value, str) or not value:
            quoted = f'"{value}"' if isinstance(value, int | float) else "churn"
            text = wording(
                found=shown(value) if value != "" else "empty text", allowed="text", example=quoted
            )
            yield entry.mistake((key,), text)
        elif names_platform(value):
            yield _not_known(entry, key, value)
    version = entry.version
    if version is not None and names_platform(version):
        yield _not_known(entry, "version", version)


def _not_known(entry: Entry, key: str, value: str) -> Mistake:
    allowed = (
        "text that is known before the deployment; ${platform.environment}, ${platform.location} and "
        "${platform.stack} are"
    )
    return entry.mistake((key,), wording(found=shown(value), allowed=allowed))


def _twice(entry: Entry, earlier: Entry) -> Mistake:
    versioned = entry.kind in VERSIONED
    found = f"{shown(entry.name)}{f' in version {entry.version}' if versioned and entry.version else ''}"
    what = str(entry.kind).replace("_", " ")
    allowed = f"each {what} once; {earlier.where()} has that one too"
    return entry.mistake(("name",), wording(found=found, allowed=allowed))
