"""The sandbox's own requests to its emulator: health and injected faults.

Served on the plain loopback port. Every request needs the token of config.json, so
that neither another user nor a web page in a browser can steer the sandbox.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import managed_identity
from sandbox.arm.faults import Faults
from sandbox.children import TOKEN_HEADER
from sandbox.managed_identity import ManagedIdentityEndpoint

Handler = Callable[[Request], Awaitable[Response]]


def create_app(
    *, token: str, certificate_expires: float, managed_identities: ManagedIdentityEndpoint, faults: Faults
) -> Starlette:
    """The application on the plain loopback port; `certificate_expires` is seconds since 1970."""

    def guarded(handler: Handler) -> Handler:
        async def guard(request: Request) -> Response:
            given = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(given.encode(), token.encode()):
                return JSONResponse({"error": "the sandbox's token is missing or wrong"}, 403)
            return await handler(request)

        return guard

    async def health(_request: Request) -> Response:
        return JSONResponse({"pid": os.getpid(), "certificate_expires": certificate_expires})

    async def list_faults(_request: Request) -> Response:
        return JSONResponse({"faults": faults.list()})

    async def add_fault(request: Request) -> Response:
        content: dict[str, Any] = await request.json()
        try:
            faults.add(content)
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"faults": faults.list()}, 201)

    async def clear_faults(_request: Request) -> Response:
        faults.clear()
        return JSONResponse({"faults": []})

    return Starlette(
        routes=[
            Route(managed_identity.PATH, managed_identities.token),
            Route("/health", guarded(health)),
            Route("/faults", guarded(list_faults), methods=["GET"]),
            Route("/faults", guarded(add_fault), methods=["POST"]),
            Route("/faults", guarded(clear_faults), methods=["DELETE"]),
        ]
    )
