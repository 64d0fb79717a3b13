"""Documents of assets written for a test, and what the plugin's offline checks say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from azureml_assets import checks
from ml_assets.documents import Document, Mistake, read
from ml_assets.schemas import Kind, kind_of

URL = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"
Check = Callable[[Document, dict[str, Any], Kind, Path], list[Mistake]]


class Catalogue:
    """A folder with files that documents name; what is checked is `assets/asset.yml` in it."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self.root = root
        for name, text in files.items():
            path = root / "assets" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def document(self, schema: str, text: str) -> Document:
        """The document with a `$schema` in its first line and a text from the second on."""
        path = self.root / "assets" / "asset.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"$schema: {URL.format(schema)}\n{text}", encoding="utf-8")
        return read(path, self.root)

    def said(self, schema: str, text: str, check: Check = checks.check) -> list[str]:
        """What is said of a document, without the name of its file."""
        return self.said_of(self.document(schema, text), check)

    def said_of(
        self, document: Document, check: Check = checks.check, spec: dict[str, Any] | None = None
    ) -> list[str]:
        """The same of a document that was read, with its own or other values."""
        values = deepcopy(document.data) if spec is None else spec
        values.pop("$schema", None)
        prefix = "assets/asset.yml:"
        mistakes = [str(mistake) for mistake in check(document, values, kind_of(document), self.root)]
        assert all(mistake.startswith(prefix) for mistake in mistakes)
        return [mistake.removeprefix(prefix) for mistake in mistakes]


def changed(text: str, old: str, new: str) -> str:
    """A good document with one thing made wrong; `old` must be in it."""
    assert old in text, f"{old!r} is not in the document"
    return text.replace(old, new, 1)
