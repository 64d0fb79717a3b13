"""Writes docs/review.schema.json from the document: `python -m review.schema`.

The schema describes what `python -m review PREVIEW --json FILE` writes, for programs that read it. It lets
fields pass that it does not know: a later version of this one adds some. A test fails while the file is older
than the document.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from review.document import Review

SCHEMA_FILE: Final = Path(__file__).resolve().parents[1] / "docs" / "review.schema.json"


class _AsWritten(GenerateJsonSchema):
    """Every field is written, also one that has a default."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,  # noqa: ARG002
        total: bool,  # noqa: ARG002, FBT001
    ) -> bool:
        """Whether a field must be there."""
        return True


def document_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a review."""
    written = Review.model_json_schema(by_alias=True, mode="serialization", schema_generator=_AsWritten)
    schema: dict[str, Any] = _tidied(written)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Review of a preview",
        **schema,
    }


def text() -> str:
    """The file's content."""
    return json.dumps(document_schema(), indent=2) + "\n"


def _tidied(schema: Any) -> Any:
    """Without generated titles, defaults, and the refusal of more fields."""
    if isinstance(schema, list):
        return [_tidied(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _tidied(member) for name, member in value.items()}
        if key in ("properties", "$defs")
        else _tidied(value)
        for key, value in schema.items()
        if not (key in ("title", "default") or (key == "additionalProperties" and value is False))
    }


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
