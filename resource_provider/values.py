"""Property values as the engine sends them (protobuf Struct) <-> Python values.

| on the wire                         | here                      |
|-------------------------------------|---------------------------|
| number that is whole                | int (else float)          |
| one of the engine's unknown markers | UNKNOWN                   |
| secret object                       | Secret(value)             |
| output object                       | its value, UNKNOWN or Secret |
| everything else                     | str, bool, None, list, dict |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, Struct, Value

# Fixed in the engine: sdk/go/common/resource/{properties,sig}.go and plugin/rpc.go.
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_MARKERS: Final = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_LARGEST_EXACT_INT: Final = 2**53

PropertyPath = tuple[object, ...]  # keys (str) and indices (int), outermost first


class Unknown:
    """A value that is not known yet in a preview. There is one: UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in the state and never prints."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


def from_struct(struct: Struct) -> dict[str, Any]:
    """The Python values of a message's properties."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def to_struct(values: Mapping[str, Any]) -> Struct:
    """The message for Python values. TypeError, with the path, for a value that has no wire form."""
    return Struct(fields={key: _to_value(value, key) for key, value in values.items()})


def reveal(value: Any) -> Any:
    """The value without any Secret around or inside it."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list) else value


def secret_paths(value: Any, at: PropertyPath = ()) -> set[PropertyPath]:
    """Where the outermost Secrets are."""
    if isinstance(value, Secret):
        return {at}
    items: Iterable[tuple[object, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return {path for key, item in items for path in secret_paths(item, (*at, key))}


def conceal(value: Any, paths: Iterable[PropertyPath]) -> Any:
    """The value with Secrets put around what lies at those paths; paths that lead nowhere are left out."""
    wanted = set(paths)
    if () in wanted:
        return Secret(reveal(value)) if value is not None else None
    if isinstance(value, dict):
        return {key: conceal(item, _below(wanted, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [conceal(item, _below(wanted, index)) for index, item in enumerate(value)]
    return value


def contains_unknown(value: Any) -> bool:
    """Whether the value, or anything in it, is UNKNOWN."""
    if isinstance(value, Secret):
        return contains_unknown(value.value)
    if isinstance(value, dict):
        return any(contains_unknown(item) for item in value.values())
    return any(contains_unknown(item) for item in value) if isinstance(value, list) else value is UNKNOWN


def _below(paths: set[PropertyPath], key: object) -> set[PropertyPath]:
    return {path[1:] for path in paths if path and path[0] == key}


def _from_value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_MARKERS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) <= _LARGEST_EXACT_INT else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _from_object(value.struct_value)
    return None


def _from_object(struct: Struct) -> Any:
    signature = struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else ""
    if signature == _SECRET:
        return Secret(_from_value(struct.fields["value"]))
    if signature == _OUTPUT:
        value = _from_value(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
        is_secret = "secret" in struct.fields and struct.fields["secret"].bool_value
        return Secret(value) if is_secret else value
    return from_struct(struct)


def _to_value(value: Any, path: str) -> Value:
    if value is None:
        return Value(null_value=0)  # type: ignore[arg-type]  # the enum's only member
    if value is UNKNOWN:
        return Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, (int, float)):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, Secret):
        secret = {_SIGNATURE: Value(string_value=_SECRET), "value": _to_value(value.value, path)}
        return Value(struct_value=Struct(fields=secret))
    if isinstance(value, Mapping):
        fields = {key: _to_value(item, f"{path}.{key}") for key, item in value.items()}
        return Value(struct_value=Struct(fields=fields))
    if isinstance(value, (list, tuple)):
        items = [_to_value(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return Value(list_value=ListValue(values=items))
    raise TypeError(f"{path}: {type(value).__name__} has no form on the wire")
