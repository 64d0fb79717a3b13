"""How resources of a stack hang together where no resource id says it: by name, by origin, by workspace."""

from __future__ import annotations

from typing import Final

from azureml_guard.facts import Fact, Resource, Stack, Truth, either

WORKSPACE: Final = "machinelearningservices:Workspace"
OUTBOUND_RULES: Final = (
    "machinelearningservices:ManagedNetworkSettingsRule",
    "machinelearningservices:OutboundRule",
)
_GROUP: Final = "resourceGroupName"
_ASSET_TARGET: Final = "target"  # where an asset says which workspace has it


def names(stack: Stack, fact: Fact, holder: Resource, target: Resource, *keys: str) -> Truth:
    """Whether a property of `holder` is the physical name of `target`.

    Args:
        stack: All resources.
        fact: The property, such as `privateEndpointName`.
        holder: The resource that has the property.
        target: The resource that may be meant.
        keys: The properties that hold the target's name.
    """
    if fact.is_absent:
        return False
    if not isinstance(fact.value, str):
        return stack.comes_from(fact, holder, target)
    known = [name.value for name in (target.at(key) for key in keys) if isinstance(name.value, str)]
    if not known:
        return None
    group = target.at(_GROUP)
    path = fact.path.rpartition(".")[0]
    beside = holder.at(f"{path}.{_GROUP}" if path else _GROUP)
    elsewhere = isinstance(group.value, str) and beside.equals(group.value, absent=True) is False
    return not elsewhere and fact.equals(*known)


def given(stack: Stack, fact: Fact, holder: Resource, *types: str) -> Truth:
    """Whether a property has a value; an unknown one has where it comes from a resource of these types."""
    if not fact.is_unknown:
        return fact.present()
    top_level = fact.path.split(".")[0].split("[")[0]
    origins = {resource.urn for resource in stack.of(*types)}
    return True if origins & set(holder.sources.get(top_level, ())) else None


def contains(fact: Fact, *allowed: object) -> Truth:
    """Whether a list has one of these values; texts in any case."""
    return None if fact.is_unknown else either(*(item.equals(*allowed) for item in fact.each()))


def is_project(workspace: Resource) -> Truth:
    """Whether it is a project: a workspace that has its network from its hub."""
    return workspace.at("kind").equals("Project")


def managed_network_of(stack: Stack, child: Resource) -> Truth:
    """Whether a managed network isolates the workspace of a compute, an endpoint or an asset.

    None where the stack does not tell, for instance because the workspace belongs to another stack.
    """
    name = child.at("workspaceName" if child.is_azure else f"{_ASSET_TARGET}.workspaceName")
    found = [
        (means, workspace)
        for workspace in stack.of(WORKSPACE)
        if (means := names(stack, name, child, workspace, "workspaceName", "name")) is not False
    ]
    sure = [has_managed_network(stack, workspace) for means, workspace in found if means]
    return sure[0] if sure else None


def has_managed_network(stack: Stack, workspace: Resource) -> Truth:
    """Whether a workspace, or the hub of a project, has a managed network."""
    mode = workspace.at("managedNetwork.isolationMode")
    # Azure's default is Disabled (Workspaces - Create Or Update, 2025-12-01).
    own = mode.equals("AllowInternetOutbound", "AllowOnlyApprovedOutbound")
    project = is_project(workspace)
    if project is False or own:
        return own
    hub = workspace.at("hubResourceId")
    hubs = [
        has_managed_network(stack, other)
        for other in stack.of(WORKSPACE)
        if other.urn != workspace.urn and is_project(other) is False and stack.refers(hub, workspace, other)
    ]
    return hubs[0] if hubs else None
