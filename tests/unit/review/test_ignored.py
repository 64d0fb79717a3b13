"""Which properties the engine ignores from now on: told from the state and from the plan of the preview."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from review.cli import main
from review.errors import ReviewError
from review.ignored import ignored_changes
from tests.support.review_events import Events, urn

STORAGE = "azure-native:storage:StorageAccount"
URN = urn(STORAGE, "a")


def plan(folder: Path, **ignored: list[str]) -> Path:
    """A plan in which resources ignore what is given, by name."""
    goals = {urn(STORAGE, name): {"goal": {"ignoreChanges": paths}} for name, paths in ignored.items()}
    path = folder / "plan.json"
    path.write_text(json.dumps({"manifest": {}, "resourcePlans": goals}))
    return path


def told(deployed: dict[str, Any], plan: Path) -> list[str]:
    return [f"{each.name} {each.text}" for each in ignored_changes([{"urn": URN, **deployed}], plan)]


def test_what_is_ignored_anew_is_told_and_what_was_before_is_not(tmp_path: Path) -> None:
    path = plan(tmp_path, a=["tags", "publicNetworkAccess", "sku"])
    assert told({"ignoreChanges": ["tags"]}, path) == [
        "a ignores from now on what the program says of publicNetworkAccess, sku"
    ]


@pytest.mark.parametrize("after", [{}, {"a": []}, {"a": ["tags"]}, {"new": ["tags"]}])
def test_nothing_is_told_where_nothing_more_is_ignored(tmp_path: Path, after: dict[str, list[str]]) -> None:
    """A resource that is made new is made as the program says."""
    assert told({"ignoreChanges": ["tags"]}, plan(tmp_path, **after)) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"manifest": {}}'])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(ReviewError, match="allowed: what `pulumi preview --save-plan` writes"):
        told({}, path)


def test_the_command_line_compares_state_and_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview, state = tmp_path / "events.jsonl", tmp_path / "state.json"
    preview.write_text(Events().same(STORAGE, "a", {}).text())
    state.write_text(json.dumps({"deployment": {"manifest": {}, "resources": [{"urn": URN}]}}))
    words = [str(preview), "--state", str(state), "--plan"]

    main([*words, str(plan(tmp_path, a=["networkRuleSet"]))])
    assert "a ignores from now on what the program says of networkRuleSet" in capsys.readouterr().out
    main([*words, str(tmp_path / "a preview that failed wrote none")])
    assert "ignores from now on" not in capsys.readouterr().out
