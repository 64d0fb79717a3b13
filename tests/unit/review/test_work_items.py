"""Drift on Azure DevOps: one open task for each stack, found again, changed in place, and completed."""

from __future__ import annotations

from pathlib import Path

import pytest

from review.forge.cli import main
from tests.support.forges import BUILD, Answer, Forge

TEXT = "<!-- drift:v1 platform/dev -->\n## dev: 1 resource differs\n- `a` & <b>\n"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.md"
    path.write_text(TEXT)
    return path


def issue(text: Path, *more: str) -> list[str]:
    return ["issue", str(text), "--title", "Drift of dev", "--label", "drift", *more]


def states(forge: Forge) -> list[str]:
    return [each["fields"]["System.State"] for each in forge.work_items]


def test_drift_opens_one_task(forge: Forge, text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(issue(text), forge.azure_devops) == 0

    (item,) = forge.work_items
    assert item["fields"]["System.Title"] == "Drift of dev"
    assert item["fields"]["System.Tags"] == "drift"
    assert "&lt;b&gt;" in item["fields"]["System.Description"]
    assert capsys.readouterr().out == "issue created https://forge.test/work/1\n"


def test_the_next_night_finds_it_again(forge: Forge, text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(issue(text), forge.azure_devops)
    main(issue(text), forge.azure_devops)
    text.write_text(TEXT + "- more\n")
    main(issue(text), forge.azure_devops)

    assert len(forge.work_items) == 1
    assert "- more" in forge.work_items[0]["fields"]["System.Description"]
    done = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    assert done == ["created", "unchanged", "updated"]


@pytest.mark.parametrize("word", ["Done", "Closed"])
def test_drift_that_is_gone_completes_it_in_the_words_of_the_process(
    forge: Forge, text: Path, word: str
) -> None:
    forge.states = (("New", "Proposed"), (word, "Completed"))
    for more in ((), ("--close",), ()):
        assert main(issue(text, *more), forge.azure_devops) == 0

    assert states(forge) == [word, "New"]


def test_tasks_of_others_and_of_other_stacks_stay_as_they_are(forge: Forge, text: Path) -> None:
    other = text.with_name("other.md")
    other.write_text(TEXT.replace("dev", "prod"))
    main(issue(other), forge.azure_devops)
    main(issue(text), forge.azure_devops)
    forge.work_items[1]["fields"]["System.CreatedBy"] = {"id": f"{BUILD}-of-somebody-else"}

    main(issue(text, "--close"), forge.azure_devops)

    assert states(forge) == ["To Do", "To Do"]


def test_a_right_that_is_missing_is_named(
    forge: Forge, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge.fault = lambda method, path: Answer(403, {"message": "TF"}) if "$Task" in path else None

    assert main(issue(text), forge.azure_devops) == 1
    assert "Edit work items in this node" in capsys.readouterr().err
