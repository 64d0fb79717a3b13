"""Role assignments: the right role for the right principal at the narrowest scope."""

from __future__ import annotations

import uuid

from infra.roles import CONDITIONS, PERSONAS, ROLE_IDS
from tests.support.recorded_stack import SUBSCRIPTION, UNKNOWN, Recorded, RecordedStack, record

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
KINDS = {
    "azure-native:resources:ResourceGroup": "resource group",
    "azure-native:storage:StorageAccount": "storage",
    "azure-native:keyvault:Vault": "key vault",
    "azure-native:containerregistry:Registry": "registry",
    "azure-native:applicationinsights:Component": "insights",
    "azure-native:machinelearningservices:Workspace": "workspace",
}
SCIENTISTS = "8a4e2b7d-15c9-4f63-b0d8-6e7f8a9b0c1d"
ROLE_NAMES = {role_id: name for name, role_id in ROLE_IDS.items()}


def granted(stack: RecordedStack, principal: str) -> set[tuple[str, str]]:
    """(role, kind of scope) of one principal: an object id, or the name of an identity."""
    return {
        (ROLE_NAMES[each.inputs["roleDefinitionId"].rpartition("/")[2]], scope_kind(stack, each))
        for each in stack.of(ASSIGNMENT)
        if each.inputs["principalId"] in (principal, f"principal-of-{principal}-identity-identity")
    }


def scope_kind(stack: RecordedStack, assignment: Recorded) -> str:
    sources = [stack.by_urn(urn) for urn in assignment.property_dependencies["scope"]]
    return next(KINDS[source.type] for source in sources if source.inputs.get("tags") is not None)


def test_the_workspaces_identity_has_what_microsoft_documents(dev: RecordedStack) -> None:
    assert granted(dev, "workspace") == {
        ("Contributor", "storage"),
        ("Storage Blob Data Contributor", "storage"),
        ("Contributor", "key vault"),
        ("Key Vault Administrator", "key vault"),
        ("Contributor", "registry"),
        ("Contributor", "insights"),
        ("Contributor", "workspace"),
        ("Azure AI Enterprise Network Connection Approver", "resource group"),
    }


def test_the_tight_profile_gives_no_management_rights(dev_settings: dict[str, dict[str, str]]) -> None:
    dev_settings["workspace"]["identityRoles"] = "tight"

    assert granted(record("dev", dev_settings), "workspace") == {
        ("Reader", "resource group"),
        ("Storage Blob Data Contributor", "storage"),
        ("Storage File Data Privileged Contributor", "storage"),
        ("Key Vault Reader", "key vault"),
        ("Key Vault Secrets Officer", "key vault"),
        ("AcrPush", "registry"),
        ("Azure AI Enterprise Network Connection Approver", "resource group"),
    }


def test_nobody_approves_endpoints_without_a_managed_network(dev_settings: dict[str, dict[str, str]]) -> None:
    dev_settings["network"]["isolationMode"] = "Disabled"

    assert "resource group" not in {scope for _, scope in granted(record("dev", dev_settings), "workspace")}


def test_the_compute_identity_reads_images_and_writes_data(stack: RecordedStack) -> None:
    assert granted(stack, "compute") == {
        ("Storage Blob Data Contributor", "storage"),
        ("AcrPull", "registry"),
    }


def test_the_builders_identity_may_push_images(prod: RecordedStack) -> None:
    assert granted(prod, "image-build") == {
        ("Storage Blob Data Contributor", "storage"),
        ("AcrPull", "registry"),
        ("AcrPush", "registry"),
    }


def test_there_is_no_builders_identity_without_a_builder(dev: RecordedStack) -> None:
    assert not [each for each in dev.resources if "image-build" in each.name]


def test_data_scientists_work_in_dev(dev: RecordedStack) -> None:
    assert granted(dev, SCIENTISTS) == {
        ("AzureML Data Scientist", "workspace"),
        ("AzureML Compute Operator", "workspace"),
        ("Storage Blob Data Contributor", "storage"),
        ("Storage File Data Privileged Contributor", "storage"),
    }


