"""Facts: what is unknown is never taken for right or wrong, what is absent has Azure's default."""

from __future__ import annotations

from typing import Any

import pytest

from azureml_guard.facts import Fact, Resource, Stack, Truth, Verdict, both, either, negated, type_of
from azureml_guard.values import ABSENT, UNKNOWN, Secret


def fact(value: Any) -> Fact:
    return Fact(value, "", "urn")


# Paths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a": None}, "a", ABSENT),
        ({"a": Secret(None)}, "a", ABSENT),
        ({}, "a.b", ABSENT),
        ({"a": "text"}, "a.b", ABSENT),
        ({"a": [1]}, "a.b", ABSENT),
        ({"a": UNKNOWN}, "a.b.c", UNKNOWN),
        ({"a": Secret(UNKNOWN)}, "a.b", UNKNOWN),
        ({"a": Secret({"b": 1})}, "a.b", 1),
    ],
)
def test_a_path_leads_to_a_value_or_to_absent_or_unknown(value: Any, path: str, expected: Any) -> None:
    found = fact(value).at(path)

    assert found.value is expected if expected in (ABSENT, UNKNOWN) else found.value == expected
    assert found.path == path


def test_a_fact_below_a_secret_is_secret() -> None:
    assert fact({"a": Secret({"b": [1]})}).at("a.b").is_secret
    assert all(each.is_secret for each in fact({"a": Secret([1])}).at("a").each())
    assert not fact({"a": {"b": 1}}).at("a.b").is_secret


def test_items_have_no_name_of_the_users_in_their_path() -> None:
    rules = fact({"rules": {"to-hidden-host": {"destination": "x"}, "other": None}}).at("rules")

    assert [each.at("destination").path for each in rules.each()] == ["rules[*].destination"] * 2
    assert [each.is_absent for each in rules.each()] == [False, True]
    assert rules.keys() == ("to-hidden-host", "other")


@pytest.mark.parametrize("value", [UNKNOWN, ABSENT, "text", 3])
def test_what_is_no_list_or_map_has_no_items_and_no_keys(value: Any) -> None:
    assert list(fact(value).each()) == []
    assert fact(value).keys() == ()


# Questions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", [True, False])
def test_a_question_about_the_unknown_has_no_answer_and_one_about_the_absent_that_of_azure(
    absent: bool,
) -> None:
    def answers(it: Fact) -> list[Truth]:
        return [it.equals("x", absent=absent), it.test(bool, absent=absent), it.matches("x", absent=absent)]

    assert answers(fact(UNKNOWN)) == [None] * 3
    assert answers(fact(ABSENT)) == [absent] * 3


@pytest.mark.parametrize(
    ("value", "allowed", "expected"),
    [
        ("Disabled", ("disabled",), True),
        ("DISABLED", ("Enabled", "Disabled"), True),
        ("Enabled", ("Disabled",), False),
        (True, (True,), True),
        ("true", (True,), False),
        (["Disabled"], ("Disabled",), False),
        ({}, ("Disabled",), False),
    ],
)
def test_values_are_compared_as_azure_does(value: Any, allowed: tuple[Any, ...], expected: bool) -> None:
    assert fact(value).equals(*allowed) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, None), (ABSENT, False), ("", False), ([], False), ({}, False), (0, True), ("x", True)],
)
def test_present_is_what_holds_anything(value: Any, expected: Truth) -> None:
    assert fact(value).present() is expected


@pytest.mark.parametrize("value", [3, ["PT15M"], {"PT15M": 1}, False])
def test_a_question_that_cannot_be_asked_of_a_value_is_answered_by_no(value: Any) -> None:
    assert fact(value).matches("PT.*") is False
    assert fact(value).test(lambda it: it.no_such_attribute, absent=True) is False


def test_a_pattern_has_to_match_the_whole_text_in_any_case() -> None:
    assert fact("pt15m").matches("PT[0-9]+M")
    assert fact("PT15M and more").matches("PT[0-9]+M") is False


@pytest.mark.parametrize(
    ("truths", "all_of_them", "any_of_them"),
    [
        ((), True, False),
        ((True, True), True, True),
        ((True, False), False, True),
        ((True, None), None, True),
        ((False, None), False, None),
        ((None,), None, None),
    ],
)
def test_truths_are_joined_without_guessing(
    truths: tuple[Truth, ...], all_of_them: Truth, any_of_them: Truth
) -> None:
    assert both(*truths) is all_of_them
    assert either(*truths) is any_of_them
    assert [negated(each) for each in (True, False, None)] == [False, True, None]


