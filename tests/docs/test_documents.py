"""The documents say what is so: their commands exist, their links lead somewhere, their examples hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from sandbox.cli import parser
from tests.support.recorded_stack import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#][^)]*)\)")
INLINE = re.compile(r"`([^`\n]+)`")

pytestmark = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [text for found, text in BLOCK.findall(document.read_text(encoding="utf-8")) if found == language]


def commands(document: Path) -> list[str]:
    """Lines of shell blocks, and code within sentences."""
    text = document.read_text(encoding="utf-8")
    lines = [line for block in blocks(document, "sh") for line in block.splitlines()]
    return [*lines, *INLINE.findall(BLOCK.sub("", text))]


def test_links_lead_to_files(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]

    missing = [link for link in links if not (document.parent / link.split("#")[0]).exists()]

    assert missing == []


def test_links_to_sections_lead_to_headings(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in text.splitlines()}

    missing = [anchor for anchor in re.findall(r"\]\(#([^)]+)\)", text) if anchor not in headings]

    assert missing == []


def test_files_that_are_named_exist(document: Path) -> None:
    tracked = "|".join(sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."))
    names = [
        word
        for word in INLINE.findall(document.read_text(encoding="utf-8"))
        if re.match(rf"(?:{tracked})/\S*$", word)
    ]

    assert [name for name in names if not (ROOT / name).exists()] == []


def test_make_targets_exist(document: Path) -> None:
    named = [match[1] for line in commands(document) if (match := re.match(r"make ([a-z][a-z-]*)", line))]

    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert [name for name in named if name not in targets] == []


def test_the_sandboxs_commands_are_understood(document: Path) -> None:
    placeholders = {"COMMAND": "true", "ARGUMENTS": "--version"}
    for line in commands(document):
        found = re.search(
            r"python -m sandbox ((?:start|stop|status|reset|run|env|token|faults|pulumi)\b[^#)]*)", line
        )
        if not found:
            continue
        words = [placeholders.get(word, word) for word in found[1].replace("'", "").split()]
        if words[0] == "faults" and "--match" in words:
            words = [word for word in words if not word.startswith("*/")]
        known, _ = parser().parse_known_args(words)
        assert known.verb == words[0], line


def test_examples_in_yaml_are_yaml(document: Path) -> None:
    for block in blocks(document, "yaml"):
        assert isinstance(yaml.safe_load(block), dict)


def test_examples_in_shell_are_shell(document: Path) -> None:
    for block in blocks(document, "sh"):
        script = re.sub(r"<[a-z -]+>", "placeholder", block)
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block}\n{done.stderr}"
