"""From a plain value to `StackSettings`, or to every mistake in it at once.

pydantic reports all wrong fields, but rules across fields can run only on a whole that is
valid. So the wrong fields are replaced by something valid in a copy, the rules run on that
copy, and whatever they say about a replaced field is left out.
"""

from __future__ import annotations

import copy
import json
import types as python_types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from infra.settings.errors import Mistake, SettingsError, nearest, one_of, shown
from infra.settings.model import StackSettings
from infra.settings.types import Form

_REPAIR_ROUNDS: Final = 5  # each round can uncover fields that a wrong parent had hidden

Path = tuple[str | int, ...]


def check(raw: object, source: str) -> StackSettings:
    """The settings in `raw` (what YAML or JSON gave).

    Raises SettingsError with all mistakes; `source` says where `raw` came from.
    """
    if not isinstance(raw, dict):
        raise SettingsError([_not_a_map(raw)], source)
    settings, errors = _validated(raw)
    if settings is not None:
        mistakes = list(settings.mistakes())
    else:
        mistakes = [_mistake(error) for error in errors] + _rule_mistakes(raw, errors)
    if settings is None or mistakes:
        raise SettingsError(mistakes, source)
    return settings


def _not_a_map(raw: object) -> Mistake:
    return Mistake(
        key="settings",
        found=shown(raw),
        allowed="a map of " + one_of(_keys(StackSettings)),
        example="{organization: contoso, workload: mlplat, environment: dev, location: westeurope, ...}",
    )


