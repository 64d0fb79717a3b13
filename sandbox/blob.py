"""The front of the blob service: what Azure decides before a request reaches the data.

Azurite stores and serves the blobs. It knows neither the account's settings nor
roles, so they are enforced here, in Azure's order: does the account exist, may this
network reach it, who is asking, are they allowed. The request then goes on
unchanged, streamed both ways. Soft delete and versioning of blobs are not Azurite's.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox import blob_errors
from sandbox.blob_errors import BlobError
from sandbox.blob_operations import Operation, Permission, operation
from sandbox.hosts import blob_account
from sandbox.tokens import TokenError, TokenService

if TYPE_CHECKING:
    import aiohttp

_LOG = logging.getLogger("sandbox.blob")
# The address that the account's firewall sees: outside every network that a stack could allow by
# accident (RFC 5737, documentation). A stack that allows it reaches its data from this machine.
CLIENT_ADDRESS = ipaddress.IPv4Address("203.0.113.10")
_BEARER_CHALLENGE_SINCE = "2019-12-12"
_NOT_FORWARDED = frozenset(
    {b"connection", b"keep-alive", b"transfer-encoding", b"proxy-connection", b"te", b"upgrade"}
)

AccountLookup = Callable[[str], Mapping[str, Any] | None]
PermissionCheck = Callable[[str, Permission, str], bool]  # object id of the caller, permission, scope


class BlobFront:
    """ASGI application for every `ACCOUNT.blob.core.windows.net`.

    `account` gives a storage account's Resource Manager body by its name; `allowed`
    evaluates roles at a scope; `settled` waits until Azurite has what Resource Manager
    created a moment ago.
    """

    def __init__(
        self,
        *,
        azurite_url: str,
        ca_file: str,
        account: AccountLookup,
        allowed: PermissionCheck,
        settled: Callable[[], Awaitable[None]],
        tokens: TokenService,
    ) -> None:
        self._url = azurite_url
        self._ca_file = ca_file
        self._account = account
        self._allowed = allowed
        self._settled = settled
        self._tokens = tokens
        self._client: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            self._admit(request)
            await self._settled()
            response = await self._forward(request)
        except BlobError as error:
            _LOG.info("%s %s: %s", request.method, request.url.path, error.code)
            response = error.response(head=request.method == "HEAD")
        await response(scope, receive, send)

    async def close(self) -> None:
        """Close the connections to Azurite."""
        if self._client is not None:
            await self._client.close()

    def _admit(self, request: Request) -> None:
        name = blob_account(request.url.hostname or "") or ""
        # The secondary endpoint of a geo-redundant account is its own host name.
        account = self._account(name.removesuffix("-secondary"))
        if account is None:
            raise blob_errors.account_not_found()
        properties = account.get("properties", {})
        _check_network(properties)
        wanted = operation(request.method, request.url.path, request.query_params)
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer":
            claims = self._verify(credential, name)
            self._check_roles(claims["oid"], wanted, account["id"])
        elif scheme in ("SharedKey", "SharedKeyLite"):
            _check_shared_key(properties)
        elif scheme:
            raise blob_errors.authorization_malformed()
        elif "sig" in request.query_params:
            self._check_signature(request.query_params, wanted, account)
        else:
            self._check_anonymous(request, wanted, properties)
        if request.headers.get("x-ms-blob-public-access") and not properties.get("allowBlobPublicAccess"):
            raise blob_errors.public_access_not_permitted()

    def _verify(self, token: str, account: str) -> Mapping[str, Any]:
        own = f"https://{account}.blob.core.windows.net"
        audiences = frozenset({"https://storage.azure.com", "https://storage.azure.com/", own, f"{own}/"})
        try:
            return self._tokens.verify(token.strip(), audiences)
        except TokenError as error:
            _LOG.info("token refused: %s", error)
            raise blob_errors.token_invalid(self._tokens.tenant_id) from None

    def _check_roles(self, object_id: str, wanted: Operation, account_id: str) -> None:
        scope = account_id
        if wanted.container:
            scope += f"/blobServices/default/containers/{wanted.container}"
        if not all(self._allowed(object_id, permission, scope) for permission in wanted.permissions):
            raise blob_errors.permission_missing()

    def _check_signature(
        self, query: Mapping[str, str], wanted: Operation, account: Mapping[str, Any]
    ) -> None:
        """A SAS signed by a person or identity carries that one's rights; any other is made with the key."""
        if "skoid" in query:
            self._check_roles(query["skoid"], wanted, account["id"])
        else:
            _check_shared_key(account.get("properties", {}))

    def _check_anonymous(self, request: Request, wanted: Operation, properties: Mapping[str, Any]) -> None:
        if request.headers.get("x-ms-version", "") >= _BEARER_CHALLENGE_SINCE:
            raise blob_errors.authentication_missing(self._tokens.tenant_id)
        if not properties.get("allowBlobPublicAccess") or not wanted.reads_blob:
            raise blob_errors.public_access_not_permitted()

    async def _forward(self, request: Request) -> Response:
        import aiohttp  # loads slowly, and many sandboxes never store a blob
        from yarl import URL

        if self._client is None:
            self._client = _client(self._ca_file)
        query: bytes = request.scope["query_string"]
        target: bytes = request.scope["raw_path"] + (b"?" + query if query else b"")
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        try:
            incoming = await self._client.request(
                request.method,
                URL(self._url + target.decode("ascii"), encoded=True),
                headers=[
                    (name.decode("latin-1"), value.decode("utf-8", "replace"))
                    for name, value in request.headers.raw
                    if name not in _NOT_FORWARDED
                ],
                data=request.stream() if has_body else None,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError, asyncio.TimeoutError) as error:
            _LOG.warning("Azurite does not answer: %s", error)
            raise blob_errors.server_busy() from None
        refused = incoming.headers.get("x-ms-error-code") == "InvalidAuthenticationInfo"
        if refused and request.headers.get("authorization", "").startswith("SharedKey"):
            # With identities switched on, Azurite takes a key's wrong signature for a malformed token.
            incoming.close()
            raise blob_errors.key_signature_wrong()
        response = StreamingResponse(_body(incoming), incoming.status)
        response.raw_headers = [
            (name.lower(), value)
            for name, value in incoming.raw_headers
            if name.lower() not in _NOT_FORWARDED
        ]
        return response


def _client(ca_file: str) -> aiohttp.ClientSession:
    """A client that adds nothing to what it is given: the request is signed."""
    import aiohttp

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=ssl.create_default_context(cafile=ca_file), limit=256, keepalive_timeout=4.0
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=300.0),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        auto_decompress=False,
    )


async def _body(incoming: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for chunk in incoming.content.iter_any():
            yield chunk
    finally:
        incoming.release()


def _check_network(properties: Mapping[str, Any]) -> None:
    """Rules count while access is not disabled ("Configure Azure Storage firewalls and virtual networks")."""
    if properties.get("publicNetworkAccess") in ("Disabled", "SecuredByPerimeter"):
        raise blob_errors.network_denied()
    rules = properties.get("networkAcls") or {}
    if rules.get("defaultAction") != "Deny":
        return
    for rule in rules.get("ipRules") or ():
        if CLIENT_ADDRESS in ipaddress.ip_network(rule["value"], strict=False):
            return
    raise blob_errors.network_denied()


def _check_shared_key(properties: Mapping[str, Any]) -> None:
    # The property is absent on accounts whose creator did not set it, which means allowed.
    if properties.get("allowSharedKeyAccess") is False:
        raise blob_errors.shared_key_not_permitted()
