"""Documents of assets written for a test, and what the plugin's offline checks say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import yaml

from azureml_assets import checks
from ml_assets.documents import Document, DocumentPath, Mistake, read
from ml_assets.schemas import Kind, kind_of

_FOLDER: Final = Path(__file__).parents[1] / "unit" / "azureml_assets" / "documents"
# Tables of documents: `files` that they name, `good` ones, and what makes them `wrong`.
TABLES: Final[dict[str, dict[str, Any]]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.yml"))
}
FILES: Final = {name: text for table in TABLES.values() for name, text in table["files"].items()}
GOOD: Final[dict[str, dict[str, str]]] = {
    f"{table}-{name}": good for table, content in TABLES.items() for name, good in content["good"].items()
}
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

    def good(self, name: str) -> Document:
        """One of the good documents, by its name in GOOD."""
        return self.document(GOOD[name]["schema"], GOOD[name]["text"])

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


def paths(value: Any, at: DocumentPath = ()) -> Iterator[DocumentPath]:
    """The path of everything in a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*at, key)
        yield from paths(item, (*at, key))


def put(value: Any, path: DocumentPath, new: Any) -> Any:
    """A copy with another value at a path; without what is there for `...`."""
    result = deepcopy(value)
    container = result
    for part in path[:-1]:
        container = container[part]
    if new is ...:
        del container[path[-1]]
    else:
        container[path[-1]] = new
    return result
