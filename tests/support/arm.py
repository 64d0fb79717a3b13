"""An emulated Resource Manager of a test's own, on a loopback port, without the rest of the sandbox.

Tokens are the names of callers: `Bearer owner` is the principal OWNER. That a token is
judged properly is tested where tokens are made.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from azure.core.pipeline.policies import SansIOHTTPPolicy

from sandbox.arm.app import ArmApp, ArmSettings, RoleSeed, create_app
from sandbox.arm.caller import Caller, TokenRejected

TENANT = "00000000-0000-4000-8000-00000000000a"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
CALLERS = {
    "owner": "10000000-0000-4000-8000-000000000001",
    "contributor": "10000000-0000-4000-8000-000000000002",
    "reader": "10000000-0000-4000-8000-000000000003",
    "nobody": "10000000-0000-4000-8000-000000000004",
}
GROUP_MEMBERS = {"nobody": ("20000000-0000-4000-8000-000000000001",)}
VERSIONS = {
    "resources": "2024-03-01",
    "Microsoft.Authorization/locks": "2020-05-01",
    "Microsoft.Authorization": "2022-04-01",
    "Microsoft.ManagedIdentity": "2023-01-31",
    "Microsoft.Test": "2020-01-01",
    "Microsoft.Storage": "2024-01-01",
    "Microsoft.KeyVault": "2024-11-01",
    "Microsoft.MachineLearningServices": "2024-10-01",
}


def caller_of(token: str) -> Caller:
    """The caller whose name the token is."""
    if token == "expired":
        raise TokenRejected("ExpiredAuthenticationToken", "The access token expiry is in the past.")
    if token not in CALLERS:
        raise TokenRejected("InvalidAuthenticationToken", "The access token is invalid.")
    return Caller(CALLERS[token], f"app-{token}", TENANT, groups=GROUP_MEMBERS.get(token, ()))


class ArmServer:
    """The running emulator: requests as plain JSON, and the parts that a test may move."""

    def __init__(self, app: ArmApp, base_url: str) -> None:
        self.app = app
        self.base_url = base_url
        self.subscription = f"/subscriptions/{SUBSCRIPTION}"
        self._client = httpx.Client(base_url=base_url, timeout=20, trust_env=False)

    def request(
        self, method: str, path: str, body: Any = None, *, caller: str = "owner", version: str | None = None
    ) -> httpx.Response:
        """One request; the API version follows from the path unless given ("" leaves it out)."""
        chosen = _version_of(path) if version is None else version
        separator = "&" if "?" in path else "?"
        url = f"{path}{separator}api-version={chosen}" if chosen else path
        return self._client.request(method, url, json=body, headers={"Authorization": f"Bearer {caller}"})

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON answer of a request that must succeed; None when it is empty."""
        response = self.request(method, path, body, **options)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str, str]:
        """Status, code and message of a request that must be refused."""
        response = self.request(method, path, body, **options)
        assert response.is_error, f"{method} {path}: {response.status_code} {response.text}"
        error = response.json()["error"]
        return response.status_code, error["code"], error["message"]

    def group(self, name: str = "rg", **options: Any) -> str:
        """A new resource group's id."""
        return str(
            self.ok(
                "PUT", f"{self.subscription}/resourceGroups/{name}", {"location": "westeurope"}, **options
            )["id"]
        )

    def identity(self, group: str, name: str = "id-one") -> dict[str, Any]:
        """A new user-assigned identity."""
        path = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
        created: dict[str, Any] = self.ok("PUT", path, {"location": "westeurope"})
        return created

    def client_options(self, caller: str = "owner") -> dict[str, Any]:
        """What makes an azure-mgmt client talk to this server."""
        return {
            "base_url": self.base_url,
            "authentication_policy": _Token(caller),
            "credential": _NoCredential(),
        }

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class _NoCredential:
    def get_token(self, *scopes: str, **_: Any) -> Any:
        raise AssertionError("the client has an authentication policy of its own")


class _Token(SansIOHTTPPolicy[Any, Any]):
    def __init__(self, caller: str) -> None:
        self._caller = caller

    def on_request(self, request: Any) -> None:
        request.http_request.headers["Authorization"] = f"Bearer {self._caller}"


def _version_of(path: str) -> str:
    namespace = path.rpartition("/providers/")[2] if "/providers/" in path else "resources"
    matching = [key for key in VERSIONS if namespace.lower().startswith(key.lower())]
    return VERSIONS[max(matching, key=len)] if matching else VERSIONS["resources"]


@contextmanager
def running(database: Path | str = ":memory:", **settings: Any) -> Iterator[ArmServer]:
    """The emulator on a free port; `settings` are ArmSettings' fields."""
    listener = socket.create_server(("127.0.0.1", 0))
    scope = f"/subscriptions/{SUBSCRIPTION}"
    roles = {"owner": "Owner", "contributor": "Contributor", "reader": "Reader"}
    chosen = {
        "tenant_id": TENANT,
        "subscription_ids": (SUBSCRIPTION,),
        "verify_token": caller_of,
        "seeds": tuple(RoleSeed(CALLERS[name], role, scope) for name, role in roles.items()),
        **settings,
    }
    started: list[tuple[ArmApp, uvicorn.Server]] = []

    def serve() -> None:  # SQLite's connection belongs to the thread that opens it
        app = create_app(ArmSettings(database=database, **chosen))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        started.append((app, server))
        server.run(sockets=[listener])
        app.store.close()

    thread = threading.Thread(target=serve)
    thread.start()
    deadline = time.monotonic() + 10
    while not (started and started[0][1].started):
        if not thread.is_alive() or time.monotonic() > deadline:
            raise AssertionError("the emulator did not start")
        time.sleep(0.005)
    arm = ArmServer(started[0][0], f"http://127.0.0.1:{listener.getsockname()[1]}")
    try:
        yield arm
    finally:
        arm.close()
        started[0][1].should_exit = True
        thread.join(10)
        listener.close()
