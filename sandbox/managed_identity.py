"""The endpoint that hands tokens to code running as a managed identity, in App Service's form.

Source: "How to use managed identities for App Service and Azure Functions", REST
endpoint reference, api-version 2019-08-01. It is plain HTTP on loopback, as in
Azure; the header's secret keeps other users of the machine away.
"""

from __future__ import annotations

import hmac
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.directory import Directory, managed_identity_token_identity
from sandbox.entra import known_resource
from sandbox.tokens import MANAGED_IDENTITY_LIFETIME, TokenService

PATH = "/msi/token"
# The documentation has principal_id, MSAL sends object_id: App Service knows both.
_SELECTORS = ("client_id", "principal_id", "object_id", "mi_res_id")


class ManagedIdentityEndpoint:
    """Tokens for the user-assigned identities that Resource Manager knows at this moment."""

    def __init__(self, directory: Directory, tokens: TokenService, secret: str) -> None:
        self._directory = directory
        self._tokens = tokens
        self._secret = secret

    async def token(self, request: Request) -> Response:
        """GET ?api-version=2019-08-01&resource=R with one of the selectors above."""
        header = request.headers.get("x-identity-header", "")
        if not hmac.compare_digest(header.encode(), self._secret.encode()):
            return _error(401, "the header X-IDENTITY-HEADER is missing or wrong")
        query = request.query_params
        if query.get("api-version") != "2019-08-01":
            return _error(400, "api-version has to be 2019-08-01")
        resource = query.get("resource", "")
        if not known_resource(resource):
            return _error(
                400, f"AADSTS500011: The resource principal named {resource} was not found in the tenant."
            )
        selected = {name: query[name] for name in _SELECTORS if query.get(name)}
        if not selected:
            # The machine that runs the sandbox has no identity of its own.
            return _error(400, "Unable to load the proper Managed Identity.")
        managed = self._directory.managed_identity(
            client_id=selected.get("client_id", ""),
            principal_id=selected.get("principal_id", selected.get("object_id", "")),
            resource_id=selected.get("mi_res_id", ""),
        )
        if managed is None:
            return _error(
                400,
                "No User Assigned or Delegated Managed Identity found for specified "
                "ClientId/ResourceId/PrincipalId.",
            )
        identity = managed_identity_token_identity(managed)
        token, lifetime = self._tokens.access_token(identity, resource, MANAGED_IDENTITY_LIFETIME)
        return JSONResponse(
            {
                "access_token": token,
                "client_id": managed.client_id,
                "expires_on": str(int(time.time()) + lifetime),
                "resource": resource,
                "token_type": "Bearer",
            }
        )


def _error(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status)
