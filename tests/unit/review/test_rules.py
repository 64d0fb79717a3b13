"""Each rule of risk fires on what it is about, and not on what only looks like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import pytest

from review.build import Made, build
from review.cost import Pricing
from review.document import PolicyChange, ProtectionChange, Review, Verdict
from review.events import read
from review.render.markdown import markdown
from review.rules import RULES
from tests.support.review_changes import (
    ASSETS,
    CONTRIBUTOR,
    DANGEROUS,
    ML,
    NATIVE,
    NETWORK,
    OWNER,
    READER,
    assignment,
    budget,
    dev,
    endpoint_traffic,
    grants,
    prod,
    security_rule,
)
from tests.support.review_events import Events
from tests.support.review_mutations import UNKNOWN
from tests.support.review_parts import TABLE, TODAY, cluster, in_workspace, version
from tests.support.review_recordings import recorded

WAIVED = "Title\nwaived · a must be b\nExempted until 2026-12-31 by ml-platform-team: change 4711\n"
FAIL = "Title\nfail · a must be b\n"
LATER = "Title\nnot evaluated · a must be b\n"
STORAGE = f"{NATIVE}storage:StorageAccount"
MODEL = f"{ASSETS}Model"


def grown(most: int) -> str:
    return in_workspace().update(f"{ML}Compute", "c", cluster(1), cluster(most), "properties").text()


def archived(how: str) -> str:
    return Events().replace(MODEL, "m", {**version("1"), "whenReplaced": how}, version("2"), "version").text()


def unpriced(size: str) -> str:
    return in_workspace().create(f"{ML}Compute", "c", cluster(size=size)).text()


def scheduled(value: bool) -> str:
    return dev().update("Schedule::retrain-churn", {"spec.is_enabled": value}).text()


def tagged(count: int) -> str:
    events = Events()
    for number in range(count):
        events.update(STORAGE, f"a{number}", {"tags": {"a": "1"}}, {"tags": {"a": "2"}}, "tags.a")
    return events.text()


def of_api(before: str, after: str) -> str:
    """A workspace of which the program names the type by another version of Azure's API."""
    old, new = (f"{NATIVE}machinelearningservices{version}:Workspace" for version in (before, after))
    return Events().update(new, "ws", {"tags": {}}, {"tags": {"a": "b"}}, "tags", old_type=old).text()


def of_identity(path: str) -> str:
    return prod().update("workspace-workspace", {path: "other"}).text()