def test_a_finding_names_the_property_and_the_resource() -> None:
    resource = Resource("storage:StorageAccount", "urn:pulumi:prod::p::azure-native:storage:X::data", {})

    finding = resource.at("a.b").must(None, "must be there")
    assert (finding.verdict, finding.path, finding.urn) == (Verdict.NOT_EVALUATED, "a.b", resource.urn)
    assert resource.option(False, "protect", "must be true").path == "options.protect"
    assert Stack(()).must(True, "budgets", "must be there").urn == ""
    assert resource.name == "data"


# Types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("azure-native:storage:StorageAccount", ("storage:StorageAccount", True)),
        ("azure-native:storage/v20240101:StorageAccount", ("storage:StorageAccount", True)),
        ("azure-native_storage_v20240101:storage:StorageAccount", ("storage:StorageAccount", True)),
        ("azureml-assets:index:Environment", ("azureml-assets:Environment", False)),
        ("pulumi:providers:azure-native", ("pulumi:providers:azure-native", False)),
        ("pulumi:pulumi:Stack", ("pulumi:pulumi:Stack", False)),
        ("random:index/randomString:RandomString", ("random:index/randomString:RandomString", False)),
        ("azure:storage/account:Account", ("azure:storage/account:Account", False)),
        ("azure-nativex:storage:StorageAccount", ("azure-nativex:storage:StorageAccount", False)),
        ("no token", ("no token", False)),
    ],
)
def test_types_are_module_and_name_whatever_the_version(token: str, expected: tuple[str, bool]) -> None:
    assert type_of(token) == expected


# References -----------------------------------------------------------------------------------

VAULT_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"


def vault(name: str = "kv", **properties: Any) -> Resource:
    urn = f"urn:pulumi:prod::p::azure-native:keyvault:Vault::{name}"
    return Resource("keyvault:Vault", urn, properties)


def holder(value: Any, *sources: str) -> Resource:
    return Resource("x:Y", "urn:pulumi:prod::p::azure-native:x:Y::y", {"ref": {"id": value}}, True,
                    sources={"ref": sources} if sources else {})  # fmt: skip


def refers(held: Resource, target: Resource, *others: Resource) -> Truth:
    return Stack((held, target, *others)).refers(held.at("ref.id"), held, target)


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (VAULT_ID.upper() + "/", vault(id=VAULT_ID), True),
        (Secret(VAULT_ID), vault(id=VAULT_ID), True),
        (VAULT_ID + "2", vault(id=VAULT_ID), False),
        (ABSENT, vault(id=VAULT_ID), False),
        (ABSENT, vault(id=UNKNOWN), False),
        # The id is not known yet; the physical name is, or is not.
        (VAULT_ID, vault(id=UNKNOWN, vaultName="KV"), True),
        (VAULT_ID, vault(vaultName="other"), False),
        (VAULT_ID, vault(id=UNKNOWN), None),
        (VAULT_ID, vault(vaultName=UNKNOWN), None),
        (VAULT_ID.replace("KeyVault", "Storage"), vault(vaultName="kv"), None),
    ],
)
def test_an_id_that_is_known_refers_by_what_it_says(value: Any, target: Resource, expected: Truth) -> None:
    assert refers(holder(value), target) is expected


def test_the_name_of_a_parent_is_not_the_name_of_its_child() -> None:
    workspaces = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces"
    its_id = f"{workspaces}/ml/computes/cpu"

    def compute(**names: str) -> Resource:
        return Resource("machinelearningservices:Compute", "urn:a::b", {"workspaceName": "ml", **names})

    assert refers(holder(its_id), compute(computeName="cpu")) is True
    assert refers(holder(its_id), compute(computeName="gpu")) is False
    assert refers(holder(its_id), compute()) is None


def test_an_id_that_is_not_known_refers_by_what_it_comes_from() -> None:
    one, two = vault("one"), vault("two")

    assert refers(holder(UNKNOWN, one.urn), one, two) is True
    assert refers(holder(UNKNOWN, two.urn), one, two) is False
    assert refers(holder(UNKNOWN, one.urn, two.urn), one, two) is None
    assert refers(holder(UNKNOWN), one, two) is None
    assert refers(holder(UNKNOWN, one.urn), vault("one", id=VAULT_ID), two) is True


def test_a_stack_gives_the_resources_of_some_types() -> None:
    stack = Stack((vault("one"), holder("x"), vault("two")))

    assert [each.name for each in stack.of("keyvault:Vault", "none:None")] == ["one", "two"]
