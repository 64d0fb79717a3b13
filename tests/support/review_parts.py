"""Parts of previews of Azure ML, and a small table of prices, for tests of the review."""

from __future__ import annotations

import datetime as dt
from typing import Any

from review.prices import Price, Prices
from tests.support.review_events import ASSETS, ML, Events

TODAY = dt.date(2026, 11, 26)
SIZE = "Standard_D4s_v3"
WORKSPACE = {"resourceGroupName": "rg", "workspaceName": "ws", "location": "westeurope"}


def price(retail: float, name: str = SIZE, **changes: Any) -> Price:
    machine = name.startswith("Standard_D")
    named = {"armSkuName": name, "os": "Linux", "priority": "Dedicated"} if machine else {"meterName": name}
    return Price.model_validate(
        {
            "service": "Virtual Machines",
            "region": "westeurope",
            "currency": "USD",
            "retailPrice": retail,
            "unit": "1 Hour",
            "retrievedAt": TODAY,
            "source": "here",
            "confidence": "api",
            **named,
            **changes,
        }
    )


TABLE = Prices(
    prices=(
        price(1),
        price(0.8, region="eastus"),
        price(0.9, currency="EUR"),
        price(2, "Standard Deployment", service="Azure Firewall"),
        price(0.01, "Standard Private Endpoint", service="Virtual Network"),
        price(2.4, "Premium Registry Unit", service="Container Registry", unit="1/Day"),
    )
)


def cluster(most: object = 4, least: object = 0, size: object = SIZE, **more: Any) -> dict[str, Any]:
    inner = {"vmSize": size, "scaleSettings": {"minNodeCount": least, "maxNodeCount": most}, **more}
    return {
        "resourceGroupName": "rg",
        "workspaceName": "ws",
        "computeName": "c",
        "properties": {"computeType": "AmlCompute", "properties": inner},
    }


def in_workspace() -> Events:
    return Events().same(f"{ML}Workspace", "workspace", WORKSPACE)


ENDPOINT = "contoso-churn-dev"


def version(number: str, content: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """The inputs of a versioned asset, as a real preview has them."""
    return {
        "file": "ml_assets/assets/environments/sklearn.yml",
        "spec": {"name": "sklearn", "version": "auto", **spec},
        "version": number,
        "contentHash": number * 5,
        "content": content or {},
        "target": {"workspaceName": "ws"},
        "whenReplaced": "keep",
    }


def traffic(mirror: dict[str, int] | None = None, /, **shares: Any) -> dict[str, Any]:
    return {"spec": {"name": ENDPOINT, "traffic": shares, "mirror_traffic": mirror or {}}}


def deployment(name: str = "blue", content: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return {"spec": {"name": name, "endpoint_name": ENDPOINT, **spec}, "content": content or {}}


def schedule(expression: str = "0 2 * * *", **spec: Any) -> dict[str, Any]:
    trigger = {"type": "cron", "expression": expression, "time_zone": "UTC"}
    return {"spec": {"name": "retrain", "trigger": trigger, **spec}}


def existing() -> Events:
    return Events().same(f"{ASSETS}OnlineEndpoint", ENDPOINT, {"spec": {"name": ENDPOINT}})
