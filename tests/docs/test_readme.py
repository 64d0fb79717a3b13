"""What the README says of versions, settings and environments is what the files say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.control import Concern
from bootstrap.prerequisites import MINIMUM_NODE
from infra.settings.check import check
from infra.settings.errors import SettingsError
from sandbox.engine.locate import MINIMUM_INSTALLED, format_version
from tests.support.recorded_stack import ROOT, Settings, stack_settings

README = (ROOT / "README.md").read_text(encoding="utf-8")
ENVIRONMENTS = ("dev", "staging", "prod")


def row(title: str) -> dict[str, str]:
    """One row of the table of environments: environment → cell."""
    found = re.search(rf"^\| {re.escape(title)} \|(.*)\|$", README, re.MULTILINE)
    assert found, f"no row {title!r}"
    return dict(zip(ENVIRONMENTS, (cell.strip() for cell in found[1].split("|")), strict=True))


def test_the_minimum_versions_are_those_that_set_up_demands() -> None:
    go = re.search(r"^go (\S+)$", (ROOT / "sandbox/engine/cli/go.mod").read_text(), re.MULTILINE)
    assert go is not None

    assert f"Node.js {format_version(MINIMUM_NODE)} or newer" in README
    assert f"Pulumi {format_version(MINIMUM_INSTALLED)} or newer" in README
    assert f"Go {go[1]} or newer" in README
    assert "Python 3.10 or newer" in README
    start = (ROOT / "bootstrap/__main__.py").read_text()
    assert "OLDEST = (3, 10)" in start


def test_the_example_of_mistakes_is_what_is_said() -> None:
    settings = stack_settings("dev")
    settings["location"] = "westeurop"
    settings["compute"]["clusters"]["cpu-cluster"]["maxNodeCount"] = 0

    with pytest.raises(SettingsError) as caught:
        check(settings, "the configuration of stack 'dev' (Pulumi.dev.yaml, azureml-platform:settings)")

    for line in str(caught.value).splitlines():
        assert line.strip() in README


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_table_of_environments_is_true(environment: str) -> None:
    settings: Settings = stack_settings(environment)
    model: Any = check(settings, "a test")

    def shown(condition: bool) -> str:
        return "on" if condition else "off"

    assert row("public network access")[environment] == shown(
        model.network.public_network_access == "Enabled"
    )
    assert row("managed network")[environment] == f"`{model.network.isolation_mode}`"
    clusters = row("clusters")[environment]
    for cluster in model.compute.clusters.values():
        assert ("low priority" in clusters) == (cluster.vm_priority == "LowPriority")
    assert (row("compute instances")[environment] != "none") == bool(model.compute.instances)
    assets = row("assets")[environment]
    assert assets.startswith("all") == (model.assets.include == ("**",))
    schedules = {file: changes for file, changes in model.assets.overrides.items() if "schedules/" in file}
    assert ("schedules paused" in assets) == bool(schedules)
    assert all(changes == {"is_enabled": False} for changes in schedules.values())
    registry = row("container registry")[environment]
    assert registry.startswith(model.container_registry.sku)
    assert ("zone redundant" in registry) == (model.container_registry.zone_redundancy == "Enabled")
    purge = row("purge protection of the key vault")[environment]
    assert purge == shown(model.key_vault.enable_purge_protection)
    protection = model.protection
    protected = {protection.protect, protection.retain_on_delete, protection.delete_lock}
    assert {shown(each) for each in protected} == {
        row("Pulumi `protect`, kept on delete, delete locks")[environment]
    }


def test_the_number_of_controls_is_that_of_the_catalogue() -> None:
    controls = [control for control in CATALOGUE if control.concern is not Concern.PACK]

    assert f"A pack of {len(controls)} controls" in README
