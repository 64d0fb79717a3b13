"""What is wrong with a document, and with all others of its stack.

The engine asks for one resource after the other and stops at the first one that is refused. So that
a user reads all mistakes at once, the program tells the plugin beforehand which documents there are:
none of them costs anything as long as all are right, and when one is wrong all are looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from azureml_assets import checking
from azureml_assets.kinds import AssetType, type_for
from azureml_assets.sdk_process import SdkProcess
from azureml_assets.versions import WrongChange
from ml_assets import documents
from ml_assets.mistakes import Mistake, dotted
from ml_assets.schemas import Kind
from resource_provider.provider import CheckFailure
from resource_provider.values import UNKNOWN

_PATIENCE: Final = 10.0  # seconds; a program that declares its assets in another way announces none


@dataclass(frozen=True)
class Described:
    """A document of a stack.

    Attributes:
        file: Relative to the project's root.
        spec: Its values; UNKNOWN where they are not known yet.
        places: Where else values stand than in the file, by the dotted path of the value.
    """

    asset: AssetType
    file: str
    spec: Mapping[str, Any]
    places: Mapping[str, Mistake] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """One document of an endpoint is two resources: the endpoint, and where its requests go."""
        return self.asset.name, self.file


class Judge:
    """The checks of one plugin process."""

    def __init__(self, root: Path, sdk: SdkProcess) -> None:
        self._root = root
        self._sdk = sdk
        self._announced: dict[tuple[str, str], Described] = {}
        self._told = asyncio.Event()

    def announce(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Takes the documents of a stack, as `ml_assets.announcement` describes them."""
        found = [_subject(each) for each in told]
        self._announced = {each.key: each for each in found}
        self._told.set()

    async def mistakes(self, subject: Described) -> tuple[list[Mistake], list[Mistake]]:
        """Mistakes and warnings, by file and line."""
        if subject.asset.routes and not {"traffic", "mirror_traffic"} & set(subject.spec):
            return [], []
        what = subject.asset, self._root / subject.file, self._root, dict(subject.spec)
        found, warnings = await self._sdk.run_alone(checking.check, *what)
        known = self._announced.get(subject.key, subject)
        return [_placed(each, known) for each in found], [_placed(each, known) for each in warnings]

    async def all_mistakes(self) -> list[Mistake]:
        """Those of all documents that were announced."""
        return [each for subject in self._announced.values() for each in (await self.mistakes(subject))[0]]

    async def failure(
        self, subject: Described, found: Sequence[Mistake], changes: Sequence[WrongChange]
    ) -> CheckFailure:
        """One failure with all there is to say: of this document and its changes, and of the others.

        It names no property: the engine would print the property's whole value.
        """
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            await asyncio.wait_for(self._told.wait(), _PATIENCE)  # sent before any asset, and not waited for
        every = {*found, *(self._mistake(subject, each) for each in changes)}
        for other in self._announced.values():
            if other.key != subject.key:
                every.update((await self.mistakes(other))[0])
        lines = [str(each) for each in sorted(every, key=lambda each: (each.file, each.line, each.key))]
        if len(lines) == 1:
            return CheckFailure("", lines[0])
        heading = f"the assets of the stack have {len(lines)} mistakes; nothing of them was sent:"
        return CheckFailure("", "\n  ".join([heading, *lines]))

    def _mistake(self, subject: Described, change: WrongChange) -> Mistake:
        try:
            document = documents.read(self._root / subject.file, self._root)
        except documents.DocumentError:  # which is told already
            return Mistake(subject.file, 1, dotted(change.path), change.text)
        placed = document.mistake(change.path, change.text)
        return _placed(placed, self._announced.get(subject.key, subject))


def _subject(told: Mapping[str, Any]) -> Described:
    spec = told["spec"]
    for path in told["unknown"]:
        _put(spec, path, UNKNOWN)
    places = {key: Mistake(file, line, name, "") for key, (file, line, name) in told["places"].items()}
    return Described(type_for(Kind(told["kind"]), routes=told["routes"]), told["file"], spec, places)


def _put(value: Any, path: Sequence[str | int], new: Any) -> None:
    for part in path[:-1]:
        value = value[part]
    value[path[-1]] = new


def _placed(mistake: Mistake, subject: Described) -> Mistake:
    """The mistake where the value stands: in the file, or in the stack's change of it."""
    for key in sorted(subject.places, key=len, reverse=True):
        if mistake.key == key or mistake.key.startswith((f"{key}.", f"{key}[")):
            place = subject.places[key]
            return Mistake(place.file, place.line, place.key + mistake.key[len(key) :], mistake.text)
    return mistake
