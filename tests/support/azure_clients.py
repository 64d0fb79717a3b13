"""Azure's own SDKs, signed in as a sandbox principal: how tests read back what a stack has made."""

from __future__ import annotations

from functools import cached_property

from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient


class AzureClients:
    """One client per service, made when first used; use them inside `RunningSandbox.entered()`."""

    def __init__(self, subscription_id: str) -> None:
        self.subscription_id = subscription_id

    @cached_property
    def credential(self) -> DefaultAzureCredential:
        return DefaultAzureCredential()

    @cached_property
    def resources(self) -> ResourceManagementClient:
        return ResourceManagementClient(self.credential, self.subscription_id)

    @cached_property
    def storage(self) -> StorageManagementClient:
        return StorageManagementClient(self.credential, self.subscription_id)

    @cached_property
    def key_vault(self) -> KeyVaultManagementClient:
        return KeyVaultManagementClient(self.credential, self.subscription_id)

    @cached_property
    def registry(self) -> ContainerRegistryManagementClient:
        return ContainerRegistryManagementClient(self.credential, self.subscription_id)

    @cached_property
    def authorization(self) -> AuthorizationManagementClient:
        return AuthorizationManagementClient(self.credential, self.subscription_id)

    @cached_property
    def identities(self) -> ManagedServiceIdentityClient:
        return ManagedServiceIdentityClient(self.credential, self.subscription_id)

    @cached_property
    def log_analytics(self) -> LogAnalyticsManagementClient:
        return LogAnalyticsManagementClient(self.credential, self.subscription_id)

    @cached_property
    def insights(self) -> ApplicationInsightsManagementClient:
        return ApplicationInsightsManagementClient(self.credential, self.subscription_id)

    def machine_learning(self, resource_group: str, workspace: str) -> MLClient:
        """The azure-ai-ml client of one workspace."""
        return MLClient(self.credential, self.subscription_id, resource_group, workspace)
