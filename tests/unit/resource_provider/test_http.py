"""Connections that fail: named by httpx's own errors, which decide how often a request is repeated."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from resource_provider.http import Http
from sandbox.ports import LOOPBACK


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def _put(port: int) -> httpx.Response:
    http = Http()
    try:
        return await http.request("PUT", f"http://{LOOPBACK}:{port}/")
    finally:
        await http.close()


def _answered(answer: bytes) -> httpx.Response:
    """What comes of a request to a server that reads its head, sends these bytes, and closes."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def ask() -> httpx.Response:
        async with await asyncio.start_server(served, LOOPBACK, 0) as server:
            return await _put(server.sockets[0].getsockname()[1])

    return asyncio.run(ask())


def test_an_answer_is_httpx_s_own() -> None:
    head = b"HTTP/1.1 409 Conflict\r\nRetry-After: 7\r\nContent-Length: 11\r\n\r\n"

    answered = _answered(head + b'{"a": "\xc3\xa9"}')

    assert (answered.status_code, answered.headers["retry-after"]) == (409, "7")
    assert answered.json() == {"a": "é"}


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind((LOOPBACK, 0))
        port = unused.getsockname()[1]

        with pytest.raises(httpx.ConnectError, match=str(port)):
            asyncio.run(_put(port))


def test_a_connection_that_is_cut_is_no_connection_that_did_not_come_about() -> None:
    with pytest.raises(httpx.TransportError) as caught:
        _answered(b"")

    assert not isinstance(caught.value, (httpx.ConnectError, httpx.TimeoutException))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", id="cut"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", id="not HTTP"),
    ],
)
def test_what_is_no_whole_answer_is_none(answer: bytes) -> None:
    with pytest.raises(httpx.TransportError):
        _answered(answer)
