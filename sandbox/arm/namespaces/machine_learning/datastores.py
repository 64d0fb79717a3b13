"""Datastores: the four that every workspace gets, and those that people register.

Secrets are kept beside the resource and never shown in it; `listSecrets` gives them
out, and is refused for a datastore that works with identities. Left out: the check
that the storage can be reached (`skipValidation=false`), on-premises and lake gen 1 stores.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces.machine_learning import errors
from sandbox.arm.namespaces.values import JsonObject, object_at, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/datastores"
NAME_PATTERN = r"[A-Za-z0-9_]{1,255}"
WORKING_DIRECTORY_SHARE = "code-391ff5ac-6576-460f-ba4d-7e03433c68b6"

CONCEPT = documented("Data concepts in Azure Machine Learning: default datastores of a workspace")
SECRETS = recorded(
    "Azure/azure-powershell, MachineLearningServices development notes: listSecrets, 2022-04-13"
)

# What a datastore of each type must name; "Datastores - Create Or Update".
REQUIRED_BY_TYPE: dict[str, tuple[str, ...]] = {
    "AzureBlob": ("accountName", "containerName"),
    "AzureFile": ("accountName", "fileShareName"),
    "AzureDataLakeGen2": ("accountName", "filesystem"),
    "AzureDataLakeGen1": ("storeName",),
    "OneLake": ("artifact", "oneLakeWorkspaceName"),
}
CREDENTIAL_TYPES = ("AccountKey", "Certificate", "None", "Sas", "ServicePrincipal")


def _storage_account(context: RequestContext, workspace: JsonObject) -> JsonObject:
    return context.find(value_at(workspace, "properties.storageAccount") or "") or {}


def _by_identity(workspace: JsonObject) -> bool:
    return str(value_at(workspace, "properties.systemDatastoresAuthMode")).lower() != "accesskey"


def _access(workspace: JsonObject) -> JsonObject:
    """Credentials section of a system datastore: by the workspace's identity, or by account key."""
    if not _by_identity(workspace):
        return {"credentials": {"credentialsType": "AccountKey"}, "serviceDataAccessAuthIdentity": "None"}
    assigned = value_at(workspace, "properties.primaryUserAssignedIdentity")
    identity = "WorkspaceUserAssignedIdentity" if assigned else "WorkspaceSystemAssignedIdentity"
    return {"credentials": {"credentialsType": "None"}, "serviceDataAccessAuthIdentity": identity}


def _definitions(workspace: JsonObject) -> dict[str, JsonObject]:
    workspace_id = str(value_at(workspace, "properties.workspaceId"))
    blob, file = {"datastoreType": "AzureBlob"}, {"datastoreType": "AzureFile"}
    file_store = f"azureml-filestore-{workspace_id}"
    return {
        "workspaceblobstore": {
            **blob,
            "containerName": f"azureml-blobstore-{workspace_id}",
            "isDefault": True,
        },
        "workspaceartifactstore": {**blob, "containerName": "azureml", "isDefault": False},
        "workspacefilestore": {**file, "fileShareName": file_store, "isDefault": False},
        "workspaceworkingdirectory": {**file, "fileShareName": WORKING_DIRECTORY_SHARE, "isDefault": False},
    }


def create_defaults(context: RequestContext, workspace: JsonObject) -> None:
    """Write the four system datastores and create their blob containers."""
    account = _storage_account(context, workspace)
    if not account:
        return
    steps = str(account["id"]).split("/")
    for name, definition in _definitions(workspace).items():
        properties = {
            "description": None,
            "tags": {},
            "properties": None,
            "accountName": account["name"],
            "endpoint": "core.windows.net",
            "protocol": "https",
            "subscriptionId": steps[2],
            "resourceGroup": steps[4],
            **definition,
            **_access(workspace),
        }
        datastore_id = f"{context.id}/datastores/{name}"
        context.write(
            datastore_id, {"id": datastore_id, "name": name, "type": TYPE, "properties": properties}
        )
        if definition["datastoreType"] == "AzureBlob":
            context.blob.ensure_container(str(account["name"]), definition["containerName"])


