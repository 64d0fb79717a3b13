"""Entra ID for applications: discovery documents and the two token endpoints.

It signs in service principals by secret or federated token and managed identities
by federated token. Left out on purpose: everything with a person and a browser.
Source of the flows: "Microsoft identity platform and the OAuth 2.0 client
credentials flow"; of the documents: "OpenID Connect on the Microsoft identity platform".
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import entra_errors
from sandbox.directory import Application, Directory
from sandbox.entra_errors import EntraError
from sandbox.hosts import LOGIN_HOSTS
from sandbox.settings import FederatedCredential
from sandbox.tokens import MANAGEMENT_AUDIENCES, TokenError, TokenService

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOGIN = f"https://{LOGIN_HOSTS[0]}"
# Azure's own applications that clients of this project ask tokens for.
_RESOURCES = MANAGEMENT_AUDIENCES | {
    "https://storage.azure.com",
    "https://storage.azure.com/",
    "https://vault.azure.net",
    "https://vault.azure.net/",
    "https://ml.azure.com",
    "https://ml.azure.com/",
    "https://graph.microsoft.com",
    "https://graph.microsoft.com/",
    "https://containerregistry.azure.net",
    "https://containerregistry.azure.net/",
    "https://api.loganalytics.io",
    "https://api.loganalytics.io/",
    "https://monitor.azure.com",
    "https://monitor.azure.com/",
    "https://cognitiveservices.azure.com",
    "https://cognitiveservices.azure.com/",
    "https://database.windows.net",
    "https://database.windows.net/",
}
_RESOURCE_SUFFIXES = (
    ".blob.core.windows.net",
    ".dfs.core.windows.net",
    ".file.core.windows.net",
    ".vault.azure.net",
)


def create_app(directory: Directory, tokens: TokenService) -> Starlette:
    """The application behind login.microsoftonline.com and its aliases."""
    entra = _Entra(directory, tokens)
    routes = [
        Route("/common/discovery/instance", entra.instance_discovery),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", entra.openid_configuration_v2),
        Route("/{tenant}/.well-known/openid-configuration", entra.openid_configuration_v1),
        Route("/{tenant}/discovery/v2.0/keys", entra.keys),
        Route("/{tenant}/discovery/keys", entra.keys),
        Route("/{tenant}/oauth2/v2.0/token", entra.token_v2, methods=["POST"]),
        Route("/{tenant}/oauth2/token", entra.token_v1, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={EntraError: _render})


async def _render(request: Request, error: Exception) -> Response:
    if not isinstance(error, EntraError):
        raise error  # registered for this class alone
    return error.response(request.headers.get("client-request-id"))


def known_resource(resource: str) -> bool:
    """Whether an application of Azure's stands behind this resource identifier."""
    return resource in _RESOURCES or resource.rstrip("/").endswith(_RESOURCE_SUFFIXES)


