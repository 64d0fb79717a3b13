"""azure-ai-ml and Azure's other clients run in a process of their own, beside the one that serves the engine.

One interpreter does one thing at a time, and most of what registering an asset takes is their own
work: while they are imported, check and write, the plugin reads files, uploads code, and answers.

A call is a function of a module with its arguments, pickled to the process's standard input; its
result or error comes back on the standard output. Both are the plugin's own: nobody else can write
there. The process starts with the first call, and ends when its input is closed, however the
plugin has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from azureml_assets.azure_errors import translated
from resource_provider.provider import ProviderError

Pipe = TypeVar("Pipe")
Result = TypeVar("Result")
THREADS: Final = 12  # measured: with more of them nothing is registered sooner
_HEADER: Final = struct.Struct(">QQ")  # number of the call, length of what follows in bytes


class SdkProcess:
    """The plugin's side."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def run(self, call: Callable[..., Result], *arguments: Any) -> Result:
        """The result of a call; several run at a time. ArmError, ProviderError; OSError of a local file."""
        return await self._sent(call, arguments, alone=False)

    async def run_alone(self, call: Callable[..., Result], *arguments: Any) -> Result:
        """The same, one at a time: for calls that wait for nothing but the processor."""
        return await self._sent(call, arguments, alone=True)

    async def tell(self, call: Callable[[], None]) -> None:
        """Runs a call if the process has been started, and waits for nothing."""
        if self._process is not None:
            self._write(self._process, next(self._numbers), (False, call, ()))

    async def close(self) -> None:
        """Ends the process; calls that still run are not waited for."""
        if self._process is not None and self._reader is not None:
            _pipe(self._process.stdin).close()
            await self._reader

    async def _sent(self, call: Callable[..., Result], arguments: tuple[Any, ...], *, alone: bool) -> Result:
        process = await self._started()
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._write(process, number, (alone, call, arguments))
            result: Result = await answer
        finally:
            del self._waiting[number]
        return result

    async def _started(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._process is None:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    __name__,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                )
                self._reader = asyncio.create_task(self._read(self._process))
            return self._process

    def _write(self, process: asyncio.subprocess.Process, number: int, message: object) -> None:
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        pipe = _pipe(process.stdin)
        if not pipe.is_closing():  # a process that has died is told by whoever reads its answers
            pipe.write(_HEADER.pack(number, len(data)) + data)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Hands out answers until there are no more."""
        output = _pipe(process.stdout)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                number, length = _HEADER.unpack(await output.readexactly(_HEADER.size))
                data = await output.readexactly(length)
                error, result = pickle.loads(data)  # noqa: S301  # of our own process
                answer = self._waiting.get(number)
                if answer is None or answer.done():  # whoever asked does not wait any more
                    continue
                if error is not None:
                    answer.set_exception(error)
                else:
                    answer.set_result(result)
        status = await process.wait()
        self._process = None  # the next call starts another
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ProviderError(_ended(status)))


def _pipe(pipe: Pipe | None) -> Pipe:
    if pipe is None:
        raise RuntimeError("the process was started without pipes")
    return pipe


def _ended(status: int) -> str:
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    return (
        f"the process of azure-ai-ml has ended {how}, perhaps for want of memory, in the middle of a call: "
        "what it did of it is not known. Run the same again: what is done already is found."
    )


class _Calls:
    """The side of the process itself."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._many = ThreadPoolExecutor(THREADS)
        self._one = ThreadPoolExecutor(1)

    def serve(self, input: BinaryIO) -> None:
        """Runs calls until the input ends."""
        while header := input.read(_HEADER.size):
            number, length = _HEADER.unpack(header)
            alone, call, arguments = pickle.loads(input.read(length))  # noqa: S301  # of the plugin
            (self._one if alone else self._many).submit(self._answer, number, call, arguments)

    def _answer(self, number: int, call: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        try:
            answer = pickle.dumps((None, translated(call, *arguments)), pickle.HIGHEST_PROTOCOL)
        except (ProviderError, OSError) as error:  # OSError: of a local file
            answer = pickle.dumps((error, None), pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._output.write(_HEADER.pack(number, len(answer)) + answer)
            self._output.flush()


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the plugin gets it too, and closes the input
    # azure-storage-blob would load it, a tenth of a second, for clients that nobody uses here.
    sys.modules["aiohttp"] = None  # type: ignore[assignment]
    output = os.fdopen(os.dup(1), "wb")
    # What the SDK prints for a person at a prompt (progress bars, notes on itself) has no reader here.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        os.dup2(nowhere.fileno(), 1)
        _Calls(output).serve(sys.stdin.buffer)
        os._exit(0)  # threads may still wait for Azure; nobody waits for them


if __name__ == "__main__":
    _main()
