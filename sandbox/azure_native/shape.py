"""Pulumi's property shape <-> Azure's wire shape, driven by both sides' schemas.

Besides flattening and renames (`sandbox.schemas.wire_names`) there is one convention of
azure-native: user-assigned identities are a list of ids as input, and the keys of a map
on the wire and in outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from resource_provider.values import UNKNOWN, PropertyPath
from sandbox.schemas.nodes import Schema, TypeNode
from sandbox.schemas.wire_names import WireNames, resolve_rest

_IDENTITIES = "userAssignedIdentities"


class _Shape:
    """What both directions need: the wire names of every object type, made on first use."""

    def __init__(self, pulumi: Schema, rest: Schema | None, *, flattened: bool) -> None:
        self.pulumi = pulumi
        self._top = WireNames(pulumi, rest, flattened=flattened)
        self._nested: dict[tuple[str, str], WireNames] = {}

    def _names(self, reference: str, rest: Schema | None, value: Any) -> WireNames:
        rest = resolve_rest(rest, value)
        key = (reference, str(rest.node) if rest else "")
        if key not in self._nested:
            self._nested[key] = WireNames(self.pulumi.at({"ref": reference}), rest, flattened=False)
        return self._nested[key]


class InputShape(_Shape):
    """Inputs -> request body. `skipped` inputs stand elsewhere (path, query)."""

    def __init__(
        self, pulumi: Schema, rest: Schema | None, *, flattened: bool, skipped: AbstractSet[str]
    ) -> None:
        super().__init__(pulumi, rest, flattened=flattened)
        self._skipped = skipped

    def to_wire(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The body; properties that are None are left out."""
        shown = {name: value for name, value in inputs.items() if name not in self._skipped}
        return self._object(shown, self._top)

    def locate(self, path: PropertyPath) -> tuple[str, bool]:
        """The dotted wire path of an input, and whether Azure takes it at creation only.

        List indices and map keys are kept as they are.
        """
        parts: list[str] = []
        create_only = False
        names: WireNames | None = self._top
        node: TypeNode = self.pulumi.node
        rest: Schema | None = None
        for part in path:
            if names is not None and isinstance(part, str):
                declared = names.pulumi.object_type()
                wire = names.path(part)
                create_only = create_only or _is_create_only(names, wire)
                parts.extend(wire)
                node = declared["properties"].get(part, "any")
                rest = names.rest_at(part)
            else:
                parts.append(str(part))
                node, rest = _element(node), _rest_element(rest)
            names = self._names_of(node, rest)
        return ".".join(parts), create_only

    def _names_of(self, node: TypeNode, rest: Schema | None) -> WireNames | None:
        if isinstance(node, dict) and "ref" in node:
            return self._names(node["ref"], rest, None)
        if isinstance(node, dict) and "variants" in node:
            # Without the value the subtype is not known: any of them names the shared properties.
            merged = _merged_variants(self.pulumi, node)
            return WireNames(merged, rest, flattened=False)
        return None

    def _object(self, value: Mapping[str, Any], names: WireNames) -> dict[str, Any]:
        properties = names.pulumi.object_type()["properties"]
        wire: dict[str, Any] = {}
        for name, item in value.items():
            if item is None:
                continue
            *parents, last = names.path(name)
            owner = wire
            for parent in parents:
                owner = owner.setdefault(parent, {})
            owner[last] = self._value(item, properties.get(name, "any"), names.rest_at(name), name)
        return wire

    def _value(self, value: Any, node: TypeNode, rest: Schema | None, name: str) -> Any:
        if name == _IDENTITIES and isinstance(value, list):
            return {identity: {} for identity in value}
        if not isinstance(node, dict) or value is UNKNOWN:
            return value
        if "ref" in node and isinstance(value, dict):
            return self._object(value, self._names(node["ref"], rest, value))
        if "variants" in node and isinstance(value, dict) and value.get(node["by"]) in node["variants"]:
            reference = node["variants"][value[node["by"]]]
            return self._object(value, self._names(reference, rest, value))
        if "array" in node and isinstance(value, list):
            return [self._value(item, node["array"], _rest_element(rest), "") for item in value]
        if "map" in node and isinstance(value, dict):
            below = _rest_element(rest)
            return {key: self._value(item, node["map"], below, "") for key, item in value.items()}
        return value


