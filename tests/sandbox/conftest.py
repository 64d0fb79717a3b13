"""A resource group of each test's own in the shared sandbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.support.azure import AzureHttp
from tests.support.sandbox import RunningSandbox

GROUPS_VERSION = "2024-03-01"


@pytest.fixture
def azure(sandbox: RunningSandbox) -> Iterator[AzureHttp]:
    """The deployer, Owner of the subscription, as a plain HTTPS client."""
    with AzureHttp(sandbox) as client:
        yield client


@pytest.fixture
def resource_group(azure: AzureHttp) -> Iterator[str]:
    """Id of a new resource group, deleted with all that is in it when the test is over."""
    path = f"/subscriptions/{azure.sandbox.subscription_id}/resourceGroups/rg-test-{uuid.uuid4().hex[:10]}"
    azure.put(path, GROUPS_VERSION, {"location": "westeurope"})
    yield path
    azure.arm("DELETE", path, GROUPS_VERSION)
