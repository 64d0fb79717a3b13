"""`${{...}}` in documents: where it stands, and what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from azureml_assets.checks.subject import texts
from ml_assets.documents import DocumentPath

_FORM: Final = re.compile(r"\$\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True)
class Expression:
    """One `${{a.b.c}}`: where it stands, its text and its parts."""

    path: DocumentPath
    text: str
    parts: tuple[str, ...]


def expressions(value: Any, at: DocumentPath = ()) -> Iterator[Expression]:
    """All expressions in the texts of a value."""
    for path, text in texts(value, at):
        if "${{" in text:
            for match in _FORM.finditer(text):
                yield Expression(path, match.group(0), tuple(match.group(1).split(".")))
