"""What is generated from the catalogue is current, and the three configurations are what it accepts."""

from __future__ import annotations

import datetime as dt
import json

import jsonschema
import pytest

from azureml_guard import documentation
from azureml_guard.catalogue import CATALOGUE
from azureml_guard.configuration import configured, read

AGAIN = "run: PYTHONPATH=policies python -m azureml_guard.documentation"


def test_the_checked_in_page_is_current() -> None:
    assert documentation.DOCUMENT_FILE.read_text(encoding="utf-8") == documentation.document(), AGAIN


def test_the_checked_in_schema_is_current() -> None:
    written = json.dumps(documentation.schema(), indent=2) + "\n"

    assert documentation.SCHEMA_FILE.read_text(encoding="utf-8") == written, AGAIN
    jsonschema.Draft202012Validator.check_schema(documentation.schema())


@pytest.mark.parametrize("environment", documentation.ENVIRONMENTS)
def test_each_environment_says_the_level_of_every_control(environment: str) -> None:
    path = documentation.CONFIG / f"{environment}.json"
    given = read(path)

    assert list(given) == [control.id for control in CATALOGUE]
    assert configured(CATALOGUE, given, dt.date(2026, 11, 1))
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), documentation.schema())
