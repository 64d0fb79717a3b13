"""The README's examples, done as they stand there; they print what it shows."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.folder import REPOSITORY
from tests.support.stack import PulumiStack

pytestmark = pytest.mark.slow

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def following_block(text: str) -> str:
    """The fenced block that comes next after some words of the README."""
    after = README[README.index(text) + len(text) :]
    found = re.search(r"^```\w*\n(.*?)^```$", after, re.MULTILINE | re.DOTALL)
    assert found, f"no block after {text!r}"
    return found[1]


def without_spaces(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_what_the_readme_shows_is_what_happens(pulumi_stack: Callable[[str], PulumiStack]) -> None:
    stack = pulumi_stack("dev")
    shown = following_block("where no Pulumi CLI is")

    printed = stack.pulumi("up", "--yes", "--skip-preview").stdout

    words = [re.sub(r"\(.*s\)", "", line).split() for line in printed.splitlines()]
    for line in without_spaces(shown[: shown.index("Next:")].replace("...", "")):
        assert re.sub(r"\(.*s\)", "", line).split() in words, line

    example = following_block("Ask one\nof them:")
    program = re.search(r"-c '\n(.*)'", example, re.DOTALL)
    assert program is not None
    asked = stack.sandbox.cli("run", "--", sys.executable, "-c", program[1])
    assert asked.stdout == following_block("print(endpoint.name, endpoint.traffic)'\n```\n")

    def six_nodes(settings: dict[str, Any]) -> None:
        settings["compute"]["clusters"]["cpu-cluster"]["maxNodeCount"] = 6

    stack.change_settings(six_nodes)
    preview = without_spaces(stack.pulumi("preview", "--diff").stdout)
    for line in without_spaces(following_block("Then change something.")):
        assert line in preview, line


def test_the_example_of_a_policy_is_what_is_said(pulumi_stack: Callable[[str], PulumiStack]) -> None:
    stack = pulumi_stack("prod")

    def other_size(settings: dict[str, Any]) -> None:
        settings["compute"]["clusters"]["gpu-cluster"]["vmSize"] = "Standard_NC24ads_A100_v4"

    stack.change_settings(other_size)
    done = stack.pulumi("preview", "--diff", "--policy-pack", "policies", check=False)

    assert done.returncode != 0
    printed = without_spaces(done.stdout)
    for line in without_spaces(following_block("`make preview STACK=prod` fails:")):
        assert line in printed, line
