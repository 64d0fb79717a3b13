"""Which state was reviewed: the same hash for the same state, another one for any change of a resource."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from review.cli import main
from review.document import Review
from review.errors import ReviewError
from review.state import deployed_state
from tests.support.review_events import Events, urn

URN = "urn:pulumi:prod::platform::azure-native:storage:StorageAccount::"


def resource(name: str, **more: Any) -> dict[str, Any]:
    return {
        "urn": URN + name,
        "custom": True,
        "type": "azure-native:storage:StorageAccount",
        "inputs": {"accountName": name},
        "outputs": {"accountName": name},
        "dependencies": [URN + "x", URN + "y"],
        "propertyDependencies": {"accountName": [URN + "x", URN + "y"]},
        "created": "2026-11-01T00:00:00Z",
        "modified": "2026-11-01T00:00:00Z",
        "sourcePosition": "project:///__main__.py#7",
        **more,
    }


def export(*resources: dict[str, Any], time: str = "2026-11-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {"time": time}, "resources": list(resources), **more}}


def written(folder: Path, content: Any, name: str = "state.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def digest(folder: Path, content: Any) -> str:
    return deployed_state(written(folder, content)).hash


WHOLE = export(resource("a"), resource("b"))


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state["deployment"]["manifest"].update(time="2026-12-01T00:00:00Z"),
        lambda state: state["deployment"]["resources"].reverse(),
        lambda state: state["deployment"]["resources"][0]["dependencies"].reverse(),
        lambda state: state["deployment"]["resources"][0]["propertyDependencies"]["accountName"].reverse(),
        lambda state: state["deployment"]["resources"][0].update(modified="2026-12-01T00:00:00Z"),
        lambda state: state["deployment"]["resources"][0].update(sourcePosition="project:///__main__.py#9"),
    ],
    ids=["time", "order", "dependencies", "property dependencies", "modified", "line"],
)
def test_an_update_that_changes_nothing_leaves_the_state_the_same(
    tmp_path: Path, change: Callable[[Any], None]
) -> None:
    again = copy.deepcopy(WHOLE)
    change(again)

    assert digest(tmp_path, again) == digest(tmp_path, WHOLE)


@pytest.mark.parametrize(
    "other",
    [
        export(resource("a")),
        export(resource("a"), resource("b"), resource("c")),
        export(resource("a"), resource("b", outputs={"accountName": "b", "kind": "BlobStorage"})),
        export(resource("a"), resource("b", inputs={"accountName": "c"})),
        export(resource("a"), resource("b", protect=True)),
        export(resource("a"), resource("b", dependencies=[URN + "x"])),
        export(resource("a"), resource("b"), resource("b", delete=True)),
        export(
            resource("a"), resource("b"), pending_operations=[{"type": "creating", "resource": resource("c")}]
        ),
    ],
    ids=["fewer", "more", "output", "input", "protect", "dependency", "to be deleted", "pending"],
)
def test_any_other_resource_is_another_state(tmp_path: Path, other: Any) -> None:
    assert digest(tmp_path, other) != digest(tmp_path, WHOLE)


def test_a_stack_that_was_never_deployed_has_a_state_too(tmp_path: Path) -> None:
    empty = {"version": 3, "deployment": {"manifest": {"time": "x"}}}

    assert digest(tmp_path, empty) == digest(tmp_path, export())
    assert digest(tmp_path, empty) != digest(tmp_path, WHOLE)


@pytest.mark.parametrize(
    ("history", "serial"), [([{"version": 12}, {"version": 11}], 12), ([{"version": 0}] * 3, 3), ([], 0)]
)
def test_the_number_is_the_backends_or_the_count_of_updates(
    tmp_path: Path, history: Any, serial: int
) -> None:
    found = deployed_state(written(tmp_path, WHOLE), written(tmp_path, history, "history.json"))

    assert found.serial == serial


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"deployment": {}}', '{"deployment": null}', "\x00"]
)
def test_what_is_no_export_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)

    with pytest.raises(ReviewError, match=r"state\.json: .*allowed: what `pulumi stack export` prints"):
        deployed_state(path)


def test_a_history_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="stack history --json"):
        deployed_state(written(tmp_path, WHOLE), written(tmp_path, {}, "history.json"))


class Reviewed:
    """A review of the stack prod, made from WHOLE by the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "review.json"
        events = folder / "events.jsonl"
        events.write_text(_EVENTS)
        state = written(folder, WHOLE)
        history = written(folder, [{"version": 4}], "history.json")
        words = [str(events), "--state", str(state), "--history", str(history), "--json", str(self.path)]
        assert main([*words, "--commit", "c" * 40, "--tree", "t" * 40]) == 0

    def verify(self, state: Any = WHOLE, commit: str = "c" * 40, tree: str = "", stack: str = "prod") -> int:
        words = ["verify", str(self.path), "--commit", commit, "--tree", tree, "--stack", stack]
        return main([*words, "--state", str(written(self.folder, state, "now.json"))])


