"""Writes docs/settings.schema.json and docs/settings.md from the models: `python -m infra.settings.schema`.

The JSON Schema describes a whole stack file (Pulumi.<stack>.yaml), so that editors complete
and check it. A test fails while either file is older than the models.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.settings.model import FLOORS, KEY, PROJECT, StackSettings

_DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
SCHEMA_FILE: Final = _DOCS / "settings.schema.json"
DOCUMENT_FILE: Final = _DOCS / "settings.md"


def stack_file_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a stack file."""
    settings = _tidied(StackSettings.model_json_schema(by_alias=True))
    definitions = settings.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pulumi stack file of the Azure ML platform",
        "type": "object",
        "additionalProperties": False,
        "required": ["config"],
        "properties": {
            "secretsprovider": {"type": "string", "description": "Written by `pulumi stack init`."},
            "encryptedkey": {"type": "string", "description": "Written by `pulumi stack init`."},
            "encryptionsalt": {"type": "string", "description": "Written by `pulumi stack init`."},
            "environment": {"description": "Pulumi ESC environments."},
            "config": {
                "type": "object",
                "required": [f"{PROJECT}:{KEY}"],
                "properties": {f"{PROJECT}:{KEY}": settings},
                "patternProperties": {
                    f"^(?!{PROJECT}:)[^:]+:.+$": {
                        "description": "Settings of providers, such as azure-native."
                    }
                },
                "additionalProperties": False,
            },
        },
        "$defs": definitions,
    }


def _tidied(schema: Any) -> Any:
    """Without generated titles and whole sections as defaults; names outside a map's pattern are refused."""
    if isinstance(schema, list):
        return [_tidied(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {
        key: _tidied(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and value in (None, {}, []))
    }
    if isinstance(tidied.get("default"), dict):
        del tidied["default"]
    if "patternProperties" in tidied:
        tidied["additionalProperties"] = False
    return tidied


def document() -> str:
    """The settings as a Markdown page: one table per section, then what prod insists on."""
    schema = StackSettings.model_json_schema(by_alias=True)
    lines = [
        "# Settings",
        "",
        (
            f"All settings of a stack are the value of `{PROJECT}:{KEY}` in `Pulumi.<stack>.yaml`. "
            "Unknown keys are errors, and so is a key that would do nothing. "
            "This page is written by `python -m infra.settings.schema`."
        ),
        "",
        *_section(_Model("Top level", "", schema), schema["$defs"], {}),
        "## What prod insists on",
        "",
        "| key | must be |",
        "|---|---|",
        *(f"| `{floor.key}` | {floor.allowed} |" for floor in FLOORS["prod"]),
        "",
        (
            "Staging and prod take no compute instances and no users as principals; prod takes no "
            "low-priority clusters."
        ),
        "",
    ]
    return "\n".join(lines)


@dataclass(frozen=True)
class _Model:
    """A model's place in the settings: its heading on the page, its path, its schema."""

    title: str
    path: str
    schema: dict[str, Any]


def _section(model: _Model, definitions: dict[str, Any], described: dict[str, str]) -> Iterator[str]:
    """Heading and table of a model, then of those below it. `described` maps models to their headings."""
    yield f"## {model.title}"
    yield ""
    if model.path:
        yield model.schema["description"]
        yield ""
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    below: list[_Model] = []
    for key, member in model.schema["properties"].items():
        path = f"{model.path}.{key}" if model.path else key
        value, is_section = _value(member), False
        for reference, nested in _nested(path, member, definitions):
            if reference not in described:
                described[reference] = nested.title
                below.append(nested)
            if not is_section:
                title = described[reference]
                value, is_section = f"see [{title}](#{_anchor(title)})", True
        default = _default(key, member, model.schema.get("required", []), is_section=is_section)
        yield f"| `{path}` | {value} | {default} | {member['description']} |"
    yield ""
    for nested in below:
        yield from _section(nested, definitions, described)


def _nested(path: str, member: dict[str, Any], definitions: dict[str, Any]) -> Iterator[tuple[str, _Model]]:
    """The models that a member holds: itself, the items of its list, the values of its map."""
    if "anyOf" in member:
        for option in member["anyOf"]:
            yield from _nested(path, option, definitions)
    elif "$ref" in member:
        yield member["$ref"], _Model(path, path, _definition(member, definitions))
    elif member.get("type") == "array" and "$ref" in member["items"]:
        item = member["items"]
        yield item["$ref"], _Model(f"{path}[]", f"{path}[]", _definition(item, definitions))
    elif member.get("type") == "object":
        patterns: dict[str, Any] = member.get("patternProperties", {})
        for values in patterns.values():
            for reference in [values, *values.get("oneOf", [])]:
                if "$ref" in reference:
                    schema = _definition(reference, definitions)
                    kind = schema["properties"].get("type", {}).get("const")
                    title = f"{path}.NAME" + (f" ({kind})" if kind else "")
                    yield reference["$ref"], _Model(title, f"{path}.NAME", schema)


def _definition(reference: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definitions[reference["$ref"].rpartition("/")[2]]
    return found


def _anchor(heading: str) -> str:
    return "".join(
        letter for letter in heading.lower().replace(" ", "-") if letter.isalnum() or letter in "-_"
    )


def _value(member: dict[str, Any]) -> str:
    choices = [option for option in member.get("anyOf", [member]) if option.get("type") != "null"]
    option = choices[0]
    if "$ref" in option:
        return "map"
    if "const" in option:
        return f"`{option['const']}`"
    if "enum" in option:
        return ", ".join(f"`{choice}`" for choice in option["enum"])
    if option["type"] == "array":
        return f"list of {_value(option['items'])}"
    if option["type"] == "object":
        values: dict[str, Any] = next(iter(option.get("patternProperties", {}).values()), {})
        return "map of files to maps" if values.get("type") == "object" else "map of names to text"
    if option["type"] in ("integer", "number"):
        return _number(option)
    if option["type"] == "boolean":
        return "`true` or `false`"
    examples = option.get("examples")
    return f"text, such as `{examples[0]}`" if examples else "text"


def _number(option: dict[str, Any]) -> str:
    noun = "whole number" if option["type"] == "integer" else "number"
    low = f"from {option['minimum']}" if "minimum" in option else f"above {option['exclusiveMinimum']}"
    return f"{noun} {low} to {option['maximum']}"


def _default(key: str, member: dict[str, Any], required: list[str], *, is_section: bool) -> str:
    if key in required:
        return "required"
    if is_section:
        return ""
    default = member.get("default")
    return "none" if default is None else f"`{json.dumps(default)}`".replace('"', "")


def main() -> None:
    """Write both files."""
    SCHEMA_FILE.parent.mkdir(exist_ok=True)
    SCHEMA_FILE.write_text(json.dumps(stack_file_schema(), indent=2) + "\n")
    DOCUMENT_FILE.write_text(document())
    print(f"wrote {SCHEMA_FILE.name} and {DOCUMENT_FILE.name}")


if __name__ == "__main__":
    main()
