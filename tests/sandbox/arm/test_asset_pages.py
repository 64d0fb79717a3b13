"""Long lists of assets: their links, by $skip, lead through all of them once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.arm import TENANT, ArmServer, running

ML = "Microsoft.MachineLearningServices"


@pytest.fixture
def arm() -> Iterator[ArmServer]:
    """An emulator with pages of two."""
    with running(page_size=2) as server:
        yield server


def workspace(arm: ArmServer) -> str:
    """A new workspace's id."""
    providers = f"{arm.group()}/providers"

    def put(path: str, version: str, body: dict[str, Any]) -> str:
        arm.ok("PUT", f"{providers}/{path}", {"location": "westeurope", **body}, version=version)
        return f"{providers}/{path}"

    vault = {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}
    account = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    log = put("Microsoft.OperationalInsights/workspaces/log-pages", "2023-09-01", {"properties": {}})
    web = {"Application_Type": "web", "WorkspaceResourceId": log}
    insights = {"kind": "web", "properties": web}
    parts = {
        "storageAccount": put("Microsoft.Storage/storageAccounts/stpages", "2024-01-01", account),
        "keyVault": put("Microsoft.KeyVault/vaults/kv-pages", "2024-11-01", {"properties": vault}),
        "applicationInsights": put("Microsoft.Insights/components/appi-pages", "2020-02-02", insights),
    }
    body = {"identity": {"type": "SystemAssigned"}, "properties": parts}
    put(f"{ML}/workspaces/mlw-pages", "2024-10-01", body)
    return f"{providers}/{ML}/workspaces/mlw-pages"


def test_pages_lead_through_all_versions(arm: ArmServer) -> None:
    path = f"{workspace(arm)}/environments/one/versions"
    for version in range(5):
        arm.ok("PUT", f"{path}/{version}", {"properties": {"image": "image:1"}})
    seen, pages, url = [], 0, f"{path}?$orderBy=createdtime%20asc"
    while url:
        page = arm.ok("GET", url.removeprefix(arm.base_url), version=None if pages == 0 else "")
        seen += [item["name"] for item in page["value"]]
        url, pages = page.get("nextLink", ""), pages + 1
        assert not url or "$skip=" in url
    assert (seen, pages) == (["0", "1", "2", "3", "4"], 3)
    names = arm.ok("GET", f"{path}?$top=3")["value"]
    assert [item["name"] for item in names] == ["4", "3"]
