"""What a user reads when settings are wrong: every mistake at once, one line each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One wrong setting.

    `key` is the dotted path below `azureml-platform:settings`. `involves` names the other
    keys that the rule read: while one of those is wrong itself, the mistake is not reported,
    since it may vanish with it.
    """

    key: str
    found: str
    allowed: str
    example: str
    involves: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.key} · found: {self.found} · allowed: {self.allowed} · example: {self.example}"


class SettingsError(Exception):
    """Settings that cannot be used: all mistakes, in the order of the keys."""

    def __init__(self, mistakes: Sequence[Mistake], source: str) -> None:
        self.mistakes = tuple(mistakes)
        self.source = source
        super().__init__(mistakes, source)

    def __str__(self) -> str:
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        lines = [f"the settings in {self.source} have {count}; no resource was touched:"]
        lines += [f"  {mistake}" for mistake in self.mistakes]
        return "\n".join(lines)


def shown(value: object) -> str:
    """A found value as a user wrote it, short enough for one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}...'"
    if isinstance(value, dict):
        return "a map" if value else "an empty map"
    if isinstance(value, list | tuple):
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