# Rule -> what else the review is made from, where it is not the preview.
MADE: Mapping[str, Made] = {
    "REV-POL-004": Made(
        policy_changes=(
            PolicyChange(file="config/prod.json", policy="AML-1", text="mandatory → advisory", weaker=True),
        )
    ),
    "REV-PRO-003": Made(ignored=(ProtectionChange(urn="", name="a", text="ignores b", grave=False),)),
}
# Rule -> a change on which it fires, where the dangerous changes have none, and one beside it.
FIRES: Mapping[str, Callable[[], str]] = {
    "REV-RUN-001": lambda: prod().fails("no such region").text(),
    "REV-POL-001": lambda: prod().says("AML-1", FAIL, "storage-account").text(),
    "REV-POL-002": lambda: prod().says("AML-1", LATER, "storage-account").text(),
    "REV-POL-003": lambda: Events().create(STORAGE, "a", {}).text(),
    "REV-POL-004": lambda: recorded("prod-other-tag"),
    "REV-PRO-003": lambda: recorded("prod-other-tag"),
    "REV-POL-005": lambda: (
        prod()
        .update("storage-account", {"tags.owner": "x"})
        .says("AML-1", WAIVED, "storage-account", level="advisory")
        .text()
    ),
    "REV-RUN-002": lambda: tagged(26),
    "REV-VER-001": lambda: of_api("", "/v20240401"),
    "REV-IDN-001": lambda: of_identity("primaryUserAssignedIdentity"),
    "REV-DRF-001": lambda: recorded("dev-drifted"),
    "REV-DEL-003": lambda: prod().delete("registry-registry").text(),
    "REV-ACC-002": lambda: grants(READER).text(),
    "REV-PRO-002": lambda: recorded("prod-persona-removed"),
    "REV-COST-001": lambda: grown(4),
    "REV-COST-002": lambda: unpriced("Standard_NC6"),
    "REV-COST-003": lambda: grown(2),
    "REV-AST-005": lambda: dev().delete("Schedule::retrain-churn").text(),
    "REV-AST-006": lambda: archived("archive"),
    **{each.rule: (lambda each=each: each.make().text()) for each in DANGEROUS.values()},  # type: ignore[misc]
}
QUIET: Mapping[str, Callable[[], str]] = {
    "REV-RUN-001": lambda: prod().update("storage-account", {"tags.owner": "x"}).text(),
    "REV-POL-001": lambda: prod().says("AML-1", FAIL, "storage-account", level="advisory").text(),
    "REV-POL-002": lambda: prod().says("AML-1", LATER, "storage-account", level="advisory").text(),
    "REV-POL-003": lambda: Events().same(STORAGE, "a", {}).text(),
    "REV-POL-004": lambda: recorded("prod-other-tag"),
    "REV-PRO-003": lambda: prod().delete("storage-lock").text(),
    "REV-POL-005": lambda: prod().says("AML-1", WAIVED, "storage-account", level="advisory").text(),
    "REV-RUN-002": lambda: tagged(25),
    "REV-VER-001": lambda: of_api("/v20240401", "/v20240401"),
    "REV-IDN-001": lambda: of_identity("tags.identity"),
    "REV-DRF-001": lambda: recorded("dev-more-nodes"),
    "REV-DEL-001": lambda: recorded("dev-other-vm-size"),
    "REV-DEL-002": lambda: (
        dev().replace("storage-account", {"isHnsEnabled": True, "accountName": UNKNOWN}).text()
    ),
    "REV-DEL-003": lambda: prod().delete("registry-registry", retainOnDelete=False).text(),
    "REV-DEL-004": lambda: prod().delete("storage-lock").text(),
    "REV-ACC-001": lambda: (
        prod().create(f"{NATIVE}authorization:RoleAssignment", "new", assignment(CONTRIBUTOR, UNKNOWN)).text()
    ),
    "REV-ACC-002": lambda: grants(OWNER).text(),
    "REV-ACC-003": lambda: grants(READER).text(),
    "REV-NET-001": lambda: dev().update("storage-account", {"allowSharedKeyAccess": True}).text(),
    "REV-NET-002": lambda: (
        prod()
        .create(f"{NETWORK}SecurityRule", "from-inside", security_rule("22", source="10.0.0.0/8"))
        .text()
    ),
    "REV-NET-003": lambda: prod().update("storage-account", {"publicNetworkAccess": "Enabled"}).text(),
    "REV-PRO-001": lambda: prod().update("storage-account", {"minimumTlsVersion": "TLS1_3"}).text(),
    "REV-PRO-002": lambda: prod().delete("cpu-cluster-compute").text(),
    "REV-COST-001": lambda: grown(1),
    "REV-COST-002": lambda: unpriced("Standard_D4s_v3"),
    "REV-COST-003": lambda: grown(2),
    "REV-COST-004": lambda: (
        prod()
        .existing(f"{NATIVE}consumption:Budget", "monthly", budget(1000))
        .update("Budget::monthly", {"amount": 500})
        .text()
    ),
    "REV-COST-005": lambda: grown(0),
    "REV-AST-001": lambda: (
        dev().update("OnlineTraffic::contoso-churn-dev", endpoint_traffic(blue=60, red=40)).text()
    ),
    "REV-AST-002": lambda: dev().delete("OnlineDeployment::contoso-churn-dev/green").text(),
    "REV-AST-003": lambda: (
        dev().update("OnlineDeployment::contoso-churn-dev/green", {"spec.model": "azureml:m:2"}).text()
    ),
    "REV-AST-004": lambda: dev().update("Schedule::retrain-churn", {"spec.description": "x"}).text(),
    "REV-AST-005": lambda: scheduled(True),
    "REV-AST-006": lambda: archived("keep"),
}
IDS = [rule.id for rule in RULES]


def reviewed(text: str, today: dt.date = TODAY, made: Made | None = None) -> Review:
    return build(read(text), made or Made(), None, Pricing(table=TABLE, today=today))


def fired(text: str, today: dt.date = TODAY, made: Made | None = None) -> set[str]:
    return {reason.rule for reason in reviewed(text, today, made).reasons}


def said(text: str, rule: str) -> list[str]:
    return [reason.text for reason in reviewed(text).reasons if reason.rule == rule]


def test_every_rule_has_a_change_on_which_it_fires_and_one_on_which_it_does_not() -> None:
    assert set(FIRES) == set(QUIET) == set(IDS)
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("name", IDS)
def test_a_rule_fires_on_what_it_is_about(name: str) -> None:
    prices_are_old = name == "REV-COST-003"
    today = TODAY + dt.timedelta(days=91 if prices_are_old else 0)
    assert name in fired(FIRES[name](), today, MADE.get(name))