_EVENTS = "\n".join(
    json.dumps(each)
    for each in (
        {"sequence": 0, "timestamp": 1, "preludeEvent": {"config": {}}},
        {
            "sequence": 1,
            "timestamp": 1,
            "resourcePreEvent": {
                "planning": True,
                "metadata": {
                    "op": "same",
                    "urn": "urn:pulumi:prod::platform::pulumi:pulumi:Stack::platform-prod",
                    "type": "pulumi:pulumi:Stack",
                    "old": None,
                    "new": None,
                    "provider": "",
                },
            },
        },
        {
            "sequence": 2,
            "timestamp": 2,
            "summaryEvent": {"maybeCorrupt": False, "durationSeconds": 1, "resourceChanges": {"same": 1}},
        },
    )
)


@pytest.fixture
def reviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reviewed:
    made = Reviewed(tmp_path)
    capsys.readouterr()
    return made


def test_a_review_names_what_it_was_made_from(reviewed: Reviewed, tmp_path: Path) -> None:
    review = Review.model_validate_json(reviewed.path.read_bytes())

    assert (review.commit, review.tree, review.state_serial) == ("c" * 40, "t" * 40, 4)
    assert review.state_hash == digest(tmp_path, WHOLE)


def test_what_was_reviewed_may_be_applied(reviewed: Reviewed, capsys: pytest.CaptureFixture[str]) -> None:
    assert reviewed.verify() == 0
    assert "prod: commit cccccccccccc and state sha256" in capsys.readouterr().out


def test_a_merge_of_the_same_content_may_be_applied(reviewed: Reviewed) -> None:
    assert reviewed.verify(commit="d" * 40, tree="t" * 40) == 0


def test_the_same_commit_with_other_content_is_refused(reviewed: Reviewed) -> None:
    """Files that were changed and not committed."""
    assert reviewed.verify(tree="u" * 40) == 3


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            {"commit": "d" * 40, "tree": "u" * 40},
            "commit · reviewed: cccccccccccc (tree tttttttttttt) · now: dddd",
        ),
        ({"commit": "d" * 40}, "now: dddddddddddd (tree unknown)"),
        ({"state": export(resource("a"))}, "state · reviewed: 4, sha256"),
        ({"stack": "dev"}, "stack · reviewed: prod · now: dev"),
    ],
    ids=["commit", "commit without tree", "state", "stack"],
)
def test_what_differs_is_told_and_refused(
    reviewed: Reviewed, capsys: pytest.CaptureFixture[str], now: dict[str, Any], told: str
) -> None:
    assert reviewed.verify(**now) == 3

    said = capsys.readouterr().err
    assert said.startswith(
        f"refused: what would be applied to {now.get('stack', 'prod')} now is not what was "
    )
    assert told in said
    assert len(said.splitlines()) == 3
    assert "Review this commit against the state as it is now" in said


def test_everything_that_differs_is_told_at_once(
    reviewed: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reviewed.verify(state=export(), commit="d" * 40, stack="dev") == 3
    assert [line.split(" ·")[0].strip() for line in capsys.readouterr().err.splitlines()[1:-1]] == [
        "stack",
        "commit",
        "state",
    ]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("stateHash", "", "state · reviewed: none was given"),
        ("complete", False, "one that failed or was cut off"),
    ],
)
def test_a_review_that_cannot_be_held_to_is_refused(
    reviewed: Reviewed, capsys: pytest.CaptureFixture[str], field: str, value: Any, told: str
) -> None:
    review = json.loads(reviewed.path.read_text())
    reviewed.path.write_text(json.dumps({**review, field: value}))

    assert reviewed.verify() == 3
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "{}", "[]"])
def test_a_file_that_is_no_review_is_bad_input(
    reviewed: Reviewed, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    reviewed.path.write_text(content)

    assert reviewed.verify() == 2
    assert "allowed: what --json of this program wrote" in capsys.readouterr().err


def test_where_a_resource_is_declared_is_told_from_the_state(tmp_path: Path) -> None:
    storage = "azure-native:storage:StorageAccount"
    preview, state, document = (tmp_path / name for name in ("events.jsonl", "state.json", "review.json"))
    preview.write_text(Events().update(storage, "a", {"b": 1}, {"b": 2}, "b").delete(storage, "c", {}).text())
    resources = [
        {"urn": urn(storage, "a"), "sourcePosition": "project:///infra/storage.py#52"},
        {"urn": urn(storage, "c"), "sourcePosition": "file:///elsewhere/storage.py#1"},
    ]
    state.write_text(json.dumps({"deployment": {"manifest": {}, "resources": resources}}))

    main([str(preview), "--state", str(state), "--json", str(document)])

    changes = json.loads(document.read_text())["changes"]
    assert [change["declared"] for change in changes] == ["infra/storage.py:52", ""]
