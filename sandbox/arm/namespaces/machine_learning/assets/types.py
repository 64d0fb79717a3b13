"""The resource types of a kind: container and version, in workspaces and in registries."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.namespaces.machine_learning.assets import kind as kinds
from sandbox.arm.namespaces.machine_learning.assets import lists, uploads, versions
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind, container_name
from sandbox.arm.namespaces.machine_learning.assets.registry_uploads import PERMISSIONS
from sandbox.arm.resource_type import Action, NameRule, ResourceType

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

PROVIDER = "Microsoft.MachineLearningServices"
VERBS = frozenset({"PUT", "GET", "DELETE", "LIST"})

FACTS: tuple[Fact, ...] = (
    Fact("The first version of a name makes its container.", documented("azure-ai-ml 1.35: operations")),
    Fact(
        "A list of versions of an unknown name is empty.",
        documented("azure-ai-ml 1.35: _asset_utils._get_latest"),
    ),
    Fact(
        "The next version is one more than the highest whole number.",
        assumed("azure-ai-ml takes nextVersion as it comes; names such as 1.0.0 are left out"),
    ),
    Fact(
        "Lists show what is not archived; an archived container hides all of its versions.",
        documented("Create and manage data assets: archive all versions of a data asset"),
    ),
    Fact("Lists go on with $skip.", documented("Environment Versions - List, REST API: $skip")),
    Fact("$top is the number of all that is listed, not of a page.", assumed("the API says maximum number")),
    Fact(
        "A container stays when its last version is deleted.",
        assumed("what a name without versions looks like in Azure was not found"),
    ),
)


def workspace_types(kind: AssetKind) -> tuple[ResourceType, ResourceType]:
    """Container and version below a workspace."""
    parent = f"{PROVIDER}/workspaces"
    inputs = ("workspaceName", "name")
    return _container(kind, parent, kind.tokens[0], inputs), _version(
        kind, parent, kind.tokens[1], inputs, uploads.workspace_upload if kind.uploads else None
    )


def registry_types(kind: AssetKind) -> tuple[ResourceType, ...]:
    """Container and version below a registry; none for kinds that registries do not have."""
    if kind.registry_tokens is None:
        return ()
    parent = f"{PROVIDER}/registries"
    inputs = ("registryName", kind.registry_name_input)
    action = uploads.registry_upload if kind.registry_uploads else None
    return (
        _container(kind, parent, kind.registry_tokens[0], inputs),
        _version(kind, parent, kind.registry_tokens[1], inputs, action),
    )


def _container(kind: AssetKind, parent: str, token: str, inputs: tuple[str, str]) -> ResourceType:
    version_type = f"{parent}/{kind.plural}/versions"
    return ResourceType(
        type=f"{parent}/{kind.plural}",
        token=f"azure-native:machinelearningservices:{token}",
        name=NameRule(
            pattern=kinds.NAME, allowed=kinds.NAME_ALLOWED, source=kinds.NAMING, error=kinds.name_error
        ),
        name_input=inputs[1],
        parent_inputs=inputs[:1],
        flattened=False,
        tracked=False,
        provisioning_state=kind.provisioning_state,
        extra_api_versions=API_VERSIONS,
        permissions_of=_permissions(parent),
        verbs=VERBS,
        page_parameter="$skip",
        not_found=lambda context: kind.not_found(context.name, ""),
        defaults=versions.container_defaults,
        computed=partial(versions.container_computed, version_type),
        validate=partial(versions.check_container, kind),
        list_filter=lists.containers,
        facts=FACTS,
    )


def _version(
    kind: AssetKind, parent: str, token: str, inputs: tuple[str, str], upload: Action | None
) -> ResourceType:
    return ResourceType(
        type=f"{parent}/{kind.plural}/versions",
        token=f"azure-native:machinelearningservices:{token}",
        name=NameRule(
            pattern=kinds.VERSION,
            allowed=kinds.VERSION_ALLOWED,
            source=kinds.VERSION_NAMING,
            error=kinds.version_error,
        ),
        name_input="version",
        parent_inputs=inputs,
        flattened=False,
        tracked=False,
        provisioning_state=kind.provisioning_state,
        extra_api_versions=API_VERSIONS,
        permissions_of=_permissions(parent),
        verbs=VERBS,
        coerces=kind.coerces,
        parent_optional=True,
        page_parameter="$skip",
        actions={"startPendingUpload": upload} if upload else {},
        early_actions=frozenset({"startPendingUpload"} if upload else ()),
        not_found=partial(_version_not_found, kind),
        unstored=kind.unstored_version,
        as_read=versions.as_read,
        defaults=partial(versions.version_defaults, kind),
        computed=partial(versions.version_computed, kind),
        validate=partial(versions.check_version, kind),
        created=partial(versions.version_created, kind),
        deleted=versions.version_deleted,
        list_filter=lists.of(kind.plural),
        facts=kind.facts,
    )


def _version_not_found(kind: AssetKind, context: RequestContext) -> ArmError:
    return kind.not_found(container_name(context), context.name)


def _permissions(parent: str) -> str:
    return PERMISSIONS if kinds.in_registry(f"{parent}/") else ""
