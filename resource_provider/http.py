"""HTTP of the provider plugins: one pool of connections, each request in a thread.

httpx's asynchronous client needs three times the processor time of its blocking one
(`python -m benchmarks assets` is where that counts); threads that wait need none.
"""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx

_TIMEOUT: Final = httpx.Timeout(120.0, connect=30.0)


class Http:
    """At most `connections` requests at a time; proxy and certificates come from the environment.

    `transport` replaces the network in tests.
    """

    def __init__(self, connections: int = 24, transport: httpx.BaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.Client(limits=limits, timeout=_TIMEOUT, transport=transport)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="http")

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """The answer, whatever its status. Raises httpx.TransportError; `options` are httpx's own."""
        call = functools.partial(self._client.request, method, url, **options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        """Closes the connections; requests that still run are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()