class OutputShape(_Shape):
    """Answer -> outputs: known properties only, as the official plugin does."""

    def from_wire(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs, except those that do not come from the answer (azureApiVersion)."""
        return self._object(answer, self._top)

    def preview(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """What is known before creation: inputs that come back as outputs; the rest is UNKNOWN."""
        return self._previewed(inputs, self.pulumi)

    def _object(self, value: Mapping[str, Any], names: WireNames) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        for name, node in names.pulumi.object_type()["properties"].items():
            item = wire_path(value, *names.path(name))
            if item is not None:
                outputs[name] = self._value(item, node, names.rest_at(name))
        return outputs

    def _value(self, value: Any, node: TypeNode, rest: Schema | None) -> Any:
        if not isinstance(node, dict):
            return value
        if "ref" in node and isinstance(value, dict):
            return self._object(value, self._names(node["ref"], rest, value))
        if "variants" in node and isinstance(value, dict) and value.get(node["by"]) in node["variants"]:
            return self._object(value, self._names(node["variants"][value[node["by"]]], rest, value))
        if "array" in node and isinstance(value, list):
            return [self._value(item, node["array"], _rest_element(rest)) for item in value]
        if "map" in node and isinstance(value, dict):
            return {key: self._value(item, node["map"], _rest_element(rest)) for key, item in value.items()}
        return value

    def _previewed(self, inputs: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        for name, node in schema.object_type()["properties"].items():
            value = inputs.get(name, UNKNOWN)
            if value is None or name == _IDENTITIES:
                value = UNKNOWN
            if isinstance(node, dict) and "ref" in node and isinstance(value, dict):
                value = self._previewed(value, schema.at(node))
            outputs[name] = value
        return outputs


def inputs_of_outputs(outputs: Mapping[str, Any], inputs: Schema) -> dict[str, Any]:
    """The part of the outputs that could have been input: what refresh and import compare."""
    found: dict[str, Any] = {}
    for name, node in inputs.object_type()["properties"].items():
        if outputs.get(name) is not None:
            found[name] = _input_value(outputs[name], node, inputs, name)
    return found


def carry_over(old_inputs: Any, before: Any, now: Any) -> Any:
    """The old inputs, changed where the resource itself changed since (`before` -> `now`).

    What Azure filled in and never changed is in both and stays out of the inputs, so a
    refresh shows drift and nothing else.
    """
    if before == now:
        return old_inputs
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return now
    merged = dict(old_inputs) if isinstance(old_inputs, dict) else {}
    for key in {**before, **now}:
        if before.get(key) != now.get(key):
            value = carry_over(merged.get(key), before.get(key), now.get(key))
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = value
    return merged


def wire_path(value: Any, *path: str) -> Any:
    """What lies at a path of keys (a single dotted text is split), or None."""
    parts = path[0].split(".") if len(path) == 1 else path
    for part in parts:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _input_value(value: Any, node: TypeNode, inputs: Schema, name: str) -> Any:
    if name == _IDENTITIES and isinstance(value, dict):
        return sorted(value)
    if not isinstance(node, dict):
        return value
    if "ref" in node and isinstance(value, dict):
        return inputs_of_outputs(value, inputs.at(node))
    if "variants" in node and isinstance(value, dict) and value.get(node["by"]) in node["variants"]:
        return inputs_of_outputs(value, inputs.at({"ref": node["variants"][value[node["by"]]]}))
    if "array" in node and isinstance(value, list):
        return [_input_value(item, node["array"], inputs, "") for item in value]
    if "map" in node and isinstance(value, dict):
        return {key: _input_value(item, node["map"], inputs, "") for key, item in value.items()}
    return value


def _element(node: TypeNode) -> TypeNode:
    """The type of a list's items or a map's values."""
    if isinstance(node, dict):
        found: TypeNode = node["array"] if "array" in node else node.get("map") or "any"
        return found
    return "any"


def _rest_element(rest: Schema | None) -> Schema | None:
    if rest is None or not isinstance(rest.node, dict):
        return None
    return rest.at(_element(rest.node))


def _merged_variants(schema: Schema, node: dict[str, Any]) -> Schema:
    properties: dict[str, TypeNode] = {}
    python: dict[str, str] = {}
    for reference in node["variants"].values():
        declared = schema.types[reference]
        for name, kind in declared["properties"].items():
            properties[name] = kind if properties.get(name, kind) == kind else "any"
        python.update(declared.get("python", {}))
    return Schema({"ref": "merged"}, {**schema.types, "merged": {"properties": properties, "python": python}})


def _is_create_only(names: WireNames, wire: tuple[str, ...]) -> bool:
    """Whether the REST model says so of a property or of an object on the way to it."""
    schema = names.rest
    for part in wire:
        if schema is None or not (isinstance(schema.node, dict) and "ref" in schema.node):
            return False
        declared = schema.types[schema.node["ref"]]
        if part in declared.get("create_only", ()):
            return True
        schema = schema.at(declared["properties"].get(part, "any"))
    return False
