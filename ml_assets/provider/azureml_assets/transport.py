"""One session of requests for all of Azure's own clients; each would open connections of its own.

Loads with azure-ai-ml or azure-storage-blob: import it where one of them is used.
"""

from __future__ import annotations

import functools
import ssl
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from azureml_assets.sdk_process import THREADS


class _Adapter(HTTPAdapter):
    """Reads the trusted certificates once: requests does for each connection, which takes 20 ms."""

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What requests documents for a context of one's own: the context in place of the files."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        files = pool.pop("ca_certs", None), pool.pop("ca_cert_dir", None)
        return host, {**pool, "ssl_context": _context(*files)}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context of the connection verifies."""


@functools.lru_cache(maxsize=4)
def _context(file: str | None, folder: str | None) -> ssl.SSLContext:
    if not file and not folder:
        file = DEFAULT_CA_BUNDLE_PATH
    return ssl.create_default_context(cafile=file, capath=folder)


@functools.lru_cache(maxsize=1)
def transport() -> RequestsTransport:
    """The session, for a client's argument `transport`; a client that is closed leaves it open."""
    session = requests.Session()
    session.mount("https://", _Adapter(pool_connections=THREADS, pool_maxsize=THREADS))
    return RequestsTransport(session=session, session_owner=False)
