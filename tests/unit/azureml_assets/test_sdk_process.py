"""The process of azure-ai-ml: answers, errors, and how it ends. Its calls are functions of this module."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

import pytest

from azureml_assets.sdk_process import SdkProcess
from resource_provider.arm_errors import ArmError
from resource_provider.provider import ProviderError
from resource_provider.values import UNKNOWN

Result = TypeVar("Result")
MEETING: Final = threading.Barrier(2)
RUNNING: Final = threading.Lock()


def used(work: Callable[[SdkProcess], Awaitable[Result]]) -> Result:
    """The result of some work with a process that is ended afterwards."""

    async def whole() -> Result:
        process = SdkProcess()
        try:
            return await work(process)
        finally:
            await process.close()

    return asyncio.run(whole())


def same(value: object) -> tuple[object, bool]:
    return value, value is UNKNOWN


def refuse() -> None:
    raise ArmError(409, "Conflict", "it exists", "some-id", details=" Details=[a: b]")


def fail() -> None:
    raise KeyError("name")


def write_and_answer(text: str) -> str:
    print(text)
    print(text, file=sys.stderr)
    os.write(1, text.encode())
    return text


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def meet() -> int:
    return MEETING.wait(timeout=20)


def is_alone() -> bool:
    if not RUNNING.acquire(blocking=False):
        return False
    time.sleep(0.05)
    RUNNING.release()
    return True


def test_values_arrive_as_they_were_sent() -> None:
    assert used(lambda sdk: sdk.run(same, {"name": "ä", "long": "x" * 300_000})) == (
        {"name": "ä", "long": "x" * 300_000},
        False,
    )


def test_what_is_not_known_yet_is_still_the_one_unknown() -> None:
    assert used(lambda sdk: sdk.run(same, UNKNOWN)) == (UNKNOWN, True)


def test_an_error_of_azure_keeps_status_code_and_words() -> None:
    with pytest.raises(ArmError) as caught:
        used(lambda sdk: sdk.run(refuse))

    assert (caught.value.status, caught.value.code, caught.value.arm_message) == (
        409,
        "Conflict",
        "it exists",
    )
    assert str(caught.value) == (
        'Status=409 Code="Conflict" Message="it exists" Details=[a: b] (request id some-id)'
    )


def test_an_error_of_the_sdk_itself_is_one_line() -> None:
    with pytest.raises(ProviderError, match=r"^azure-ai-ml failed: KeyError: 'name'$"):
        used(lambda sdk: sdk.run(fail))


def test_what_a_call_prints_is_seen_by_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    assert used(lambda sdk: sdk.run(write_and_answer, "a progress bar")) == "a progress bar"
    assert capfd.readouterr() == ("", "")


def test_calls_run_at_the_same_time() -> None:
    async def both(sdk: SdkProcess) -> list[int]:
        return [*await asyncio.gather(sdk.run(meet), sdk.run(meet))]

    assert sorted(used(both)) == [0, 1]


def test_calls_that_only_compute_run_one_at_a_time() -> None:
    async def four(sdk: SdkProcess) -> list[bool]:
        return await asyncio.gather(*(sdk.run_alone(is_alone) for _ in range(4)))

    assert used(four) == [True, True, True, True]


def test_a_process_that_dies_is_told_and_the_next_call_has_another() -> None:
    async def die_and_go_on(sdk: SdkProcess) -> tuple[object, bool]:
        with pytest.raises(ProviderError, match=r"ended by signal 9.*Run the same again"):
            await sdk.run(end)
        return await sdk.run(same, 1)

    assert used(die_and_go_on) == (1, False)


def test_it_ends_with_a_plugin_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, os, time\n"
        "from azureml_assets.sdk_process import SdkProcess\n"
        "async def main():\n"
        "    print(await SdkProcess().run(os.getpid), flush=True)\n"
        "    time.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    ) as plugin:
        assert plugin.stdout is not None
        pid = int(plugin.stdout.readline())
        assert _runs(pid)
        plugin.kill()

    deadline = time.monotonic() + 20
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """Whether a process is there and is no zombie that nobody waits for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
