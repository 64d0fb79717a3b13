"""Workspace connections: named targets outside the workspace, with their credentials kept apart.

Left out: the check that the target answers, private endpoint requirements, model deployments.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented
from sandbox.arm.namespaces.machine_learning import errors
from sandbox.arm.namespaces.values import JsonObject, object_at, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/connections"
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}"

REFERENCE = documented("Workspace Connections - Create, Azure Machine Learning REST API")

AUTH_TYPES = (
    "AAD", "AccessKey", "AccountKey", "AccountManagedIdentity", "ApiKey", "CustomKeys",
    "DelegatedSAS", "ManagedIdentity", "None", "OAuth2", "PAT", "SAS", "ServicePrincipal", "UsernamePassword",
)  # fmt: skip
AUTH_WITHOUT_CREDENTIALS = ("AAD", "None", "AccountManagedIdentity", "ManagedIdentity")


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Shared with nobody else than the workspace's own users."""
    return {"properties": {"isSharedToAll": False, "sharedUserList": [], "metadata": {}}}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Which workspace made the connection, and the group of its category."""
    return {
        "properties": {
            "createdByWorkspaceArmId": context.id.rsplit("/", 2)[0],
            "group": "Azure"
            if str(value_at(body, "properties.category")).startswith("Azure")
            else "GenericProtocol",
        }
    }


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """A known kind of sign-in, with credentials where it needs them."""
    properties = object_at(body, "properties")
    auth = properties.get("authType")
    if auth not in AUTH_TYPES:
        raise errors.user_error(f"authType '{auth}' is not one of {', '.join(AUTH_TYPES)}.")
    if auth not in AUTH_WITHOUT_CREDENTIALS and not properties.get("credentials") and existing is None:
        raise errors.user_error(f"A connection with authType {auth} needs credentials.")
    if not properties.get("category") or properties.get("target") is None:
        raise errors.user_error("A connection needs category and target.")
    if credentials := properties.get("credentials"):
        context.secrets["credentials"] = json.dumps(credentials)


def list_secrets(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listsecrets: the connection with its credentials."""
    body = dict(context.existing or {})
    stored = context.secrets.get("credentials")
    body["properties"] = {**body["properties"], "credentials": json.loads(stored) if stored else None}
    return body
