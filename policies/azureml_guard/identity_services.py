"""Controls of how endpoints, vaults, registries, connections and logs let callers in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, ResourceControl
from azureml_guard.facts import Finding, Resource, negated

_ONLINE: Final = ("machinelearningservices:OnlineEndpoint", "azureml-assets:OnlineEndpoint")
_BATCH: Final = ("machinelearningservices:BatchEndpoint", "azureml-assets:BatchEndpoint")
_SERVERLESS: Final = "machinelearningservices:ServerlessEndpoint"
_VAULT: Final = "keyvault:Vault"
_ACCESS_POLICY: Final = "keyvault:AccessPolicy"
_REGISTRY: Final = "containerregistry:Registry"
_CONNECTION: Final = "machinelearningservices:WorkspaceConnection"
_CONNECTION_ASSET: Final = "azureml-assets:Connection"
_INSIGHTS: Final = "applicationinsights:Component"
_LOGS: Final = "operationalinsights:Workspace"
_LEARN: Final = "https://learn.microsoft.com/azure"


def _endpoint_auth(endpoint: Resource, context: Context) -> Iterator[Finding]:
    if endpoint.is_azure:
        mode = endpoint.at("properties.authMode")
        # Azure requires the property; serverless endpoints have another word for the same (2025-12-01).
        token = "AAD" if endpoint.type == _SERVERLESS else "AADToken"
        yield mode.must(mode.equals(token), f"must be {token}")
    else:
        mode = endpoint.at("spec.auth_mode")
        # Left out, an online endpoint takes keys, a batch endpoint tokens (azure-ai-ml 1.35).
        truth = mode.equals("aad_token", absent=endpoint.type in _BATCH)
        yield mode.must(truth, "must be aad_token")


def _vault_rbac(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.type == _ACCESS_POLICY:
        yield resource.at("policy").must(False, "must not be there; a role assignment takes its place")
        return
    enabled = resource.at("properties.enableRbacAuthorization")
    # Azure's default is false (Microsoft.KeyVault/vaults, 2024-11-01).
    yield enabled.must(enabled.equals(True), "must be true")
    policies = resource.at("properties.accessPolicies")
    yield policies.must(negated(policies.present()), "must be empty")


def _registry_accounts(registry: Resource, context: Context) -> Iterator[Finding]:
    for path in ("adminUserEnabled", "anonymousPullEnabled"):
        enabled = registry.at(path)
        # Azure's default of both is false (Microsoft.ContainerRegistry/registries, 2023-01-01-preview).
        yield enabled.must(enabled.equals(False, absent=True), "must be false")


def _without_registry_accounts(registry: Resource, context: Context) -> Mapping[str, Any]:
    return {"adminUserEnabled": False, "anonymousPullEnabled": False}


def _connection_credentials(connection: Resource, context: Context) -> Iterator[Finding]:
    if connection.type == _CONNECTION_ASSET:
        kind = connection.at("spec.credentials.type")
        # Left out, the connection has none, or signs in to Entra ID (azure-ai-ml 1.35).
        nothing = connection.at("spec.credentials").present() is False
        truth = kind.equals("managed_identity", "aad", "none", absent=nothing)
        yield kind.must(truth, "must be managed_identity, aad or none")
        key = connection.at("spec.api_key")
        yield key.must(negated(key.present()), "must not be there")
    else:
        kind = connection.at("properties.authType")
        yield kind.must(kind.equals("ManagedIdentity", "AAD", "None"), "must be ManagedIdentity, AAD or None")


def _logs_auth(resource: Resource, context: Context) -> Iterator[Finding]:
    path = "disableLocalAuth" if resource.type == _INSIGHTS else "features.disableLocalAuth"
    disabled = resource.at(path)
    # Azure's default is false (Microsoft.Insights/components, 2020-02-02; Microsoft.OperationalInsights/
    # workspaces, 2023-09-01).
    yield disabled.must(disabled.equals(True), "must be true")


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.IDENTITY,
        number=7,
        title="Endpoints take tokens of Entra ID only",
        why="An endpoint's key is shared by all callers, can't be given to one person and never expires.",
        mend="Set authMode to AADToken (in a CLI v2 document: auth_mode to aad_token).",
        severity=Severity.HIGH,
        types=(*_ONLINE, *_BATCH, _SERVERLESS),
        check=_endpoint_auth,
        references=References(
            benchmark=("IM-1",), url=f"{_LEARN}/machine-learning/how-to-authenticate-online-endpoint"
        ),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=8,
        title="The key vault is opened by role assignments only",
        why="Whoever may write a vault's access policies can give themselves every secret in it.",
        mend=(
            "Set properties.enableRbacAuthorization to true, and replace access policies by role assignments."
        ),
        severity=Severity.HIGH,
        types=(_VAULT, _ACCESS_POLICY),
        check=_vault_rbac,
        references=References(
            azure_policy=("Azure Key Vault should use RBAC permission model",),
            benchmark=("PA-7",),
            cis=("8.6",),
            others=("Azure.KeyVault.RBAC",),
            url=f"{_LEARN}/key-vault/general/rbac-guide",
        ),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=9,
        title="The container registry has neither an admin user nor anonymous pull",
        why="The admin user is one password for every image; anonymous pull gives the images to everybody.",
        mend="Set adminUserEnabled and anonymousPullEnabled to false, and give AcrPull to who pulls.",
        severity=Severity.CRITICAL,
        types=(_REGISTRY,),
        check=_registry_accounts,
        remedy=_without_registry_accounts,
        references=References(
            azure_policy=(
                "Container registries should have local admin account disabled.",
                "Container registries should have anonymous authentication disabled.",
                "Configure container registries to disable local admin account.",
                "Configure container registries to disable anonymous authentication.",
            ),
            benchmark=("IM-1",),
            others=("Azure.ACR.AdminUser", "Azure.ACR.AnonymousAccess", "CKV_AZURE_137", "CKV_AZURE_138"),
            url=f"{_LEARN}/container-registry/container-registry-authentication",
        ),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=10,
        title="Connections carry no credentials",
        why="A key or password in a connection is readable by everybody who may use the workspace.",
        mend="Use ManagedIdentity or AAD as authType (in a CLI v2 document: as credentials.type).",
        severity=Severity.HIGH,
        types=(_CONNECTION, _CONNECTION_ASSET),
        check=_connection_credentials,
        references=References(benchmark=("IM-8",), url=f"{_LEARN}/machine-learning/how-to-connection"),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=11,
        title="Logs and traces are written with Entra ID only",
        why="Whoever has the key of the component or workspace can write false records, and stays unknown.",
        mend="Set disableLocalAuth to true; of a Log Analytics workspace, features.disableLocalAuth.",
        severity=Severity.MEDIUM,
        types=(_INSIGHTS, _LOGS),
        check=_logs_auth,
        references=References(
            azure_policy=(
                "Application Insights components should block non-Azure Active Directory based ingestion.",
                "Log Analytics Workspaces should block non-Azure Active Directory based ingestion.",
            ),
            benchmark=("IM-1",),
            others=("Azure.AppInsights.LocalAuth",),
            url=f"{_LEARN}/azure-monitor/app/azure-ad-authentication",
        ),
    ),
)
