"""From the errors of azure-ai-ml's schemas to the key, what is allowed there and the nearest spelling.

A schema's error is a tree of messages beside the tree of fields. Where a value may be one of
several things (a union), the schema reports what each of them has to say; here the one that was
probably meant is found, and only its errors are told: that with the value's `type`, else that
of the value's shape (map, list, text) with the fewest errors.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from azure.ai.ml._schema.core import fields as ml
from azure.ai.ml.constants._common import BASE_PATH_CONTEXT_KEY
from azure.ai.ml.exceptions import MlException
from marshmallow import Schema, ValidationError, fields

from azureml_assets.checks import fields as words
from azureml_assets.checks.subject import MISSING, UNKNOWN_KEY
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import nearest, one_of, shown

UNKNOWN_FIELD: Final = "Unknown field."
_MISSING: Final = "Missing data for required field."
# Sentences that say no more than the words for the field do.
_EMPTY_WORDS: Final = (
    "Not a valid ",
    "Invalid ",
    "Value ",
    "Field may not be null",
    "Must be one of",
    "Must be",
)
_TYPE: Final = "type"
# How Python says that an entity's constructor needs more than it was given.
_MISSING_ARGUMENT: Final = "missing "
_ARGUMENTS: Final = re.compile(r"'(\w+)'")


@dataclass(frozen=True)
class Wrong:
    """One error of a schema, put into words."""

    path: DocumentPath
    found: str
    allowed: str
    suggestion: str | None = None
    example: str | None = None


def explained(schema: Schema, data: Any, messages: Any, path: DocumentPath = ()) -> Iterator[Wrong]:
    """The errors that `schema.load(data)` gave, with their paths below `path`."""
    if not isinstance(messages, dict) or not isinstance(data, dict):
        yield Wrong(path, _found(data, messages), f"a map of {one_of(words.keys_of(schema))}")
        return
    by_key = {field.data_key or name: field for name, field in schema.fields.items()}
    by_key |= {name: field for name, field in schema.fields.items() if name not in by_key}
    for key, below in messages.items():
        field = by_key.get(str(key))
        if key == "_schema":
            yield Wrong(path, _given(data), f"what azure-ai-ml says: {sentence(below)}")
        elif _says(below, UNKNOWN_FIELD) or field is None:
            known = words.keys_of(schema)
            meant = nearest(str(key), [each for each in known if each not in data])
            yield Wrong((*path, str(key)), UNKNOWN_KEY, one_of(known), meant, meant)
        else:
            yield from _field(field, data.get(str(key)), below, (*path, str(key)))


def _field(field: fields.Field, value: Any, messages: Any, path: DocumentPath) -> Iterator[Wrong]:
    if _says(messages, _MISSING):
        yield Wrong(path, f"{MISSING}it is required", words.allowed(field), None, words.example(field))
    elif isinstance(field, ml.ExperimentalField):
        yield from _field(field.experimental_field, value, messages, path)
    elif isinstance(field, ml.UnionField):
        yield from _union(field, value, messages, path)
    elif isinstance(field, fields.Nested) and isinstance(value, dict) and isinstance(messages, dict):
        yield from explained(field.schema, value, messages, path)
    elif isinstance(field, fields.List) and isinstance(value, list) and isinstance(messages, dict):
        for index, below in messages.items():
            if isinstance(index, int) and index < len(value):
                yield from _field(field.inner, value[index], below, (*path, index))
    elif isinstance(field, fields.Dict) and isinstance(value, dict) and isinstance(messages, dict):
        yield from _entries(field, value, messages, path)
    else:
        yield _leaf([field], value, messages, path)


def _entries(
    field: fields.Dict, value: dict[str, Any], messages: dict[Any, Any], path: DocumentPath
) -> Iterator[Wrong]:
    for key, below in messages.items():
        place = (*path, str(key))
        errors = below if isinstance(below, dict) else {"value": below}
        if "key" in errors and field.key_field is not None:
            yield Wrong(place, f"the name {shown(key)}", words.allowed(field.key_field))
        if "value" in errors and field.value_field is not None:
            yield from _field(field.value_field, value.get(key), errors["value"], place)


def _union(field: ml.UnionField, value: Any, messages: Any, path: DocumentPath) -> Iterator[Wrong]:
    leaves = words.members(field)
    fitting = [leaf for leaf in leaves if _has_shape(leaf, value)]
    if not fitting or not isinstance(value, (dict, list)):
        yield _leaf(fitting or leaves, value, messages, path)
        return
    tried = [(leaf, _errors(leaf, value, path)) for leaf in fitting]
    if not all(errors for _, errors in tried):
        # A member takes the value after all: what failed was the step after it, an entity's own rule.
        yield Wrong(path, _found(value, messages), words.allowed(field))
        return
    type_path = (*path, _TYPE)
    of_type = [errors for _, errors in tried if not any(error.path == type_path for error in errors)]
    if not of_type and isinstance(value, dict):
        # In the order of letters: that of the schema changes once azure-ai-ml has loaded its first step.
        known = sorted({choice for leaf, _ in tried for choice in _types(leaf)})
        if known:
            given = value.get(_TYPE)
            found = shown(given) if given is not None else f"{MISSING}it is required"
            meant = nearest(given, known) if isinstance(given, str) else None
            yield Wrong(type_path, found, one_of(known), meant, meant or known[0])
            return
    yield from min(of_type or [errors for _, errors in tried], key=_distance)


def _distance(errors: list[Wrong]) -> tuple[int, int]:
    """How far a value is from what was tried: something missing counts more than something wrong."""
    return len(errors), sum(error.found.startswith(MISSING) for error in errors)


def _errors(field: fields.Field, value: Any, path: DocumentPath) -> list[Wrong]:
    context: dict[str, Any] = getattr(field, "context", None) or {}
    base_path = context.get(BASE_PATH_CONTEXT_KEY)
    try:
        field.deserialize(copy.deepcopy(value))
    except ValidationError as error:
        return list(_field(field, value, error.messages, path))
    except Exception as error:  # noqa: BLE001  # hooks of schemas fail in any way on data of another kind
        return list(_crashed(field, value, error, path))
    finally:
        if base_path is not None:  # a failing file reference leaves the folder of that file behind
            context[BASE_PATH_CONTEXT_KEY] = base_path
    return []


def narrowed(schema: Schema, data: dict[str, Any], path: DocumentPath = ()) -> Iterator[Wrong]:
    """Errors of a schema that failed with something else than errors: each of its fields is asked alone."""
    by_key = {field.data_key or name: field for name, field in schema.fields.items()}
    unknown = {key: [UNKNOWN_FIELD] for key in data if key not in by_key}
    missing = {key: [_MISSING] for key, field in by_key.items() if field.required and key not in data}
    if unknown or missing:
        yield from explained(schema, data, {**unknown, **missing}, path)
    for key, field in by_key.items():
        if key in data and not field.dump_only:
            yield from _errors(field, data[key], (*path, key))


def _crashed(field: fields.Field, value: Any, error: Exception, path: DocumentPath) -> Iterator[Wrong]:
    nested: list[Wrong] = []
    if isinstance(field, fields.Nested) and isinstance(value, dict):
        nested = list(narrowed(field.schema, value, path))
    elif isinstance(field, fields.Dict) and isinstance(value, dict) and field.value_field is not None:
        inner = field.value_field
        nested = [wrong for key, item in value.items() for wrong in _errors(inner, item, (*path, str(key)))]
    elif isinstance(field, fields.List) and isinstance(value, list):
        nested = [
            wrong for index, item in enumerate(value) for wrong in _errors(field.inner, item, (*path, index))
        ]
    elif isinstance(field, ml.UnionField) and any(_has_shape(leaf, value) for leaf in words.members(field)):
        nested = list(_union(field, value, [], path))
    if nested:
        yield from nested
    elif isinstance(error, MlException):
        yield Wrong(path, shown(value), f"what azure-ai-ml says: {plain(error)}")
    elif missing := list(missing_arguments(error, path)):
        yield from missing
    else:
        yield Wrong(path, shown(value), words.allowed(field))


def missing_arguments(error: Exception, path: DocumentPath = ()) -> Iterator[Wrong]:
    """What the constructor of an entity asks for, beyond the schema that calls it."""
    if isinstance(error, TypeError) and _MISSING_ARGUMENT in str(error):
        for name in _ARGUMENTS.findall(str(error)):
            yield Wrong((*path, name), f"{MISSING}it is required", "a value")


def _leaf(leaves: list[fields.Field], value: Any, messages: Any, path: DocumentPath) -> Wrong:
    allowed = words.allowed_of(leaves)
    listed = [choice for leaf in leaves for choice in words.choices(leaf) or ()]
    meant = nearest(value, listed) if isinstance(value, str) and listed else None
    sample = meant or next((sample for leaf in leaves if (sample := words.example(leaf))), None)
    kinds = [type(leaf) for leaf in leaves]
    if isinstance(value, (int, float)) and kinds == [fields.String]:
        shape = "true" if value is True else "false" if value is False else str(value)
        return Wrong(path, shown(value), "text, in quotes", None, f'"{shape}"')
    said = sentence(messages)
    if len(leaves) == 1 and said and not said.startswith(_EMPTY_WORDS) and not listed and len(said) < 200:
        allowed = f"{allowed} ({said.rstrip('.')})"
    return Wrong(path, shown(value), allowed, meant, sample)


def _has_shape(field: fields.Field, value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(field, (fields.Nested, fields.Dict))
    if isinstance(value, list):
        return isinstance(field, fields.List)
    return not isinstance(field, (fields.Nested, fields.Dict, fields.List))


def _types(field: fields.Field) -> list[str]:
    if not isinstance(field, fields.Nested) or (typed := field.schema.fields.get(_TYPE)) is None:
        return []
    return [choice for leaf in words.members(typed) for choice in words.choices(leaf) or ()]


def _given(data: dict[str, Any]) -> str:
    return f"the keys {one_of(data).replace(' or ', ' and ')}" if data else "an empty map"


def _says(messages: Any, text: str) -> bool:
    return isinstance(messages, (list, tuple)) and text in messages


def _found(value: Any, messages: Any) -> str:
    said = sentence(messages)
    return shown(value) if not said or said.startswith(_EMPTY_WORDS) else said


def sentence(messages: Any) -> str:
    """The first message in a tree of them, on one line."""
    if isinstance(messages, dict):
        return next((text for below in messages.values() if (text := sentence(below))), "")
    if isinstance(messages, (list, tuple)):
        return next((text for below in messages if (text := sentence(below))), "")
    return " ".join(str(messages).split())


def plain(error: Exception) -> str:
    """An exception of the SDK as a sentence of one line, without what it adds for its own support."""
    text = error.message if isinstance(error, MlException) else str(error)
    return " ".join(str(text).split())[:300] or type(error).__name__