def test_data_scientists_read_in_prod(prod: RecordedStack) -> None:
    assert granted(prod, SCIENTISTS) == {
        ("Reader", "workspace"),
        ("Storage Blob Data Reader", "storage"),
        ("Storage File Data Privileged Reader", "storage"),
    }


def test_an_owner_cannot_hand_out_privileged_roles(prod: RecordedStack) -> None:
    owners = [
        each for each in prod.of(ASSIGNMENT) if each.inputs["roleDefinitionId"].endswith(ROLE_IDS["Owner"])
    ]

    assert len(owners) == 1
    assert owners[0].inputs["conditionVersion"] == "2.0"
    condition = owners[0].inputs["condition"]
    assert condition == CONDITIONS["Owner"]
    assert condition.count("GuidNotEquals") == 2, "neither giving nor taking away"
    for privileged in (
        ROLE_IDS["Owner"],
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    ):
        assert privileged in condition
    assert condition.count("(") == condition.count(")")


def test_only_owners_carry_a_condition(stack: RecordedStack) -> None:
    for assignment in stack.of(ASSIGNMENT):
        is_owner = assignment.inputs["roleDefinitionId"].endswith(ROLE_IDS["Owner"])
        assert ("condition" in assignment.inputs) is is_owner


def test_every_assignment_says_what_its_principal_is_and_why(any_run: RecordedStack) -> None:
    for assignment in any_run.of(ASSIGNMENT):
        assert assignment.inputs["principalType"] in ("Group", "ServicePrincipal")
        assert " for " in assignment.inputs["description"]


def test_role_definitions_carry_the_subscription(stack: RecordedStack) -> None:
    """Azure gives them back so; the short form would be a change in every refresh."""
    for assignment in stack.of(ASSIGNMENT):
        assert assignment.inputs["roleDefinitionId"].startswith(
            f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
        )


def test_assignments_have_names_of_their_own_that_are_guids(stack: RecordedStack) -> None:
    names = [each.inputs["roleAssignmentName"] for each in stack.of(ASSIGNMENT)]

    assert len(set(names)) == len(names)
    assert {uuid.UUID(name).version for name in names} == {5}


def test_assignments_keep_their_names_when_others_are_added(
    dev_settings: dict[str, dict[str, object]],
) -> None:
    before = {
        each.name: each.inputs["roleAssignmentName"] for each in record("dev", dev_settings).of(ASSIGNMENT)
    }
    newcomer = {
        "objectId": "11111111-2222-4333-8444-555555555555",
        "principalType": "Group",
        "displayName": "newcomers",
    }
    dev_settings["access"]["dataScientist"] = [newcomer, *dev_settings["access"]["dataScientist"]]  # type: ignore[misc]
    after = {
        each.name: each.inputs["roleAssignmentName"] for each in record("dev", dev_settings).of(ASSIGNMENT)
    }

    assert before.items() <= after.items()
    assert len(after) == len(before) + 3


def test_no_scope_is_wider_than_the_resource_group(stack: RecordedStack) -> None:
    for assignment in stack.of(ASSIGNMENT):
        assert assignment.property_dependencies["scope"], "the scope comes from a resource of this stack"


def test_names_are_unknown_while_their_scope_is(any_run: RecordedStack) -> None:
    """A preview must not show a name that the update then makes differently."""
    for assignment in any_run.of(ASSIGNMENT):
        assert (assignment.inputs["roleAssignmentName"] is UNKNOWN) == (assignment.inputs["scope"] is UNKNOWN)


def test_every_persona_of_the_settings_has_roles() -> None:
    from infra.settings.sections import AccessSettings

    assert set(PERSONAS) == set(AccessSettings().by_persona())


def test_role_ids_are_guids_of_their_own() -> None:
    assert len(set(ROLE_IDS.values())) == len(ROLE_IDS)
    for role_id in ROLE_IDS.values():
        assert str(uuid.UUID(role_id)) == role_id
