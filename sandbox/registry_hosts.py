"""The hosts of Azure ML's regions: discovery of registries, and the data plane of their assets.

The data plane speaks of the same assets as Resource Manager, in its own way: paths have a
prefix, there is one API version, and ids begin with `azureml://registries/`. So its requests
go on to Resource Manager with these three translated, in both directions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.hosts import DATAPLANE_SUFFIX, MANAGEMENT_HOST

JsonObject = dict[str, Any]
PREFIX = "/mferp/managementfrontend"
DATAPLANE_VERSION = "2021-10-01-dataplanepreview"
ARM_VERSION = "2025-12-01"
DISCOVERY_VERSION = "v1.0"
_DISCOVERY = re.compile(r"/registrymanagement/v1\.0/registries/(?P<name>[^/]+)/discovery")
_REGISTRY = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices"
    r"/registries/(?P<name>[^/]+)(?P<below>/.*)?",
    re.IGNORECASE,
)
# Requests that only the data plane has; Resource Manager's side of the emulator knows them by its version.
_OWN = re.compile(r"/(tempdatarefs|datarefs)/[^/]+/versions/[^/]+", re.IGNORECASE)

RegistryLookup = Callable[[str], Mapping[str, Any] | None]


class RegistryHosts:
    """ASGI application for `REGION.api.azureml.ms` and `cert-REGION.experiments.azureml.net`.

    `registry` gives a registry's Resource Manager body by its name.
    """

    def __init__(self, arm: ASGIApp, registry: RegistryLookup) -> None:
        self._arm = arm
        self._registry = registry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        if (request.url.hostname or "").endswith(DATAPLANE_SUFFIX):
            response = await self._data_plane(request)
        else:
            response = await self._discover(request)
        await response(scope, receive, send)

    async def _discover(self, request: Request) -> Response:
        match = _DISCOVERY.fullmatch(request.url.path)
        if match is None or request.method != "GET":
            return _error(404, "NotFound", f"The sandbox does not emulate {request.url.path} of this host.")
        if request.query_params.get("api-version") != DISCOVERY_VERSION:
            return _error(400, "UserError", f"The api-version must be {DISCOVERY_VERSION}.")
        found = self._registry(match["name"])
        if found is None:
            return _error(404, "UserError", f"Registry {match['name']} was not found.")
        # Who may not read the registry gets Resource Manager's refusal.
        status, headers, body = await self._ask(request, str(found["id"]), ARM_VERSION)
        if status != 200:
            return Response(body, status, headers)
        steps = str(found["id"]).split("/")
        primary = str(found["location"])
        return JSONResponse(
            {
                "registryName": found["name"],
                "primaryRegion": primary,
                "regions": [region["location"] for region in found["properties"]["regionDetails"]],
                "primaryRegionResourceProviderUri": f"https://cert-{primary}{DATAPLANE_SUFFIX}/",
                "resourceGroup": steps[4],
                "subscriptionId": steps[2],
            }
        )

    async def _data_plane(self, request: Request) -> Response:
        path = request.url.path
        inner = path.removeprefix(PREFIX)
        match = _REGISTRY.fullmatch(inner)
        if not path.startswith(f"{PREFIX}/") or match is None or not match["below"]:
            return _error(404, "NotFound", f"The sandbox does not emulate {path} of this host.")
        version = request.query_params.get("api-version")
        if version != DATAPLANE_VERSION:
            message = (
                f"The api-version '{version}' is invalid. The supported version is '{DATAPLANE_VERSION}'."
            )
            return _error(400, "InvalidApiVersionParameter", message)
        own = _OWN.fullmatch(match["below"])
        status, headers, body = await self._ask(request, inner, DATAPLANE_VERSION if own else ARM_VERSION)
        if body and status < 400 and not own:
            base = f"https://{request.url.hostname}{PREFIX}"
            body = json.dumps(_translated(json.loads(body), base)).encode()
        headers.pop("content-length", None)
        return Response(body, status, headers)

    async def _ask(self, request: Request, path: str, version: str) -> tuple[int, dict[str, str], bytes]:
        """Resource Manager's answer to the request under another path and API version."""
        kept = [(name, value) for name, value in parse_qsl(request.url.query, True) if name != "api-version"]
        headers = [(name, value) for name, value in request.headers.raw if name != b"host"]
        scope = {
            **request.scope,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode([*kept, ("api-version", version)]).encode(),
            "headers": [*headers, (b"host", MANAGEMENT_HOST.encode())],
        }
        status, answer, parts = 500, {}, []

        async def take(message: Message) -> None:
            nonlocal status, answer
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = {
                    name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]
                }
            else:
                parts.append(message.get("body", b""))

        await self._arm(scope, request.receive, take)
        return status, answer, b"".join(parts)


def _translated(body: JsonObject, base: str) -> JsonObject:
    """An asset, or a list of them, as the data plane shows it."""
    if "value" in body and isinstance(body["value"], list):
        shown = {**body, "value": [_translated(item, base) for item in body["value"]]}
        if link := body.get("nextLink"):
            inner = str(link).partition(f"https://{MANAGEMENT_HOST}")[2]
            shown["nextLink"] = base + inner.replace(
                f"api-version={ARM_VERSION}", f"api-version={DATAPLANE_VERSION}"
            )
        return shown
    match = _REGISTRY.fullmatch(str(body.get("id") or ""))
    if match is None or not match["below"]:
        return body
    kind = match["below"].split("/")[1]
    return {**body, "id": f"azureml://registries/{match['name']}{match['below']}", "type": kind}


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)
