"""The HTTP CONNECT proxy: how unmodified clients reach the sandbox.

A client that is told HTTPS_PROXY sends the host's name instead of resolving it,
so Azure's names lead to the emulator without any change to the machine. Names
outside Azure are refused: nothing that runs in the sandbox reaches the internet
by mistake.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from http import HTTPStatus

from sandbox.hosts import blob_account, is_azure
from sandbox.ports import LOOPBACK

_LOG = logging.getLogger("sandbox.proxy")
_HEAD_LIMIT = 16 * 1024
_HEAD_SECONDS = 10.0
_CHUNK = 64 * 1024


class RefusalError(Exception):
    """The proxy does not open this tunnel: HTTP status and a sentence that says why."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class ConnectProxy:
    """Tunnels for Azure's host names to the emulator's TLS port, refusals for all others.

    `account_exists` tells whether a storage account's host name would resolve in
    Azure; a name that would not is refused the way that proxies report a failed
    look-up, so that clients see a connection error and not an HTTP answer.
    """

    def __init__(self, emulator_port: int, account_exists: Callable[[str], bool], limit: int = 1024) -> None:
        self._emulator_port = emulator_port
        self._account_exists = account_exists
        self._limit = limit
        self._tunnels: dict[int, asyncio.StreamWriter] = {}
        self._open = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client connection; to be given to `asyncio.start_server`."""
        self._open += 1
        try:
            upstream = await self._connect(reader)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            try:
                await self._tunnel((reader, writer), upstream)
            finally:
                upstream[1].transport.abort()
        except RefusalError as refusal:
            await _refuse(writer, refusal)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
            _LOG.info("a client went away before its tunnel was open: %r", error)
        finally:
            self._open -= 1
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def close(self) -> None:
        """Cut all tunnels and wait until their handlers have ended: clients keep idle ones open."""
        for writer in list(self._tunnels.values()):
            writer.transport.abort()
        while self._tunnels:  # noqa: ASYNC110 - once, for milliseconds
            await asyncio.sleep(0.01)

    def drop(self, emulator_side_port: int) -> bool:
        """Cut the tunnel whose connection to the emulator comes from this port; false if there is none."""
        writer = self._tunnels.get(emulator_side_port)
        if writer is None:
            return False
        writer.transport.abort()
        return True

    async def _connect(
        self, reader: asyncio.StreamReader
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        except asyncio.LimitOverrunError:
            raise RefusalError(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "request header too large"
            ) from None
        if self._open > self._limit:
            raise RefusalError(
                HTTPStatus.SERVICE_UNAVAILABLE, f"more than {self._limit} connections are open"
            )
        host = self._target(head)
        if not is_azure(host):
            raise RefusalError(
                HTTPStatus.FORBIDDEN, f"{host} is not Azure: commands in the sandbox reach the sandbox only"
            )
        account = blob_account(host)
        if account is not None and not self._account_exists(account):
            raise RefusalError(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{host} does not resolve: no such storage account"
            )
        return await asyncio.open_connection(LOOPBACK, self._emulator_port)

    @staticmethod
    def _target(head: bytes) -> str:
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise RefusalError(HTTPStatus.BAD_REQUEST, "not an HTTP/1.1 request")
        method, target, _ = words
        if method != "CONNECT":
            raise RefusalError(HTTPStatus.FORBIDDEN, f"{target} is not https: Azure answers over TLS only")
        host, _, port = target.rpartition(":")
        host = host.strip("[]").rstrip(".").lower()
        if not host:
            raise RefusalError(HTTPStatus.BAD_REQUEST, f"{target} is not HOST:PORT")
        if port != "443":
            raise RefusalError(HTTPStatus.FORBIDDEN, f"{target}: only port 443 is open")
        return host

    async def _tunnel(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        port = upstream[1].get_extra_info("sockname")[1]
        self._tunnels[port] = client[1]
        try:
            await asyncio.gather(_pump(client[0], upstream[1]), _pump(upstream[0], client[1]))
        finally:
            del self._tunnels[port]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction until its end, then close that direction only."""
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except (ConnectionError, OSError, RuntimeError):
        # One side is gone: the other one must not wait for it.
        writer.transport.abort()


async def _refuse(writer: asyncio.StreamWriter, refusal: RefusalError) -> None:
    _LOG.info("refused: %s", refusal.reason)
    # Clients show the status line's text and drop the body, so the reason stands in both.
    reason = refusal.reason.encode("latin-1", "replace").replace(b"\r", b" ").replace(b"\n", b" ")
    body = reason + b"\n"
    head = b"HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    with contextlib.suppress(ConnectionError):
        writer.write(head % (refusal.status, reason, len(body)) + body)
        await writer.drain()
