"""Content: which paths of a document count, one hash for one asset, versions that follow it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azureml_assets import content
from azureml_assets.kinds import type_of
from azureml_assets.versions import changed_under_one_version
from ml_assets.schemas import Kind
from resource_provider.values import UNKNOWN

COMPONENT = {
    "name": "train",
    "version": "auto",
    "type": "command",
    "code": "./src",
    "command": "python train.py",
    "environment": "azureml:sklearn:1",
    "description": "Trains.",
    "tags": {"team": "churn"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/train.py").write_text("print(1)\n")
    return tmp_path


def digest(folder: Path, spec: dict[str, Any], kind: Kind = Kind.COMPONENT) -> Any:
    return content.content_hash(kind, spec, content.read(kind, spec, folder, folder))


@pytest.mark.parametrize("key", ["description", "tags", "version"])
def test_what_may_change_at_any_time_is_not_content(folder: Path, key: str) -> None:
    assert digest(folder, {**COMPONENT, key: "other"}) == digest(folder, COMPONENT)


@pytest.mark.parametrize(
    "change", [{"command": "python train.py --fast"}, {"environment": "azureml:sklearn:2"}, {"name": "other"}]
)
def test_everything_else_of_the_document_is(folder: Path, change: dict[str, str]) -> None:
    assert digest(folder, {**COMPONENT, **change}) != digest(folder, COMPONENT)


@pytest.mark.parametrize("file", ["src/train.py", "src/new.py"])
def test_files_are_content(folder: Path, file: str) -> None:
    before = digest(folder, COMPONENT)
    (folder / file).write_text("print(2)\n")

    assert digest(folder, COMPONENT) != before


def test_where_the_project_lies_does_not_matter(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("elsewhere")
    (other / "src").mkdir()
    (other / "src/train.py").write_text("print(1)\n")

    assert digest(other, COMPONENT) == digest(folder, COMPONENT)


def test_ignored_files_are_not_content(folder: Path) -> None:
    (folder / "src/.amlignore").write_text("*.log\n")
    before = digest(folder, COMPONENT)
    (folder / "src/run.log").write_text("noise")

    assert digest(folder, COMPONENT) == before


def test_a_value_that_is_not_known_yet_leaves_hash_and_version_unknown(folder: Path) -> None:
    spec = {**COMPONENT, "environment": UNKNOWN}

    assert digest(folder, spec) is UNKNOWN
    assert content.version_of(Kind.COMPONENT, spec, UNKNOWN) is UNKNOWN
    assert content.version_of(Kind.COMPONENT, {**spec, "version": "3"}, UNKNOWN) == "3"
    assert digest(folder, {**COMPONENT, "description": UNKNOWN}) == digest(folder, COMPONENT)


def test_auto_is_the_start_of_the_hash(folder: Path) -> None:
    known = digest(folder, COMPONENT)

    assert content.version_of(Kind.COMPONENT, COMPONENT, known) == known[:12]
    assert content.version_of(Kind.DATASTORE, {"name": "x"}, known) is None


@pytest.mark.parametrize(
    ("kind", "spec", "keys"),
    [
        (Kind.ENVIRONMENT, {"conda_file": "conda.yml"}, [("conda_file",)]),
        (Kind.ENVIRONMENT, {"build": {"path": "ctx"}}, [("build", "path")]),
        (Kind.DATA, {"path": "ctx"}, [("path",)]),
        (Kind.DATA, {"path": "azureml://datastores/x/paths/y"}, []),
        (Kind.DATA, {"path": "https://example.com/a.csv"}, []),
        (Kind.MODEL, {"path": "azureml:other:1"}, []),
        (Kind.COMPONENT, {"task": {"code": "ctx"}}, [("task", "code")]),
        (
            Kind.JOB,
            {
                "jobs": {
                    "a": {"code": "ctx", "environment": {"conda_file": "conda.yml"}},
                    "b": {"component": "azureml:x:1"},
                }
            },
            [("jobs", "a", "code"), ("jobs", "a", "environment", "conda_file")],
        ),
        (Kind.ONLINE_DEPLOYMENT, {"code_configuration": {"code": "ctx"}}, [("code_configuration", "code")]),
        (Kind.COMPONENT, {"code": "git+https://example.com/x.git"}, []),
    ],
)
def test_local_paths_of_each_kind_are_found(
    tmp_path: Path, kind: Kind, spec: dict[str, Any], keys: list[tuple[str, ...]]
) -> None:
    (tmp_path / "ctx").mkdir()
    (tmp_path / "ctx/file").write_text("x")
    (tmp_path / "conda.yml").write_text("name: x")

    assert [path.key for path in content.read(kind, spec, tmp_path, tmp_path).paths] == keys


def test_a_path_that_leads_nowhere_is_told_and_breaks_nothing(tmp_path: Path) -> None:
    found = content.read(Kind.DATA, {"path": "gone.csv"}, tmp_path, tmp_path)

    assert found.missing == (("path",),)
    assert found.paths == ()


def test_what_is_outside_of_the_project_is_not_even_looked_at(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("x")
    root = tmp_path / "project"
    root.mkdir()

    found = content.read(Kind.DATA, {"path": "../secret.csv"}, root, root)

    assert (found.paths, found.marks, found.missing) == ((), {}, (("path",),))


def test_a_file_that_cannot_be_read_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows/gone.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "rows/here.csv").write_text("x")

    assert content.read(Kind.DATA, {"path": "rows"}, tmp_path, tmp_path).missing == (("path",),)


def test_replacing_a_value_leaves_the_document_alone() -> None:
    spec = {"build": {"path": "ctx", "dockerfile_path": "Dockerfile"}, "name": "x"}

    new = content.replaced(spec, {("build", "path"): "https://blob"})

    assert new == {"build": {"path": "https://blob", "dockerfile_path": "Dockerfile"}, "name": "x"}
    assert spec["build"] == {"path": "ctx", "dockerfile_path": "Dockerfile"}


def inputs(version: str, digest: str, marks: dict[str, str], **spec: str) -> dict[str, Any]:
    return {
        "file": "ml_assets/assets/train.yml",
        "spec": {"name": "train", "version": version, **spec},
        "target": {"workspaceName": "w"},
        "version": version,
        "contentHash": digest,
        "content": marks,
    }


COMPONENT_TYPE = type_of("azureml-assets:index:Component")


def test_changed_content_under_one_version_names_what_changed() -> None:
    old = inputs("1", "a", {"src/a.py": "1", "src/b.py": "1"}, command="x")
    new = inputs("1", "b", {"src/a.py": "2", "src/c.py": "1"}, command="y", description="new")

    (change,) = changed_under_one_version(COMPONENT_TYPE, old, new)

    assert change.path == ("version",)
    assert change.text == (
        "train:1 is registered, and a version cannot be changed; "
        "command changed, src/a.py changed, src/b.py removed, src/c.py added. "
        "Give it another version, or `version: auto` for one that follows the content."
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, inputs("1", "b", {})),
        (inputs("1", "a", {}), inputs("2", "b", {})),
        (inputs("1", "a", {}), inputs("1", "a", {}, description="new")),
    ],
)
def test_new_versions_and_new_descriptions_are_no_mistake(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert changed_under_one_version(COMPONENT_TYPE, old, new) == []