def _validated(raw: dict[str, Any]) -> tuple[StackSettings | None, list[ErrorDetails]]:
    # JSON mode, because strict Python mode refuses a list for a tuple; by alias only, so that a key
    # has one spelling.
    try:
        text = json.dumps(raw)
        return StackSettings.model_validate_json(text, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _rule_mistakes(raw: dict[str, Any], errors: Sequence[ErrorDetails]) -> list[Mistake]:
    repaired, replaced = copy.deepcopy(raw), set[str]()
    settings = None
    for _ in range(_REPAIR_ROUNDS):
        for error in errors:
            place = _place(error["loc"])
            replaced.add(place.key)
            _repair(repaired, place)
        settings, errors = _validated(repaired)
        if settings is not None:
            break
    if settings is None:
        return []
    return [
        mistake
        for mistake in settings.mistakes()
        if not any(_touches(key, wrong) for key in (mistake.key, *mistake.involves) for wrong in replaced)
    ]


def _touches(key: str, wrong: str) -> bool:
    """Whether one of two keys is the other, or lies below it."""
    return any(
        inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
        for inner, outer in ((key, wrong), (wrong, key))
    )


@dataclass(frozen=True)
class Place:
    """Where an error is: the key as users write it, the path in the raw value, and what belongs there."""

    key: str
    path: Path
    annotation: Any
    metadata: tuple[Any, ...]
    field: FieldInfo | None
    is_map_key: bool


def _place(loc: Path) -> Place:
    annotation: Any = StackSettings
    metadata: tuple[Any, ...] = ()
    field: FieldInfo | None = None
    key_annotation: Any = str
    key, path, is_map_key = "", list[str | int](), False
    for part in loc:
        if part == "[key]":  # the map's key itself is wrong; the part before this one is that key
            annotation, metadata, field, is_map_key = key_annotation, (), None, True
            continue
        annotation, more = _unwrapped(annotation)
        metadata = (*metadata, *more)
        if get_origin(annotation) in (Union, python_types.UnionType):  # the part names the variant
            annotation = _variant(annotation, str(part))
            continue
        path.append(part)
        key += f"[{part}]" if isinstance(part, int) else f".{part}"
        if get_origin(annotation) is dict:
            key_annotation = get_args(annotation)[0]
        annotation, metadata, field = _child(annotation, part)
    annotation, more = _unwrapped(annotation)
    return Place(key.lstrip("."), tuple(path), annotation, (*metadata, *more), field, is_map_key)


def _unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The annotation without `Annotated` and without `| None`, and the metadata that it carried."""
    metadata: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata = (*metadata, *more)
        elif (
            get_origin(annotation) in (Union, python_types.UnionType)
            and type(None) in get_args(annotation)
            and len(get_args(annotation)) == 2
        ):
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
        else:
            return annotation, metadata


def _variant(union: Any, tag: str) -> Any:
    for model in get_args(union):
        if tag in get_args(model.model_fields["type"].annotation):
            return model
    return union


def _child(annotation: Any, part: str | int) -> tuple[Any, tuple[Any, ...], FieldInfo | None]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for field in annotation.model_fields.values():
            if part == field.alias:
                return field.annotation, tuple(field.metadata), field
        return annotation, (), None  # an unknown key: what belongs there is one of the model's keys
    arguments = get_args(annotation)
    return (arguments[1] if get_origin(annotation) is dict else arguments[0]), (), None


def _mistake(error: ErrorDetails) -> Mistake:
    place, kind = _place(error["loc"]), error["type"]
    if kind == "extra_forbidden":
        known = _keys(place.annotation)
        suggestion = nearest(str(place.path[-1]), known)
        return Mistake(
            key=place.key,
            found="an unknown key",
            allowed=one_of(known) + (f"; did you mean '{suggestion}'?" if suggestion else ""),
            example=suggestion or known[0],
        )
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        found = error["input"].get("type") if isinstance(error["input"], dict) else error["input"]
        tags = [get_args(model.model_fields["type"].annotation)[0] for model in get_args(place.annotation)]
        return Mistake(key=f"{place.key}.type", found=shown(found), allowed=one_of(tags), example=tags[0])
    if kind == "missing":
        return Mistake(
            key=place.key,
            found="nothing, and it is required",
            allowed=_allowed(place),
            example=_example(place),
        )
    found = f"the name {shown(error['loc'][-2])}" if place.is_map_key else shown(error["input"])
    allowed = error["msg"] if kind == "form" else _allowed(place)
    if isinstance(error["input"], str) and place.annotation in (bool, int, float):
        allowed += ", without quotes"
    elif not isinstance(error["input"], str) and place.annotation is str:
        allowed += ", in quotes"
    return Mistake(key=place.key, found=found, allowed=allowed, example=_example(place))


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _allowed(place: Place) -> str:
    """What belongs into a place, in words."""
    annotation = place.annotation
    form = next((item for item in place.metadata if isinstance(item, Form)), None)
    if form is not None:
        return form.allowed
    if get_origin(annotation) is Literal:
        return one_of(str(choice) for choice in get_args(annotation))
    if annotation is bool:
        return "true or false"
    if annotation in (int, float):
        return _number(place)
    most = next(
        (item.max_length for item in place.metadata if isinstance(item, annotated_types.MaxLen)), None
    )
    if get_origin(annotation) in (tuple, list):
        return "a list" + (f" of at most {most}" if most is not None else "")
    if get_origin(annotation) is dict:
        return "a map" + (f" of at most {most}" if most is not None else "")
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a map of " + one_of(_keys(annotation))
    return "a map with a type"


def _number(place: Place) -> str:
    noun = "a whole number" if place.annotation is int else "a number"
    low = high = ""
    for item in place.metadata:
        if isinstance(item, annotated_types.Ge):
            low = f"from {item.ge} "
        elif isinstance(item, annotated_types.Gt):
            low = f"above {item.gt} "
        elif isinstance(item, annotated_types.Le):
            high = f"to {item.le}" if low.startswith("from") else f"and up to {item.le}"
    return f"{noun} {low}{high}".strip()


def _example(place: Place) -> str:
    value = _valid_value(place)
    if value is None or isinstance(value, dict | list):
        return json.dumps(value) if value else _EMPTY.get(get_origin(place.annotation), "leave it out")
    return value if isinstance(value, str) else shown(value)


_EMPTY: Final[dict[Any, str]] = {tuple: "[]", dict: "{}"}


def _valid_value(place: Place) -> Any:
    """Something that is allowed at a place; None where only leaving it out is."""
    form = next((item for item in place.metadata if isinstance(item, Form)), None)
    if form is not None:
        return form.example
    if place.field is not None and place.field.examples:
        return place.field.examples[0]
    if place.field is not None and not place.field.is_required():
        default = place.field.default
        return default if isinstance(default, str | int | float) else None
    if get_origin(place.annotation) is Literal:
        return get_args(place.annotation)[0]
    return None


def _repair(raw: dict[str, Any], place: Place) -> None:
    """Put something valid at a place of a copy of the settings, or remove it."""
    container: Any = raw
    for part in place.path[:-1]:
        try:
            container = container[part]
        except (KeyError, IndexError, TypeError):
            return
    last, value = place.path[-1], _valid_value(place)
    required = place.field is not None and place.field.is_required()
    if isinstance(container, dict):
        if required and value is not None:
            container[last] = value
        else:
            container.pop(last, None)
    elif isinstance(container, list) and isinstance(last, int) and last < len(container):
        # A list keeps its length, so that the keys of later entries stay true.
        container[last] = value
