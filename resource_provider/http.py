"""HTTP of the provider plugins: httpx's requests and answers over aiohttp's connections.

A request over httpx's own connections takes twice the processor time, in Python's own parser
(`python -m benchmarks assets` is where that counts).
"""

from __future__ import annotations

from typing import Any, Final

import httpx

_TIMEOUT: Final = httpx.Timeout(120.0, connect=30.0)


class Http:
    """At most `connections` requests at a time; proxy and certificates come from the environment.

    `transport` replaces the network in tests.
    """

    def __init__(self, connections: int = 24, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._connections = connections
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """The answer, whatever its status. Raises httpx.TransportError; `options` are httpx's own."""
        import aiohttp  # a tenth of a second, which a preview without requests does not have

        if self._client is None:
            self._client = self._opened()
        try:
            return await self._client.request(method, url, **options)
        except httpx.ConnectTimeout as error:  # httpx-aiohttp's name for every connection that fails
            cause = error.__cause__
            if isinstance(cause, aiohttp.ClientConnectorError):
                raise httpx.ConnectError(str(error)) from error
            if cause is None or isinstance(cause, aiohttp.ServerTimeoutError):
                raise
            raise httpx.ReadError(str(error)) from error
        except aiohttp.ClientError as error:
            raise httpx.RemoteProtocolError(str(error)) from error

    async def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _opened(self) -> httpx.AsyncClient:
        from httpx_aiohttp import HttpxAiohttpClient

        limits = httpx.Limits(max_connections=self._connections, max_keepalive_connections=self._connections)
        return HttpxAiohttpClient(limits=limits, timeout=_TIMEOUT, transport=self._transport)
