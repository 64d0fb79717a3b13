"""A team's pull requests, one after the other: the workflows' own steps, a local forge, a sandbox for Azure.

The comments that people would read are in comments/, one file for each. After a wanted change of the review,
`UPDATE_COMMENTS=1 pytest tests/workflows/test_pull_requests.py` writes them anew; read them then.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.azure_clients import AzureClients
from tests.support.forges import Forge, serve
from tests.support.sandbox import RunningSandbox
from tests.support.workflow_runs import Checkout, Run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pull-requests"), pytest.mark.timeout(900)]

EXPECTED: Final = Path(__file__).parent / "comments"
STACK: Final = "Pulumi.dev.yaml"


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    with serve() as forge:
        yield forge


@pytest.fixture(scope="module")
def checkout(
    forge: Forge, sandboxes: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Checkout]:
    """The repository, with dev deployed once from main."""
    running = RunningSandbox(sandboxes, "pull-requests")
    running.start()
    checkout = Checkout(tmp_path_factory.mktemp("checkout"), running, forge)
    running.cli("pulumi", "up", "--stack=dev", "--yes", "--skip-preview", directory=checkout.folder)
    yield checkout
    if not (request.config.getoption("--keep") or request.config.getoption("--keep-failed")):
        running.supervisor.stop()


def opened(checkout: Checkout, number: int, old: str, new: str) -> Run:
    """A pull request that changes one line of the settings; its preview."""
    checkout.forge.number = number
    checkout.forge.comments.clear()
    checkout.git("switch", "--quiet", "--create", f"change-{number}", "main")
    return pushed(checkout, old, new)


def pushed(checkout: Checkout, old: str, new: str) -> Run:
    """Another commit to its branch."""
    checkout.replace(STACK, old, new)
    checkout.commit("Change the settings")
    return checkout.run("preview.yml", "review", event="pull_request", environment="dev")


def merged(checkout: Checkout) -> Run:
    """The branch becomes one commit on main, as GitHub squashes it; the deployment of dev."""
    branch = checkout.git("branch", "--show-current")
    checkout.git("switch", "--quiet", "main")
    checkout.git("merge", "--quiet", "--squash", branch)
    checkout.commit(f"Merge {branch}")
    return checkout.run("deploy-environment.yml", "deploy", event="push", environment="dev")


def comment(checkout: Checkout) -> str:
    """The one comment of the pull request, with what differs from run to run taken out."""
    assert len(checkout.forge.comments) == 1
    text: str = checkout.forge.comments[0]["body"]
    text = re.sub(r"commit [0-9a-f]{12}", "commit COMMIT", text)
    return re.sub(r"of [0-9a-f]{12}", "of COMMIT", text)


def as_expected(name: str, text: str) -> bool:
    """Whether a comment is the one in comments/."""
    path = EXPECTED / f"{name}.md"
    if os.environ.get("UPDATE_COMMENTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    return True


def test_a_good_change_is_reviewed_and_each_push_changes_its_one_comment(checkout: Checkout) -> None:
    first = opened(checkout, 1, "maxNodeCount: 2", "maxNodeCount: 5")
    assert first.failed == "", first.output
    assert as_expected("1-good", comment(checkout))

    second = pushed(checkout, "maxNodeCount: 5", "maxNodeCount: 6")

    assert second.failed == "", second.output
    assert as_expected("2-good-pushed-again", comment(checkout))


def test_merging_it_deploys_what_was_reviewed(checkout: Checkout) -> None:
    deployed = merged(checkout)

    assert deployed.failed == "", deployed.output
    assert "are the reviewed ones" in deployed.output["make apply"]
    assert "~ 1 updated" in deployed.output["make apply"]


def test_deploying_it_again_is_refused_because_the_state_is_another_one(checkout: Checkout) -> None:
    again = checkout.run("deploy-environment.yml", "deploy", event="push", environment="dev")

    assert again.failed == "make apply"
    assert "state · reviewed: 1, sha256" in again.output["make apply"]
    assert "· now: 2, sha256" in again.output["make apply"]
    assert "Nothing was changed." in again.output["make apply"]


def test_a_dangerous_change_is_commented_and_fails_the_job(checkout: Checkout) -> None:
    preview = opened(
        checkout,
        2,
        "access:\n      contributor:",
        "access:\n      owner:",
    )

    assert preview.failed == "make review-gate"
    assert as_expected("3-dangerous", comment(checkout))


def test_a_broken_change_is_commented_with_its_mistake_and_fails_the_job(checkout: Checkout) -> None:
    preview = opened(checkout, 3, "maxNodeCount: 6", "maxNodeCount: 0")

    assert preview.failed == "make review-gate"
    assert as_expected("4-broken", comment(checkout))


def test_what_was_never_reviewed_is_not_deployed(checkout: Checkout) -> None:
    """Somebody pushes to main beside all pull requests."""
    checkout.git("switch", "--quiet", "--create", "beside", "main")
    checkout.replace(STACK, "maxNodeCount: 6", "maxNodeCount: 9")
    checkout.commit("Do it by hand")

    deployed = checkout.run("deploy-environment.yml", "deploy", event="push", environment="dev")

    assert deployed.failed == "make review-approved"
    assert "was never reviewed" in deployed.output["make review-approved"]


def test_a_review_is_refused_once_the_state_drifted(checkout: Checkout) -> None:
    reviewed = opened(checkout, 4, "maxNodeCount: 6", "maxNodeCount: 7")
    assert reviewed.failed == "", reviewed.output
    assert as_expected("5-before-drift", comment(checkout))
    _open_the_storage_account(checkout)

    night = checkout.run("drift.yml", "drift", event="schedule", environment="dev")
    assert night.failed == "", night.output
    assert [each["title"] for each in checkout.forge.issues] == ["Drift of dev"]
    assert as_expected("6-drift", checkout.forge.issues[0]["body"])
    checkout.sandbox.cli(
        "pulumi", "refresh", "--stack=dev", "--yes", "--skip-preview", directory=checkout.folder
    )
    deployed = merged(checkout)

    assert deployed.failed == "make apply"
    assert "state · reviewed:" in deployed.output["make apply"]


def test_reviewing_main_anew_lets_it_be_deployed_and_takes_the_drift_back(checkout: Checkout) -> None:
    anew = checkout.run("preview.yml", "review", event="workflow_dispatch", environment="dev")
    assert anew.failed == "", anew.output
    assert "allowBlobPublicAccess" in anew.output["make review"]

    deployed = checkout.run("deploy-environment.yml", "deploy", event="push", environment="dev")
    assert deployed.failed == "", deployed.output

    night = checkout.run("drift.yml", "drift", event="schedule", environment="dev")
    assert night.failed == "", night.output
    assert [each["state"] for each in checkout.forge.issues] == ["closed"]


def test_no_step_ever_printed_the_token(checkout: Checkout) -> None:
    preview = opened(checkout, 5, "maxNodeCount: 7", "maxNodeCount: 8")

    assert preview.failed == "", preview.output
    assert "ghs_made-up-token-of-the-test" not in str(preview.output)


def _open_the_storage_account(checkout: Checkout) -> None:
    with checkout.sandbox.entered():
        storage = AzureClients(checkout.sandbox.subscription_id).storage
        for account in storage.storage_accounts.list():
            assert account.id is not None
            assert account.name is not None
            group = account.id.split("/")[4]
            storage.storage_accounts.update(
                group, account.name, {"properties": {"allowBlobPublicAccess": True}}
            )