@pytest.mark.parametrize("name", IDS)
def test_a_rule_does_not_fire_on_what_only_looks_like_it(name: str) -> None:
    assert name not in fired(QUIET[name]())


def test_the_verdict_is_that_of_the_gravest_rule_and_never_a_sum() -> None:
    stack = prod()
    for name in ("cpu-cluster-compute", "gpu-cluster-compute", "image-build-compute"):
        stack.update(name, {"properties.properties.scaleSettings.maxNodeCount": 500})
    review = reviewed(stack.text())
    assert len(review.reasons) > 3
    assert review.verdict is Verdict.LOOK


def test_what_azure_chose_by_itself_is_no_change_of_protection_or_exposure() -> None:
    """A preview has no outputs: what only they had seems to be gone."""
    for name in ("prod-other-tag", "dev-more-nodes"):
        review = reviewed(recorded(name))
        assert review.protection == ()
        assert review.exposure == ()


@pytest.mark.parametrize("name", ["storage-lock", "cpu-cluster-compute"])
def test_a_lock_keeps_what_is_in_its_scope_and_not_itself(name: str) -> None:
    assert "REV-PRO-002" not in fired(prod().delete(name).text())


def test_a_lock_that_goes_in_the_same_update_is_none() -> None:
    stack = (
        prod().delete("storage-lock").delete("compute-access-compute-storage-blob-data-contributor-storage")
    )
    assert "REV-PRO-002" not in fired(stack.text())


def test_a_policy_that_fails_is_not_said_to_be_unjudged() -> None:
    assert said(FIRES["REV-POL-001"](), "REV-POL-001") == ["AML-1: storage-account fails: Title; a must be b"]


def test_an_exemption_is_told_with_its_reason_and_its_last_day() -> None:
    (told,) = said(FIRES["REV-POL-005"](), "REV-POL-005")
    assert told.startswith("AML-1: storage-account is let through: Title; a must be b; ")
    assert told.endswith("Exempted until 2026-12-31 by ml-platform-team: change 4711")


def test_a_first_deployment_is_said_to_be_one() -> None:
    assert said(recorded("prod-first"), "REV-RUN-002") == [
        "nothing of this stack is there yet: 44 resources are made"
    ]


def test_what_one_holder_gains_is_one_reason() -> None:
    group = {"scope": UNKNOWN, "kind": "Group"}
    stack = prod()
    for number, role in enumerate((READER, CONTRIBUTOR, CONTRIBUTOR)):
        stack.create(f"{NATIVE}authorization:RoleAssignment", f"new-{number}", assignment(role, **group))
    (told,) = said(stack.text(), "REV-ACC-002")
    assert told.endswith(
        " gains Contributor (2 times), Reader on scopes known after the update: "
        "can change and delete everything, and more"
    )


def test_what_has_no_price_is_one_reason_however_much_it_is() -> None:
    events = in_workspace()
    for number in range(6):
        events.create(f"{ML}Compute", f"c{number}", cluster(size=f"Standard_NC{number}"))
    (told,) = said(events.text(), "REV-COST-002")
    assert told.startswith("6 of what changes are not priced: c0 (Standard_NC0, 0 to 4 nodes), c1 ")
    assert told.endswith(", and 2 more")


@pytest.mark.parametrize(
    ("path", "fires"),
    [
        ("identity.type", True),
        ("encryption.keyVaultProperties.keyIdentifier", True),
        ("identityProvider", False),
        ("description", False),
    ],
)
def test_identity_and_encryption_are_told_by_their_path(path: str, fires: bool) -> None:
    assert ("REV-IDN-001" in fired(of_identity(path))) is fires


def test_what_nobody_knows_more_of_is_told_with_its_kind() -> None:
    """The endpoint and its defaults have one name."""
    text = dev().delete("BatchDefaults::contoso-churn-batch-dev").text()
    assert said(text, "REV-DEL-004") == ["contoso-churn-batch-dev (BatchDefaults) is deleted"]


@pytest.mark.parametrize(("region", "said"), [("WestEurope", True), ("northeurope", False)])
def test_a_value_that_differs_by_its_capitals_only_is_said_to(region: str, said: bool) -> None:
    old, new = {"location": "westeurope"}, {"location": region}
    comment = markdown(reviewed(Events().update(STORAGE, "a", old, new, "location").text()))
    assert ("(only capitals differ)" in comment) is said


def test_several_things_that_stop_are_told_in_the_plural() -> None:
    stack = prod().delete("storage-lock").delete("workspace-workspace", retainOnDelete=False)
    assert reviewed(stack.text()).headline.endswith("things that must not be applied as they are.")
