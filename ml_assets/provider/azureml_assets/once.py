"""What several resources ask for at the same time, and is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class Once(Generic[Key, Result]):
    """Results by key; one that failed is not kept, so that the next who asks tries again."""

    def __init__(self) -> None:
        self._tasks: dict[Key, asyncio.Task[Result]] = {}

    async def get(self, key: Key, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """The result of `make`, which goes on when whoever asked for it does not wait any more."""
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._made(key, make))
        return await asyncio.shield(self._tasks[key])

    async def _made(self, key: Key, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        try:
            return await make()
        except BaseException:
            del self._tasks[key]
            raise
