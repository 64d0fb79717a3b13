"""The workflows against the published schemas of both forges, as check-jsonschema ships them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.support.recorded_stack import ROOT

GITHUB: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
AZURE_DEVOPS: Final = sorted((ROOT / "azure-pipelines").glob("*.yml"))
_EACH: Final = re.compile(r"\$\{\{ each (\w+) in split\('([\w,]+)', ','\) \}\}")


def check(schema: str, path: Path) -> str:
    """What is wrong with a file; empty for nothing."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    # Patterns of the schema of pipelines are JavaScript's without its flag u.
    words += ["--regex-variant", "nonunicode", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def expanded(value: Any) -> Any:
    """A pipeline with its `each` carried out."""
    if isinstance(value, list):
        return [each for item in value for each in _entries(item)]
    if isinstance(value, dict):
        return {key: expanded(item) for key, item in value.items()}
    return value


def _entries(item: Any) -> list[Any]:
    if isinstance(item, dict) and len(item) == 1:
        ((key, body),) = item.items()
        if found := _EACH.fullmatch(str(key)):
            texts = [json.dumps(body).replace(f"${{{{ {found[1]} }}}}", word) for word in found[2].split(",")]
            return [each for text in texts for each in expanded(json.loads(text))]
    return [expanded(item)]


def as_pipelines_read(value: Any) -> Any:
    """Azure Pipelines takes every scalar as text; only what a task is given has types in its schema."""
    if isinstance(value, dict):
        typed = ("inputs", "continueOnError") if "task" in value else ()
        return {key: item if key in typed else as_pipelines_read(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_pipelines_read(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_a_workflow_of_github_is_as_its_schema_says(path: Path) -> None:
    assert check("github-workflows", path) == ""


@pytest.mark.parametrize("path", AZURE_DEVOPS, ids=lambda path: path.name)
def test_a_pipeline_of_azure_devops_is_as_its_schema_says(path: Path, tmp_path: Path) -> None:
    pipeline = as_pipelines_read(expanded(yaml.safe_load(path.read_text(encoding="utf-8"))))
    (written := tmp_path / "pipeline.json").write_text(json.dumps(pipeline))

    assert "each" not in written.read_text()
    assert check("azure-pipelines", written) == ""


def test_the_schema_of_pipelines_finds_a_wrong_input_of_a_task(tmp_path: Path) -> None:
    text = (ROOT / "azure-pipelines" / "deploy.yml").read_text(encoding="utf-8")
    wrong = yaml.safe_load(text.replace("buildVersionToDownload:", "buildVersoin:"))
    (written := tmp_path / "pipeline.json").write_text(json.dumps(as_pipelines_read(expanded(wrong))))

    assert "buildVersoin" in check("azure-pipelines", written)


def test_the_schema_of_workflows_finds_a_wrong_key(tmp_path: Path) -> None:
    text = GITHUB[0].read_text(encoding="utf-8")
    (written := tmp_path / "workflow.yml").write_text(text.replace("timeout-minutes", "timeout-minuets"))

    assert "timeout-minuets" in check("github-workflows", written)
