"""Where each statement that the emulator makes about Azure comes from.

The emulator cannot be compared with Azure from a developer's machine. So every
rule that it enforces carries its origin, and the test run prints how many of
them rest on an assumption alone.
"""

from dataclasses import dataclass
from typing import Literal

Origin = Literal["documented", "recorded", "assumed"]


@dataclass(frozen=True)
class Source:
    """Origin of a fact: a document's title, a recorded exchange, or an assumption."""

    origin: Origin
    text: str


@dataclass(frozen=True)
class Fact:
    """One statement about Azure, as a sentence, with its source."""

    statement: str
    source: Source


def documented(title: str) -> Source:
    """A fact from a public document or SDK source; `title` names it precisely."""
    return Source("documented", title)


def recorded(where: str) -> Source:
    """A fact seen in a real exchange with Azure that somebody published; `where` names it."""
    return Source("recorded", where)


def assumed(why: str) -> Source:
    """A fact that nobody here could check; `why` says what it was inferred from."""
    return Source("assumed", why)
