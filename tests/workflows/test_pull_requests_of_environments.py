"""Pull requests that reach several environments, and deployments that do not go to their end."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Final

import pytest

from tests.support.azure_clients import AzureClients
from tests.support.pull_requests import ENVIRONMENTS, Change, Team, as_expected, first_screen, timeless
from tests.support.sandbox import RunningSandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

RETENTION: Final = "blobRetentionInDays"
SIZE: Final = "Standard_NC24ads_A100_v4"
DEV: Final = "Pulumi.dev.yaml"


def more_days(environment: str, old: int, new: int) -> Change:
    return (f"Pulumi.{environment}.yaml", f"{RETENTION}: {old}\n", f"{RETENTION}: {new}\n")


def test_each_environment_that_changes_has_a_comment_and_no_other(platform: Team) -> None:
    platform.branches(1, more_days("staging", 14, 21), more_days("prod", 90, 120))

    for environment in ENVIRONMENTS:
        preview = platform.previews(environment)
        assert preview.failed == "", preview.output

    assert platform.commented() == ["staging", "prod"]
    assert as_expected("11-of-staging", platform.comment("staging"))
    assert as_expected("11-of-prod", platform.comment("prod"))


def test_environments_are_deployed_only_while_the_one_before_is_as_it_should_be(platform: Team) -> None:
    """Somebody opens the storage account of dev between its deployment and the test of it."""
    platform.merges()

    deployed = platform.deploys_all(before={"make smoke": lambda: _change_storage(platform, opened=True)})

    assert {name: run.failed for name, run in deployed.items()} == {"dev": "make smoke"}
    assert "allowBlobPublicAccess" in deployed["dev"].output["make smoke"]


def test_they_are_deployed_one_after_the_other_once_it_is(platform: Team) -> None:
    _change_storage(platform, opened=False)
    assert platform.previews("dev", event="workflow_dispatch").failed == ""

    deployed = platform.deploys_all()

    assert {name: run.failed for name, run in deployed.items()} == {"dev": "", "staging": "", "prod": ""}
    assert "~ 1 updated" in deployed["prod"].output["make apply"]


def test_a_network_that_the_program_opens_stops_where_it_is_closed(platform: Team) -> None:
    storage = "infra/storage.py"
    platform.branches(
        2,
        (
            storage,
            "public_network_access=args.network.public_network_access",
            "public_network_access=storage.PublicNetworkAccess.ENABLED",
        ),
        (storage, "storage.DefaultAction.ALLOW if open_to_all else storage.DefaultAction.DENY", '"Allow"'),
    )

    runs = {environment: platform.previews(environment).failed for environment in ENVIRONMENTS}

    assert runs == {"dev": "", "staging": "make review-gate", "prod": "make review-gate"}
    assert platform.commented() == ["staging", "prod"]
    assert as_expected("12-network-opened", platform.comment("prod"))


def test_what_a_policy_forbids_stops(platform: Team) -> None:
    preview = platform.opens(
        3, ("Pulumi.prod.yaml", "vmSize: Standard_NC4as_T4_v3", f"vmSize: {SIZE}"), environment="prod"
    )

    assert preview.failed == "make review-gate"
    assert as_expected("13-policy-violated", platform.comment("prod"))


def test_an_exemption_lets_it_through_and_says_why_until_when_and_by_whom(platform: Team) -> None:
    file = platform.checkout.folder / "policies" / "config" / "prod.json"
    levels = json.loads(file.read_text(encoding="utf-8"))
    month = dt.datetime.now(dt.timezone.utc).date() + dt.timedelta(days=30)
    levels["AML-CST-004"]["exemptions"] = [
        {
            "resource": "gpu-cluster-compute",
            "reason": "the model of change 4711 takes 80 GB of memory",
            "owner": "ml-platform-team",
            "expires": str(month),
        }
    ]
    file.write_text(json.dumps(levels, indent=2) + "\n", encoding="utf-8")
    platform.checkout.commit("Let the size through for a month")

    platform.previews("prod")

    assert as_expected("13-policy-exempted", platform.comment("prod"))


def test_of_two_pull_requests_the_second_is_reviewed_again_after_the_first(platform: Team) -> None:
    """Each was reviewed without the other; what both together do, nobody has seen."""
    assert platform.opens(4, (DEV, "maxNodeCount: 2", "maxNodeCount: 3")).failed == ""
    assert platform.opens(5, more_days("dev", 7, 14)).failed == ""
    platform.merges("change-4")
    assert platform.deploys().failed == ""

    platform.merges("change-5")
    refused = platform.deploys()

    assert refused.failed == "make review-approved"
    assert "was never reviewed" in refused.output["make review-approved"]
    assert platform.previews("dev", event="workflow_dispatch").failed == ""
    assert platform.deploys().failed == ""


def test_a_deployment_that_fails_half_way_goes_on_only_after_another_review(platform: Team) -> None:
    reviewed = platform.opens(6, (DEV, "maxNodeCount: 3", "maxNodeCount: 8"), more_days("dev", 14, 30))
    assert reviewed.failed == "", reviewed.output
    assert as_expected("16-before-it-fails", first_screen(platform.comment()))
    platform.merges()
    _fault(platform, "--lro-fail", "ClusterCoreQuotaReached", "--match", "PUT */computes/cpu-cluster")

    half_way = platform.deploys()
    again = platform.deploys()

    assert half_way.failed == "make apply"
    assert "ClusterCoreQuotaReached" in half_way.output["make apply"]
    assert again.failed == "make apply"
    assert "state · reviewed:" in again.output["make apply"]
    anew = platform.previews("dev", event="workflow_dispatch")
    assert as_expected("16-what-is-left", first_screen(timeless(anew.output["make review"])))
    rest = platform.deploys()
    assert rest.failed == "", rest.output


def test_a_fork_gets_a_sandbox_and_nothing_else(platform: Team, sandboxes: Path) -> None:
    platform.branches(7, (DEV, "maxNodeCount: 8", "maxNodeCount: 4"))
    asked, kept = len(platform.forge.asked), len(platform.forge.artifacts)
    runner = RunningSandbox(sandboxes, "pull-request-of-a-fork")
    runner.start()
    checkout = platform.checkout
    checkout.sandbox, own = runner, checkout.sandbox

    with platform.merge():
        check = checkout.run("preview.yml", "check", event="pull_request", without=("make lint",))

    runner.supervisor.stop()
    checkout.sandbox = own
    assert check.failed == "", check.output
    assert "Safe: nothing changes." in check.output["make review"]  # it has been made by the step before
    assert (len(platform.forge.asked), len(platform.forge.artifacts)) == (asked, kept)
    assert platform.commented() == []


def _fault(team: Team, *options: str) -> None:
    team.checkout.sandbox.cli("faults", "add", *options)


def _change_storage(team: Team, *, opened: bool) -> None:
    """Whether the storage account of dev lets anybody read blobs, changed beside the program."""
    sandbox = team.checkout.sandbox
    with sandbox.entered():
        storage = AzureClients(sandbox.subscription_id).storage
        for account in storage.storage_accounts.list():
            assert account.name is not None
            if account.name.startswith("stmlplatdev"):
                storage.storage_accounts.update(
                    "rg-mlplat-dev-weu", account.name, {"properties": {"allowBlobPublicAccess": opened}}
                )
