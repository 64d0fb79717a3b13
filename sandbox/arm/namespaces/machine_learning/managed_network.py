"""The managed virtual network of a workspace and its outbound rules.

Isolation only tightens: once there is a managed network it cannot be disabled. Rules
live in two places at once, in the workspace's body and as `outboundRules` resources,
and both views agree. Left out: the rules of category Required and Dependency.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented
from sandbox.arm.namespaces.machine_learning import errors
from sandbox.arm.namespaces.values import JsonObject, new_guid, object_at, parent_of, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

RULE_TYPE = "Microsoft.MachineLearningServices/workspaces/outboundRules"
RULE_TYPES = ("FQDN", "PrivateEndpoint", "ServiceTag")
MODES = ("Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound")
FIREWALL_SKUS = ("Standard", "Basic")

ISOLATION = documented("Workspace managed virtual network isolation (Azure Machine Learning)")

# from → the modes it may become; "Workspace managed virtual network isolation", limitations
CHANGEABLE: dict[str, tuple[str, ...]] = {
    "Disabled": ("Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"),
    "AllowInternetOutbound": ("AllowInternetOutbound", "AllowOnlyApprovedOutbound"),
    "AllowOnlyApprovedOutbound": ("AllowOnlyApprovedOutbound",),
}


def shown(requested: JsonObject, before: JsonObject, *, provision_now: bool) -> JsonObject:
    """The network as the service shows it: its id, its state, the modes it may change to."""
    mode = str(requested.get("isolationMode") or "Disabled")
    if mode == "Disabled":
        return {"isolationMode": mode}
    initial = {"status": "Active" if provision_now else "Inactive", "sparkReady": False}
    status = initial if provision_now else before.get("status") or initial
    rules = {name: rule_shown(rule, status) for name, rule in object_at(requested, "outboundRules").items()}
    network: JsonObject = {
        "isolationMode": mode,
        "networkId": before.get("networkId") or new_guid(),
        "outboundRules": rules,
        "status": status,
        "changeableIsolationModes": list(CHANGEABLE[mode]),
    }
    if mode == "AllowOnlyApprovedOutbound":
        network["firewallSku"] = requested.get("firewallSku") or "Standard"
    return network


def rule_shown(rule: JsonObject, network_status: JsonObject) -> JsonObject:
    """A rule with its category and state; it works once the network is provisioned."""
    return {**rule, "category": rule.get("category") or "UserDefined", "status": network_status["status"]}


def validate_settings(requested: JsonObject, before: JsonObject) -> None:
    """Mode and rules of the workspace's own `managedNetwork` section."""
    old = str(before.get("isolationMode") or "Disabled")
    new = str(requested.get("isolationMode") or "Disabled")
    if new not in MODES:
        raise errors.workspace_invalid(f"isolationMode '{new}' is not one of {', '.join(MODES)}.")
    if new not in CHANGEABLE[old]:
        raise errors.isolation_mode_cannot_change(old, new)
    if (sku := requested.get("firewallSku")) not in (None, *FIREWALL_SKUS):
        raise errors.workspace_invalid(f"firewallSku '{sku}' is not one of {', '.join(FIREWALL_SKUS)}.")
    rules = object_at(requested, "outboundRules")
    for name, rule in rules.items():
        _check_rule(name, rule, new)
    _check_destinations(rules)


def _check_rule(name: str, rule: JsonObject, mode: str) -> None:
    kind = rule.get("type")
    if mode == "Disabled":
        raise errors.workspace_invalid(
            f"Outbound rule '{name}' needs a managed network, and the isolation mode is Disabled."
        )
    if kind not in RULE_TYPES:
        raise errors.workspace_invalid(
            f"Outbound rule '{name}': type '{kind}' is not one of {', '.join(RULE_TYPES)}."
        )
    if kind != "PrivateEndpoint" and mode != "AllowOnlyApprovedOutbound":
        raise errors.workspace_invalid(
            f"Outbound rule '{name}' of type {kind} is only possible with isolation mode "
            "AllowOnlyApprovedOutbound."
        )
    if kind == "FQDN":
        host = rule.get("destination")
        if not isinstance(host, str) or not re.fullmatch(r"(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", host):
            raise errors.workspace_invalid(
                f"Outbound rule '{name}': '{host}' is not a fully qualified domain name."
            )
    elif kind == "PrivateEndpoint":
        destination = object_at(rule, "destination")
        if not destination.get("serviceResourceId") or not destination.get("subresourceTarget"):
            raise errors.workspace_invalid(
                f"Outbound rule '{name}' needs destination.serviceResourceId and "
                "destination.subresourceTarget."
            )
    elif not (value_at(rule, "destination.serviceTag") or value_at(rule, "destination.addressPrefixes")):
        raise errors.workspace_invalid(
            f"Outbound rule '{name}' needs destination.serviceTag or addressPrefixes."
        )


