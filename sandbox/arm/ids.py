"""Resource ids: taking them apart, comparing them, and the scopes that they lie in.

ARM compares ids without regard to case and answers with one spelling of its own
("Resource IDs", Azure Resource Manager common API details). A *key* is the id in lower
case; it is what the store and every comparison use.
"""

from __future__ import annotations

import uuid


def key_of(resource_id: str) -> str:
    """The id as it is compared: lower case, no slash at the end."""
    return resource_id.rstrip("/").lower()


def segments_of(path: str) -> list[str]:
    """The parts between slashes, without empty ones."""
    return [part for part in path.split("/") if part]


def parent_key(key: str) -> str:
    """Key of what directly holds a resource: its parent, its resource group, its subscription or its scope.

    An extension resource ({scope}/providers/Microsoft.Authorization/locks/l) is held by its scope,
    as is a top-level resource by its group.
    """
    steps = key.split("/")
    if len(steps) > 4 and steps[-4] == "providers":
        return "/".join(steps[:-4])
    return "/".join(steps[:-2])


def scopes_of(key: str) -> list[str]:
    """The scopes that a resource inherits from, innermost first: itself, parents, group, subscription."""
    found = [key] if key else []
    while key.count("/") > 2:
        key = parent_key(key)
        found.append(key)
    return found


def type_of(resource_id: str) -> str:
    """The resource type in an id as it is spelled there: "Microsoft.KeyVault/vaults"."""
    steps = segments_of(resource_id)
    lowered = [step.lower() for step in steps]
    if "providers" in lowered:
        start = len(lowered) - 1 - lowered[::-1].index("providers")
        rest = steps[start + 1 :]
        return "/".join([*rest[:1], *rest[1::2]])
    if len(steps) == 4:
        return "Microsoft.Resources/resourceGroups"
    return "Microsoft.Resources/subscriptions" if len(steps) == 2 else ""


def subscription_of(key: str) -> str:
    """The subscription id in a key; empty at tenant scope."""
    steps = key.split("/")
    return steps[2] if len(steps) > 2 and steps[1] == "subscriptions" else ""


def group_of(key: str) -> str:
    """The resource group's name in a key; empty above it."""
    steps = key.split("/")
    return steps[4] if len(steps) > 4 and steps[3] == "resourcegroups" else ""


def is_guid(text: str) -> bool:
    """Whether a text is a GUID in its usual form with hyphens."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
