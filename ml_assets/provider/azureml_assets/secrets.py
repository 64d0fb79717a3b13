"""Which values of a document are secrets: keys and passwords of datastores and connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_assets.documents import DocumentPath
from ml_assets.schemas import Kind
from resource_provider.values import reveal

_SECRET_KEYS: Final = frozenset(
    {
        "account_key", "sas_token", "client_secret", "certificate", "password", "pat", "access_key_id",
        "secret_access_key", "key", "api_key", "developer_token", "refresh_token", "security_token",
    }
)  # fmt: skip
_CREDENTIALS: Final = "credentials"


def paths_of(kind: Kind, spec: Mapping[str, Any]) -> Iterator[DocumentPath]:
    """Where the secrets of a document are; those that are empty or not known yet among them."""
    if kind not in (Kind.DATASTORE, Kind.CONNECTION):
        return
    for path in _leaves(reveal(spec.get(_CREDENTIALS)), (_CREDENTIALS,)):
        if path[-1] in _SECRET_KEYS or (kind is Kind.CONNECTION and path[1:2] == ("keys",)):
            yield path


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


def _leaves(value: Any, at: DocumentPath) -> Iterator[DocumentPath]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*at, key))
    elif value is not None:
        yield at
