"""Where a Pulumi property stands on the wire.

Pulumi lifts `properties.*` of many types to the top level and takes over the renames of
the SDK generators (`networkRuleSet` is `properties.networkAcls`). The package does not
say so, but the REST models do: both sides carry the same Python attribute name, so the
two types are walked side by side and matched by attribute, then by wire name.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache

from sandbox.schemas.nodes import ObjectType, Schema, TypeNode, snake

ENVELOPE: AbstractSet[str] = frozenset(
    ("id", "name", "type", "systemData", "location", "tags", "sku", "identity", "kind", "zones", "plan",
     "extendedLocation", "managedBy", "managedByExtended", "etag", "scale", "placement")
)  # fmt: skip


class WireNames:
    """The wire paths of one object type's properties, and of the types below it.

    `rest` is None where no REST model is known: then only flattening is applied.
    """

    def __init__(self, pulumi: Schema, rest: Schema | None, *, flattened: bool) -> None:
        self.pulumi = pulumi
        self.rest = rest
        self.flattened = flattened
        self._paths: dict[str, tuple[str, ...]] = {}

    def path(self, name: str) -> tuple[str, ...]:
        """The wire path of a top-level property: ("properties", "networkAcls")."""
        if name not in self._paths:
            self._paths[name] = self._find(name)
        return self._paths[name]

    def _find(self, name: str) -> tuple[str, ...]:
        if self.rest is not None:
            attribute = _attribute(self.pulumi.object_type(), name)
            top = _members(self.rest)
            found = match(attribute, name, top)
            if found is not None:
                return (found,)
            inner = _child(self.rest, "properties")
            if inner is not None:
                found = match(attribute, name, _members(inner))
                if found is not None:
                    return ("properties", found)
        return ("properties", name) if self.flattened and name not in ENVELOPE else (name,)

    def rest_at(self, name: str) -> Schema | None:
        """The REST schema of a top-level property, to go on below it."""
        schema = self.rest
        for part in self.path(name):
            schema = _child(schema, part) if schema is not None else None
        return schema


def nested_wire_name(pulumi: ObjectType, rest: Schema | None, name: str) -> str:
    """The wire name of a property of a nested object; its own name where the REST model is unknown."""
    if rest is None:
        return name
    return match(_attribute(pulumi, name), name, _members(rest)) or name


def match(attribute: str, name: str, members: Mapping[str, ObjectType]) -> str | None:
    """The REST property with that Python attribute, else with that very name, else None."""
    for wire, owner in members.items():
        if _attribute(owner, wire) == attribute:
            return wire
    return name if name in members else None


def resolve_rest(schema: Schema | None, value: object) -> Schema | None:
    """The object type that stands for `value`: follows references and discriminators."""
    if schema is None or not isinstance(schema.node, dict):
        return None
    if "ref" in schema.node:
        declared = schema.types[schema.node["ref"]]
        variants = declared.get("variants")
        if variants and isinstance(value, dict) and value.get(declared["by"]) in variants:
            return schema.at({"ref": variants[value[declared["by"]]]})
        return schema
    return None


def wire_body(inputs: ObjectType, path_inputs: AbstractSet[str], *, flattened: bool) -> dict[str, ObjectType]:
    """Types "body" and "body.properties" made of Pulumi inputs, for types without REST models."""
    body: ObjectType = {"properties": {}, "required": [], "read_only": ["id", "name", "type", "systemData"]}
    inner: ObjectType = {"properties": {}, "required": []}
    for name, node in inputs["properties"].items():
        if name in path_inputs:
            continue
        owner = inner if flattened and name not in ENVELOPE else body
        owner["properties"][name] = _identity_on_wire(node)
        if name in inputs.get("required", ()):
            owner["required"].append(name)
    if inner["properties"]:
        body["properties"]["properties"] = {"ref": "body.properties"}
        if inner["required"]:
            body["required"].append("properties")
    return {"body": body, "body.properties": inner}


def _identity_on_wire(node: TypeNode) -> TypeNode:
    """Pulumi lists user-assigned identities; on the wire they are a map's keys."""
    if isinstance(node, dict) and "Identity" in str(node.get("ref", "")):
        return "any"
    return node


def _attribute(declared: ObjectType, name: str) -> str:
    """The Python attribute, without underscores: the generators cut "IPAddress" into words differently."""
    return (declared.get("python", {}).get(name) or _snake(name)).replace("_", "")


@lru_cache(maxsize=4096)
def _snake(name: str) -> str:
    return snake(name)


def _members(schema: Schema) -> dict[str, ObjectType]:
    """Property -> declaring type, over a type and all of its variants."""
    if not (isinstance(schema.node, dict) and "ref" in schema.node):
        return {}
    declared = schema.types[schema.node["ref"]]
    found = dict.fromkeys(declared["properties"], declared)
    for variant in declared.get("variants", {}).values():
        other = schema.types[variant]
        for name in other["properties"]:
            found.setdefault(name, other)
    return found


def _child(schema: Schema | None, name: str) -> Schema | None:
    members = _members(schema) if schema is not None else {}
    if schema is None or name not in members:
        return None
    return schema.at(members[name]["properties"][name])
