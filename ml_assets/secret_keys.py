"""Which values of a document are secrets: keys and passwords of datastores and connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_assets.documents import DocumentPath
from ml_assets.schemas import Kind

_SECRET_KEYS: Final = frozenset(
    {
        "account_key", "sas_token", "client_secret", "certificate", "password", "pat", "access_key_id",
        "secret_access_key", "key", "api_key", "developer_token", "refresh_token", "security_token",
    }
)  # fmt: skip
_CREDENTIALS: Final = "credentials"
_API_KEY: Final = "api_key"


def secret_values(kind: Kind, spec: Mapping[str, Any]) -> Iterator[tuple[DocumentPath, Any]]:
    """The secrets of a document with their paths; those that are empty or not known yet among them."""
    if kind not in (Kind.DATASTORE, Kind.CONNECTION):
        return
    if (
        kind is Kind.CONNECTION and spec.get(_API_KEY) is not None
    ):  # beside the credentials, as of Azure OpenAI
        yield (_API_KEY,), spec[_API_KEY]
    for path, value in _leaves(spec.get(_CREDENTIALS), (_CREDENTIALS,)):
        if path[-1] in _SECRET_KEYS or (kind is Kind.CONNECTION and path[1:2] == ("keys",)):
            yield path, value


def _leaves(value: Any, at: DocumentPath) -> Iterator[tuple[DocumentPath, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*at, key))
    elif value is not None:
        yield at, value
