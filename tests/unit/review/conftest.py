"""What tests of the forges share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.forges import Forge, serve


@pytest.fixture
def forge() -> Iterator[Forge]:
    """A forge of the test's own on a local port."""
    with serve() as forge:
        yield forge
