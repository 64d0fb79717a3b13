"""Fixtures for the service tests: real Azure clients, a fresh resource group, plain ARM requests.

Every test talks to a running sandbox as any program would: through the proxy, over TLS,
with a token of the deployer. Nothing of the emulator is called from inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from azure.core.credentials import TokenCredential
from azure.identity import ClientSecretCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.storage import StorageManagementClient

from tests.support.arm_requests import LOCATION, ArmRequests, unique
from tests.support.asset_workspace import AssetWorkspace, make_asset_workspace
from tests.support.sandbox import RunningSandbox


@pytest.fixture(scope="session")
def sandbox_environment(shared_sandbox: RunningSandbox) -> dict[str, str]:
    """The environment of a command in the sandbox, signed in as the deployer."""
    return shared_sandbox.environment()


@pytest.fixture(autouse=True)
def inside(sandbox: RunningSandbox) -> Iterator[None]:
    """Azure's clients find the sandbox by their environment, as everywhere else."""
    with sandbox.entered():
        yield


@pytest.fixture(scope="session")
def credential(sandbox_environment: dict[str, str]) -> TokenCredential:
    """The deployer, by client secret; told where to go, since it also works outside a test."""
    return ClientSecretCredential(
        sandbox_environment["AZURE_TENANT_ID"],
        sandbox_environment["AZURE_CLIENT_ID"],
        sandbox_environment["AZURE_CLIENT_SECRET"],
        proxies={"https": sandbox_environment["HTTPS_PROXY"]},
        connection_verify=sandbox_environment["REQUESTS_CA_BUNDLE"],
    )


@pytest.fixture(scope="session")
def subscription_id(sandbox_environment: dict[str, str]) -> str:
    """The sandbox's subscription."""
    return sandbox_environment["AZURE_SUBSCRIPTION_ID"]


@pytest.fixture(scope="session")
def tenant_id(sandbox_environment: dict[str, str]) -> str:
    """The sandbox's tenant."""
    return sandbox_environment["AZURE_TENANT_ID"]


@pytest.fixture(scope="session")
def arm(
    sandbox_environment: dict[str, str], credential: TokenCredential, subscription_id: str
) -> Iterator[ArmRequests]:
    """Plain ARM requests as the deployer, for fixtures of any scope."""
    with requests.Session() as session:
        session.proxies = {"https": sandbox_environment["HTTPS_PROXY"]}
        session.verify = sandbox_environment["REQUESTS_CA_BUNDLE"]
        session.trust_env = False
        yield ArmRequests(session, credential, subscription_id)


@pytest.fixture
def group(arm: ArmRequests) -> Iterator[str]:
    """A fresh resource group, taken away afterwards."""
    name = unique("rg")
    arm.done("PUT", f"resourceGroups/{name}", "2024-03-01", {"location": LOCATION})
    yield name
    arm.done("DELETE", f"resourceGroups/{name}", "2024-03-01")


@pytest.fixture(scope="module")
def shared_group(arm: ArmRequests) -> Iterator[str]:
    """A resource group for the tests of one module, for what is slow to make and only read."""
    name = unique("rg")
    arm.done("PUT", f"resourceGroups/{name}", "2024-03-01", {"location": LOCATION})
    yield name
    arm.done("DELETE", f"resourceGroups/{name}", "2024-03-01")


@pytest.fixture(scope="session")
def management(credential: TokenCredential, subscription_id: str) -> Callable[[type[Any]], Any]:
    """A function from a management client's class to a client of the sandbox's subscription."""

    def client(kind: type[Any]) -> Any:
        return kind(credential, subscription_id, polling_interval=0, retry_total=0)

    return client


# The clients are Any: their signatures ask for model objects, and the tests send what goes over the wire.


@pytest.fixture(scope="session")
def storage(management: Callable[[type[Any]], Any]) -> Any:
    """azure-mgmt-storage."""
    return management(StorageManagementClient)


@pytest.fixture(scope="session")
def key_vault(management: Callable[[type[Any]], Any]) -> Any:
    """azure-mgmt-keyvault."""
    return management(KeyVaultManagementClient)


@pytest.fixture(scope="session")
def registries(management: Callable[[type[Any]], Any]) -> Any:
    """azure-mgmt-containerregistry."""
    return management(ContainerRegistryManagementClient)


@pytest.fixture(scope="session")
def insights(management: Callable[[type[Any]], Any]) -> Any:
    """azure-mgmt-applicationinsights."""
    return management(ApplicationInsightsManagementClient)


@pytest.fixture(scope="session")
def log_analytics(management: Callable[[type[Any]], Any]) -> Any:
    """azure-mgmt-loganalytics."""
    return management(LogAnalyticsManagementClient)


@pytest.fixture(scope="module")
def assets(
    arm: ArmRequests, shared_group: str, tenant_id: str, shared_sandbox: RunningSandbox
) -> AssetWorkspace:
    """A workspace by identities, for the tests of one module."""
    deployer = next(item for item in shared_sandbox.settings.principals if item.name == "deployer")
    with shared_sandbox.entered():
        return make_asset_workspace(arm, shared_group, tenant_id, deployer.object_id)


@pytest.fixture
def as_principal(
    sandbox_environment: dict[str, str], shared_sandbox: RunningSandbox
) -> Callable[[str], ClientSecretCredential]:
    """Credentials of another application of the sandbox, by its name."""

    def credential(name: str) -> ClientSecretCredential:
        found = next(item for item in shared_sandbox.settings.principals if item.name == name)
        return ClientSecretCredential(
            sandbox_environment["AZURE_TENANT_ID"], found.application_id, found.secret
        )

    return credential
