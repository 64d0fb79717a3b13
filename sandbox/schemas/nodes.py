"""The form in which compiled schemas are kept: plain JSON, small and quick to load.

A type is one of

    "string" "integer" "number" "boolean" "any"
    {"enum": [...]}                 one of these values
    {"array": TYPE}  {"map": TYPE}
    {"ref": NAME}                   an object type in the same table
    {"variants": {VALUE: NAME}, "by": PROPERTY}   one of several, chosen by a property's value
    {"any_of": [TYPE, ...]}         one of several, nothing tells which

and an object type is `ObjectType` below. All names are wire or Pulumi property names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

TypeNode: TypeAlias = str | dict[str, Any]


class ObjectType(TypedDict, total=False):
    """One object type. Keys that would be empty are left out, except `properties`."""

    properties: dict[str, TypeNode]
    required: list[str]
    read_only: list[str]  # in a request Azure ignores these
    create_only: list[str]  # Azure accepts a change of these only at creation
    constants: dict[str, str]  # discriminators: the one value that this type has
    by: str  # discriminator of a polymorphic base …
    variants: dict[str, str]  # … and its subtypes
    python: dict[str, str]  # property -> attribute in the Python package, where not derivable
    wire: dict[str, str]  # Pulumi property -> dotted wire path, where it differs


Types = Mapping[str, ObjectType]


@dataclass(frozen=True)
class Schema:
    """A type together with the table that its references point into."""

    node: TypeNode
    types: Types

    def object_type(self) -> ObjectType:
        """The object type that the schema names. KeyError when it is no reference."""
        if isinstance(self.node, dict) and "ref" in self.node:
            return self.types[self.node["ref"]]
        raise KeyError(f"not an object type: {self.node!r}")

    def at(self, node: TypeNode) -> Schema:
        """Another type of the same table."""
        return Schema(node, self.types)


def snake(name: str) -> str:
    """The Python attribute that the generators make of a property name.

    `enableSSO` -> `enable_sso`, `ipRules` -> `ip_rules`, `isNfsV3Enabled` -> `is_nfs_v3_enabled`.
    """
    out: list[str] = []
    for index, letter in enumerate(name):
        before = name[index - 1] if index else ""
        after = name[index + 1] if index + 1 < len(name) else ""
        starts_word = before.islower() or before.isdigit() or (before.isupper() and after.islower())
        if letter.isupper() and out and starts_word:
            out.append("_")
        out.append(letter.lower())
    return "".join(out)