def _check_destinations(rules: JsonObject) -> None:
    """One private endpoint for each destination (azureml-examples#2990)."""
    seen: dict[tuple[str, str], str] = {}
    for name, rule in rules.items():
        if rule.get("type") != "PrivateEndpoint":
            continue
        destination = rule["destination"]
        key = (destination["serviceResourceId"].lower(), destination["subresourceTarget"].lower())
        if key in seen:
            raise errors.workspace_invalid(
                f"Outbound rules '{seen[key]}' and '{name}' have the same destination."
            )
        seen[key] = name


def write_rules(context: RequestContext, body: JsonObject) -> None:
    """Make the `outboundRules` resources the same as the rules in the workspace's body."""
    if body.get("kind") == "Project":
        return
    rules = object_at(body, "properties.managedNetwork.outboundRules")
    for child in context.children(context.id, RULE_TYPE):
        if child["name"] not in rules:
            context.remove(str(child["id"]))
    for name, rule in rules.items():
        rule_id = f"{context.id}/outboundRules/{name}"
        context.write(rule_id, {"id": rule_id, "name": name, "type": RULE_TYPE, "properties": rule})


def activate(context: RequestContext, workspace: JsonObject) -> None:
    """The first compute of a workspace provisions its managed network."""
    network = object_at(workspace, "properties.managedNetwork")
    if (
        network.get("isolationMode", "Disabled") == "Disabled"
        or value_at(network, "status.status") == "Active"
    ):
        return
    workspace["properties"]["managedNetwork"] = {
        **network,
        "status": {"status": "Active", "sparkReady": False},
    }
    context.write(str(workspace["id"]), workspace)


def set_active(context: RequestContext, workspace: JsonObject, *, spark: bool) -> JsonObject:
    """Provision the network of a workspace, with its rules; answers the network's state."""
    network = object_at(workspace, "properties.managedNetwork")
    status = {"status": "Active", "sparkReady": spark}
    rules = {name: rule_shown(rule, status) for name, rule in object_at(network, "outboundRules").items()}
    workspace["properties"]["managedNetwork"] = {**network, "status": status, "outboundRules": rules}
    context.write(str(workspace["id"]), workspace)
    for name, rule in rules.items():
        rule_id = f"{workspace['id']}/outboundRules/{name}"
        context.write(rule_id, {"id": rule_id, "name": name, "type": RULE_TYPE, "properties": rule})
    return status


def validate_rule(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """A rule that is put by itself, against the workspace's mode and its other rules."""
    workspace = context.find(parent_of(context.id)) or {}
    network = object_at(workspace, "properties.managedNetwork")
    rule = object_at(body, "properties")
    _check_rule(context.name, rule, str(network.get("isolationMode") or "Disabled"))
    _check_destinations({**object_at(network, "outboundRules"), context.name: rule})


def rule_computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Category and state of a rule that is put by itself."""
    workspace = context.find(parent_of(context.id))
    status = object_at(workspace, "properties.managedNetwork.status")
    return {"properties": rule_shown(object_at(body, "properties"), status)}


def rule_written(context: RequestContext, body: JsonObject) -> None:
    """Show the rule in the workspace's body too."""
    _change_rules(context, {context.name: object_at(body, "properties")})


def rule_deleted(context: RequestContext, body: JsonObject) -> None:
    """Take the rule out of the workspace's body."""
    _change_rules(context, {context.name: None})


def _change_rules(context: RequestContext, changes: JsonObject) -> None:
    workspace = context.find(parent_of(context.id))
    if workspace is None:
        return
    network = object_at(workspace, "properties.managedNetwork")
    rules = {**object_at(network, "outboundRules"), **changes}
    network["outboundRules"] = {name: rule for name, rule in rules.items() if rule is not None}
    workspace["properties"]["managedNetwork"] = network
    context.write(str(workspace["id"]), workspace)
