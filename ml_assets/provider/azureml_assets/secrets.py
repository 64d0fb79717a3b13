"""The secrets of a document: where they are, and the document without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ml_assets.documents import DocumentPath
from ml_assets.schemas import Kind
from ml_assets.secret_keys import secret_values
from resource_provider.values import reveal


def paths_of(kind: Kind, spec: Mapping[str, Any]) -> Iterator[DocumentPath]:
    """Where the secrets of a document are; those that are empty or not known yet among them."""
    return (path for path, _ in secret_values(kind, reveal(dict(spec))))


def without(kind: Kind, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The document without its secrets, for what is shown and kept of it in clear text."""
    hidden = set(paths_of(kind, spec))
    return dict(_without(spec, (), hidden)) if hidden else dict(spec)


def _without(value: Any, at: DocumentPath, hidden: set[DocumentPath]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _without(item, (*at, key), hidden) for key, item in value.items() if (*at, key) not in hidden
        }
    return value
