"""`python -m review.forge`: comments, issues and artifacts from a run's own variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from review.document import Review, Verdict
from review.forge.cli import NO_ARTIFACT, main
from tests.support.forges import TOKEN, Answer, Forge

TEXT = "<!-- drift:v1 platform/dev -->\ndrift\n"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.md"
    path.write_text(TEXT)
    return path


def review(folder: Path, **counts: int) -> Path:
    path = folder / "review.json"
    made = Review(stack="dev", project="platform", verdict=Verdict.SAFE, headline="", counts=counts)
    path.write_text(made.model_dump_json(by_alias=True))
    return path


def issue(text: Path, *more: str) -> list[str]:
    return ["issue", str(text), "--title", "Drift of dev", "--label", "drift", *more]


def test_a_comment_is_written_and_told(forge: Forge, text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["comment", str(text)], forge.github) == 0
    assert capsys.readouterr().out == "comment created https://forge.test/1\n"


@pytest.mark.parametrize(("counts", "made"), [({"same": 44}, 0), ({"same": 43, "update": 1}, 1)])
def test_a_review_of_no_change_makes_no_comment(
    forge: Forge, text: Path, tmp_path: Path, counts: dict[str, int], made: int
) -> None:
    assert main(["comment", str(text), "--review", str(review(tmp_path, **counts))], forge.azure_devops) == 0
    assert len(forge.threads) == made


def test_drift_opens_one_issue_and_updates_it(forge: Forge, text: Path) -> None:
    main(issue(text), forge.github)
    text.write_text(TEXT + "more\n")
    main(issue(text), forge.github)

    assert [(each["title"], each["body"]) for each in forge.issues] == [("Drift of dev", TEXT + "more\n")]


def test_open_pull_requests_are_listed_by_their_label(
    forge: Forge, capsys: pytest.CaptureFixture[str]
) -> None:
    def there(number: int, label: str, **more: object) -> None:
        entry = {"id": number, "number": number, "state": "open", "labels": [{"name": label}]}
        forge.issues.append({**entry, "pull_request": {}, **more})

    for number in range(1, 151):  # more than a page holds
        there(number, "ephemeral" if number % 2 else "bug")
    there(200, "ephemeral", state="closed")
    forge.issues.append({"id": 201, "number": 201, "state": "open", "labels": [{"name": "ephemeral"}]})

    assert main(["pull-requests", "--label", "ephemeral"], forge.github) == 0
    assert capsys.readouterr().out.split() == [str(number) for number in range(1, 151, 2)]


def test_an_issue_that_would_not_be_found_again_is_told(
    forge: Forge, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitHub leaves labels out where the token may not set them."""
    made = {"number": 1, "body": TEXT, "html_url": "https://forge.test/1", "labels": []}
    forge.fault = lambda method, path: (
        Answer(201, made) if (method, path.endswith("/issues")) == ("POST", True) else None
    )

    assert main(issue(text), forge.github) == 1
    assert "https://forge.test/1 was made without the label 'drift'" in capsys.readouterr().err


def test_drift_that_is_gone_closes_the_issue(forge: Forge, text: Path) -> None:
    main(issue(text), forge.github)

    assert main(issue(text, "--close"), forge.github) == 0
    assert [each["state"] for each in forge.issues] == ["closed"]


def test_a_new_drift_after_that_is_a_new_issue(forge: Forge, text: Path) -> None:
    for more in ((), ("--close",), ()):
        main(issue(text, *more), forge.github)

    assert [each["state"] for each in forge.issues] == ["closed", "open"]


def test_a_pull_request_is_no_issue_of_ours(forge: Forge, text: Path) -> None:
    main(issue(text), forge.github)
    forge.issues[0]["pull_request"] = {"url": "https://forge.test/pulls/1"}

    main(issue(text), forge.github)

    assert len(forge.issues) == 2


def test_the_newest_artifact_of_the_name_is_unpacked(forge: Forge, tmp_path: Path) -> None:
    forge.artifact("review-dev-tree", {"review.json": "new"}, created="2026-11-02T00:00:00Z")
    forge.artifact("review-dev-tree", {"review.json": "old"}, created="2026-11-01T00:00:00Z")
    forge.artifact("review-dev", {"review.json": "other"})

    assert main(["artifact", "review-dev-tree", "--into", str(tmp_path / "in")], forge.github) == 0
    assert (tmp_path / "in" / "review.json").read_text() == "new"


def test_an_artifact_of_a_fork_is_never_taken(
    forge: Forge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge.artifact("review-dev-tree", {"review.json": "{}"}, fork=True)

    assert main(["artifact", "review-dev-tree", "--into", str(tmp_path / "in")], forge.github) == NO_ARTIFACT
    assert "there is no artifact review-dev-tree" in capsys.readouterr().err
    assert not (tmp_path / "in").exists()


def test_an_artifact_does_not_write_beside_its_folder(
    forge: Forge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge.artifact("review", {"../evil": "x"})

    assert main(["artifact", "review", "--into", str(tmp_path / "in")], forge.github) == 1
    assert "it is no review of ours" in capsys.readouterr().err
    assert not (tmp_path / "evil").exists()


def test_all_missing_variables_are_named_at_once(text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"GITHUB_REPOSITORY": "owner/platform", "GITHUB_REF": "refs/pull/7/merge"}

    assert main(["comment", str(text)], environment) == 1
    assert "not set: GITHUB_API_URL, GITHUB_GRAPHQL_URL, GITHUB_TOKEN" in capsys.readouterr().err


def test_a_run_of_no_pull_request_says_what_to_give(
    forge: Forge, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {**forge.github, "GITHUB_REF": "refs/heads/main"}

    assert main(["comment", str(text)], environment) == 1
    assert "give --pull-request NUMBER" in capsys.readouterr().err
    assert main(["comment", str(text), "--pull-request", "7"], environment) == 0


def test_a_refusal_ends_with_one_line_and_without_the_token(
    forge: Forge, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge.fault = lambda method, path: Answer(401, {"message": f"Bad credentials: {TOKEN}"})

    assert main(["comment", str(text)], forge.github) == 1
    told = capsys.readouterr().err
    assert told.startswith(
        "error: POST /graphql: 401 Bad credentials: [secret]; GITHUB_TOKEN is not accepted"
    )
    assert told.count("\n") == 1


def test_a_comment_leads_to_the_page_of_its_run(forge: Forge, text: Path, tmp_path: Path) -> None:
    run = {"GITHUB_SERVER_URL": "https://github.test", "GITHUB_RUN_ID": "42"}
    main(["comment", str(text), "--review", str(review(tmp_path, update=1))], {**forge.github, **run})

    (comment,) = forge.comments
    assert comment["body"].startswith(TEXT)
    assert "](https://github.test/owner/platform/actions/runs/42#artifacts)" in comment["body"]


def test_a_comment_on_azure_devops_leads_to_the_page_of_its_build(
    forge: Forge, text: Path, tmp_path: Path
) -> None:
    main(
        ["comment", str(text), "--review", str(review(tmp_path, update=1))],
        {**forge.azure_devops, "BUILD_BUILDID": "42"},
    )

    (thread,) = forge.threads
    assert (
        "/organisation/ML%20platform/_build/results?buildId=42&view=artifacts)"
        in (thread["comments"][0]["content"])
    )


def test_another_comment_leads_to_no_page(forge: Forge, text: Path) -> None:
    run = {"GITHUB_SERVER_URL": "https://github.test", "GITHUB_RUN_ID": "42"}

    main(["comment", str(text)], {**forge.github, **run})

    assert forge.comments[0]["body"] == TEXT
