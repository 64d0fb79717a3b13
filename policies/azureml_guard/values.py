"""Property values as the engine sends them to a policy pack (protobuf Struct) -> Python values.

Secrets stay marked, and what a preview does not know yet stays UNKNOWN, so that a control can tell
"unknown" from "absent" and from "wrong". Nothing here prints a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value

# Fixed in the engine: sdk/go/common/resource/{properties,sig}.go and plugin/rpc.go.
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_MARKERS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # text
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
# Outputs of azure-native that are no inputs, and that controls compare with inputs of other resources.
_NEVER_DECLARED: Final = frozenset({"id", "name", "principalId", "clientId"})


class Unknown:
    """A value that is known only after the update. There is one: UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __reduce__(self) -> str:  # a copy is the same one
        return "UNKNOWN"


class Absent:
    """A property that is not there. There is one: ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


UNKNOWN: Final = Unknown()
ABSENT: Final = Absent()


@dataclass(frozen=True)
class Secret:
    """A value that the program has marked as secret."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


def from_struct(struct: Struct) -> dict[str, Any]:
    """The properties of a message."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def reveal(value: Any) -> Any:
    """The value without a Secret around it."""
    while isinstance(value, Secret):
        value = value.value
    return value


def completed(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a resource: its inputs, and where they are silent or unknown its outputs.

    A preview says "unknown" of every output, also of an optional property that the program leaves out. There
    Azure's default decides, so such a property stays absent; only what nobody declares stays unknown.
    """
    found = dict(inputs)
    for key, output in outputs.items():
        value = inputs.get(key, ABSENT)
        if isinstance(value, Mapping) and isinstance(output, Mapping):
            found[key] = completed(value, output)
        elif value is UNKNOWN or value is None or (value is ABSENT and _says(key, output)):
            found[key] = output
    return found


def _says(key: str, output: Any) -> bool:
    return output is not UNKNOWN or key in _NEVER_DECLARED


def _from_value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN_MARKERS else text
    if kind == "struct_value":
        return _from_object(value.struct_value)
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def _from_object(struct: Struct) -> Any:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if signature == _SECRET:
        return Secret(_from_value(fields["value"]))
    if signature == _OUTPUT:
        value = _from_value(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(value) if "secret" in fields and fields["secret"].bool_value else value
    return from_struct(struct)
