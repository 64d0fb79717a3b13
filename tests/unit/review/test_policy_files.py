"""How a policy pack differs from that of the base: nothing that lets more through goes unsaid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from review.cli import main
from review.policy_files import policy_changes
from tests.support.review_events import Events

EXEMPTION = {
    "resource": "storage-account",
    "reason": "until the private link is approved",
    "owner": "ml-platform-team",
    "expires": "2026-12-31",
}
TOLD = "storage-account until 2026-12-31 (ml-platform-team: until the private link is approved)"


def pack(folder: Path, code: str = "pass", /, **levels: Any) -> Path:
    """A pack with one file of code, and `prod={...}` as config/prod.json."""
    (folder / "config").mkdir(parents=True)
    (folder / "__main__.py").write_text(code)
    for name, content in levels.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / "config" / f"{name}.json").write_text(text)
    return folder


def compared(tmp_path: Path, before: Any, after: Any, stack: str = "prod") -> list[tuple[str, bool]]:
    was, now = pack(tmp_path / "was", prod=before), pack(tmp_path / "now", prod=after)
    return [(f"{each.policy}: {each.text}", each.weaker) for each in policy_changes(was, now, stack)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("mandatory", "advisory", ("mandatory → advisory", True)),
        ("advisory", "disabled", ("advisory → disabled", True)),
        ("advisory", "mandatory", ("advisory → mandatory", False)),
        ("remediate", "mandatory", ("remediate → mandatory", False)),
        ("mandatory", {}, ("mandatory → the pack's own level", True)),
        ("mandatory", "optional", ("mandatory → optional", True)),
        (
            "mandatory",
            {"enforcementLevel": "mandatory", "exemptions": [EXEMPTION]},
            (f"lets through {TOLD}", True),
        ),
        (
            {"enforcementLevel": "mandatory", "exemptions": [EXEMPTION]},
            "mandatory",
            (f"no longer lets through {TOLD}", False),
        ),
        (
            {"enforcementLevel": "mandatory", "allowedSizes": ["a"]},
            {"enforcementLevel": "mandatory", "allowedSizes": ["a", "b"]},
            ('allowedSizes: ["a"] → ["a", "b"]', True),
        ),
    ],
)
def test_a_difference_is_told_and_whether_it_lets_more_through(
    tmp_path: Path, before: Any, after: Any, told: tuple[str, bool]
) -> None:
    assert compared(tmp_path, {"AML-1": before}, {"AML-1": after}) == [(f"AML-1: {told[0]}", told[1])]


def test_an_exemption_that_lasts_longer_is_a_new_one(tmp_path: Path) -> None:
    longer = {**EXEMPTION, "expires": "2027-02-01"}
    found = compared(tmp_path, {"AML-1": {"exemptions": [EXEMPTION]}}, {"AML-1": {"exemptions": [longer]}})
    assert [weaker for _, weaker in found] == [True, False]


def test_two_spellings_of_the_same_are_no_difference(tmp_path: Path) -> None:
    assert compared(tmp_path, {"AML-1": "advisory"}, '{"AML-1":   {"enforcementLevel": "advisory"}}') == []


def test_a_file_that_cannot_be_read_may_let_anything_through(tmp_path: Path) -> None:
    assert compared(tmp_path, {"AML-1": "advisory"}, "[") == [
        (": config/prod.json differs, and cannot be read", True)
    ]


@pytest.mark.parametrize(
    ("stack", "files"),
    [
        ("dev", ["config/dev.json"]),
        ("org/platform/prod", ["config/prod.json"]),
        ("prod-eu", ["config/prod-eu.json"]),
        ("prod-us", ["config/prod.json"]),
        ("production", ["config/dev.json", "config/prod-eu.json", "config/prod.json"]),
    ],
)
def test_a_stack_hears_of_its_own_file_and_one_without_of_all(
    tmp_path: Path, stack: str, files: list[str]
) -> None:
    names = ("dev", "prod", "prod-eu")
    was = pack(tmp_path / "was", **{name: {"AML-1": "mandatory"} for name in names})
    now = pack(tmp_path / "now", **{name: {"AML-1": "disabled"} for name in names})
    assert [each.file for each in policy_changes(was, now, stack)] == files


def test_a_file_that_comes_or_goes_is_told_and_not_each_of_its_levels(tmp_path: Path) -> None:
    was = pack(tmp_path / "was", prod={"AML-1": "mandatory"})
    now = pack(tmp_path / "now", prod={"AML-1": "mandatory"}, dev={"AML-1": "disabled"})
    assert [each.text for each in policy_changes(was, now, "dev")] == [
        "the levels of config/dev.json, which is new"
    ]
    assert [each.text for each in policy_changes(now, was, "dev")] == [
        "the levels of config/dev.json, which goes"
    ]


def test_other_code_of_the_pack_is_told_by_its_files(tmp_path: Path) -> None:
    was, now = pack(tmp_path / "was", "deny()"), pack(tmp_path / "now", "pass")
    (now / "__pycache__").mkdir()
    (now / "__pycache__" / "a.pyc").write_bytes(b"x")
    (found,) = policy_changes(was, now, "prod")
    assert found.weaker
    assert found.text == "what the policies themselves say changes, in __main__.py"


def test_the_command_line_says_it_with_the_policies(tmp_path: Path) -> None:
    preview, comment = tmp_path / "events.jsonl", tmp_path / "review.md"
    preview.write_text(Events().same("azure-native:storage:StorageAccount", "a", {}).text())
    was = pack(tmp_path / "was", dev={"AML-1": "mandatory"})
    now = pack(tmp_path / "now", dev={"AML-1": "advisory"})
    words = ["--policies", str(was), str(now), "--markdown", str(comment)]

    assert main([str(preview), *words, "--fail-on", "look"]) == 10
    assert "AML-1 in config/dev.json: mandatory → advisory" in comment.read_text()
    assert "**lets more through, or may** AML-1" in comment.read_text()


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview = tmp_path / "events.jsonl"
    preview.write_text(Events().same("azure-native:storage:StorageAccount", "a", {}).text())
    now = pack(tmp_path / "now")
    words = ["--policies", str(tmp_path / "nowhere"), str(now)]

    assert main([str(preview), *words]) == 2
    assert "nowhere" in capsys.readouterr().err
