"""What no committed file may hold: paths of one machine, package registries, and secrets in stack files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

# Home folders, and where build machines keep their checkouts.
MACHINE_PATH = re.compile(
    r"(?:(?<![\w.$}/-])|(?<=file://))/(?:root|home/\w+|Users/\w+|work|builds|opt/wheels)(?![\w-])"
)
REGISTRY = re.compile(
    r"(?:registry\.npmjs\.org|registry\.yarnpkg\.com|pythonhosted\.org|pypi\.org|conda\.anaconda\.org"
    r"|(?:proxy|sum)\.golang\.org)|--(?:extra-)?index-url|--find-links"
)
# The two tests that name what they forbid.
EXCEPTIONS = {"tests/architecture/test_committed_files.py", "tests/setup/test_requirements.py"}


def committed() -> list[str]:
    """Tracked files and new ones that are not ignored; every file where this is no checkout of git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a checkout of git")
    return sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def occurrences(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for name in set(committed()) - EXCEPTIONS:
        # A path is as unwelcome in the model of the example product, which is no text.
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if match := pattern.search(line):
                found.append(f"{name}:{number}: {match.group()}")
    return sorted(found)


@pytest.mark.parametrize(
    "line",
    ["see /root/.cache", "-f /home/ada/wheels", "cd /Users/ada", "file:///work/main", "/opt/wheels"],
)
def test_the_pattern_knows_paths_of_machines(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["$HOME/home/x", "/workspaces/ws", "/homepage", "a/work/b", "/root-cause"])
def test_the_pattern_leaves_other_paths_alone(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_no_file_names_a_path_of_one_machine() -> None:
    assert occurrences(MACHINE_PATH) == []
    if len(Path.home().parts) > 2:
        assert occurrences(re.compile(re.escape(f"{Path.home()}/"))) == []


def test_no_file_names_a_package_registry() -> None:
    """Which registry or mirror is used is the business of the machine that installs."""
    assert occurrences(REGISTRY) == []
    assert '"resolved"' not in (ROOT / "sandbox/azurite/package-lock.json").read_text(encoding="utf-8")


def test_no_stack_file_holds_state_of_a_stack() -> None:
    for path in ROOT.glob("Pulumi.*.yaml"):
        assert not re.search(r"^(encryptionsalt|encryptedkey)|secure:", path.read_text(), re.MULTILINE), (
            path.name
        )
