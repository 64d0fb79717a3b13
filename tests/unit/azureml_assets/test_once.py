"""What several ask for at the same time is done once."""

from __future__ import annotations

import asyncio

import pytest

from azureml_assets.once import Once


def test_several_who_ask_at_the_same_time_get_one_result() -> None:
    made: list[int] = []

    async def make() -> int:
        await asyncio.sleep(0)
        made.append(len(made))
        return made[-1]

    async def scenario() -> list[int]:
        once: Once[str, int] = Once()
        together = await asyncio.gather(*(once.get("a", make) for _ in range(5)))
        return [*together, await once.get("a", make), await once.get("b", make)]

    assert asyncio.run(scenario()) == [0, 0, 0, 0, 0, 0, 1]


def test_after_a_failure_the_next_one_tries_again() -> None:
    async def fail() -> int:
        raise OSError("not today")

    async def succeed() -> int:
        return 1

    async def scenario() -> int:
        once: Once[str, int] = Once()
        failed = await asyncio.gather(once.get("a", fail), once.get("a", fail), return_exceptions=True)
        assert [str(each) for each in failed] == ["not today"] * 2
        return await once.get("a", succeed)

    assert asyncio.run(scenario()) == 1


def test_who_stops_waiting_does_not_stop_the_others() -> None:
    async def scenario() -> int:
        once: Once[str, int] = Once()
        go_on = asyncio.Event()

        async def make() -> int:
            await go_on.wait()
            return 1

        first, second = (asyncio.create_task(once.get("a", make)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        go_on.set()
        return await second

    assert asyncio.run(scenario()) == 1
