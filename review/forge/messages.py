"""One message of ours in a place of people: found again, changed in place, made when it is missing.

A message is ours when the same identity wrote it and its first line is the marker: a person who quotes the
marker, or another bot that does, keeps what they wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from review.forge.errors import ForgeError, GoneError, UncertainError

_MARKER: Final = re.compile(r"<!-- [^<>]{1,300} -->")
_ROUNDS: Final = 3  # a message may vanish between being listed and being changed


@dataclass(frozen=True)
class Message:
    """A message that is there: `id` is the forge's own."""

    id: str
    text: str
    url: str = ""


class Place(Protocol):
    """Where messages are: the comments of a pull request, or the issues of a repository."""

    @property
    def longest(self) -> int:
        """Characters of a message, at most."""

    def ours(self) -> Iterable[Message]:
        """All messages that our identity has written, oldest first, from every page."""

    def create(self, text: str) -> Message:
        """Write a new one."""

    def update(self, message: Message, text: str) -> Message:
        """Change one; GoneError where it is not there any more."""

    def remove(self, message: Message) -> None:
        """Take one away; GoneError where it is not there any more."""


@dataclass(frozen=True)
class Put:
    """What was done: "created", "updated", "unchanged" or "nothing", and how many duplicates were removed."""

    done: str
    url: str = ""
    removed: int = 0


def marker(text: str) -> str:
    """The hidden first line of a message.

    Raises:
        ForgeError: it has none.
    """
    first = text.split("\n", 1)[0].strip()
    if not _MARKER.fullmatch(first):
        raise ForgeError(
            "the text has no hidden first line `<!-- name -->`, by which it would be found again: give what "
            "`python -m review --markdown` wrote"
        )
    return first


def put(place: Place, text: str, *, create: bool = True) -> Put:
    """Bring the one message to this text. `create=False` changes one that is there, and makes none.

    Raises:
        ForgeError: the forge refuses, or three rounds were not enough.
    """
    mark = marker(text)
    if len(text) > place.longest:
        raise ForgeError(f"the text has {len(text)} characters; the forge takes {place.longest}: shorten it")
    doubt: ForgeError | None = None
    for _ in range(_ROUNDS):
        found = [each for each in place.ours() if _marked(each.text, mark)]
        try:
            if not found:
                return Put("created", place.create(text).url) if create else Put("nothing")
            first, *others = found
            same = first.text.replace("\r\n", "\n").strip() == text.strip()
            written = first if same else place.update(first, text)
            return Put("unchanged" if same else "updated", written.url, _remove(place, others))
        except (GoneError, UncertainError) as error:
            doubt = error  # what there is now says what to do
    raise ForgeError(f"{doubt}; three rounds of looking and writing did not end well: run the job again")


def clear(place: Place, mark: str) -> int:
    """Take all messages with this marker away; how many there were."""
    return _remove(place, [each for each in place.ours() if _marked(each.text, mark)])


def _remove(place: Place, messages: Iterable[Message]) -> int:
    removed = 0
    for message in messages:
        try:
            place.remove(message)
        except GoneError:
            continue  # somebody was faster
        removed += 1
    return removed


def _marked(text: str, mark: str) -> bool:
    return text.split("\n", 1)[0].strip() == mark
