"""Reading settings: everything wrong at once, nothing guessed, and an end without a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import pytest

from infra.settings.check import check
from infra.settings.errors import SettingsError
from infra.settings.load import MESSAGE_SHOWN
from tests.support.recorded_stack import RecordedStack, Settings, record, stack_settings


def keys_of_mistakes(settings: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        check(settings, "a test")
    return [mistake.key for mistake in caught.value.mistakes]


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_the_settings_of_every_stack_file_are_accepted(stack: str) -> None:
    assert check(stack_settings(stack), stack).environment == stack


def test_mistakes_of_fields_and_of_rules_are_reported_together(dev_settings: Settings) -> None:
    dev_settings["location"] = "West Europe"
    dev_settings["compute"]["clusters"]["cpu-cluster"]["minNodeCount"] = 9
    dev_settings["storage"]["replication"] = "ZRS"
    dev_settings["access"]["dataReader"] = dev_settings["access"]["dataScientist"]

    assert keys_of_mistakes(dev_settings) == [
        "location",
        "storage.replication",
        "compute.clusters.cpu-cluster.minNodeCount",
        "access.dataReader[0].objectId",
    ]


def test_a_rule_that_read_a_wrong_field_stays_silent(dev_settings: Settings) -> None:
    """With a wrong maxNodeCount nobody can say whether minNodeCount is too high."""
    cluster = dev_settings["compute"]["clusters"]["cpu-cluster"]
    cluster["minNodeCount"], cluster["maxNodeCount"] = 500, "2"

    assert keys_of_mistakes(dev_settings) == ["compute.clusters.cpu-cluster.maxNodeCount"]


def test_floors_wait_until_the_environment_is_known(prod_settings: Settings) -> None:
    prod_settings["environment"] = "live"
    prod_settings["protection"] = {"protect": False}

    assert keys_of_mistakes(prod_settings) == ["environment"]


def test_every_floor_of_prod_is_reported_at_once(prod_settings: Settings) -> None:
    prod_settings["protection"] = {"protect": False, "retainOnDelete": False, "deleteLock": False}
    prod_settings["keyVault"] = {"enablePurgeProtection": False, "softDeleteRetentionInDays": 7}

    assert keys_of_mistakes(prod_settings) == [
        "keyVault.enablePurgeProtection",
        "keyVault.softDeleteRetentionInDays",
        "protection.protect",
        "protection.retainOnDelete",
        "protection.deleteLock",
    ]


@pytest.mark.parametrize("value", [None, [], "dev", 5, True])
def test_settings_that_are_no_map_are_one_mistake(value: object) -> None:
    assert keys_of_mistakes(value) == ["settings"]


def test_an_empty_map_names_every_required_key() -> None:
    """The last one is required because the platform is private unless a stack says otherwise."""
    assert keys_of_mistakes({}) == [
        "organization",
        "workload",
        "environment",
        "location",
        "tags",
        "workspace.imageBuildCompute",
    ]


@pytest.mark.parametrize("region", ["westus4", "atlantiscentral", "newzealandsouth"])
def test_a_region_newer_than_our_table_is_accepted(dev_settings: Settings, region: str) -> None:
    dev_settings["location"] = region

    assert check(dev_settings, "a test").location == region


def test_a_vm_size_newer_than_our_table_is_accepted(dev_settings: Settings) -> None:
    dev_settings["compute"]["clusters"]["cpu-cluster"]["vmSize"] = "Standard_D8ads_v7"

    assert check(dev_settings, "a test").compute.clusters["cpu-cluster"].vm_size == "Standard_D8ads_v7"


def test_public_ranges_are_accepted_where_everything_can_keep_them(dev_settings: Settings) -> None:
    dev_settings["containerRegistry"] = {"sku": "Premium"}
    dev_settings["network"]["allowedIpRanges"] = ["198.51.100.0/24", "203.0.113.7"]

    assert check(dev_settings, "a test").network.allowed_ip_ranges == ("198.51.100.0/24", "203.0.113.7")


def test_the_text_counts_the_mistakes_and_says_where_they_are(dev_settings: Settings) -> None:
    dev_settings["location"] = "nowhere at all"
    del dev_settings["workload"]
    with pytest.raises(SettingsError) as caught:
        check(dev_settings, "Pulumi.dev.yaml")

    first_line, *others = str(caught.value).splitlines()

    assert first_line == "the settings in Pulumi.dev.yaml have 2 mistakes; no resource was touched:"
    assert len(others) == 2
    assert all(line.startswith("  ") for line in others)


Refusal = Callable[..., str]


@pytest.fixture
def refusal(caplog: pytest.LogCaptureFixture) -> Refusal:
    """Runs the program to its end; returns what the user reads, which is one error and nothing else."""

    def run(stack: str, settings: object, more_config: Mapping[str, str] | None = None) -> str:
        caplog.clear()
        with pytest.raises(SystemExit) as caught:
            record(stack, settings, more_config=more_config)
        assert caught.value.code == MESSAGE_SHOWN, "the engine would add a line of its own"
        (told,) = (entry for entry in caplog.records if entry.levelno >= logging.WARNING)
        return told.getMessage()

    return run


def test_the_program_ends_with_the_mistakes_before_any_resource(
    dev_settings: Settings, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[RecordedStack] = []
    make = RecordedStack.__init__

    def remember(self: RecordedStack) -> None:
        make(self)
        runs.append(self)

    monkeypatch.setattr(RecordedStack, "__init__", remember)
    dev_settings["location"] = "westeurop"

    text = refusal("dev", dev_settings)

    assert text.startswith(
        "the settings in the configuration of stack 'dev' (Pulumi.dev.yaml, azureml-platform:settings) "
        "have 1 mistake; no resource was touched:"
    )
    assert "did you mean 'westeurope'?" in text
    assert [run.resources for run in runs] == [[]]


def test_a_stack_without_settings_is_told_which_ones_it_needs(refusal: Refusal) -> None:
    assert "settings · found: nothing · allowed: a map of organization, workload, " in refusal("dev", "null")


def test_text_instead_of_a_map_is_shown_as_found(refusal: Refusal) -> None:
    assert "settings · found: 'westeurope' · " in refusal("dev", "westeurope")


def test_settings_of_another_environment_are_refused(prod_settings: Settings, refusal: Refusal) -> None:
    assert "environment · found: 'prod' · allowed: dev in the stack 'dev' · example: dev" in refusal(
        "dev", prod_settings
    )


def test_a_stack_with_a_name_of_its_own_chooses_its_environment(dev_settings: Settings) -> None:
    assert record("ada-tries-something", dev_settings).exports["environment"] == "dev"


def test_a_misspelt_configuration_key_is_not_ignored(dev_settings: Settings, refusal: Refusal) -> None:
    text = refusal("dev", dev_settings, {"azureml-platform:setings": "{}"})

    assert "azureml-platform:setings · found: an unknown key · " in text
    assert "did you mean 'settings'?" in text


def test_configuration_of_providers_is_left_alone(dev_settings: Settings) -> None:
    assert record("dev", dev_settings, more_config={"azure-native:location": "westeurope"}).resources
