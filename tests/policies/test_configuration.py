"""Which file a stack takes, and every mistake in one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import EnforcementLevel as Level

from azureml_guard import configuration
from azureml_guard.configuration import ConfigurationError, configured, environment_of, file_of
from azureml_guard.control import Concern, Control, Setting
from tests.support.policy_controls import control

TODAY = dt.date(2026, 11, 1)
SIZES = Setting(
    schema={"type": "array", "items": {"type": "string"}, "default": ["Standard_DS3_v2"]},
    description="Sizes of machines that may be used.",
)
CONTROLS: tuple[Control, ...] = (
    control(1, settings={"sizes": SIZES}),
    control(2, remedy={"tags.owner": "team"}),
)
EXEMPTION = {"resource": "data", "reason": "change 4711, agreed", "owner": "team", "expires": "2026-12-31"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("dev", "staging", "prod", "prod-eu"):
        (tmp_path / f"{name}.json").write_text("{}", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("stack", "environment", "file"),
    [
        ("prod", "prod", "prod.json"),
        ("prod-us", "prod", "prod.json"),
        ("prod-eu-2", "prod-eu", "prod-eu.json"),
        ("organization/project/dev-ada", "dev", "dev.json"),
        ("ephemeral-7", "dev", "dev.json"),
        ("organization/project/ephemeral-ada", "dev", "dev.json"),
        ("ephemeral", "ephemeral", "prod.json"),
        ("ephemerals-7", "ephemerals-7", "prod.json"),
        ("development", "development", "prod.json"),
        ("production", "production", "prod.json"),
        ("DEV", "DEV", "prod.json"),
        ("", "", "prod.json"),
    ],
)
def test_a_stack_takes_the_file_its_name_begins_with_and_else_the_strictest(
    folder: Path, stack: str, environment: str, file: str
) -> None:
    assert environment_of(stack, folder) == environment
    assert file_of(environment, folder).name == file


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ("{", "cannot be read: Expecting property name"),
        ("\N{LATIN SMALL LETTER E WITH ACUTE}", "cannot be read"),
        ("[]", "found: a list · allowed: an object of controls"),
        ("null", "found: null · allowed: an object of controls"),
        ('{"AML-TAG-001": 3}', "AML-TAG-001 · found: a number · allowed: a level, or an object"),
        ('{"AML-TAG-001": true}', "AML-TAG-001 · found: a boolean · allowed: a level, or an object"),
        ('{"AML-TAG-001": ["advisory"]}', "AML-TAG-001 · found: a list · allowed: a level, or an object"),
        (
            '{"AML-TAG-001": "mandatory", "AML-TAG-001": "disabled"}',
            "cannot be read: AML-TAG-001 is there twice",
        ),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, content: str, mistake: str) -> None:
    path = tmp_path / "prod.json"
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises(ConfigurationError) as caught:
        configuration.read(path)
    assert str(caught.value).startswith(f"prod.json: {mistake}")


def test_a_missing_file_is_a_mistake_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"prod\.json: cannot be read"):
        configuration.read(tmp_path / "prod.json")


def test_a_level_may_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps({"AML-TAG-001": "advisory", "AML-TAG-002": {}}))

    assert configuration.read(tmp_path / "dev.json") == {
        "AML-TAG-001": {"enforcementLevel": "advisory"},
        "AML-TAG-002": {},
    }


def mistakes(given: Mapping[str, Any]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        configured(CONTROLS, given, TODAY)
    return list(caught.value.mistakes)


LEVELS = "advisory, mandatory, remediate, disabled"


@pytest.mark.parametrize(
    ("values", "mistake"),
    [
        ({"enforcementLevel": "strict"}, f'enforcementLevel · found: "strict" · allowed: {LEVELS}'),
        ({"enforcementLevel": ["advisory"]}, f'enforcementLevel · found: ["advisory"] · allowed: {LEVELS}'),
        ({"enforcementLevel": None}, f"enforcementLevel · found: null · allowed: {LEVELS}"),
        (
            {"enforcementLevel": "remediate"},
            "enforcementLevel · found: remediate · allowed: advisory, mandatory, disabled; people mend this",
        ),
        (
            {"size": []},
            "size · found: no setting of this control · allowed: enforcementLevel, exemptions, sizes; did",
        ),
        (
            {"sizes": "Standard_DS3_v2"},
            "sizes · found: 'Standard_DS3_v2' is not of type 'array' · allowed: Sizes of machines",
        ),
        ({"sizes": ["a", 3]}, "sizes[1] · found: 3 is not of type 'string' · allowed: {"),
        (
            {"exemptions": "data"},
            "exemptions · found: 'data' is not of type 'array' · allowed: Resources that the control does",
        ),
        ({"exemptions": ["data"]}, "exemptions[0] · found: 'data' is not of type 'object' · allowed: "),
        (
            {"exemptions": [{**EXEMPTION, "expires": "2026-02-30"}]},
            "exemptions[0].expires · found: 2026-02-30 · allowed: a day of the calendar",
        ),
        (
            {"exemptions": [{**EXEMPTION, "expires": "2027-01-31"}]},
            "exemptions[0].expires · found: 2027-01-31 · allowed: at most 90 days ahead, that is 2027-01-30",
        ),
        (
            {"exemptions": [{**EXEMPTION, "expires": "31.12.2026"}]},
            "exemptions[0].expires · found: '31.12.2026' does not match",
        ),
        ({"exemptions": [{**EXEMPTION, "expires": 20261231}]}, "exemptions[0].expires · found: 20261231 is"),
        ({"exemptions": [{**EXEMPTION, "reason": "later"}]}, "exemptions[0].reason · found: 'later' is"),
        ({"exemptions": [{**EXEMPTION, "owner": ""}]}, "exemptions[0].owner · found: '' should be non-empty"),
        (
            {"exemptions": [{**EXEMPTION, "verdict": "pass"}]},
            "exemptions[0].verdict · found: 'pass' is not one of ['fail', 'not evaluated']",
        ),
        (
            {"exemptions": [{**EXEMPTION, "until": "x"}]},
            "exemptions[0] · found: Additional properties are not allowed ('until' was unexpected)",
        ),
        *(
            ({"exemptions": [{k: v for k, v in EXEMPTION.items() if k != key}]},
             f"exemptions[0] · found: '{key}' is a required property")
            for key in EXEMPTION
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(values: Mapping[str, Any], mistake: str) -> None:
    (found,) = mistakes({"AML-TAG-001": values})

    assert found.startswith(f"AML-TAG-001: {mistake}")


def test_a_control_that_is_not_there_is_a_mistake_with_the_nearest() -> None:
    (found,) = mistakes({"aml-tag-02": {}})

    assert found.startswith(
        "aml-tag-02 · found: no control of this pack · allowed: an id of docs/policies.md"
    )
    assert found.endswith("; did you mean AML-TAG-002?")


def test_all_mistakes_are_told_together() -> None:
    given = {
        "AML-XYZ-001": {},
        "AML-TAG-001": {"enforcementLevel": "off", "colour": "red", "exemptions": [{}]},
        "AML-TAG-002": {"exemptions": [EXEMPTION, {**EXEMPTION, "expires": "2028-01-01"}]},
    }

    assert [each.split(" · ")[0] for each in mistakes(given)] == [
        "AML-XYZ-001",
        "AML-TAG-001: enforcementLevel",
        "AML-TAG-001: colour",
        *["AML-TAG-001: exemptions[0]"] * 4,
        "AML-TAG-002: exemptions[1].expires",
    ]


def test_what_is_not_given_is_mandatory_with_the_settings_defaults() -> None:
    found = configured(CONTROLS, {"AML-TAG-002": {"enforcementLevel": "remediate"}}, TODAY)

    assert found["AML-TAG-001"].level is Level.MANDATORY
    assert found["AML-TAG-001"].settings == {"sizes": ["Standard_DS3_v2"]}
    assert found["AML-TAG-002"].level is Level.REMEDIATE


def test_settings_and_exemptions_are_taken_as_they_are_given() -> None:
    given = {"AML-TAG-001": {"sizes": ["a"], "exemptions": [{**EXEMPTION, "expires": "2027-01-30"}]}}

    found = configured(CONTROLS, given, TODAY)["AML-TAG-001"]
    assert found.settings == {"sizes": ["a"]}
    assert [each.expires for each in found.exemptions] == [dt.date(2027, 1, 30)]


def test_the_schema_that_the_engine_gets_has_every_setting() -> None:
    schema = configuration.schema_of(CONTROLS[0])

    assert set(schema) == {"exemptions", "sizes"}
    assert schema["sizes"]["description"] == "Sizes of machines that may be used."
    assert CONTROLS[0].concern is Concern.TAGS
