"""Whole stacks with assets: their settings, and what Azure has of them afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import requests
from azure.ai.ml import MLClient

from tests.support.azure_clients import AzureClients
from tests.support.stack import PulumiStack

DEPLOYER = "00000000-0000-4000-8000-0000000b0001"
ASSETS = "ml_assets/assets"


def take(include: Sequence[str], **more: Any) -> Callable[[dict[str, Any]], None]:
    """A change of settings: these assets, uploaded by the sandbox's deployer."""

    def change(settings: dict[str, Any]) -> None:
        settings["assets"] = {"include": list(include), **more}
        scientists = settings["access"]["dataScientist"]
        if all(each["objectId"] != DEPLOYER for each in scientists):
            deployer = {"principalType": "ServicePrincipal", "displayName": "deploy-pipeline"}
            scientists.append({"objectId": DEPLOYER, **deployer})

    return change


def client(stack: PulumiStack, outputs: dict[str, Any]) -> MLClient:
    """azure-ai-ml on the stack's workspace; use it inside `stack.sandbox.entered()`."""
    clients = AzureClients(stack.sandbox.subscription_id)
    return clients.machine_learning(outputs["resourceGroupName"], outputs["workspaceName"])


def azure(
    stack: PulumiStack,
    path: str,
    method: str = "GET",
    body: dict[str, Any] | None = None,
    api_version: str = "2023-04-01",
) -> dict[str, Any]:
    """What Resource Manager answers where azure-ai-ml has no call; use it inside the sandbox."""
    credential = AzureClients(stack.sandbox.subscription_id).credential
    token = credential.get_token("https://management.azure.com/.default").token
    answer = requests.request(
        method,
        f"https://management.azure.com{path}",
        params={"api-version": api_version},
        headers={"Authorization": f"Bearer {token}"},
        json=body,
        timeout=20,
    )
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


def changed(stack: PulumiStack) -> dict[str, str]:
    """Logical name -> operation of a preview."""
    return {urn.rsplit("::", 1)[-1]: operation for urn, operation in stack.preview().changes().items()}
