"""Values of properties in the engine's events: secrets hidden, unknown ones marked, long ones cut."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

SECRET: Final = "[secret]"  # what the engine prints in place of one
# The value of a property that is known only after the update, as the engine prints it.
_UNKNOWN: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        "output<string>",
    }
)
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"
_LONGEST: Final = 200  # characters of a value that are shown
_KEPT: Final = 40


class Absent:
    """A property that is not there. There is one: ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


def is_unknown(value: object) -> bool:
    """Whether a value is known only after the update."""
    return isinstance(value, str) and value in _UNKNOWN


def is_secret(value: object) -> bool:
    """Whether a value is one that must not be shown."""
    if isinstance(value, Mapping):
        return bool(value.get(_SIGNATURE) == _SECRET_SIGNATURE)  # cleaned() leaves none in a preview
    return isinstance(value, str) and value.startswith(SECRET)


def contains_unknown(value: object) -> bool:
    """Whether a value, or anything in it, is known only after the update."""
    if isinstance(value, Mapping):
        return any(contains_unknown(each) for each in value.values())
    return any(contains_unknown(each) for each in value) if isinstance(value, list) else is_unknown(value)


def texts(value: object) -> Iterator[str]:
    """Every text in a value, also the keys: Azure names identities by them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def cleaned(value: object) -> Any:
    """A value of JSON without what no rendering can write, and without what none may.

    A half of a surrogate pair, which JSON can spell and UTF-8 cannot, becomes a question mark; a number that
    is none becomes its name; a secret that comes as an object becomes [secret], with all that is in it.
    RecursionError where it is nested too deeply.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return SECRET
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def at(value: object, path: str) -> Any:
    """The value at a path as the engine writes it (`a.b[0]["c.d"]`); ABSENT where nothing is."""
    for key in keys(path):
        if isinstance(value, Mapping):
            value = value.get(key, ABSENT)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ABSENT
    return value


@lru_cache(maxsize=10_000)  # the same paths are asked of every resource of a type
def keys(path: str) -> tuple[str, ...]:
    """The keys and positions of a path: `a.b[0]["c.d"]` -> a, b, 0, c.d."""
    return tuple(_keys(path))


def _keys(path: str) -> Iterator[str]:
    position = 0
    while position < len(path):
        if path.startswith('["', position):
            end = path.find('"]', position + 2)
            end = len(path) if end < 0 else end
            yield path[position + 2 : end].replace('\\"', '"')
            position = end + 2
        elif path[position] == "[":
            end = path.find("]", position)
            end = len(path) if end < 0 else end
            yield path[position + 1 : end]
            position = end + 1
        elif path[position] == ".":
            position += 1
        else:
            stops = [found for mark in ".[" if (found := path.find(mark, position)) >= 0]
            end = min(stops, default=len(path))
            yield path[position:end]
            position = end


def shown(value: object) -> str:
    """A value in one line, as a review writes it."""
    if value is ABSENT:
        return "nothing"
    if is_secret(value):
        return SECRET
    if is_unknown(value):
        return "known after the update"
    text = value if isinstance(value, str) else json.dumps(_hidden(value), ensure_ascii=False)
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{text[:_KEPT]}… ({len(text)} characters, sha256 {digest})"


def _hidden(value: object) -> object:
    if is_secret(value):
        return SECRET
    if is_unknown(value):
        return "known after the update"
    if isinstance(value, Mapping):
        return {str(key): _hidden(each) for key, each in value.items()}
    return [_hidden(each) for each in value] if isinstance(value, list) else value
