"""Names: within Azure's rules for whatever the settings accept, and the same every time."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import naming
from infra.naming import Names
from infra.settings import types
from infra.settings.azure_tables import REGIONS
from infra.settings.check import check
from tests.support.recorded_stack import Settings

GLOBAL = ("storage_account", "key_vault", "container_registry")


def settings(**changes: Any) -> Settings:
    return {
        "organization": "contoso",
        "workload": "mlplat",
        "environment": "dev",
        "location": "westeurope",
        "tags": {"owner": "team", "costCentre": "1", "dataClass": "internal"},
        "workspace": {"imageBuildCompute": "builder"},
        "compute": {
            "clusters": {"builder": {"vmSize": "Standard_DS3_v2", "processor": "cpu", "maxNodeCount": 1}}
        },
        **changes,
    }


def names(**changes: Any) -> Names:
    return Names(check(settings(**changes), "a test"))


accepted = st.fixed_dictionaries(
    {
        "organization": st.from_regex(types.ORGANIZATION.pattern, fullmatch=True),
        "workload": st.from_regex(types.WORKLOAD.pattern, fullmatch=True),
        "environment": st.sampled_from(["dev", "staging", "prod"]),
        "location": st.sampled_from(sorted(REGIONS)) | st.just("atlantisnorthwestcentral"[:22]),
        "nameSalt": st.none() | st.from_regex(types.NAME_SALT.pattern, fullmatch=True),
    }
)
# Alphabets of "Naming rules and restrictions for Azure resources", and of "Create a compute instance".
RULES: dict[str, tuple[tuple[int, int], str]] = {
    "resource_group": (naming.RESOURCE_GROUP_LENGTH, r"[\w().-]*[\w()-]"),
    "log_analytics": (naming.LOG_ANALYTICS_LENGTH, r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]"),
    "storage_account": (naming.STORAGE_ACCOUNT_LENGTH, r"[a-z0-9]+"),
    "key_vault": (naming.KEY_VAULT_LENGTH, r"[A-Za-z](?:-?[A-Za-z0-9])*"),
    "container_registry": (naming.CONTAINER_REGISTRY_LENGTH, r"[A-Za-z0-9]+"),
    "application_insights": (naming.APPLICATION_INSIGHTS_LENGTH, r"[^%&\\?/]*[^%&\\?/. ]"),
    "workspace": (naming.WORKSPACE_LENGTH, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    "delete_lock": (naming.LOCK_LENGTH, r"[A-Za-z0-9_().-]+"),
}


@given(accepted)
def test_accepted_settings_give_names_within_azures_rules(changes: dict[str, Any]) -> None:
    made = names(**changes)
    for method, ((shortest, longest), alphabet) in RULES.items():
        name = getattr(made, method)()

        assert shortest <= len(name) <= longest, f"{method}: {name}"
        assert re.fullmatch(alphabet, name), f"{method}: {name}"


@given(accepted, st.sampled_from(["workspace", "compute", "image-build"]))
def test_identities_are_named_within_azures_rules(changes: dict[str, Any], purpose: str) -> None:
    name = names(**changes).identity(purpose)

    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}", name)


@given(st.from_regex(types.COMPUTE_NAME.pattern, fullmatch=True))
def test_compute_is_named_within_azures_rules(key: str) -> None:
    made = names()
    rule = r"(?=.{3,24}$)[A-Za-z][A-Za-z0-9-]*"

    for name in (made.compute_cluster(key), made.compute_instance(key)):
        assert re.fullmatch(rule, name)
        assert re.search(r"-[^A-Za-z]*$", name) is None, f"no letter after the last hyphen of {name}"


def test_names_read_as_the_cloud_adoption_framework_writes_them() -> None:
    made = names()

    assert made.resource_group() == "rg-mlplat-dev-weu"
    assert made.workspace() == "mlw-mlplat-dev-weu"
    assert made.log_analytics() == "log-mlplat-dev-weu"
    assert made.application_insights() == "appi-mlplat-dev-weu"
    assert made.identity("compute") == "id-mlplat-dev-weu-compute"


def test_names_do_not_change_between_runs_or_releases() -> None:
    """A changed name is a replaced vault: these values may only change on purpose."""
    made = names()

    assert [getattr(made, method)() for method in GLOBAL] == [
        "stmlplatdevgspsum",
        "kv-mlplat-dev-gspsum",
        "crmlplatdevgspsum",
    ]
    assert made.compute_instance("ada") == "ada-gspsum"


@pytest.mark.parametrize(
    "change",
    [{"organization": "fabrikam"}, {"location": "northeurope"}, {"nameSalt": "2"}],
    ids=["organization", "location", "nameSalt"],
)
def test_global_names_differ_with_what_identifies_the_stack(change: dict[str, str]) -> None:
    for method in GLOBAL:
        assert getattr(names(), method)() != getattr(names(**change), method)()


def test_regions_have_abbreviations_of_their_own() -> None:
    assert len(set(REGIONS.values())) == len(REGIONS)


def test_no_name_says_another_environment() -> None:
    for environment, others in {"staging": ("dev", "prod"), "dev": ("stg", "prod")}.items():
        made = names(environment=environment)
        for method in ("resource_group", "workspace", "key_vault", "storage_account"):
            stem = getattr(made, method)().removesuffix(made.storage_account()[-6:])
            assert not any(other in stem for other in others)


def test_role_assignments_are_named_by_scope_principal_and_role() -> None:
    made = names()
    one = made.role_assignment("/subscriptions/s/resourceGroups/G", "principal", "role")

    assert uuid.UUID(one).version == 5
    assert one == made.role_assignment("/subscriptions/s/resourcegroups/g", "PRINCIPAL", "role")
    assert one != made.role_assignment("/subscriptions/s/resourceGroups/G", "another", "role")
    assert one != made.role_assignment("/subscriptions/s/resourceGroups/G", "principal", "another")
    assert one != made.role_assignment("/subscriptions/s", "principal", "role")


def test_tags_name_everybody_who_is_responsible() -> None:
    tags = {"owner": "team", "costCentre": "1", "dataClass": "internal", "additional": {"project": "x"}}

    assert names(tags=tags).tags() == {
        "owner": "team",
        "cost-centre": "1",
        "data-class": "internal",
        "environment": "dev",
        "workload": "mlplat",
        "managed-by": "pulumi",
        "project": "x",
    }
