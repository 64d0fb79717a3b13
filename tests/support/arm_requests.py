"""Plain requests to Resource Manager for tests, where no Azure client says things so exactly."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

import requests
from azure.core.credentials import TokenCredential

JsonObject = dict[str, Any]

ARM = "https://management.azure.com"
LOCATION = "westeurope"


def unique(prefix: str) -> str:
    """A name that no other test uses: lower-case letters and digits."""
    return f"{prefix}{uuid.uuid4().hex[:10]}"


@dataclass(frozen=True)
class ArmRequests:
    """Plain requests to Resource Manager, with long-running operations waited for."""

    session: requests.Session
    credential: TokenCredential
    subscription_id: str

    def send(
        self, method: str, path: str, version: str, body: JsonObject | None = None, **query: str
    ) -> requests.Response:
        """One request; `path` begins below the host, and stands for the subscription when it is relative."""
        token = self.credential.get_token(f"{ARM}/.default").token
        full = path if path.startswith("/") else f"/subscriptions/{self.subscription_id}/{path}"
        return self.session.request(
            method,
            f"{ARM}{full}",
            params={"api-version": version, **query},
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )

    def done(
        self, method: str, path: str, version: str, body: JsonObject | None = None, **query: str
    ) -> JsonObject:
        """The same, until it is finished; answers the resource as GET shows it, {} once it is gone."""
        answer = self.send(method, path, version, body, **query)
        assert answer.status_code in (200, 201, 202, 204), answer.text
        self.wait(answer)
        shown = self.send("GET", path, version)
        return {} if shown.status_code == 404 else dict(shown.json())

    def wait(self, answer: requests.Response) -> None:
        """Poll Azure-AsyncOperation, or Location, until the operation has ended well."""
        token = self.credential.get_token(f"{ARM}/.default").token
        headers = {"Authorization": f"Bearer {token}"}
        url = answer.headers.get("Azure-AsyncOperation") or answer.headers.get("Location")
        for _ in range(200):
            if url is None:
                return
            polled = self.session.get(url, headers=headers, timeout=30)
            status = (
                polled.json().get("status")
                if polled.content and "AsyncOperation" in str(answer.headers)
                else None
            )
            if polled.status_code != 202 and status in (None, "Succeeded"):
                return
            assert status not in ("Failed", "Canceled"), polled.text
            time.sleep(0.05)
        raise AssertionError(f"{url} did not end")


def error_of(answer: requests.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]
