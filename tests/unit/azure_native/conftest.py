"""The provider over a Resource Manager of a few lines that tests can program."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import pytest

from resource_provider import provider as api
from sandbox.arm.namespaces import ALL_RESOURCE_TYPES
from sandbox.azure_native.provider import AzureNative

SUBSCRIPTION = "00000000-0000-4000-8000-0000000000ff"
CLAIMS = {"oid": "object-id", "appid": "client-id", "tid": "tenant-id"}
Result = TypeVar("Result")


@dataclass
class FakeArm:
    """Keeps what is PUT, by lower-case path. `script` answers first: requests are taken from it in turn."""

    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    script: list[Callable[[httpx.Request], httpx.Response | None]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    tokens: int = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.startswith("login."):
            self.tokens += 1
            return httpx.Response(200, json={"access_token": _jwt(), "expires_in": 3600})
        path = request.url.path.lower()
        self.requests.append((request.method, request.url.path))
        self.queries.append(dict(request.url.params))
        if ".blob." in request.url.host:  # signed in the URL, and no JSON
            return self.script.pop(0)(request) or httpx.Response(201)
        assert request.headers["authorization"] == f"Bearer {_jwt()}"
        if request.content:
            self.bodies.append(json.loads(request.content))
        if self.script:
            scripted = self.script.pop(0)(request)
            if scripted is not None:
                return scripted
        if request.method == "PUT":
            return self._put(request, path)
        if request.method == "DELETE":
            return httpx.Response(200 if self.resources.pop(path, None) else 204)
        found = self.resources.get(path)
        if found is None:
            return httpx.Response(
                404, json={"error": {"code": "ResourceNotFound", "message": "It is not there."}}
            )
        return httpx.Response(200, json=found)

    def _put(self, request: httpx.Request, path: str) -> httpx.Response:
        created = path not in self.resources
        body = json.loads(request.content)
        body |= {"id": request.url.path, "name": request.url.path.rpartition("/")[2]}
        self.resources[path] = body
        return httpx.Response(201 if created else 200, json=body)


class Harness:
    """A started provider; each call of the engine is one method, run to its end."""

    def __init__(self, arm: FakeArm) -> None:
        self.arm = arm

    def run(self, call: Callable[[AzureNative], Coroutine[Any, Any, Result]]) -> Result:
        """Runs one scenario in an event loop of its own."""

        async def scenario() -> Result:
            provider = AzureNative(ALL_RESOURCE_TYPES, httpx.MockTransport(self.arm.answer))
            await provider.start()
            try:
                return await call(provider)
            finally:
                await provider.stop()

        return asyncio.run(scenario())

    def check(self, token: str, inputs: api.Properties, **options: Any) -> api.Checked:
        defaults = {"old_inputs": {}, "seed": b"seed"}
        request = api.Check(resource=resource(token), inputs=inputs, **{**defaults, **options})
        return self.run(lambda provider: provider.check(request))

    def diff(self, token: str, old: api.Properties, new: api.Properties) -> api.Difference:
        request = api.Diff(resource=resource(token, "id"), old_inputs=old, old_outputs={}, inputs=new)
        return self.run(lambda provider: provider.diff(request))

    def create(self, token: str, inputs: api.Properties, *, preview: bool = False) -> api.Created:
        request = api.Create(resource=resource(token), inputs=inputs, timeout=0, preview=preview)
        return self.run(lambda provider: provider.create(request))

    def read(self, token: str, id: str, inputs: api.Properties, outputs: api.Properties) -> api.ReadResult:
        request = api.Read(resource=resource(token, id), inputs=inputs, outputs=outputs)
        return self.run(lambda provider: provider.read(request))

    def update(
        self,
        token: str,
        id: str,
        old: tuple[api.Properties, api.Properties],
        new: api.Properties,
        **options: Any,
    ) -> api.Properties:
        request = api.Update(
            resource=resource(token, id), old_inputs=old[0], old_outputs=old[1], inputs=new,
            timeout=options.get("timeout", 0), preview=options.get("preview", False),
        )  # fmt: skip
        return self.run(lambda provider: provider.update(request))

    def delete(self, token: str, id: str) -> None:
        request = api.Delete(resource=resource(token, id), inputs={}, outputs={}, timeout=0)
        self.run(lambda provider: provider.delete(request))

    def invoke(self, token: str, arguments: api.Properties) -> api.Invoked:
        return self.run(lambda provider: provider.invoke(token, arguments, preview=False))


def resource(token: str, id: str = "") -> api.Resource:
    return api.Resource(urn=f"urn:pulumi:dev::project::{token}::thing", token=token, name="thing", id=id)


def _jwt() -> str:
    payload = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


@pytest.fixture
def arm() -> FakeArm:
    return FakeArm()


@pytest.fixture
def provider(arm: FakeArm, monkeypatch: pytest.MonkeyPatch) -> Harness:
    """A provider signed in with a client secret; pauses between attempts cost no time."""
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("ARM_TENANT_ID", "tenant-id")
    monkeypatch.setenv("ARM_CLIENT_ID", "client-id")
    monkeypatch.setenv("ARM_CLIENT_SECRET", "secret")
    monkeypatch.setattr("resource_provider.arm_client._DEFAULT_POLL_SECONDS", 0.0)
    monkeypatch.setattr("tenacity.wait_exponential_jitter", lambda **limits: lambda state: 0.0)
    return Harness(arm)
