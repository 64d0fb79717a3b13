"""What belongs into a field of azure-ai-ml's schemas, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from azure.ai.ml._schema.core import fields as ml
from marshmallow import Schema, fields, validate

from ml_assets.mistakes import one_of

_NAME: Final = "lower-case letters, digits and _, beginning with a letter"
_NOT_TOLD: Final = ("$schema", "id")  # the one is there already, the other is Azure ML's
# The first class that fits decides, so the more special ones stand first.
_WORDS: Final[tuple[tuple[type[Any], str, str | None], ...]] = (
    (ml.LocalPathField, "a file or folder that exists, relative to this file", None),
    (ml.PythonFuncNameStr, _NAME, "train_model"),
    (ml.PipelineNodeNameStr, _NAME, "train_model"),
    (ml.NodeBindingStr, "a binding to a step", "${{parent.jobs.train}}"),
    (ml.DataBindingStr, "a binding", "${{parent.inputs.data}}"),
    (ml.GitStr, "git+URL", None),
    (ml.InternalRegistryStr, "", None),  # of Microsoft's own workspaces
    (ml.RegistryStr, "azureml://registries/REGISTRY/.../versions/VERSION", None),
    (ml.ArmVersionedStr, "azureml:NAME:VERSION", None),
    (ml.ArmStr, "azureml:NAME", None),
    (ml.VersionField, "a version as text", '"1"'),
    (ml.DateTimeStr, "a date and time in ISO 8601", '"2026-01-31T08:00:00"'),
    (ml.FileRefField, "the path of a file", None),
    (ml.RefField, "the path of a file", None),
    (fields.DateTime, "a date and time in ISO 8601", '"2026-01-31T08:00:00"'),
    (fields.Url, "a URL", "https://..."),
    (fields.Boolean, "true or false", "true"),
    (fields.Integer, "a whole number", "1"),
    (fields.Number, "a number", "0.5"),
    (fields.String, "text", None),
)


def keys_of(schema: Schema) -> list[str]:
    """The keys that a map may have."""
    keys = (field.data_key or name for name, field in schema.fields.items() if not field.dump_only)
    return [key for key in keys if key not in _NOT_TOLD]


def members(field: fields.Field) -> list[fields.Field]:
    """What a field may be: the members of a union, taken apart to the last; else the field itself."""
    if isinstance(field, ml.ExperimentalField):
        return members(field.experimental_field)
    if isinstance(field, ml.UnionField):
        return [leaf for member in field.union_fields for leaf in members(member)]
    return [field]


def choices(field: fields.Field) -> list[str] | None:
    """The values that are allowed, where they are listed; None where they are not."""
    if isinstance(field, ml.StringTransformedEnum):
        return [str(value) for value in field.allowed_values]
    for validator in field.validators:
        if isinstance(validator, validate.OneOf):
            return [str(choice) for choice in validator.choices]
    return None


def allowed(field: fields.Field) -> str:
    """What a field takes, as users would say it."""
    return allowed_of(members(field))


def allowed_of(leaves: list[fields.Field]) -> str:
    """What any of some fields takes. The keys of a map are told only where nothing but maps is taken."""
    plain = [leaf for leaf in leaves if not isinstance(leaf, fields.Nested)]
    words = [word for leaf in plain or leaves for word in _words(leaf) if word]
    if plain and len(plain) < len(leaves):
        words.append("a map")
    return one_of(dict.fromkeys(words)) or "another value"


def example(field: fields.Field) -> str | None:
    """Something that a field takes; None where the words say it already."""
    for member in members(field):
        listed = choices(member)
        if listed:
            return listed[0]
        for kind, _, sample in _WORDS:
            if isinstance(member, kind):
                if sample:
                    return sample
                break
    return None


def _words(field: fields.Field) -> Iterator[str]:
    listed = choices(field)
    if listed is not None:
        yield from listed
    elif isinstance(field, fields.Nested):
        yield f"a map of {one_of(keys_of(field.schema))}"
    elif isinstance(field, fields.List):
        yield f"a list of {allowed(field.inner)}"
    elif isinstance(field, fields.Dict):
        yield "a map"
    else:
        word = next((word for kind, word, _ in _WORDS if isinstance(field, kind)), "")
        yield " ".join(filter(None, (word, _bounds(field))))


def _bounds(field: fields.Field) -> str:
    for validator in field.validators:
        if isinstance(validator, validate.Range):
            low = f"from {validator.min}" if validator.min is not None else ""
            high = f"to {validator.max}" if validator.max is not None else ""
            return " ".join(filter(None, (low, high)))
    return ""
