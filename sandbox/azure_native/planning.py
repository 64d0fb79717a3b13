"""What a change will do, without asking Azure: the diff, and the outputs that a preview shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resource_provider.diff import Kind, PropertyChange, detailed_diff
from resource_provider.provider import Diff, Difference, Properties, Update
from resource_provider.values import UNKNOWN, conceal, contains_unknown, reveal, secret_paths
from sandbox.azure_native.declared import Declared

_STABLE_OUTPUTS = ("id", "name", "type", "azureApiVersion")
_VOLATILE_OUTPUTS = ("etag", "systemData", "provisioningState")


def difference(declared: Declared, request: Diff) -> Difference:
    """Compares inputs; what Azure cannot change needs a new resource.

    The old one is deleted first where both cannot exist at the same time.
    """
    old, new = reveal(request.old_inputs), reveal(request.inputs)
    changes = [
        _with_immutable_content(declared, change, old, new)
        for change in detailed_diff(_normalised(old), _normalised(new), declared.replaces)
    ]
    replaced = any(change.replaces for change in changes)
    return Difference(
        changes=changes,
        delete_before_replace=replaced and _in_the_way(declared, old, new),
        stable=_STABLE_OUTPUTS,
    )


def previewed(declared: Declared, inputs: Properties) -> Properties:
    """The outputs of a resource that is still to be created: what is not known yet is UNKNOWN."""
    plain = reveal(inputs)
    outputs = declared.output_shape.preview(plain)
    outputs["azureApiVersion"] = declared.api_version
    outputs["type"] = declared.arm.type
    own_name = plain.get(declared.arm.name_input, UNKNOWN) if declared.arm.name_input else UNKNOWN
    outputs["name"] = declared.arm.singleton or own_name
    concealed: Properties = conceal(outputs, secret_paths(inputs))
    return concealed


def previewed_update(declared: Declared, request: Update) -> Properties:
    """The outputs after a coming update: those that no changed input feeds keep their value."""
    old_inputs, inputs = reveal(request.old_inputs), reveal(request.inputs)
    outputs: Properties = {}
    for name, value in previewed(declared, request.inputs).items():
        unchanged = name not in _VOLATILE_OUTPUTS and old_inputs.get(name) == inputs.get(name)
        keep = unchanged and contains_unknown(value) and name in request.old_outputs
        outputs[name] = request.old_outputs[name] if keep else value
    return outputs


def _in_the_way(declared: Declared, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the replacement has the id, or the globally unique name, of what it replaces."""
    old_id, new_id = declared.id(old, ""), declared.id(new, "")
    if new_id and new_id.lower() == old_id.lower():
        return True
    name = new.get(declared.arm.name_input)
    return declared.arm.name.unique == "global" and name == old.get(declared.arm.name_input)


def _with_immutable_content(
    declared: Declared, change: PropertyChange, old: Mapping[str, Any], new: Mapping[str, Any]
) -> PropertyChange:
    if change.replaces or change.kind is Kind.DELETE:
        return change
    before, after = _at(old, change.path), _at(new, change.path)
    inside = declared.immutable_inside(change.path, before, after)
    return PropertyChange(change.path, change.kind, replaces=inside)


def _at(value: Any, path: tuple[object, ...]) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _normalised(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Azure takes "West Europe" and "westeurope" for the same location."""
    location = inputs.get("location")
    if isinstance(location, str):
        return {**inputs, "location": location.replace(" ", "").lower()}
    return dict(inputs)
