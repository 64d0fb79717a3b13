"""A team's pull requests on dev, one after the other: the workflows' own steps, a local forge, a sandbox.

The comments that people would read are in comments/, one file for each.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.support.azure_clients import AzureClients
from tests.support.pull_requests import Team, as_expected, first_screen, reasons

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STACK: Final = "Pulumi.dev.yaml"
ENDPOINT: Final = "ml_assets/assets/endpoints/online/churn"


def test_a_good_change_is_reviewed_and_each_push_changes_its_one_comment(dev: Team) -> None:
    first = dev.opens(1, (STACK, "maxNodeCount: 2", "maxNodeCount: 5"))
    assert first.failed == "", first.output
    assert as_expected("01-good", dev.comment())

    second = dev.pushes((STACK, "maxNodeCount: 5", "maxNodeCount: 6"))

    assert second.failed == "", second.output
    assert as_expected("01-good-pushed-again", dev.comment())


def test_merging_it_deploys_what_was_reviewed(dev: Team) -> None:
    dev.merges()
    deployed = dev.deploys()

    assert deployed.failed == "", deployed.output
    assert "are the reviewed ones" in deployed.output["make apply"]
    assert "~ 1 updated" in deployed.output["make apply"]


def test_deploying_it_again_is_refused_because_the_state_is_another_one(dev: Team) -> None:
    again = dev.deploys()

    assert again.failed == "make apply"
    assert "state · reviewed: 1, sha256" in again.output["make apply"]
    assert "· now: 2, sha256" in again.output["make apply"]
    assert "Nothing was changed." in again.output["make apply"]


def test_a_dangerous_change_is_commented_and_fails_the_job(dev: Team) -> None:
    preview = dev.opens(2, (STACK, "access:\n      contributor:", "access:\n      owner:"))

    assert preview.failed == "make review-gate"
    assert as_expected("02-owner-granted", dev.comment())


def test_a_broken_change_is_commented_with_its_mistake_and_fails_the_job(dev: Team) -> None:
    preview = dev.opens(3, (STACK, "maxNodeCount: 6", "maxNodeCount: 0"))

    assert preview.failed == "make review-gate"
    assert as_expected("03-broken", dev.comment())


def test_content_that_changes_under_its_version_is_told_and_stops(dev: Team) -> None:
    scorecard = "ml_assets/assets/models/churn-scorecard/scorecard.json"
    preview = dev.opens(4, (scorecard, '"monthly": 1.0', '"monthly": 1.5'))

    assert preview.failed == "make review-gate"
    # How many other resources the preview had looked at until then differs from run to run.
    assert as_expected("04-asset-without-new-version", first_screen(dev.comment()))


def test_another_version_of_it_is_told_with_what_changed_in_it(dev: Team) -> None:
    model = "ml_assets/assets/models/churn-scorecard.yml"
    job = "ml_assets/assets/jobs/pipeline-churn.yml"
    preview = dev.pushes(
        (model, 'version: "1"', 'version: "2"'), (job, "churn-scorecard:1", "churn-scorecard:2")
    )

    assert preview.failed == "", preview.output
    assert as_expected("04-asset-with-new-version", first_screen(dev.comment()))


def test_traffic_to_a_deployment_that_nobody_has_tried_has_to_be_looked_at(dev: Team) -> None:
    """The new deployment's description would run something in a browser, if it were not shown as text."""
    dev.branches(5)
    green = (dev.checkout.folder / ENDPOINT / "green.yml").read_text(encoding="utf-8")
    red = green.replace("name: green", "name: red", 1)
    described = "description: '<img src=x onerror=alert(1)> **tried** [all](javascript:alert(2)) | @everyone'"
    red = red.replace(next(line for line in red.splitlines() if line.startswith("description:")), described)
    (dev.checkout.folder / ENDPOINT / "red.yml").write_text(red, encoding="utf-8")

    preview = dev.pushes((f"{ENDPOINT}/endpoint.yml", "  blue: 100\n", "  blue: 0\n  red: 100\n"))

    assert preview.failed == "", preview.output
    assert as_expected("05-traffic-to-a-new-deployment", dev.comment())


def test_one_word_that_replaces_what_holds_data_stops_with_all_that_is_lost(dev: Team) -> None:
    preview = dev.opens(
        6, (STACK, "    location: westeurope\n", "    location: westeurope\n    nameSalt: two\n")
    )

    assert preview.failed == "make review-gate"
    told = dev.comment()
    assert "Stop: 6 things" in told.splitlines()[1]
    for lost in ("all blobs, files", "all secrets, keys", "all images", "the endpoint's address"):
        assert f"lost: {lost}" in first_screen(told)
    assert as_expected("06-storage-replaced", reasons(told))


def test_a_name_with_markup_in_it_is_text(dev: Team) -> None:
    named = (
        "displayName: '</details><h1>Approved</h1> ![](http://x.test/p.png) `make` **all** @team #1 <!-- -->'"
    )
    preview = dev.opens(7, (STACK, "displayName: ml-platform-engineers", named))

    assert as_expected("07-markup-in-a-name", dev.comment())
    assert preview.failed == "", preview.output


def test_what_was_never_reviewed_is_not_deployed(dev: Team) -> None:
    """Somebody pushes to main beside all pull requests."""
    dev.branches(8, (STACK, "maxNodeCount: 6", "maxNodeCount: 9"))

    deployed = dev.deploys()

    assert deployed.failed == "make review-approved"
    assert "was never reviewed" in deployed.output["make review-approved"]


def test_a_review_is_refused_once_the_state_drifted(dev: Team) -> None:
    reviewed = dev.opens(9, (STACK, "maxNodeCount: 6", "maxNodeCount: 7"))
    assert reviewed.failed == "", reviewed.output
    _open_the_storage_account(dev)

    night = dev.drifts()
    assert night.failed == "", night.output
    assert [each["title"] for each in dev.forge.issues] == ["Drift of dev"]
    assert as_expected("09-drift", dev.forge.issues[0]["body"])
    refresh = ("pulumi", "refresh", "--stack=dev", "--yes", "--skip-preview")
    dev.checkout.sandbox.cli(*refresh, directory=dev.checkout.folder)
    dev.merges()
    deployed = dev.deploys()

    assert deployed.failed == "make apply"
    assert "state · reviewed:" in deployed.output["make apply"]


def test_reviewing_main_anew_lets_it_be_deployed_and_takes_the_drift_back(dev: Team) -> None:
    anew = dev.previews("dev", event="workflow_dispatch")
    assert anew.failed == "", anew.output
    assert "allowBlobPublicAccess" in anew.output["make review"]

    deployed = dev.deploys()
    assert deployed.failed == "", deployed.output

    night = dev.drifts()
    assert night.failed == "", night.output
    assert [each["state"] for each in dev.forge.issues] == ["closed"]


def _open_the_storage_account(dev: Team) -> None:
    sandbox = dev.checkout.sandbox
    with sandbox.entered():
        storage = AzureClients(sandbox.subscription_id).storage
        for account in storage.storage_accounts.list():
            assert account.id is not None
            assert account.name is not None
            if account.name.startswith("stmlplat"):
                group = account.id.split("/")[4]
                storage.storage_accounts.update(
                    group, account.name, {"properties": {"allowBlobPublicAccess": True}}
                )
