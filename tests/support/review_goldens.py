"""Reviews of some dozens of kinds of change, whose comments are kept in tests/unit/review/goldens/.

A comment was read by a person before it was kept. After a change of wording, rewrite them and read what
`git diff` shows:

    .venv/bin/python -m tests.support.review_goldens
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from review.build import Made, build
from review.cost import Pricing
from review.document import PolicyChange, Review
from review.events import read
from review.prices import Prices
from review.render.markdown import markdown
from tests.support.review_changes import (
    CONTRIBUTOR,
    DANGEROUS,
    DATA_READER,
    NATIVE,
    OWNER,
    assignment,
    budget,
    custom_role,
    dev,
    endpoint_traffic,
    prod,
    security_rule,
)
from tests.support.review_mutations import REMOVED, SECRET, UNKNOWN
from tests.support.review_parts import TABLE, price
from tests.support.review_recordings import recorded

FOLDER: Final = Path(__file__).parents[1] / "unit" / "review" / "goldens"
_NOTHING: Final = Made()
_DAY: Final = dt.date(2026, 11, 26)
_NORTH: Final = {"region": "northeurope"}
# Prices that were made up, so that a refresh of the real ones changes no comment.
_PRICES: Final = Prices(
    prices=(
        *TABLE.prices,
        price(0.05, "Standard_DS3_v2", priority="LowPriority"),
        price(0.25, "Standard_DS3_v2"),
        price(0.4, "Standard_D8s_v3", **_NORTH),
        price(0.6, "Standard_NC4as_T4_v3", **_NORTH),
    )
)


def _dangerous(name: str) -> Callable[[], str]:
    return lambda: DANGEROUS[name].make().text()


def _recorded(name: str) -> Callable[[], str]:
    return lambda: recorded(name)


def _new_container() -> str:
    inputs = {"accountName": "stmlplatprodwvuvaz", "containerName": "exchange", "publicAccess": "None"}
    return (
        prod()
        .create(f"{NATIVE}storage:BlobContainer", "exchange", inputs | {"metadata": {"key": SECRET}})
        .text()
    )


def _new_version() -> str:
    stack = dev()
    name = "Component::train_classifier"
    content = {**stack.inputs(name)["content"], "src/train.py": "ffffffffffffffff"}
    values = {
        "content": content,
        "contentHash": "f" * 64,
        "version": "f" * 12,
        "spec.command": "python train.py",
    }
    return stack.replace(name, values).text()


def _traffic_shift() -> str:
    moved = {**endpoint_traffic(blue=80, green=20), "spec.mirror_traffic": REMOVED}
    return dev().update("OnlineTraffic::contoso-churn-dev", moved).text()


_WAIVED: Final = (
    "Storage accounts are closed\nwaived · publicNetworkAccess must be Disabled\n"
    "Exempted until 2026-12-31 by ml-platform-team: change 4711\n"
)


def _policy_results() -> str:
    fail = (
        "Storage accounts are closed\nfail · publicNetworkAccess must be Disabled\n"
        "Why: What is reachable is attacked.\nMend: Set publicNetworkAccess to Disabled.\n"
    )
    waived = (
        "A private workspace has a private endpoint\nwaived · publicNetworkAccess must be matched\n"
        "Exempted until 2026-12-31 by ml-platform-team: change 4711\n"
    )
    unknown = "Names follow the pattern\nnot evaluated · vaultName must match the pattern\n"
    return (
        prod()
        .update("storage-account", {"publicNetworkAccess": "Enabled"})
        .update("key-vault-vault", {"vaultName": UNKNOWN})
        .says("AML-NET-002", fail, "storage-account", severity="critical")
        .says("AML-NET-004", waived, "workspace-workspace", level="advisory")
        .says("AML-NAM-001", unknown, "key-vault-vault", severity="low")
        .text()
    )


def _many() -> str:
    """More reasons than a screen has lines."""
    stack = (
        prod()
        .update("storage-account", {"publicNetworkAccess": "Enabled", "minimumTlsVersion": "TLS1_0"})
        .update("key-vault-vault", {"properties.enablePurgeProtection": False})
        .update("gpu-cluster-compute", {"properties.properties.scaleSettings.maxNodeCount": 40})
        .update(
            "workspace-workspace",
            {"managedNetwork.outboundRules.a": {"type": "FQDN", "destination": "a.net"}},
        )
        .delete("storage-lock")
        .delete(DATA_READER)
        .replace("insights-component", {"kind": "other"})
        .existing(f"{NATIVE}consumption:Budget", "monthly", budget(1000))
        .update("Budget::monthly", {"amount": 2000})
    )
    for number in range(8):
        stack.create(f"{NATIVE}authorization:RoleAssignment", f"more-{number}", assignment(OWNER))
        stack.create(f"{NATIVE}authorization:RoleAssignment", f"less-{number}", assignment("x", kind="Group"))
    return stack.text()


def _other_providers() -> str:
    return (
        prod()
        .create("random:index/randomPassword:RandomPassword", "password", {"length": 16, "result": SECRET})
        .existing("aws:s3/bucketV2:BucketV2", "archive", {"bucket": "contoso-archive"})
        .delete("BucketV2::archive")
        .existing("aws:ec2/instance:Instance", "runner", {"instanceType": "t3.small"})
        .replace("Instance::runner", {"instanceType": "t3.large"})
        .text()
    )


def _widened() -> str:
    wider = custom_role("Microsoft.Storage/*/read", "Microsoft.Storage/storageAccounts/listKeys/action")
    return (
        prod()
        .existing(f"{NATIVE}authorization:RoleDefinition", "janitor", custom_role("Microsoft.Storage/*/read"))
        .update("RoleDefinition::janitor", {"permissions": wider["permissions"]})
        .text()
    )


def _group_open() -> str:
    kept = security_rule("443", source="AzureLoadBalancer")
    rules = {"resourceGroupName": "rg", "securityRules": [kept]}
    return (
        prod()
        .existing(f"{NATIVE}network:NetworkSecurityGroup", "training", rules)
        .update("NetworkSecurityGroup::training", {"securityRules": [kept, security_rule("3389")]})
        .text()
    )


GOLDENS: Final[Mapping[str, Callable[[], str]]] = {
    "nothing-changes": _recorded("prod-unchanged"),
    "one-is-created": _new_container,
    "tags-only": _recorded("prod-other-tag"),
    "more-nodes": _recorded("dev-more-nodes"),
    "cluster-replaced": _recorded("dev-other-vm-size"),
    "region-of-dev": _recorded("dev-other-region"),
    "region-of-prod-that-is-protected": _recorded("prod-other-region"),
    "first-deployment-of-prod": _recorded("prod-first"),
    "persona-removed": _recorded("prod-persona-removed"),
    "drift": _recorded("dev-drifted"),
    "settings-mistake": _recorded("prod-settings-mistake"),
    "storage-replaced": _dangerous("storage is replaced"),
    "storage-possibly-replaced": _dangerous("storage may be replaced"),
    "protected-deleted": lambda: (
        prod()
        .delete("storage-account", retainOnDelete=False)
        .fails(
            'resource "urn:pulumi:prod::p::azure-native:storage:StorageAccount::storage-account" is protected'
        )
        .text()
    ),
    "workspace-deleted": _dangerous("the workspace is deleted"),
    "retained": lambda: prod().delete("registry-registry").text(),
    "owner-granted": _dangerous("somebody becomes owner"),
    "contributor-of-something-new": lambda: (
        prod()
        .create(f"{NATIVE}authorization:RoleAssignment", "new", assignment(CONTRIBUTOR, UNKNOWN, "Group"))
        .text()
    ),
    "identity-loses-its-role": _dangerous("a running identity loses its role"),
    "custom-role-widened": _widened,
    "pull-requests-sign-in": _dangerous("pull requests sign in"),
    "storage-opened": _dangerous("storage is opened to the public network"),
    "security-group-opened": _group_open,
    "private-endpoint-removed": _dangerous("a private endpoint goes"),
    "account-keys-on": _dangerous("account keys are switched on"),
    "tls-lowered": _dangerous("TLS is lowered"),
    "lock-removed": _dangerous("a delete lock is removed"),
    "protect-off": _dangerous("protect is taken off"),
    "purge-protection-off": _dangerous("purge protection is switched off"),
    "budget-raised": _dangerous("a budget is raised"),
    "new-version-of-a-component": _new_version,
    "traffic-shift": _traffic_shift,
    "traffic-to-a-new-deployment": _dangerous("all requests go to a deployment that is made just now"),
    "traffic-that-azure-refuses": _dangerous("traffic that Azure refuses"),
    "schedule-resumed": _dangerous("a schedule runs again"),
    "schedule-deleted": lambda: dev().delete("Schedule::retrain-churn").text(),
    "policies": _policy_results,
    "policies-made-weaker": lambda: prod().update("storage-account", {"tags.owner": "x"}).text(),
    "let-through": lambda: (
        prod()
        .update("storage-account", {"publicNetworkAccess": "Enabled"})
        .says("AML-NET-011", _WAIVED, "storage-account", level="advisory", severity="critical")
        .text()
    ),
    "identity-of-the-workspace": lambda: (
        prod().update("workspace-workspace", {"primaryUserAssignedIdentity": UNKNOWN}).text()
    ),
    "provider-upgraded": _recorded("prod-unchanged"),
    "without-policies": lambda: (
        prod().update("storage-account", {"tags.owner": "x"}).without_policies().text()
    ),
    "cut-off": lambda: "\n".join(recorded("dev-more-nodes").splitlines()[:60]),
    "many": _many,
    "other-providers": _other_providers,
    "compute-instance": lambda: dev().delete("ada-compute").text(),
    "secret-changed": lambda: dev().update("Connection::crm", {"spec.credentials": SECRET}).text(),
    "since-the-last-push": lambda: (
        prod()
        .update("storage-account", {"publicNetworkAccess": "Enabled", "tags.owner": "y"})
        .create(f"{NATIVE}storage:BlobContainer", "exchange", {"containerName": "exchange"})
        .text()
    ),
}
_UPGRADED: Final = "urn:pulumi:prod::azureml-platform::pulumi:providers:azure-native::default_3_28_0::id"
# What a review is made from beside the preview.
_MADE: Final[Mapping[str, Made]] = {
    "policies-made-weaker": Made(
        policy_changes=(
            PolicyChange(
                file="config/prod.json", policy="AML-NET-001", text="mandatory → advisory", weaker=True
            ),
            PolicyChange(
                file="config/prod.json", policy="AML-IDN-002", text="advisory → mandatory", weaker=False
            ),
        )
    ),
    "provider-upgraded": Made(
        providers={
            step.urn: _UPGRADED
            for step in read(recorded("prod-unchanged")).steps
            if "default_3_29_0" in step.provider
        }
    ),
}
_BEFORE: Final[Mapping[str, Callable[[], str]]] = {
    "since-the-last-push": lambda: (
        prod()
        .update("storage-account", {"publicNetworkAccess": "Enabled", "tags.owner": "x"})
        .delete("storage-lock")
        .text()
    ),
}


def reviewed(name: str) -> Review:
    """The review of a case."""
    before = _BEFORE.get(name)
    previous = _review(before(), "1111111111111111") if before else None
    return _review(GOLDENS[name](), "2222222222222222", previous, _MADE.get(name, Made()))


def _review(text: str, commit: str, previous: Review | None = None, made: Made = _NOTHING) -> Review:
    pricing = Pricing(table=_PRICES, today=_DAY)
    return build(read(text), replace(made, commit=commit), previous, pricing)


def kept(name: str) -> Path:
    """Where the comment of a case is."""
    return FOLDER / f"{name}.md"


def rewrite() -> None:
    """Write all comments, and remove those of cases that are no more."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.stem not in GOLDENS:
            path.unlink()
    for name in GOLDENS:
        kept(name).write_text(markdown(reviewed(name)), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
