"""Connections that fail: named by httpx's own errors, which decide how often a request is repeated."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import httpx
import pytest

from resource_provider.http import Http
from sandbox.ports import LOOPBACK

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def _asked(handler: Handler | None, method: str = "PUT") -> httpx.Response:
    """The answer of a server that reads the head of a request and then does what `handler` does."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if handler is not None:
            await handler(reader, writer)
        writer.close()

    async def ask() -> httpx.Response:
        server = await asyncio.start_server(served, LOOPBACK, 0)
        http = Http()
        try:
            port = server.sockets[0].getsockname()[1]
            return await http.request(method, f"http://{LOOPBACK}:{port}/x%2Fy?sig=a%2Bb", headers={"x": "1"})
        finally:
            await http.close()
            server.close()

    return asyncio.run(ask())


def test_an_answer_is_httpx_s_own() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 409 Conflict\r\nRetry-After: 7\r\nContent-Length: 11\r\n\r\n" + b'{"a": "\xc3\xa9"}'
        )
        await writer.drain()

    answered = _asked(answer)

    assert (answered.status_code, answered.headers["retry-after"]) == (409, "7")
    assert answered.json() == {"a": "é"}


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind((LOOPBACK, 0))
        port = unused.getsockname()[1]

        async def ask() -> None:
            http = Http()
            try:
                await http.request("GET", f"http://{LOOPBACK}:{port}/")
            finally:
                await http.close()

        with pytest.raises(httpx.ConnectError, match=str(port)):
            asyncio.run(ask())


def test_a_connection_that_is_cut_is_no_connection_that_did_not_come_about() -> None:
    with pytest.raises(httpx.TransportError) as caught:
        _asked(None)

    assert not isinstance(caught.value, (httpx.ConnectError, httpx.TimeoutException))


def test_an_answer_that_is_cut_is_no_answer() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()

    with pytest.raises(httpx.TransportError):
        _asked(half)


def test_an_answer_that_is_not_http_is_no_answer() -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await writer.drain()

    with pytest.raises(httpx.TransportError):
        _asked(other)
