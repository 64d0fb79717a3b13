"""Names for resources that the program leaves unnamed, as azure-native makes them.

Source: pulumi-azure-native, provider/pkg/provider ("auto-naming"): a top-level resource
gets its Pulumi name and eight random hexadecimal digits, a role assignment or definition
a random GUID, a child resource its Pulumi name as it is.
"""

from __future__ import annotations

import hashlib
import uuid

from resource_provider.provider import Check
from sandbox.arm.resource_type import ResourceType

_DIGITS = 8
_GUID_TYPES = frozenset(
    {"microsoft.authorization/roleassignments", "microsoft.authorization/roledefinitions"}
)


def default_name(arm: ResourceType, request: Check) -> str | None:
    """The name to use, or None when the stack's autonaming configuration forbids making one.

    The old name is kept. The engine's seed makes the choice repeatable within one update.
    """
    kept = request.old_inputs.get(arm.name_input)
    if isinstance(kept, str):
        return kept
    if request.autonaming_disabled:
        return None
    guid = arm.type.lower() in _GUID_TYPES
    if request.name_required or (request.proposed_name and not guid):  # a proposal is no GUID
        return request.proposed_name
    digest = hashlib.sha256(request.seed + request.resource.urn.encode()).digest()
    if guid:
        return str(uuid.UUID(bytes=digest[:16], version=4))
    if len(arm.segments) > 1:
        return request.resource.name
    return request.resource.name + digest.hex()[:_DIGITS]
