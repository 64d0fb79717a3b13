"""What a document's texts refer to: assets of the catalogue, clusters, outputs of stage 1.

A text that refers to an asset of the catalogue becomes a tuple of parts, some of which are
outputs of that asset's resource. What lies outside, such as curated environments, registries and
full ids, is left alone. Nothing here changes a document or knows Pulumi.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ml_assets import reference_errors as errors
from ml_assets.documents import DocumentPath, Mistake
from ml_assets.entries import Entry
from ml_assets.index import DEPLOYMENTS, Index, latest
from ml_assets.mistakes import nearest
from ml_assets.platform_values import PlatformValue, names_platform, split, wrong_names
from ml_assets.schemas import VERSIONED, Kind
from ml_assets.selection import FOLDER, Selection
from ml_assets.spots import ANYTHING, COMPUTE, DATA, DATASTORE, ENDPOINT, JOB, PROSE, Role, Spot, spots

BUILT_IN_DATASTORES: Final = (
    "workspaceartifactstore",
    "workspaceblobstore",
    "workspacefilestore",
    "workspaceworkingdirectory",
)
SERVERLESS: Final = "serverless"
_URI: Final = re.compile(r"azureml://([^/]*)(?:/([^/]*)(/.*)?)?", re.DOTALL)
_URI_OWNERS: Final = ("datastores", "jobs", "locations", "registries", "subscriptions")
_REFERENCE: Final = re.compile(r"azureml:([^:@/\s]+)(?:([:@])([^:@/\s]+))?")
_CURATED: Final = "azureml:AzureML-"
_DATA_TYPES: Final = frozenset({"mltable", "uri_file", "uri_folder"})


@dataclass(frozen=True)
class Use:
    """An output of another asset's resource; `file` tells which asset."""

    file: str
    output: Literal["name", "reference"]


Part = str | Use | PlatformValue


@dataclass
class References:
    """What one document refers to.

    Attributes:
        parts: By path, the parts that a text is put together from.
        clusters: Names of clusters, by the path of the text that names them.
        jobs: Files of jobs, by the path of the text that names them; their content takes its place.
    """

    parts: dict[DocumentPath, tuple[Part, ...]] = field(default_factory=dict)
    clusters: dict[DocumentPath, str] = field(default_factory=dict)
    jobs: dict[DocumentPath, Entry] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(frozen=True)
class Surroundings:
    """What references may lead to: the selection, the platform's outputs, the clusters."""

    selection: Selection
    index: Index
    outputs: Collection[str]
    clusters: Collection[str]


def references_of(entry: Entry, around: Surroundings) -> References:
    """All references of a document, with the mistakes in them."""
    found = References()
    resolving = _Resolving(entry, around, found)
    for spot in spots(entry.data):
        texts = wrong_names(spot.text, around.outputs)
        parts: Sequence[Part] | None = None
        try:
            parts = resolving.parts(spot)
        except errors.WrongReferenceError as error:
            texts.append(str(error))
        found.mistakes.extend(entry.mistake(spot.path, text) for text in texts)
        if parts is None and names_platform(spot.text):
            parts = (spot.text,)
        if parts is not None:
            found.parts[spot.path] = tuple(_expanded(parts))
    return found


