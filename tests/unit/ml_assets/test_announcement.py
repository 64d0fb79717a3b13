"""The plugin hears of all documents before the first asset, and is asked when something is wrong already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml_assets.announcement import checked_plan
from ml_assets.plan import CatalogError
from tests.support.asset_outputs import PACKAGE
from tests.support.small_catalogue import FILES, Catalogue

A = "ml_assets/assets/"
BLUE = "endpoints/churn/blue.yml"


def test_the_plugin_is_told_of_every_document_once_before_any_asset(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.assets["overrides"] = {BLUE: {"instance_count": 2}}

    stack = catalogue.run(known=False)

    assert stack.invokes.count(f"{PACKAGE}documents") == 1
    assert {each["file"] for each in stack.documents} == {A + path for path in FILES}
    (blue,) = (each for each in stack.documents if each["file"] == A + BLUE)
    assert blue["spec"]["instance_count"] == 2
    assert ["model"] in blue["unknown"]
    assert ["instance_count"] not in blue["unknown"]
    place = blue["places"]["instance_count"]
    assert (place[0], place[2]) == ("Pulumi.dev.yaml", f"assets.overrides.{BLUE}.instance_count")


def test_secrets_are_not_among_what_the_plugin_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue.small(tmp_path)
    lake = "datastores/lake.yml"
    catalogue.change(lake, "filesystem: ", 'credentials: {client_secret: ""}\nfilesystem: ')
    catalogue.assets["overrides"] = {lake: {"credentials": {"client_secret": "for-tests-only"}}}
    sent: list[str] = []
    monkeypatch.setattr("pulumi.runtime.invoke", lambda _, arguments: sent.append(arguments["documents"]))
    monkeypatch.setattr("tests.support.small_catalogue.make_plan", checked_plan)

    assert "a secret in plain text" in catalogue.mistakes()[0]

    (told,) = (each for each in json.loads(sent[0]) if each["file"] == A + lake)
    assert told["spec"]["credentials"] == {"client_secret": None}
    assert ["credentials", "client_secret"] in told["unknown"]
    assert "for-tests-only" not in sent[0]


class Plugin:
    """Answers one mistake of the document of a component, and one that the program knows too."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    def __call__(self, token: str, arguments: dict[str, object]) -> object:
        self.asked.append(bool(arguments["check"]))
        assert {each["file"] for each in json.loads(str(arguments["documents"]))} == {
            A + path for path in FILES
        }
        component = f"{A}components/train/component.yml"
        mistakes = [
            {"file": component, "line": 4.0, "key": "comand", "text": "found: an unknown key"},
            {"file": component, "line": 9.0, "key": "environment", "text": "found: said already"},
        ]
        return type("Answer", (), {"value": {"mistakes": mistakes}})


def test_mistakes_of_the_program_and_of_the_plugin_are_told_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change("components/train/component.yml", "azureml:training@latest", "azureml:trainin@latest")
    plugin = Plugin()
    monkeypatch.setattr("pulumi.runtime.invoke", plugin)
    monkeypatch.setattr("tests.support.small_catalogue.make_plan", checked_plan)

    mistakes = catalogue.mistakes()

    assert plugin.asked == [True]
    assert [each.split(" · ")[0] for each in mistakes] == [
        f"{A}components/train/component.yml:4: comand",
        f"{A}components/train/component.yml:9: environment",
    ]
    assert "trainin" in mistakes[1]


def test_a_plugin_that_does_not_answer_hides_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change("components/train/component.yml", "azureml:training@latest", "azureml:trainin@latest")

    def broken(*_: object) -> None:
        raise Exception("could not load plugin for azureml-assets provider")  # noqa: TRY002  # as pulumi does

    monkeypatch.setattr("pulumi.runtime.invoke", broken)
    monkeypatch.setattr("tests.support.small_catalogue.make_plan", checked_plan)

    assert len(catalogue.mistakes()) == 1


def test_a_mistake_says_what_would_have_been_declared(tmp_path: Path) -> None:
    catalogue = Catalogue.small(tmp_path)
    catalogue.change("components/train/component.yml", "azureml:training@latest", "azureml:trainin@latest")

    with pytest.raises(CatalogError) as refused:
        catalogue.plan()

    assert {each.file for each in refused.value.resources} == {A + path for path in FILES}
