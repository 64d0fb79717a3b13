"""`python -m review drift`: the text of the issue, and when it is an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from review.cli import main
from review.drift import DRIFT

URN = "urn:pulumi:dev::platform::azure-native:storage:StorageAccount::"


def refresh(
    folder: Path, *found: tuple[str, str, Any, Any], result: str = "succeeded", error: str = ""
) -> Path:
    """The events of a refresh: (name, op of the outcome, value in the state, value in the cloud)."""
    events: list[dict[str, Any]] = []
    for name, op, was, now in found:
        state = {"urn": URN + name, "custom": True, "outputs": {}}
        old = {**state, "inputs": {"kind": was}}
        new = None if op == "delete" else {**state, "inputs": {"kind": now}}
        metadata = {"urn": URN + name, "type": "azure-native:storage:StorageAccount", "old": old}
        events.append({"resourcePreEvent": {"metadata": {**metadata, "op": "refresh", "new": old}}})
        events.append(
            {"resOutputsEvent": {"metadata": {**metadata, "op": op, "new": new, "diffs": ["kind"]}}}
        )
    if error:
        events.append({"diagnosticEvent": {"severity": "error", "message": error}})
    events.append({"summaryEvent": {"resourceChanges": {}, "result": result}})
    path = folder / "refresh.jsonl"
    lines = [json.dumps({"sequence": number, **event}) for number, event in enumerate(events)]
    path.write_text("\n".join(lines))
    return path


def test_no_drift_is_said_and_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", str(refresh(tmp_path, ("logs", "same", "a", "a")))]) == 0
    assert capsys.readouterr().out.startswith(
        "<!-- stack-drift:v1 platform/dev -->\n## dev: nothing differs\n"
    )


def test_drift_is_told_property_by_property(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = refresh(
        tmp_path, ("data", "update", "Storage", "BlobStorage"), ("logs", "delete", "Storage", None)
    )

    assert main(["drift", str(events)]) == DRIFT
    told = capsys.readouterr().out
    assert told.startswith("<!-- stack-drift:v1 platform/dev -->\n## dev: 2 resources differ\n")
    assert "- **update** `data` (StorageAccount)\n  - `kind`: `Storage` → `BlobStorage`\n" in told
    assert "- **delete** `logs` (StorageAccount)" in told


def test_the_hidden_line_is_the_same_for_every_run(tmp_path: Path) -> None:
    written = tmp_path / "drift.md"
    firsts = set()
    for outcome in (("data", "update", "a", "b"), ("data", "same", "a", "a")):
        main(["drift", str(refresh(tmp_path, outcome)), "--markdown", str(written)])
        firsts.add(written.read_text().splitlines()[0])

    assert len(firsts) == 1


def test_what_the_engine_counts_of_a_refresh_is_its_drift(tmp_path: Path) -> None:
    path = refresh(tmp_path, ("data", "update", "Storage", "BlobStorage"))
    path.write_text(path.read_text().replace('"resourceChanges": {}', '"resourceChanges": {"update": 1}'))

    assert main(["drift", str(path)]) == DRIFT


def test_a_refresh_that_failed_is_no_news_of_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = refresh(tmp_path, ("data", "update", "a", "b"), result="failed", error="no access")

    assert main(["drift", str(events)]) == 2
    assert "the refresh did not run to its end: no access" in capsys.readouterr().err


def test_a_secret_that_drifted_does_not_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["drift", str(refresh(tmp_path, ("data", "update", "[secret]", "[secret]x")))])

    assert "[secret]x" not in capsys.readouterr().out


def test_text_from_the_cloud_is_no_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["drift", str(refresh(tmp_path, ("a<b>@team", "update", "a`b", "<!-- -->")))])

    told = capsys.readouterr().out
    assert "- **update** `a<b>@team` (StorageAccount)" in told  # as code, in which nothing takes effect
    assert told.count("<b>") == told.count("@team") == 1
    assert "``a`b`` → `<!-- -->`" in told


def test_ten_thousand_of_them_fit_into_an_issue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = refresh(tmp_path, *[(f"data-{number}", "update", "a", "b" * 50) for number in range(10_000)])

    assert main(["drift", str(events)]) == DRIFT
    told = capsys.readouterr().out
    assert len(told.encode()) <= 60_000
    assert "## dev: 10000 resources differ" in told
    assert "more\n" in told[-30:]
