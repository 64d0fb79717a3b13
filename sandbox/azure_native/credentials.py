"""Access tokens for Azure Resource Manager.

Client secret and federated token are one POST each and done here, because importing
azure-identity costs more than the plugin's whole start; everything else (Azure CLI,
managed identity, ...) is left to azure-identity's DefaultAzureCredential.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from resource_provider.http import Http
from resource_provider.provider import ProviderError
from resource_provider.timing import waiting
from sandbox.azure_native.configuration import Configuration

_EARLY_SECONDS = 300  # a token is renewed before it ends
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EXCHANGE_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True)
class _Token:
    text: str
    expires: float


class Credentials:
    """Tokens by scope, kept until shortly before they end."""

    def __init__(self, settings: Configuration, client: Http) -> None:
        self._settings = settings
        self._client = client
        self._tokens: dict[str, _Token] = {}
        self._lock = asyncio.Lock()

    async def token(self, scope: str = "") -> str:
        """A token for the scope (default: Resource Manager). ProviderError when Entra ID refuses."""
        wanted = scope or f"{self._settings.cloud.resource_manager}/.default"
        async with self._lock:
            kept = self._tokens.get(wanted)
            if kept is None or kept.expires - _EARLY_SECONDS < time.time():
                kept = self._tokens[wanted] = await self._fetch(wanted)
            return kept.text

    async def claims(self) -> dict[str, Any]:
        """The claims of the Resource Manager token; not verified, Azure does that."""
        payload = (await self.token()).split(".")[1]
        decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return decoded

    async def _fetch(self, scope: str) -> _Token:
        get = self._settings.get
        if get("clientId") and (get("oidcToken") or get("oidcTokenFilePath") or get("useOidc") == "true"):
            proof = {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": await self._assertion()}
            return await self._client_credentials(scope, proof)
        if get("clientId") and get("clientSecret"):
            return await self._client_credentials(scope, {"client_secret": get("clientSecret")})
        return await self._default_credential(scope)

    async def _assertion(self) -> str:
        get = self._settings.get
        if get("oidcToken"):
            return get("oidcToken")
        if get("oidcTokenFilePath"):
            return await asyncio.to_thread(_token_file, get("oidcTokenFilePath"))
        if get("oidcRequestUrl") and get("oidcRequestToken"):
            headers = {"Authorization": f"Bearer {get('oidcRequestToken')}"}
            with waiting():
                answer = await self._client.request(
                    "GET", get("oidcRequestUrl"), params={"audience": _EXCHANGE_AUDIENCE}, headers=headers
                )
            if answer.status_code == httpx.codes.OK:
                return str(answer.json()["value"])
            raise ProviderError(f"the OIDC token request was refused: HTTP {answer.status_code}")
        raise ProviderError(
            "useOidc is set, but there is no OIDC token: set oidcToken, oidcTokenFilePath, or oidcRequestUrl "
            "and oidcRequestToken (in GitHub Actions: permissions: id-token: write)"
        )

    async def _client_credentials(self, scope: str, proof: dict[str, str]) -> _Token:
        authority, client_id = self._settings.cloud.authority, self._settings.get("clientId")
        form = {"grant_type": "client_credentials", "client_id": client_id, "scope": scope}
        url = f"{authority}/{self._settings.tenant_id}/oauth2/v2.0/token"
        try:
            with waiting():
                answer = await self._client.request("POST", url, data={**form, **proof})
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise ProviderError(f"cannot sign in at {authority}: {reason}") from error
        body = _json(answer)
        if answer.status_code != httpx.codes.OK or "access_token" not in body:
            reason = body.get("error_description") or f"HTTP {answer.status_code}"
            raise ProviderError(f"cannot sign in as {client_id}: {reason}")
        return _Token(body["access_token"], time.time() + float(body.get("expires_in", 3600)))

    async def _default_credential(self, scope: str) -> _Token:
        from azure.core.exceptions import ClientAuthenticationError  # slow imports, rarely needed
        from azure.identity import DefaultAzureCredential

        try:
            with waiting():
                token = await asyncio.to_thread(DefaultAzureCredential().get_token, scope)
        except ClientAuthenticationError as error:
            first_line = str(error.message).splitlines()[0]
            raise ProviderError(
                "azure-native has no credentials: run `az login`, or set ARM_CLIENT_ID, ARM_TENANT_ID and "
                f"ARM_CLIENT_SECRET (or ARM_OIDC_TOKEN). {first_line}"
            ) from error
        return _Token(token.token, float(token.expires_on))


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _token_file(name: str) -> str:
    path = Path(name)
    if not path.is_file():
        raise ProviderError(f"the OIDC token file {path} does not exist (oidcTokenFilePath)")
    return path.read_text(encoding="utf-8").strip()
