"""Bytes in and out: request parts, ARM's response headers, the error envelope's HTTP side."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from sandbox.arm import errors
from sandbox.arm.call import Reply
from sandbox.arm.ids import subscription_of

JsonObject = dict[str, Any]

# "Request headers and responses": every answer of Resource Manager has these.
_FIXED = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Request:
    """The parts of an HTTP request that matter here; `query` and `headers` have lower-case names."""

    id: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    url: str
    base_url: str

    @property
    def subscription(self) -> str:
        """The subscription in the path; empty when there is none."""
        return subscription_of(self.path.lower())


def request_of(scope: Scope) -> Request:
    """The request behind an ASGI scope."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query_text = scope["query_string"].decode("latin-1")
    base_url = f"{scope.get('scheme', 'https')}://{headers.get('host', 'management.azure.com')}"
    path = "/" + scope["path"].lstrip("/")  # clients join a base that ends with a slash
    raw = scope.get("raw_path", path.encode()).decode("latin-1").partition("?")[0]
    return Request(
        id=str(uuid.uuid4()),
        method=scope["method"],
        path=path,
        query={name.lower(): value for name, value in parse_qsl(query_text, keep_blank_values=True)},
        headers=headers,
        url=f"{base_url}{raw}" + (f"?{query_text}" if query_text else ""),
        base_url=base_url,
    )


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None when it is longer than the limit. It is read to its end, or no answer arrives."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts) if size <= limit else None


def json_object(body: bytes, content_type: str) -> JsonObject:
    """The JSON object in a body; an empty body is an empty object.

    ArmError UnsupportedMediaType for another Content-Type, InvalidRequestContent for anything but an object.
    """
    if not body:
        return {}
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in ("application/json", "text/json", "application/merge-patch+json"):
        raise errors.media_type_not_supported(content_type)
    try:
        content = json.loads(body)
    except ValueError as error:
        raise errors.not_json(str(error)) from None
    if not isinstance(content, dict):
        raise errors.not_json(f"a JSON object is needed, found {type(content).__name__}")
    return content


def challenge(tenant: str, message: str) -> dict[str, str]:
    """The header of a 401 that tells clients where to get a token."""
    described = message.replace('"', "'")
    return {
        "WWW-Authenticate": f'Bearer authorization_uri="https://login.windows.net/{tenant}", '
        f'error="invalid_token", error_description="{described}"'
    }


async def send(reply: Reply, request: Request, quota: Mapping[str, str], now: datetime, send: Send) -> None:
    """Write the answer with ARM's headers."""
    content = b"" if reply.body is None else json.dumps(reply.body, separators=(",", ":")).encode()
    correlation = request.headers.get("x-ms-correlation-request-id") or request.id
    headers = {
        **_FIXED,
        "x-ms-request-id": request.id,
        "x-ms-correlation-request-id": correlation,
        "x-ms-routing-request-id": f"SANDBOX:{now:%Y%m%dT%H%M%SZ}:{request.id}",
        **quota,
        **reply.headers,
    }
    if request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
        headers["x-ms-client-request-id"] = request.headers.get("x-ms-client-request-id", "")
    if reply.status >= 400 and isinstance(reply.body, dict) and "error" in reply.body:
        headers["x-ms-failure-cause"] = "gateway"
    if content:
        headers["Content-Type"] = "application/json; charset=utf-8"
    if reply.status != 204:
        headers["Content-Length"] = str(len(content))
    raw = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else content})


async def cut_off(send: Send) -> None:
    """Break the connection: the client gets no complete answer.

    ASGI has no word for it. An answer that promises more than it sends makes the server close
    the connection with the promise unkept, which clients report as a broken connection.
    """
    await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"1")]})
    await send({"type": "http.response.body", "body": b""})
