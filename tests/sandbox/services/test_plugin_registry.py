"""Assets in a registry through the plugin: published once, taken by the next environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml import MLClient

from azureml_assets.kinds import Target
from resource_provider.provider import ProviderError
from tests.support.arm_requests import LOCATION, ArmRequests, unique
from tests.support.platform_parts import ML, VERSION
from tests.support.plugin import Plugin, running_plugin

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20240709.v1"


@pytest.fixture(scope="module")
def registry(arm: ArmRequests, shared_group: str) -> str:
    """The name of a registry in one region."""
    name = unique("reg")
    body = {
        "location": LOCATION,
        "identity": {"type": "SystemAssigned"},
        "properties": {"regionDetails": [{"location": LOCATION}]},
    }
    arm.done("PUT", f"resourceGroups/{shared_group}/providers/{ML}/registries/{name}", VERSION, body)
    return name


@pytest.fixture
def stacks(registry: str, tmp_path: Path) -> Iterator[tuple[Plugin, Plugin]]:
    """Two environments with clones of one project."""
    with ExitStack() as opened:
        target = Target(registry_name=registry)
        dev, staging = (
            opened.enter_context(running_plugin(tmp_path / name, target)) for name in ("dev", "staging")
        )
        yield dev, staging


def environment(plugin: Plugin, name: str, **data: Any) -> dict[str, Any]:
    return plugin.document("env.yml", "environment", name=name, version="1", **{"image": IMAGE, **data})


def component(plugin: Plugin, name: str, environment: str) -> dict[str, Any]:
    plugin.file("train/src/train.py", "print('training')\n")
    return plugin.document(
        "train/component.yml",
        "commandComponent",
        type="command",
        name=name,
        version="auto",
        code="./src",
        command="python train.py",
        environment=environment,
    )


def test_what_one_environment_publishes_the_next_one_takes(
    stacks: tuple[Plugin, Plugin], registry: str, arm: ArmRequests
) -> None:
    dev, staging = stacks
    env, name = unique("env"), unique("train")
    published = dev.create("Environment", environment(dev, env))
    reference = f"azureml://registries/{registry}/environments/{env}/versions/1"
    assert (published.id, published.outputs["reference"]) == (reference, reference)
    trained = dev.create("Component", component(dev, name, reference))

    taken = staging.create("Environment", {**environment(staging, env), "mustExist": True})
    also = staging.create("Component", {**component(staging, name, reference), "mustExist": True})

    assert taken.outputs["contentHash"] == published.outputs["contentHash"]
    assert (also.id, also.outputs["contentHash"]) == (trained.id, trained.outputs["contentHash"])
    version = str(trained.outputs["version"])
    found = MLClient(arm.credential, registry_name=registry).components.get(name, version)
    assert found.id == trained.id


def test_what_no_environment_has_published_is_not_there(stacks: tuple[Plugin, Plugin], registry: str) -> None:
    _, staging = stacks
    name = unique("env")

    with pytest.raises(ProviderError) as refused:
        staging.create("Environment", {**environment(staging, name), "mustExist": True})

    assert str(refused.value) == (
        f"environment {name}:1 in registry {registry} is not there, and this stack only takes what an "
        "earlier environment has registered (assets.registry.mustExist). "
        "Bring the same files up in that environment first."
    )


def test_a_preview_tells_what_no_environment_has_published(stacks: tuple[Plugin, Plugin]) -> None:
    dev, staging = stacks
    name = unique("env")
    wanted = staging.check("Environment", {**environment(staging, name), "mustExist": True})
    with pytest.raises(ProviderError, match=f"^environment {name}:1 in registry .* is not there"):
        staging.preview("Environment", wanted)

    dev.create("Environment", environment(dev, name))

    assert staging.preview("Environment", wanted)["id"]


def test_other_bytes_under_a_published_version_are_refused(
    stacks: tuple[Plugin, Plugin], registry: str
) -> None:
    dev, staging = stacks
    name = unique("env")
    dev.create("Environment", environment(dev, name))

    with pytest.raises(
        ProviderError, match=f"^environment {name}:1 in registry {registry} is registered already"
    ):
        staging.create("Environment", environment(staging, name, image=f"{IMAGE}-other"))


def test_a_refresh_reads_the_registry(stacks: tuple[Plugin, Plugin]) -> None:
    dev, _ = stacks
    made = dev.create("Environment", environment(dev, unique("env"), description="d"))

    assert dev.read("Environment", made.id, made.outputs).outputs == made.outputs
    assert dev.read("Environment", f"{made.id}0", made.outputs).id == ""
