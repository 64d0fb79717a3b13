"""The blob service's errors, in the XML that storage clients read.

Codes and statuses: "Status and error codes" and "Blob service error codes" (Azure
Storage REST API reference); the sentences are the service's own.
"""

from __future__ import annotations

import datetime as dt
import uuid
from xml.sax.saxutils import escape

from starlette.responses import Response


class BlobError(Exception):
    """A refusal by the blob service."""

    def __init__(self, status: int, code: str, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.headers = headers or {}

    def response(self, *, head: bool) -> Response:
        """The answer; one to HEAD has no body, so clients take the code from its header."""
        request_id = str(uuid.uuid4())
        now = dt.datetime.now(dt.timezone.utc)
        message = f"{self.sentence}\nRequestId:{request_id}\nTime:{now:%Y-%m-%dT%H:%M:%S.%f}0Z"
        body = (
            '\ufeff<?xml version="1.0" encoding="utf-8"?>'
            f"<Error><Code>{self.code}</Code><Message>{escape(message)}</Message></Error>"
        )
        headers = {
            "x-ms-error-code": self.code,
            "x-ms-request-id": request_id,
            "Server": "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
            **self.headers,
        }
        return Response("" if head else body, self.status, headers, media_type="application/xml")


def account_not_found() -> BlobError:
    """Nobody reaches this through DNS: the account's name does not resolve."""
    return BlobError(404, "ResourceNotFound", "The specified resource does not exist.")


def network_denied() -> BlobError:
    """The account's firewall, or its public network access, keeps this client out."""
    return BlobError(403, "AuthorizationFailure", "This request is not authorized to perform this operation.")


def permission_missing() -> BlobError:
    """The caller is known but no role of theirs allows the operation here."""
    return BlobError(
        403,
        "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.",
    )


def shared_key_not_permitted() -> BlobError:
    """The account has allowSharedKeyAccess set to false."""
    return BlobError(
        403,
        "KeyBasedAuthenticationNotPermitted",
        "Key based authentication is not permitted on this storage account.",
    )


def public_access_not_permitted() -> BlobError:
    """The account has allowBlobPublicAccess set to false."""
    return BlobError(
        409, "PublicAccessNotPermitted", "Public access is not permitted on this storage account."
    )


def authentication_missing(tenant_id: str) -> BlobError:
    """No credential at all, from a client that is new enough for a challenge."""
    return BlobError(
        401,
        "NoAuthenticationInformation",
        "Server failed to authenticate the request. Please refer to the information in the "
        "www-authenticate header.",
        _challenge(tenant_id),
    )


def token_invalid(tenant_id: str) -> BlobError:
    """A bearer token that is expired, for another audience, or not Entra ID's."""
    return BlobError(
        401,
        "InvalidAuthenticationInfo",
        "Server failed to authenticate the request. Please refer to the information in the "
        "www-authenticate header.",
        _challenge(tenant_id),
    )


def key_signature_wrong() -> BlobError:
    """A Shared Key that is not the account's, or a signature over something else."""
    return BlobError(
        403,
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed "
        "correctly including the signature.",
    )


def authorization_malformed() -> BlobError:
    """An Authorization header of no known scheme."""
    return BlobError(
        400,
        "InvalidAuthenticationInfo",
        "Authentication information is not given in the correct format. Check the value of Authorization "
        "header.",
    )


def server_busy() -> BlobError:
    """Azurite is being started again: clients wait and retry."""
    return BlobError(503, "ServerBusy", "The server is busy.", {"Retry-After": "1"})


def _challenge(tenant_id: str) -> dict[str, str]:
    authority = f"https://login.microsoftonline.com/{tenant_id}/oauth2/authorize"
    return {"WWW-Authenticate": f"Bearer authorization_uri={authority} resource_id=https://storage.azure.com"}
