"""Which part of the sandbox answers a request: one ASGI application, chosen by host name.

All of Azure's names arrive on one TLS port; in Azure these are different services,
so the parts know nothing of each other.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox import metadata
from sandbox.hosts import (
    BLOB_SUFFIX,
    DATAPLANE_SUFFIX,
    DISCOVERY_SUFFIX,
    LOGIN_HOSTS,
    MANAGEMENT_HOST,
    OIDC_ISSUER_HOST,
)
from sandbox.tokens import TokenService

_LOG = logging.getLogger("sandbox.requests")


class Services:
    """The parts behind Azure's host names."""

    def __init__(
        self, *, arm: ASGIApp, entra: ASGIApp, blob: ASGIApp, registries: ASGIApp, tokens: TokenService
    ) -> None:
        self._by_host: dict[str, ASGIApp] = {
            MANAGEMENT_HOST: _with_metadata(arm),
            OIDC_ISSUER_HOST: _issuer(tokens),
        }
        self._by_host |= dict.fromkeys(LOGIN_HOSTS, entra)
        self._blob = blob
        self._registries = registries
        self.in_flight = 0  # requests that are being answered

    def find(self, host: str) -> ASGIApp:
        """The application for a host name (lower case, no port)."""
        if host.endswith(BLOB_SUFFIX):
            return self._blob
        if host.endswith((DISCOVERY_SUFFIX, DATAPLANE_SUFFIX)):
            return self._registries
        return self._by_host.get(host, _not_emulated)


def create_app(services: Services, drop: Callable[[int], bool]) -> ASGIApp:
    """The application on the TLS port: picks the part by the Host header and logs the answer.

    `drop` cuts the client whose connection comes from a port; services that fail on
    purpose find it as the extension "sandbox.disconnect" of a request's scope.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"Azure's services here speak HTTP, not {scope['type']}")
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").partition(":")[0].lower()
        client = scope.get("client")
        if client is not None:
            scope["extensions"] = {
                **(scope.get("extensions") or {}),
                "sandbox.disconnect": partial(drop, client[1]),
            }
        started = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        services.in_flight += 1
        try:
            await services.find(host)(scope, receive, noting)
        finally:
            services.in_flight -= 1
            query = scope["query_string"].decode("latin-1")
            # A shared access signature in a query is a credential: only the API version is worth a line.
            version = next((part for part in query.split("&") if part.startswith("api-version=")), "")
            elapsed = (time.perf_counter() - started) * 1000
            _LOG.info(
                "%s %s%s %s -> %s %.0f ms",
                scope["method"],
                host,
                scope["path"],
                version,
                status or "none",
                elapsed,
            )

    return app


def _with_metadata(arm: ASGIApp) -> ASGIApp:
    """Resource Manager's host also answers for cloud metadata, which needs no token."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == metadata.PATH and scope["method"] == "GET":
            response = await metadata.endpoints(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await arm(scope, receive, send)

    return app


def _issuer(tokens: TokenService) -> ASGIApp:
    """The OIDC issuer of workflows: what a verifier needs in order to check its tokens."""
    base = f"https://{OIDC_ISSUER_HOST}"

    async def configuration(_request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": base,
                "jwks_uri": f"{base}/.well-known/jwks",
                "subject_types_supported": ["public", "pairwise"],
                "response_types_supported": ["id_token"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(_request: Request) -> Response:
        return JSONResponse(tokens.key_set())

    return Starlette(
        routes=[Route("/.well-known/openid-configuration", configuration), Route("/.well-known/jwks", keys)]
    )


async def _not_emulated(scope: Scope, receive: Receive, send: Send) -> None:
    """A service of Azure that has no emulation here: refused by name, never silently empty."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    error = {"code": "NotFound", "message": f"The sandbox does not emulate {host}."}
    await JSONResponse({"error": error}, 404)(scope, receive, send)
