"""Each rule of risk fires on what it is about, and not on what only looks like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import pytest

from review.build import Made, build
from review.cost import Pricing
from review.document import Review, Verdict
from review.events import read
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


# Rule -> a change on which it fires, where the dangerous changes have none, and one beside it.
FIRES: Mapping[str, Callable[[], str]] = {
    "REV-RUN-001": lambda: prod().fails("no such region").text(),
    "REV-POL-001": lambda: prod().says("AML-1", FAIL, "storage-account").text(),
    "REV-POL-002": lambda: prod().says("AML-1", LATER, "storage-account").text(),
    "REV-POL-003": lambda: Events().create(STORAGE, "a", {}).text(),
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


def reviewed(text: str, today: dt.date = TODAY) -> Review:
    return build(read(text), Made(), None, Pricing(table=TABLE, today=today))


def fired(text: str, today: dt.date = TODAY) -> set[str]:
    return {reason.rule for reason in reviewed(text, today).reasons}


def test_every_rule_has_a_change_on_which_it_fires_and_one_on_which_it_does_not() -> None:
    assert set(FIRES) == set(QUIET) == set(IDS)
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("name", IDS)
def test_a_rule_fires_on_what_it_is_about(name: str) -> None:
    prices_are_old = name == "REV-COST-003"
    assert name in fired(FIRES[name](), TODAY + dt.timedelta(days=91 if prices_are_old else 0))


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