def update_defaults(context: RequestContext, workspace: JsonObject) -> None:
    """Follow a change of `systemDatastoresAuthMode` or of the workspace's identity."""
    for name in _definitions(workspace):
        datastore = context.find(f"{context.id}/datastores/{name}")
        if datastore is not None:
            datastore["properties"] |= _access(workspace)
            context.write(str(datastore["id"]), datastore)


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Endpoint and protocol of the public cloud."""
    properties: JsonObject = {"description": None, "tags": {}, "properties": {}}
    if value_at(body, "properties.datastoreType") in ("AzureBlob", "AzureFile", "AzureDataLakeGen2"):
        properties |= {
            "endpoint": "core.windows.net",
            "protocol": "https",
            "serviceDataAccessAuthIdentity": "None",
            "subscriptionId": context.subscription_id,
            "resourceGroup": context.resource_group,
        }
    return {"properties": properties}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """`isDefault` is not for the request to say; it stays what it was."""
    return {"properties": {"isDefault": bool(value_at(context.existing, "properties.isDefault"))}}


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Required names per type, known credential types."""
    properties = object_at(body, "properties")
    kind = properties.get("datastoreType")
    if kind not in REQUIRED_BY_TYPE:
        raise errors.user_error(f"Datastore type '{kind}' is not one of {', '.join(REQUIRED_BY_TYPE)}.")
    missing = [name for name in REQUIRED_BY_TYPE[str(kind)] if not properties.get(name)]
    if missing:
        raise errors.user_error(f"A datastore of type {kind} needs {' and '.join(missing)}.")
    credentials = object_at(properties, "credentials")
    if credentials.get("credentialsType") not in CREDENTIAL_TYPES:
        found = credentials.get("credentialsType")
        raise errors.user_error(f"Credentials type '{found}' is not one of {', '.join(CREDENTIAL_TYPES)}.")
    if existing is not None and value_at(existing, "properties.datastoreType") != kind:
        raise errors.user_error("The type of a registered datastore can't be changed.")
    if secrets := object_at(credentials, "secrets"):
        context.secrets["secrets"] = json.dumps(secrets)


def list_secrets(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listSecrets: `{"secretsType": …}`; with `expirableSecret` a SAS of the container."""
    properties = object_at(context.existing, "properties")
    credential_type = value_at(properties, "credentials.credentialsType")
    if credential_type == "None":
        raise errors.identity_datastore_has_no_secrets(context.name)
    if "secrets" in context.secrets:
        stored: JsonObject = json.loads(context.secrets["secrets"])
        return {"secretsType": credential_type, **stored}
    account = _account_named(context, str(properties["accountName"]))
    key = context.secrets_of(str(account["id"]))["key1"]
    if request.get("expirableSecret") and properties.get("containerName"):
        hours = int(request.get("expireAfterHours") or 24)
        token = container_sas(
            context, str(properties["accountName"]), str(properties["containerName"]), key, hours
        )
        return {"secretsType": "Sas", "sasToken": token}
    return {"secretsType": "AccountKey", "key": key}


def _account_named(context: RequestContext, name: str) -> JsonObject:
    for account in context.all("Microsoft.Storage/storageAccounts"):
        if str(account["name"]).lower() == name.lower():
            return account
    raise errors.user_error(f"The storage account '{name}' of the datastore was not found.")


def container_sas(
    context: RequestContext,
    account: str,
    container: str,
    key: str,
    hours: int,
    *,
    permissions: str = "racwdl",
) -> str:
    """A service SAS of a container ("Create a service SAS", version 2020-12-06), valid for `hours`."""
    version = "2020-12-06"
    expiry = (context.now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    start = (context.now - timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    resource = f"/blob/{account}/{container}"
    # order and blanks as that document lists them: identifier, IP, protocol, version, resource,
    # snapshot, encryption scope, and five response headers
    fields = [permissions, start, expiry, resource, "", "", "https", version, "c", *[""] * 7]
    text = "\n".join(fields)
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return urlencode(
        {
            "sv": version,
            "spr": "https",
            "st": start,
            "se": expiry,
            "sr": "c",
            "sp": permissions,
            "sig": signature,
        }
    )


def only_default(context: RequestContext, found: list[JsonObject]) -> list[JsonObject]:
    """LIST filters: `isDefault`, `names`, and the page size `count`."""
    wanted = context.query.get("isdefault")
    if wanted is not None:
        found = [
            item for item in found if str(bool(item["properties"].get("isDefault"))).lower() == wanted.lower()
        ]
    if names := context.query.get("names"):
        chosen = {name.strip().lower() for name in names.split(",")}
        found = [item for item in found if str(item["name"]).lower() in chosen]
    return found
