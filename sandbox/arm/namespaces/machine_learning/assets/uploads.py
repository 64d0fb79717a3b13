"""startPendingUpload: a container of its own for an asset's files, and a signature for it.

A workspace whose system datastores work with identities signs with a user delegation key of
its own identity: the signature has that identity's rights, so it needs a role on the account,
and works where account keys are refused. Any other workspace signs with the account's key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import datastores
from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.machine_learning.assets.kind import holder_id
from sandbox.arm.namespaces.machine_learning.references import asset_id
from sandbox.arm.namespaces.values import JsonObject, new_guid, object_at, stable_guid, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

HOURS = 8
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_VERSION = "2020-12-06"

FACTS: tuple[Fact, ...] = (
    Fact(
        "The container is named after the first ten characters of the workspace's id and a GUID.",
        recorded("Azure/azure-cli-extensions#6662: codeUri with port 443"),
    ),
    Fact(
        "Without a pendingUploadId each request gets a new place; with the same one, the same place.",
        documented("Code Versions - Create Or Get Start Pending Upload, REST API"),
    ),
    Fact(
        "With account keys the signature is made with the key, and refused by an account without keys.",
        recorded("microsoft/rag-experiment-accelerator#866"),
    ),
    Fact(
        "With system datastores by identity it is a user delegation signature of the workspace's identity.",
        assumed("only such a signature works without keys, and azure-ai-ml takes nothing else than a SAS"),
    ),
    Fact("The signature holds for eight hours.", assumed("no answer with a whole signature was found")),
    Fact(
        "What is signed in a user delegation SAS.",
        documented("Create a user delegation SAS: version 2020-12-06"),
    ),
)


def workspace_upload(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST …/versions/V/startPendingUpload below a workspace."""
    workspace = context.find(holder_id(context)) or {}
    account = context.find(value_at(workspace, "properties.storageAccount") or "")
    if account is None:
        raise errors.invalid("The workspace has no storage account for uploads.")
    container = _container(context, str(value_at(workspace, "properties.workspaceId")), request)
    if str(value_at(workspace, "properties.systemDatastoresAuthMode")).lower() == "accesskey":
        return _place(context, account, container, _by_key(context, account, container), request)
    principal = _principal(workspace)
    if not principal:
        raise errors.invalid("The workspace has no identity that could sign for its storage account.")
    return _place(context, account, container, delegated_sas(context, account, container, principal), request)


def registry_upload(context: RequestContext, request: JsonObject) -> JsonObject:
    """The same below a registry, which keeps its assets' files in an account of its own."""
    if context.existing is not None:
        raise errors.already_uploaded(asset_id(context.id))
    return registry_place(context, holder_id(context), request)


def registry_place(context: RequestContext, registry_id: str, request: JsonObject) -> JsonObject:
    """A new place in the registry's account."""
    account = registry_account(context, registry_id)
    container = _container(context, stable_guid(registry_id), request)
    return _place(context, account, container, _by_key(context, account, container), request)


def registry_account(context: RequestContext, registry_id: str) -> JsonObject:
    """The storage account of the registry's primary region."""
    registry = context.find(registry_id) or {}
    for region in value_at(registry, "properties.regionDetails") or ():
        for details in region.get("storageAccountDetails") or ():
            found = context.find(
                value_at(details, "systemCreatedStorageAccount.armResourceId.resourceId") or ""
            )
            if found is not None and region.get("location") == registry.get("location"):
                return found
    raise errors.invalid("The registry has no storage account in its primary region.")


def _container(context: RequestContext, owner: str, request: JsonObject) -> str:
    unless_given = request.get("pendingUploadId") or new_guid()
    place = uuid.uuid5(uuid.NAMESPACE_URL, f"{context.id.lower()}/{unless_given}")
    return f"{owner[:10]}-{place}"


def _place(
    context: RequestContext, account: JsonObject, container: str, signature: str, request: JsonObject
) -> JsonObject:
    context.blob.ensure_container(str(account["name"]), container)
    uri = f"https://{account['name']}.blob.core.windows.net:443/{container}"
    return {
        "blobReferenceForConsumption": {
            "blobUri": uri,
            "storageAccountArmId": account["id"],
            "credential": {"credentialType": "SAS", "sasUri": f"{uri}?{signature}"},
        },
        "pendingUploadId": request.get("pendingUploadId"),
        "pendingUploadType": "TemporaryBlobReference",
    }


def _principal(workspace: JsonObject) -> str:
    assigned = value_at(workspace, "properties.primaryUserAssignedIdentity")
    if not assigned:
        return str(value_at(workspace, "identity.principalId") or "")
    for identity_id, values in object_at(workspace, "identity.userAssignedIdentities").items():
        if identity_id.lower() == str(assigned).lower():
            return str(values["principalId"])
    return ""


def _by_key(context: RequestContext, account: JsonObject, container: str) -> str:
    key = context.secrets_of(str(account["id"]))["key1"]
    return datastores.container_sas(context, str(account["name"]), container, key, HOURS)


def delegated_sas(context: RequestContext, account: JsonObject, container: str, principal: str) -> str:
    """A user delegation SAS of a container, signed by a principal."""
    start = (context.now - timedelta(minutes=10)).strftime(_TIME)
    expiry = (context.now + timedelta(hours=HOURS)).strftime(_TIME)
    key = context.blob.delegation_key((principal, context.tenant_id), start, expiry, _VERSION)
    resource = f"/blob/{account['name']}/{container}"
    signed = {
        "sp": "racwdl",
        "st": start,
        "se": expiry,
        "resource": resource,
        "skoid": principal,
        "sktid": context.tenant_id,
        "skt": start,
        "ske": expiry,
        "sks": "b",
        "skv": _VERSION,
    }
    # In that document's order: then three identifiers and an address that are not used, protocol,
    # version, resource, and seven more that are empty (snapshot, encryption scope, five headers).
    fields = [*signed.values(), "", "", "", "", "https", _VERSION, "c", *[""] * 7]
    digest = hmac.new(base64.b64decode(key), "\n".join(fields).encode(), hashlib.sha256).digest()
    shown = {name: value for name, value in signed.items() if name != "resource"}
    signature = base64.b64encode(digest).decode()
    return urlencode({**shown, "spr": "https", "sv": _VERSION, "sr": "c", "sig": signature})
