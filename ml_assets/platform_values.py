"""`${platform.NAME}` in a document: an output of stage 1.

Few outputs follow from the settings alone, such as the environment; they are put in at once, so
that names may contain them. All others become parts of a value that Pulumi puts together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ml_assets.mistakes import nearest, one_of, wording

_PLACEHOLDER: Final = re.compile(r"\$\{(?!\{)\s*([A-Za-z_]+)\s*\.\s*([^}]*?)\s*\}")
_WORD: Final = "platform"


@dataclass(frozen=True)
class PlatformValue:
    """An output of stage 1, by its name."""

    name: str


def names_platform(text: str) -> bool:
    """Whether a text holds a placeholder."""
    return "${" in text and any(_is_meant(match) for match in _PLACEHOLDER.finditer(text))


def split(text: str) -> tuple[str | PlatformValue, ...]:
    """A text as literal parts and outputs of stage 1."""
    parts: list[str | PlatformValue] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        if not _is_meant(match):
            continue
        if match.start() > end:
            parts.append(text[end : match.start()])
        parts.append(PlatformValue(match.group(2)))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def wrong_names(text: str, known: Collection[str]) -> list[str]:
    """What is wrong with the placeholders of a text, as texts of mistakes."""
    wrong = []
    for match in _PLACEHOLDER.finditer(text):
        if not _is_meant(match):
            continue
        word, name = match.group(1), match.group(2)
        if word != _WORD:
            wrong.append(
                wording(
                    found=f"'{match.group()}'", allowed="${platform.NAME}", example=f"${{platform.{name}}}"
                )
            )
        elif name not in known:
            meant = nearest(name, known)
            allowed = f"${{platform.NAME}}, NAME being {one_of(known)}"
            wrong.append(wording(found=f"'{match.group()}'", allowed=allowed, suggestion=meant))
    return wrong


def _is_meant(match: re.Match[str]) -> bool:
    """Whether `${word.name}` is meant for us. A shell's variables have no dots, but who knows what has."""
    return match.group(1) == _WORD or nearest(match.group(1), [_WORD], cutoff=0.75) is not None


def with_values(data: Any, values: Mapping[str, str]) -> Any:
    """The data with those placeholders replaced whose values are known."""
    if isinstance(data, dict):
        return {key: with_values(value, values) for key, value in data.items()}
    if isinstance(data, list):
        return [with_values(item, values) for item in data]
    if isinstance(data, str) and "${" in data:
        return _PLACEHOLDER.sub(lambda match: _value_of(match, values), data)
    return data


def _value_of(match: re.Match[str], values: Mapping[str, str]) -> str:
    return values.get(match.group(2), match.group()) if match.group(1) == _WORD else match.group()
