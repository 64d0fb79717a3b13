"""The published schema of reviews: as new as the document, and true of what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from review import schema
from review.cli import main
from tests.support.review_documents import full_review, large_review


def complaints(document: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema.document_schema())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def written() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(full_review().model_dump_json(by_alias=True))
    return document


def test_the_checked_in_schema_is_current() -> None:
    assert schema.SCHEMA_FILE.read_text() == schema.text(), "run: python -m review.schema"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.document_schema())


def test_a_review_with_something_in_every_section_satisfies_it() -> None:
    assert complaints(written()) == []


def test_a_large_review_satisfies_it() -> None:
    assert complaints(json.loads(large_review(200, 100).model_dump_json(by_alias=True))) == []


def test_what_the_command_line_writes_satisfies_it(tmp_path: Path) -> None:
    preview = tmp_path / "preview.jsonl"
    preview.write_text('{"sequence": 1, "summaryEvent": {"resourceChanges": {"create": 1}}}\n')

    assert main([str(preview), "--json", str(tmp_path / "review.json")]) == 0
    assert complaints(json.loads((tmp_path / "review.json").read_text())) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verdict", "fine"),
        ("schemaVersion", "2"),
        ("counts", {"create": "many"}),
        ("stateSerial", "7"),
        ("nodes", [{}]),
    ],
)
def test_another_value_than_a_review_has_is_refused(key: str, value: object) -> None:
    assert complaints(written() | {key: value})


def test_every_field_that_is_written_is_promised() -> None:
    described = schema.document_schema()

    assert set(described["required"]) == set(written()) == set(described["properties"])


def test_a_field_of_a_later_version_is_let_through() -> None:
    assert complaints(written() | {"later": 1}) == []
