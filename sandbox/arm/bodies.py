"""JSON bodies: merging, paths, and what of a request or a stored resource is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.schemas.nodes import Schema, TypeNode

JsonObject = dict[str, Any]

_ORDER = (
    "id",
    "name",
    "type",
    "location",
    "tags",
    "identity",
    "kind",
    "sku",
    "etag",
    "managedBy",
    "properties",
)


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> JsonObject:
    """`over` laid on `under`: objects merge deeply; lists, null and all else replace."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def merged_by_schema(under: Mapping[str, Any], over: Mapping[str, Any], schema: Schema | None) -> JsonObject:
    """A request laid on a stored body: named properties merge, maps such as tags replace as a whole.

    Otherwise an entry that a request no longer names could never go away.
    """
    return _merged_node(under, over, schema.node if schema else "any", schema)


def _merged_node(
    under: Mapping[str, Any], over: Mapping[str, Any], node: TypeNode, schema: Schema | None
) -> JsonObject:
    properties = _properties(over, node, schema)
    result = dict(under)
    for key, value in over.items():
        below, type_node = result.get(key), properties.get(key, "any")
        whole = key in ("tags", "identity") or (isinstance(type_node, dict) and "map" in type_node)
        if isinstance(below, dict) and isinstance(value, dict) and not whole:
            result[key] = _merged_node(below, value, type_node, schema)
        else:
            result[key] = value
    return result


def _properties(value: Mapping[str, Any], node: TypeNode, schema: Schema | None) -> Mapping[str, TypeNode]:
    if schema is None or not isinstance(node, dict):
        return {}
    if "variants" in node:
        chosen = node["variants"].get(value.get(node["by"]))
        return schema.types[chosen]["properties"] if chosen else {}
    if "ref" not in node:
        return {}
    declared = schema.types[node["ref"]]
    variants = declared.get("variants")
    if variants and declared["by"] not in declared.get("constants", {}):
        return _properties(value, {"variants": variants, "by": declared["by"]}, schema)
    return declared["properties"]


def without_nulls(value: Any) -> Any:
    """The value without properties that are null: in a request null says nothing."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def without_path(body: JsonObject, path: str) -> JsonObject:
    """The body without the property at a dotted path; `[]` goes through the items of a list."""
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    if name not in body:
        return body
    if not rest:
        return {key: value for key, value in body.items() if key != name}
    below = body[name]
    if isinstance(below, dict):
        return {**body, name: without_path(below, rest)}
    if isinstance(below, list):
        items = [without_path(item, rest) if isinstance(item, dict) else item for item in below]
        return {**body, name: items}
    return body


def value_at(body: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None where a step is missing."""
    found: Any = body
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def without_read_only(value: Any, schema: Schema) -> Any:
    """A request's value without what the schema marks as read-only: Azure ignores it."""
    return _writable(value, schema.node, schema)


def _writable(value: Any, node: TypeNode, schema: Schema) -> Any:
    if isinstance(node, str):
        return value
    if isinstance(value, list) and "array" in node:
        return [_writable(item, node["array"], schema) for item in value]
    if not isinstance(value, dict):
        return value
    if "map" in node:
        return {key: _writable(item, node["map"], schema) for key, item in value.items()}
    if "variants" in node:
        chosen = node["variants"].get(value.get(node["by"]))
        return _writable(value, {"ref": chosen}, schema) if chosen else value
    if "ref" not in node:
        return value
    declared = schema.types[node["ref"]]
    variants = declared.get("variants")
    if variants and declared["by"] not in declared.get("constants", {}):
        return _writable(value, {"variants": variants, "by": declared["by"]}, schema)
    read_only, types = declared.get("read_only", ()), declared["properties"]
    return {
        key: _writable(item, types.get(key, "any"), schema)
        for key, item in value.items()
        if key not in read_only
    }


def coerced(value: Any, schema: Schema) -> Any:
    """A request's value as a service takes it that is not particular.

    Values of enums are spelled as declared where only their case differs; in a map of texts,
    numbers and booleans become texts.
    """
    return _coerced(value, schema.node, schema)


def _coerced(value: Any, node: TypeNode, schema: Schema) -> Any:
    if not isinstance(node, dict):
        return value
    if isinstance(value, str) and "enum" in node:
        alike = [one for one in node["enum"] if isinstance(one, str) and one.lower() == value.lower()]
        return value if value in node["enum"] or not alike else alike[0]
    if isinstance(value, list):
        return [_coerced(item, node.get("array", "any"), schema) for item in value]
    if not isinstance(value, dict):
        return value
    if node.get("map") == "string":
        return {key: _text(item) for key, item in value.items()}
    if "map" in node:
        return {key: _coerced(item, node["map"], schema) for key, item in value.items()}
    types = _properties(value, node, schema)
    return {key: _coerced(item, types.get(key, "any"), schema) for key, item in value.items()}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "True" if value else "False"  # how .NET writes it
    return str(value) if isinstance(value, int | float) else value


def shown(body: JsonObject) -> JsonObject:
    """A stored body as a client sees it: envelope first, private members left out."""
    visible = {key: value for key, value in body.items() if not key.startswith("_")}
    return {key: visible[key] for key in (*_ORDER, *visible) if key in visible}
