"""Which permission each operation of the blob service needs.

Source: "Authorize access to blobs using Microsoft Entra ID", section "Permissions
for blob service operations" of the REST reference: operations on containers are
checked against a role's actions, those on blobs against its data actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_SERVICE = "Microsoft.Storage/storageAccounts/blobServices"
_CONTAINERS = f"{_SERVICE}/containers"
_BLOBS = f"{_CONTAINERS}/blobs"


@dataclass(frozen=True)
class Permission:
    """An action of Azure's roles; `data` tells actions and data actions apart."""

    action: str
    data: bool


@dataclass(frozen=True)
class Operation:
    """What a request wants: the permissions it needs (all of them), and the container it is about."""

    permissions: tuple[Permission, ...]
    container: str = ""  # empty: the account itself
    reads_blob: bool = False  # what anonymous clients may do on a public container


def operation(method: str, path: str, query: Mapping[str, str]) -> Operation:
    """The operation behind a request; `path` is decoded and begins with a slash."""
    container, _, blob = path.lstrip("/").partition("/")
    component = query.get("comp", "").lower()
    if not container:
        return Operation(_on_account(method, component, query))
    if query.get("restype", "").lower() == "container":
        reads = method in ("GET", "HEAD") and component in ("", "list", "metadata")
        return Operation(_on_container(method, component), container, reads_blob=reads)
    if not blob:
        # A blob in the root container "$root" is addressed without its container's name.
        container = "$root"
    return Operation(_on_blob(method, component), container, reads_blob=method in ("GET", "HEAD"))


def _on_account(method: str, component: str, query: Mapping[str, str]) -> tuple[Permission, ...]:
    if component == "list":
        return (Permission(f"{_CONTAINERS}/read", False),)
    if component == "userdelegationkey":
        return (Permission(f"{_SERVICE}/generateUserDelegationKey/action", False),)
    if component == "batch":
        # The requests inside carry credentials of their own, which are not looked at one by one.
        return (Permission(f"{_BLOBS}/delete", True), Permission(f"{_BLOBS}/write", True))
    if component == "blobs":
        return (Permission(f"{_BLOBS}/filter/action", True),)
    if query.get("restype", "").lower() == "account":
        return (Permission(f"{_SERVICE}/getInfo/action", False),)
    return (Permission(f"{_SERVICE}/{'read' if method in ('GET', 'HEAD') else 'write'}", False),)


def _on_container(method: str, component: str) -> tuple[Permission, ...]:
    if component == "list":
        return (Permission(f"{_BLOBS}/read", True),)
    if component == "acl":
        return (
            Permission(f"{_CONTAINERS}/{'getAcl' if method in ('GET', 'HEAD') else 'setAcl'}/action", False),
        )
    if component == "lease":
        return (Permission(f"{_CONTAINERS}/lease/action", False),)
    if component == "batch":
        return (Permission(f"{_BLOBS}/delete", True), Permission(f"{_BLOBS}/write", True))
    if component == "blobs":
        return (Permission(f"{_BLOBS}/filter/action", True),)
    verb = {"GET": "read", "HEAD": "read", "DELETE": "delete"}.get(method, "write")
    return (Permission(f"{_CONTAINERS}/{verb}", False),)


def _on_blob(method: str, component: str) -> tuple[Permission, ...]:
    if component == "tags":
        return (Permission(f"{_BLOBS}/tags/{'read' if method in ('GET', 'HEAD') else 'write'}", True),)
    if component == "query" or method in ("GET", "HEAD"):
        return (Permission(f"{_BLOBS}/read", True),)
    return (Permission(f"{_BLOBS}/{'delete' if method == 'DELETE' else 'write'}", True),)
