"""Ephemeral stacks: dev's settings, no name in common with dev or with each other, no other stack touched."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ephemeral.settings import KEY, EphemeralError, stack_file, workload
from infra.naming import Names
from infra.settings.check import check
from tests.support.recorded_stack import ROOT

DEV = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
NAMED = (
    "resource_group",
    "log_analytics",
    "storage_account",
    "key_vault",
    "container_registry",
    "application_insights",
    "workspace",
)
LONGEST_ENDPOINT = 32  # Source: "Manage and increase quotas": endpoint names are of 3 to 32 characters

stacks = st.from_regex(r"ephemeral-[a-z0-9]{1,6}", fullmatch=True)
few_examples = hypothesis.settings(max_examples=20, deadline=None)  # each reads the file of dev


def settings(stack: str) -> dict[str, Any]:
    """The settings of a stack, dev's own or an ephemeral one's."""
    text = DEV if stack == "dev" else stack_file(stack, DEV, "")
    found: dict[str, Any] = yaml.safe_load(text)["config"][KEY]
    return found


def names(stack: str) -> set[str]:
    made = Names(check(settings(stack), "a test"))
    return {getattr(made, method)() for method in NAMED} | {made.compute_instance("ada")}


def test_all_but_the_workload_is_as_in_dev() -> None:
    assert settings("ephemeral-7") == {**settings("dev"), "workload": "eph7"}


@few_examples
@given(st.sets(stacks, min_size=2, max_size=2))
def test_no_two_stacks_have_a_name_in_common(pair: set[str]) -> None:
    one, other = sorted(pair)

    assert not names(one) & names(other)
    assert not names(one) & names("dev")


@given(stacks)
def test_endpoints_that_are_named_after_the_stack_fit(stack: str) -> None:
    for file in ROOT.glob("ml_assets/assets/endpoints/*/*/endpoint.yml"):
        name = yaml.safe_load(file.read_text(encoding="utf-8"))["name"]
        assert "${platform.stack}" in name, file
        assert len(name.replace("${platform.stack}", stack)) <= LONGEST_ENDPOINT, file


@pytest.mark.parametrize(
    "stack",
    [
        "dev",
        "prod",
        "",
        "ephemeral-",
        "ephemeral-A",
        "ephemeral-1234567",
        "ephemeral-a\n",
        "ephemeral-../dev",
    ],
)
def test_no_other_stack_is_ephemeral(stack: str) -> None:
    with pytest.raises(EphemeralError, match="allowed: ephemeral-NAME"):
        workload(stack)


def test_secrets_are_encrypted_by_a_provider_of_its_own() -> None:
    source = "secretsprovider: azurekeyvault://dev\nencryptedkey: abc\n" + DEV

    assert "secretsprovider" not in stack_file("ephemeral-7", source, "")
    content = yaml.safe_load(stack_file("ephemeral-7", source, "azurekeyvault://other"))
    assert set(content) == {"secretsprovider", "config"}
    assert content["secretsprovider"] == "azurekeyvault://other"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a: [", "is not YAML"),
        ("[]", "has no map config.azureml-platform:settings"),
        ("config: {azureml-platform:settings: none}", "has no map config.azureml-platform:settings"),
        (DEV.replace("      owner: ml-platform-team", "      owner: {secure: v1:abc}"), "encrypted values"),
    ],
)
def test_a_file_of_dev_that_no_other_stack_can_use_is_told(source: str, told: str) -> None:
    with pytest.raises(EphemeralError, match=told):
        stack_file("ephemeral-7", source, "")
