"""What tells one kind of asset from another; everything else is the same for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, Source, assumed, documented
from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.values import JsonObject

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}"
NAME_ALLOWED = "1 to 255 letters, digits, hyphens and underscores, with a letter or digit first"
VERSION = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
VERSION_ALLOWED = "1 to 100 letters, digits, hyphens, underscores and dots, with a letter or digit first"
NAMING: Source = documented("Environment Versions - Create Or Update, REST API: pattern of the name")
VERSION_NAMING: Source = assumed("versions with dots and of 64 characters are in use, no rule was found")


def name_error(name: str) -> ArmError:
    """The refusal of a name."""
    return errors.invalid(f"The asset name '{name}' is invalid: it must be {NAME_ALLOWED}.")


def version_error(version: str) -> ArmError:
    """The refusal of a version."""
    return errors.invalid(f"The asset version '{version}' is invalid: it must be {VERSION_ALLOWED}.")


def check_name(name: str) -> None:
    """Refuse a name that no asset can have."""
    if not re.fullmatch(NAME, name):
        raise name_error(name)


def nothing_computed(context: RequestContext, properties: JsonObject) -> JsonObject:
    """A kind of which the service writes no property of its own."""
    return {}


@dataclass(frozen=True, kw_only=True)
class AssetKind:
    """One kind of versioned asset.

    `check` gets the properties of the new version and of the stored one (empty for a new one)
    and refuses what the kind does not allow, a change of fixed content above all; it is
    called after the defaults were filled in.
    """

    plural: str  # the word in paths: "environments"
    tokens: tuple[str, str]  # azure-native's resources of a workspace: container, version
    registry_tokens: tuple[str, str] | None = None  # and of a registry; None: registries do not have it
    registry_name_input: str = "name"  # azure-native's input of the container's name in a registry
    not_found: Callable[[str, str], ArmError]  # from name and version
    check: Callable[[RequestContext, JsonObject, JsonObject], None]
    defaults: Mapping[str, Any] = field(default_factory=dict)  # below `properties`
    computed: Callable[[RequestContext, JsonObject], JsonObject] = nothing_computed  # below `properties`
    unstored_version: Callable[[RequestContext], JsonObject | None] | None = None  # as ResourceType.unstored
    container_takes: tuple[str, ...] = ()  # properties of the first version that the container has too
    provisioning_state: bool = True
    uploads: bool = False  # startPendingUpload in a workspace
    registry_uploads: bool = False  # and in a registry
    recreated: bool = True  # a deleted version may be registered again in a workspace
    coerces: bool = False  # as ResourceType.coerces
    facts: tuple[Fact, ...] = ()


def container_name(context: RequestContext) -> str:
    """The asset's name in a request about one of its versions."""
    return context.id.split("/")[-3]


def holder_id(context: RequestContext) -> str:
    """The id of the workspace or registry of a request about a version."""
    return "/".join(context.id.split("/")[:-4])


def in_registry(resource_id: str) -> bool:
    """Whether an id lies in a registry."""
    return "/registries/" in resource_id.lower()