class _Entra:
    def __init__(self, directory: Directory, tokens: TokenService) -> None:
        self._directory = directory
        self._tokens = tokens

    async def instance_discovery(self, _request: Request) -> Response:
        """Which host names are one and the same authority (MSAL asks before the first token)."""
        hosts = list(LOGIN_HOSTS[:3])
        metadata = {
            "preferred_network": hosts[0],
            "preferred_cache": hosts[2],
            "aliases": [*hosts, LOGIN_HOSTS[3]],
        }
        base = f"{_LOGIN}/{self._tokens.tenant_id}/v2.0"
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"{base}/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [metadata],
            }
        )

    async def openid_configuration_v2(self, request: Request) -> Response:
        """The discovery document of version 2.0."""
        issuer = f"{_LOGIN}/{self._tokens.tenant_id}/v2.0"
        return JSONResponse(self._configuration(self._tenant(request), "/v2.0", issuer))

    async def openid_configuration_v1(self, request: Request) -> Response:
        """The discovery document of version 1.0."""
        return JSONResponse(self._configuration(self._tenant(request), "", self._tokens.issuer))

    async def keys(self, request: Request) -> Response:
        """The keys that sign tokens."""
        self._tenant(request)
        return JSONResponse(self._tokens.key_set())

    async def token_v2(self, request: Request) -> Response:
        """Version 2.0: the form names a scope."""
        form = await _form(request)
        application = self._authenticate(self._tenant(request), form)
        scopes = form.get("scope", "").split()
        if not scopes:
            raise entra_errors.scope_missing()
        resources = [scope for scope in scopes if scope not in ("openid", "profile", "offline_access")]
        if len(resources) != 1 or not resources[0].endswith("/.default"):
            raise entra_errors.scope_not_default(form["scope"])
        resource = resources[0][: -len("/.default")]
        return self._answer(application, resource, strings=False)

    async def token_v1(self, request: Request) -> Response:
        """Version 1.0: the form names a resource, and every number of the answer is a text."""
        form = await _form(request)
        application = self._authenticate(self._tenant(request), form)
        if "resource" not in form:
            raise entra_errors.parameter_missing("resource")
        return self._answer(application, form["resource"], strings=True)

    def _answer(self, application: Application, resource: str, *, strings: bool) -> Response:
        # "https://management.azure.com//.default" stands for the resource with its slash; the slash
        # that separates the resource from ".default" has gone already.
        if not known_resource(resource):
            raise entra_errors.resource_unknown(resource, self._tokens.tenant_id)
        token, lifetime = self._tokens.access_token(application.identity, resource)
        content: dict[str, object] = {"token_type": "Bearer", "access_token": token}
        if strings:
            expires = int(dt.datetime.now(dt.timezone.utc).timestamp()) + lifetime
            content |= {
                "expires_in": str(lifetime),
                "ext_expires_in": str(lifetime),
                "expires_on": str(expires),
                "not_before": str(expires - lifetime),
                "resource": resource,
            }
        else:
            content |= {"expires_in": lifetime, "ext_expires_in": lifetime}
        return JSONResponse(content, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    def _tenant(self, request: Request) -> str:
        tenant: str = request.path_params["tenant"]
        # "organizations" and "common" lead to a person's home tenant; an application has to name its own,
        # but discovery documents exist for them.
        if tenant.lower() == self._tokens.tenant_id or (
            tenant in ("common", "organizations") and not request.url.path.endswith("/token")
        ):
            return tenant
        raise entra_errors.tenant_not_found(tenant)

    def _authenticate(self, tenant: str, form: Mapping[str, str]) -> Application:
        for name in ("grant_type", "client_id"):
            if not form.get(name):
                raise entra_errors.parameter_missing(name)
        if form["grant_type"] != "client_credentials":
            raise entra_errors.grant_type_unsupported(form["grant_type"])
        application = self._directory.application(form["client_id"])
        if application is None:
            raise entra_errors.application_not_found(form["client_id"], tenant)
        if form.get("client_assertion"):
            if form.get("client_assertion_type") != _ASSERTION_TYPE:
                raise entra_errors.parameter_missing("client_assertion_type")
            self._check_assertion(application, form["client_assertion"])
        elif form.get("client_secret"):
            expected = application.secret.encode()
            if not expected or not hmac.compare_digest(form["client_secret"].encode(), expected):
                raise entra_errors.secret_wrong(form["client_id"])
        else:
            raise entra_errors.credential_missing()
        return application

    def _check_assertion(self, application: Application, assertion: str) -> None:
        """Issuer, subject and audience match exactly ("Workload identity federation", considerations)."""
        try:
            claims = self._tokens.verify_signature(assertion)
        except TokenError as error:
            if error.problem in ("expired", "not yet valid"):
                times = [_time(error.claims.get(name)) for name in ("nbf", "exp")]
                raise entra_errors.assertion_expired(_time(None), *times) from None
            if error.problem == "malformed":
                raise entra_errors.assertion_malformed() from None
            raise entra_errors.assertion_signature_wrong() from None
        presented = FederatedCredential(*(str(claims.get(name, "")) for name in ("iss", "sub", "aud")))
        candidates = [item for item in application.federated if item.issuer == presented.issuer]
        if not candidates:
            raise entra_errors.federation_issuer_unknown(presented.issuer)
        candidates = [item for item in candidates if item.audience == presented.audience]
        if not candidates:
            raise entra_errors.federation_audience_unknown(presented.audience)
        if presented not in candidates:
            raise entra_errors.federation_subject_unknown(presented.subject)

    def _configuration(self, tenant: str, version: str, issuer: str) -> dict[str, object]:
        base = f"{_LOGIN}/{tenant}"
        return {
            "token_endpoint": f"{base}/oauth2{version}/token",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "jwks_uri": f"{base}/discovery{version}/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": issuer,
            "authorization_endpoint": f"{base}/oauth2{version}/authorize",
            "device_authorization_endpoint": f"{base}/oauth2{version}/devicecode",
            "tenant_region_scope": None,
            "cloud_instance_name": "microsoftonline.com",
        }


async def _form(request: Request) -> dict[str, str]:
    """The fields of an urlencoded body; a field sent twice keeps its first value."""
    from urllib.parse import parse_qsl

    fields: dict[str, str] = {}
    for name, value in parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True):
        fields.setdefault(name, value)
    return fields


def _time(seconds: object) -> str:
    moment = dt.datetime.now(dt.timezone.utc)
    if isinstance(seconds, (int, float)):
        moment = dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