class _Resolving:
    """Methods answer the parts of a text, or None where it stays as it is."""

    def __init__(self, entry: Entry, around: Surroundings, found: References) -> None:
        self.entry = entry
        self.around = around
        self.index = around.index
        self.found = found

    def parts(self, spot: Spot) -> Sequence[Part] | None:
        """Raises WrongReferenceError for a reference that leads nowhere."""
        text, role = spot.text, spot.role
        if role is PROSE or ("${{" in text and not text.startswith("azureml://")):
            return None
        if role is COMPUTE:
            self._cluster(spot)
            return None
        if role is ENDPOINT:
            return self._endpoint(spot)
        if (file := _file_in(text, role)) is not None:
            return self._file(spot, file)
        if text.startswith("azureml://"):
            return self._uri(spot)
        if text.startswith("azureml:") and not text.startswith(("azureml:/", _CURATED)) and role is not JOB:
            return self._deployment(spot) if spot.key == "endpoint_deployment_id" else self._asset(spot)
        return None

    def _cluster(self, spot: Spot) -> None:
        name = spot.text.removeprefix("azureml:")
        if name in self.around.clusters:
            self.found.clusters[spot.path] = name
        elif name != SERVERLESS and not name.startswith("/") and not names_platform(name):
            raise errors.cluster(spot.text, name, [*sorted(self.around.clusters), SERVERLESS])

    def _endpoint(self, spot: Spot) -> Sequence[Part] | None:
        kind = DEPLOYMENTS.get(self.entry.kind)
        name = spot.text.removeprefix("azureml:")
        if kind is None or not name or names_platform(name):
            return None
        if endpoints := self.index.named([kind], name):
            return (Use(endpoints[0].file, "name"),)
        noun = "a batch endpoint" if kind is Kind.BATCH_ENDPOINT else "an online endpoint"
        self._explain_missing(spot, name, [kind], noun)
        if self._is_excused(name, [kind]):
            return None
        raise errors.unknown_endpoint(spot.text, noun, self.index.names([kind]))

    def _deployment(self, spot: Spot) -> Sequence[Part] | None:
        endpoint, _, name = spot.text.removeprefix("azureml:").partition(":")
        deployments = [each for each in self.index.entries if each.kind is Kind.ONLINE_DEPLOYMENT]
        target = next((each for each in deployments if (each.endpoint, each.name) == (endpoint, name)), None)
        if target is None:
            known = [f"azureml:{each.endpoint}:{each.name}" for each in deployments]
            raise errors.unknown_endpoint(spot.text, "azureml:ENDPOINT:DEPLOYMENT", known)
        endpoints = self.index.named([Kind.ONLINE_ENDPOINT], endpoint)
        first: Part = Use(endpoints[0].file, "name") if endpoints else endpoint
        return ("azureml:", first, ":", Use(target.file, "name"))

    def _file(self, spot: Spot, written: str) -> Sequence[Part] | None:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(self.entry.file), written))
        target = self.index.at(file)
        if target is None:
            self._explain_missing_file(spot, file)
            return None
        if spot.role.kinds and target.kind not in spot.role.kinds:
            raise errors.other_kind(spot.text, target, spot.role.noun)
        if target.kind is not Kind.JOB:
            return self._use(spot, target)
        if spot.role is not JOB:
            raise errors.job_as_asset(spot.text, target)
        self.found.jobs[spot.path] = target
        return None

    def _explain_missing_file(self, spot: Spot, file: str) -> None:
        """Raises unless the file is one that could not be read, which has been said already."""
        selection = self.around.selection
        path = selection.root / file
        if file in selection.unreadable_files:
            return
        if path in selection.left_out:
            raise errors.file_left_out(spot.text, file.removeprefix(f"{FOLDER}/"))
        if path.exists():
            raise errors.file_of_no_asset(spot.text, FOLDER)
        meant = nearest(file, [entry.file for entry in self.index.entries], cutoff=0.8)
        near = posixpath.relpath(meant, posixpath.dirname(self.entry.file)) if meant else None
        raise errors.file_missing(spot.text, file, near)

    def _uri(self, spot: Spot) -> Sequence[Part] | None:
        match = _URI.fullmatch(spot.text)
        owner, name, rest = match.groups(default="") if match else ("", "", "")
        if owner not in _URI_OWNERS:
            raise errors.uri_owner(spot.text, owner, _URI_OWNERS)
        if owner != "datastores" or "${{" in name:
            return None
        if not name or not rest.startswith("/paths/"):
            raise errors.datastore_uri(spot.text)
        if self.entry.registered:
            raise errors.datastore_in_registry(spot.text)
        if name in BUILT_IN_DATASTORES:
            return None
        if found := self.index.named(DATASTORE.kinds, name):
            return ("azureml://datastores/", Use(found[0].file, "name"), rest)
        self._missing(spot, name, DATASTORE.kinds, DATASTORE.noun, BUILT_IN_DATASTORES)
        return None

    def _asset(self, spot: Spot) -> Sequence[Part] | None:
        match = _REFERENCE.fullmatch(spot.text)
        if match is None:
            raise errors.form(spot.text)
        name, mark, version = match.groups(default="")
        if spot.role is DATASTORE and name in BUILT_IN_DATASTORES and not mark:
            return None
        kinds = spot.role.kinds or (VERSIONED if mark else set(Kind) - VERSIONED - {Kind.JOB})
        found = self.index.named(sorted(kinds), name)
        if not found:
            if spot.role is ANYTHING and not mark:
                return None  # what this key means is not known here, and a mere name may be anything
            extra = BUILT_IN_DATASTORES if spot.role is DATASTORE else ()
            self._missing(spot, name, kinds, spot.role.noun, extra)
            return None
        if found[0].kind in VERSIONED:
            return self._use(spot, _version(spot.text, found, mark, version))
        if mark:
            raise errors.no_versions(spot.text, found[0])
        return self._use(spot, found[0])

    def _use(self, spot: Spot, target: Entry) -> Sequence[Part]:
        if target is self.entry:
            raise errors.itself(spot.text, spot.role.noun)
        if self.entry.registered and not target.registered:
            raise errors.of_the_workspace(spot.text, target)
        types = {str(spot.type), str(target.data.get("type"))}
        if spot.role is DATA and len(types) > 1 and types <= _DATA_TYPES:
            raise errors.data_type(spot.text, spot.type, target)
        return (Use(target.file, "reference"),)

    def _missing(
        self, spot: Spot, name: str, kinds: Collection[Kind], noun: str, extra: Iterable[str] = ()
    ) -> None:
        """Raises for a name that nothing has."""
        self._explain_missing(spot, name, kinds, noun)
        if not self._is_excused(name, kinds):
            raise errors.unknown(spot.text, name, noun, [*self.index.names(kinds), *extra])

    def _is_excused(self, name: str, kinds: Collection[Kind]) -> bool:
        """Whether what has the name may be a file with a mistake that is reported anyway."""
        return name in self.around.selection.unreadable or not self.index.is_complete(kinds)

    def _explain_missing(self, spot: Spot, name: str, kinds: Collection[Kind], noun: str) -> None:
        """Raises if the stack leaves out what has the name, or something of another kind has it."""
        if name in self.around.selection.unreadable:
            return
        elsewhere = self.around.selection.elsewhere
        for kind in sorted(kinds):
            if (kind, name) in elsewhere:
                raise errors.left_out(spot.text, elsewhere[kind, name])
        others = self.index.named(sorted(set(Kind) - {Kind.JOB, *DEPLOYMENTS, *kinds}), name)
        if others:
            raise errors.other_kind(spot.text, others[0], noun)


def _version(written: str, found: Sequence[Entry], mark: str, version: str) -> Entry:
    """The one of several versions that is meant."""
    if mark == ":":
        for entry in found:
            if entry.version in (version, None):
                return entry
        raise errors.other_version(written, found)
    if (mark, version) != ("@", "latest"):
        raise errors.form(written, f"azureml:{found[0].name}@latest")
    if (target := latest(found)) is None:
        raise errors.latest_unclear(written, found)
    return target


def _expanded(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, with the platform's outputs in literal ones taken out."""
    for part in parts:
        if isinstance(part, str):
            yield from split(part)
        else:
            yield part


def _file_in(text: str, role: Role) -> str | None:
    """The path in a text that refers to a file; None in any other text."""
    if text.startswith("ref:"):
        return text.removeprefix("ref:")
    if role.kinds and text.startswith("file:") and not text.startswith("file://"):
        return text.removeprefix("file:")
    is_path = text.startswith(("./", "../")) or text.endswith((".yml", ".yaml"))
    return text if role.plain_files and is_path and not text.startswith("azureml:") else None
