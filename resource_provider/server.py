"""The plugin's process: it serves one ResourceProvider to one engine over gRPC.

It binds to 127.0.0.1 on a free port, prints the port, and ends on SIGINT (how the engine
ends a plugin), on SIGTERM, or when the engine's process is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import Any, NoReturn

import grpc
import grpc.aio
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc

from resource_provider.provider import ResourceProvider
from resource_provider.servicer import Servicer

_MESSAGE_LIMIT = 400 * 1024 * 1024  # the engine's own: sdk/go/common/util/rpcutil/serve.go
_OPTIONS = [
    ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
    ("grpc.max_send_message_length", _MESSAGE_LIMIT),
]
_GRACE_SECONDS = 10.0
_PARENT_CHECK_SECONDS = 2.0


class HostLog:
    """EngineLog over the engine's own service; silent where a plugin was started by hand."""

    def __init__(self, address: str | None) -> None:
        self._channel = (
            grpc.aio.insecure_channel(address, options=[*_OPTIONS, ("grpc.enable_http_proxy", 0)])
            if address
            else None
        )
        self._engine: Any = engine_pb2_grpc.EngineStub(self._channel) if self._channel else None

    async def debug(self, message: str, urn: str = "") -> None:
        """Shown with `--debug` only."""
        await self._log(engine_pb2.DEBUG, message, urn)

    async def info(self, message: str, urn: str = "") -> None:
        """Kept in the output."""
        await self._log(engine_pb2.INFO, message, urn)

    async def warning(self, message: str, urn: str = "") -> None:
        """Kept in the output, as a warning."""
        await self._log(engine_pb2.WARNING, message, urn)

    async def status(self, message: str, urn: str = "") -> None:
        """Replaced by the next one; not kept."""
        await self._log(engine_pb2.INFO, message, urn, ephemeral=True)

    async def _log(
        self, severity: engine_pb2.LogSeverity.ValueType, message: str, urn: str, *, ephemeral: bool = False
    ) -> None:
        if self._engine is None:
            return
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
        with contextlib.suppress(grpc.aio.AioRpcError):  # an engine that is going away needs no log
            await self._engine.Log(request)

    async def close(self) -> None:
        """Closes the connection."""
        if self._channel is not None:
            await self._channel.close()


def main(provider: ResourceProvider, arguments: list[str] | None = None) -> NoReturn:
    """Serves until the engine is done. `arguments`: the engine's address first, as the engine passes it."""
    given = sys.argv[1:] if arguments is None else arguments
    address = next((argument for argument in given if not argument.startswith("-")), None)
    code = asyncio.run(_serve(provider, address))
    # Everything is closed and written: the interpreter's own clean-up is a tenth of a second that
    # the engine, and whoever runs it, would wait for.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _serve(provider: ResourceProvider, engine_address: str | None) -> int:
    stopping, parent = asyncio.Event(), os.getppid()  # before the port is out and the parent may be gone
    loop = asyncio.get_running_loop()
    # The engine ends its plugins, which have a process group of their own, by SIGINT; a terminal's
    # Ctrl-C does not reach them, it arrives as the request Cancel.
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, stopping.set)
    log = HostLog(engine_address)
    provider.log = log
    await provider.start()
    server = grpc.aio.server(options=[*_OPTIONS, ("grpc.so_reuseport", 0)])
    servicer = Servicer(provider)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    watch = asyncio.create_task(_end_with_parent(parent, stopping))
    try:
        await stopping.wait()
        await provider.cancel()
        await server.stop(_GRACE_SECONDS)
    finally:
        watch.cancel()
        await provider.stop()
        await log.close()
    return 0


async def _end_with_parent(parent: int, stopping: asyncio.Event) -> None:
    """An engine that was killed cannot say goodbye: its plugins then get another parent."""
    while os.getppid() == parent:  # noqa: ASYNC110  # nothing announces the end of a parent process
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
    stopping.set()
