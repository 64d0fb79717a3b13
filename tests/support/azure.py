"""Plain HTTPS requests to Azure from inside a sandbox, for tests that look at the answers themselves."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import requests
from typing_extensions import Self

from tests.support.sandbox import RunningSandbox

MANAGEMENT = "https://management.azure.com"


class AzureHttp:
    """A session that goes through the sandbox's proxy, signed in as one of its principals."""

    def __init__(self, sandbox: RunningSandbox, principal: str = "deployer") -> None:
        self.sandbox = sandbox
        self.principal = sandbox.settings.principal(principal)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.proxies = {"https": f"http://127.0.0.1:{sandbox.settings.ports.proxy}"}
        self.session.verify = str(sandbox.folder.ca_bundle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()

    def token(self, scope: str = f"{MANAGEMENT}/.default") -> str:
        """An access token by client secret."""
        answer = self.session.post(
            f"https://login.microsoftonline.com/{self.sandbox.settings.tenant_id}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.principal.application_id,
                "client_secret": self.principal.secret,
                "scope": scope,
            },
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def arm(
        self, method: str, path: str, version: str, body: Mapping[str, Any] | None = None, *, token: str = ""
    ) -> requests.Response:
        """A request to Resource Manager; `path` begins with /."""
        return self.session.request(
            method,
            f"{MANAGEMENT}{path}",
            params={"api-version": version},
            json=body,
            headers={"Authorization": f"Bearer {token or self.token()}"},
        )

    def put(self, path: str, version: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create or update and wait until it is done; the body as it is then."""
        answer = self.arm("PUT", path, version, body)
        assert answer.status_code in (200, 201, 202), answer.text
        content: dict[str, Any] = {}
        for _ in range(200):
            current = self.arm("GET", path, version)
            content = current.json()
            state = content.get("properties", {}).get("provisioningState", "Succeeded")
            if current.status_code == 200 and state == "Succeeded":
                return content
            time.sleep(0.05)
        raise AssertionError(f"{path} did not come up: {content}")

    def assign(self, scope: str, role: str, principal_id: str) -> None:
        """Give a built-in role (by its GUID) at a scope."""
        definitions = "providers/Microsoft.Authorization/roleDefinitions"
        role_id = f"/subscriptions/{self.sandbox.subscription_id}/{definitions}/{role}"
        properties = {
            "roleDefinitionId": role_id,
            "principalId": principal_id,
            "principalType": "ServicePrincipal",
        }
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        answer = self.arm("PUT", path, "2022-04-01", {"properties": properties})
        assert answer.status_code == 201, answer.text
