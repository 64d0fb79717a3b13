"""The emulator process: `python -m sandbox.emulator FOLDER`.

One event loop serves three loopback ports: the CONNECT proxy, Azure's services
over TLS, and plain HTTP for the managed identity endpoint and the sandbox's own
administration. The command line starts it; people don't.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from sandbox.arm.store import StoreError
from sandbox.assembly import Emulator, assemble
from sandbox.children import EMULATOR
from sandbox.errors import SandboxError
from sandbox.folder import SandboxFolder
from sandbox.ports import LOOPBACK
from sandbox.processes import is_disowned
from sandbox.settings import SandboxSettings, load_settings

_BACKLOG = 512
_STOP_WITHIN = 5  # seconds for requests that are being answered
_LOOK_EVERY = 2.0  # seconds between two looks at the pid file


class _Server(uvicorn.Server):
    """Two of these run in one loop, so signals are the process's business, not each server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> int:
    """Serve until SIGTERM; a mistake that a person can mend ends it with one line beginning "error: "."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stdout)
    folder = SandboxFolder(Path(sys.argv[1]))
    try:
        settings = _settings(folder)
        asyncio.run(_serve(assemble(settings), settings))
    except (SandboxError, StoreError) as error:
        print(f"error: {error}", flush=True)
        return 1
    return 0


def _settings(folder: SandboxFolder) -> SandboxSettings:
    settings = load_settings(folder)
    if settings is None:
        raise SandboxError(f"{folder.config} does not exist; run `python -m sandbox start`")
    return settings


async def _serve(emulator: Emulator, settings: SandboxSettings) -> None:
    ports, folder = settings.ports, settings.folder
    sockets = {port: _listen(port) for port in (ports.proxy, ports.azure, ports.local)}
    azure = _server(emulator.azure, str(folder.server_certificate), str(folder.server_key))
    local = _server(emulator.local)
    proxy = await asyncio.start_server(emulator.proxy.handle, sock=sockets[ports.proxy], limit=64 * 1024)
    loop = asyncio.get_running_loop()

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    async def stop() -> None:
        await stopping.wait()
        # No new tunnels first, so that nobody waits at a door that is being closed.
        proxy.close()
        deadline = loop.time() + _STOP_WITHIN
        while emulator.busy() and loop.time() < deadline:  # noqa: ASYNC110 - once, for milliseconds
            await asyncio.sleep(0.02)
        await emulator.proxy.close()
        azure.should_exit = True
        local.should_exit = True

    watching = asyncio.create_task(_end_when_disowned(folder))
    await asyncio.gather(azure.serve([sockets[ports.azure]]), local.serve([sockets[ports.local]]), stop())
    watching.cancel()
    await emulator.close()


async def _end_when_disowned(folder: SandboxFolder) -> None:
    """A folder that was removed while its sandbox ran leaves no process behind."""
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        if is_disowned(folder.pid_file(EMULATOR)):
            print(f"{folder.path} belongs to another process, or is gone", flush=True)
            # In order would be wrong: closing the state deletes files by name, which may be a successor's.
            os._exit(1)


def _server(app: ASGIApp, certificate: str | None = None, key: str | None = None) -> _Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_STOP_WITHIN,
        backlog=_BACKLOG,
    )
    return _Server(config)


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        raise SandboxError(
            f"port {port} can't be listened on: {os.strerror(error.errno or 0)}; start again"
        ) from None
    listening.listen(_BACKLOG)
    listening.setblocking(False)
    return listening


if __name__ == "__main__":
    raise SystemExit(main())
