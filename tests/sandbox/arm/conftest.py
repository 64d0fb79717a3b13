from collections.abc import Iterator

import pytest

from tests.support.arm import ArmServer, running


@pytest.fixture
def arm() -> Iterator[ArmServer]:
    """An empty Resource Manager whose operations end at once."""
    with running() as server:
        yield server
