"""What a user reads when a file of the catalogue is wrong: where, found, allowed, example."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LONGEST = 60  # characters of a found value; a longer one is cut


@dataclass(frozen=True)
class Mistake:
    """One thing to correct in a file.

    Attributes:
        file: The file, relative to the project's root, with forward slashes.
        line: Where, from 1.
        key: The dotted path of the key; empty where the whole file is meant.
        text: Found, allowed and example, as `wording` puts them together.
    """

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: "
        return f"{place}{self.key} · {self.text}" if self.key else f"{place}{self.text}"


class DocumentError(Exception):
    """Files that cannot be used: all their mistakes, one a line."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)


def wording(*, found: str, allowed: str, suggestion: str | None = None, example: str | None = None) -> str:
    """The text of a mistake. `suggestion` is the spelling that was probably meant."""
    meant = f"; did you mean '{suggestion}'?" if suggestion else ""
    text = f"found: {found} · allowed: {allowed}{meant}"
    return _printable(f"{text} · example: {example}" if example else text)


def shown(value: object) -> str:
    """A found value as a user wrote it, on one line and short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        line = _printable(value)
        return f"'{line}'" if len(line) <= _LONGEST else f"'{line[: _LONGEST - 3]}...'"
    if isinstance(value, dict):
        return "a map" if value else "an empty map"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    return str(value)


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known spelling that `word` was probably meant to be, letter case aside."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    folded = word.casefold()
    if folded in by_folded:
        return by_folded[folded]
    matches = difflib.get_close_matches(folded, by_folded, n=1, cutoff=cutoff)
    return by_folded[matches[0]] if matches else None


def one_of(values: Iterable[str]) -> str:
    """'A, B or C', for texts that list what is allowed."""
    listed = list(values)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} or {listed[-1]}"


def dotted(path: Iterable[str | int]) -> str:
    """A path in a document as users write it: `jobs.train.inputs`, `tags[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return _printable(text.removeprefix("."))


def _printable(text: str) -> str:
    """The text on one line, and nothing in it that a terminal would act on."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else " " for each in text)
