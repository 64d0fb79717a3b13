"""What stage 2 knows of stage 1: outputs by name, a target, and what to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from infra.outputs import PlatformOutputs
from infra.platform import Platform
from ml_assets.workspace_ref import StageOne, WorkspaceRef


def stands_for_a_resource() -> Any:
    return SimpleNamespace()


@dataclass
class Ready:
    clusters: dict[str, Any] = field(default_factory=dict)
    upload_roles: list[Any] = field(default_factory=list)
    identity_roles: dict[str, list[Any]] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def event_loop_for_outputs() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def ready() -> Ready:
    shared = stands_for_a_resource()
    return Ready(
        clusters={"cpu": stands_for_a_resource(), "gpu": stands_for_a_resource()},
        upload_roles=[stands_for_a_resource()],
        identity_roles={"identity_id": [shared, stands_for_a_resource()], "client_id": [shared]},
    )


def reference(ready: Ready, **outputs: Any) -> WorkspaceRef:
    names = {"subscription_id": "s", "resource_group_name": "g", "workspace_name": "w", **outputs}
    made = {
        name: pulumi.Output.from_input(value) if isinstance(value, str) else value
        for name, value in names.items()
    }
    stage_one: Any = SimpleNamespace(outputs=SimpleNamespace(**made), readiness=ready)
    return WorkspaceRef.of(stage_one)


def platform_is_a_stage_one(platform: Platform) -> StageOne:
    """Checked by mypy: neither side imports the other."""
    return platform


def test_any_object_with_the_outputs_will_do(ready: Ready) -> None:
    workspace = reference(ready, account="st", note=5)

    assert set(workspace.outputs) == {"subscription_id", "resource_group_name", "workspace_name", "account"}
    assert list(workspace.target()) == ["subscriptionId", "resourceGroupName", "workspaceName"]


def test_the_names_that_documents_may_use_are_those_of_the_platform() -> None:
    assert {"subscription_id", "resource_group_name", "workspace_name"} < set(PlatformOutputs.names())
    assert PlatformOutputs.names() == list(PlatformOutputs.__dataclass_fields__)


def test_a_document_waits_for_what_it_names_and_for_nothing_else(ready: Ready) -> None:
    def waits(outputs: list[str], clusters: list[str], *, uploads: bool = False) -> list[pulumi.Resource]:
        return reference(ready).waits(outputs=outputs, clusters=clusters, uploads=uploads)

    assert waits([], []) == []
    assert waits(["workspace_name"], ["gpu"]) == [ready.clusters["gpu"]]
    assert waits([], [], uploads=True) == ready.upload_roles
    assert waits(["identity_id"], []) == ready.identity_roles["identity_id"]


def test_nothing_is_waited_for_twice(ready: Ready) -> None:
    waits = reference(ready).waits(outputs=["client_id", "identity_id"], clusters=(), uploads=False)

    assert len(waits) == len({id(each) for each in waits}) == 2
