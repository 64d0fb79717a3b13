"""Controls of the network around the services beside the workspace: storage, vault, registries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from azureml_guard.addresses import is_anybody
from azureml_guard.control import Concern, Context, Control, References, ResourceControl
from azureml_guard.facts import Fact, Finding, Resource, either, negated

_STORAGE: Final = "storage:StorageAccount"
_VAULT: Final = "keyvault:Vault"
_CONTAINER_REGISTRY: Final = "containerregistry:Registry"
_ML_REGISTRY: Final = "machinelearningservices:Registry"
_CLOSED: Final = ("Disabled", "SecuredByPerimeter")


def _storage(account: Resource, context: Context) -> Iterator[Finding]:
    rules = account.at("networkRuleSet")
    yield from _closed(account.at("publicNetworkAccess"), rules, "iPAddressOrRange")
    # Azure's default is AzureServices (Storage Accounts - Create, 2024-01-01).
    bypass = rules.at("bypass")
    trusted = bypass.test(
        lambda text: "azureservices" in text.lower().replace(" ", "").split(","), absent=True
    )
    yield bypass.must(trusted, "must have AzureServices")


def _vault(vault: Resource, context: Context) -> Iterator[Finding]:
    rules = vault.at("properties.networkAcls")
    yield from _closed(vault.at("properties.publicNetworkAccess"), rules, "value")


def _registry(registry: Resource, context: Context) -> Iterator[Finding]:
    yield from _closed(registry.at("publicNetworkAccess"), registry.at("networkRuleSet"), "iPAddressOrRange")
    tier = registry.at("sku.name")
    yield tier.must(tier.equals("Premium"), "must be Premium, the only tier with private link and rules")


def _closed(access: Fact, rules: Fact, address: str) -> Iterator[Finding]:
    """Closed by itself, or open to what its rules name.

    Absent, access is Enabled and the rules' default action is Allow: Storage Accounts - Create, 2024-01-01;
    Vaults - Create Or Update, 2024-11-01; Registries - Create, 2023-01-01-preview.
    """
    off = access.equals(*_CLOSED)
    action = rules.at("defaultAction")
    yield action.must(
        either(off, action.equals("Deny")), "must be Deny, or publicNetworkAccess must be Disabled"
    )
    ranges = rules.at("ipRules")
    if off:
        return
    if ranges.is_unknown:
        yield ranges.must(either(off, None), "must be no large part of the Internet")
    for each in ranges.each():
        source = each.at(address)
        yield source.must(
            either(off, negated(source.test(is_anybody))), "must be no large part of the Internet"
        )


def _ml_registry(registry: Resource, context: Context) -> Iterator[Finding]:
    # Azure's default is Enabled (Registries - Create Or Update, 2025-12-01).
    access = registry.at("publicNetworkAccess")
    yield access.must(access.equals("Disabled"), "must be Disabled")


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.NETWORK,
        number=11,
        title="Storage accounts are closed, except to what their rules name",
        why=(
            "An open account is one leaked token away from everybody; closed to Azure's trusted services, it "
            "is closed to the workspace too."
        ),
        mend=(
            "Set publicNetworkAccess to Disabled, or networkRuleSet.defaultAction to Deny, and "
            "networkRuleSet.bypass to AzureServices."
        ),
        severity=Severity.CRITICAL,
        types=(_STORAGE,),
        check=_storage,
        references=References(
            azure_policy=(
                "Storage accounts should restrict network access",
                "Storage accounts should disable public network access",
                "Storage accounts should allow access from trusted Microsoft services",
                "Configure storage accounts to disable public network access",
            ),
            benchmark=("NS-2",),
            cis=("3.8", "3.9"),
            others=(
                "Azure.Storage.Firewall",
                "CKV_AZURE_35",
                "CKV_AZURE_36",
                "CKV_AZURE_59",
                "AZU-0012",
                "AZU-0010",
            ),
            url="https://learn.microsoft.com/azure/storage/common/storage-network-security",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=12,
        title="Key vaults are closed, except to what their rules name",
        why="A vault that everybody reaches keeps its secrets by a token alone.",
        mend=(
            "Set properties.publicNetworkAccess to Disabled, or properties.networkAcls.defaultAction to Deny."
        ),
        severity=Severity.CRITICAL,
        types=(_VAULT,),
        check=_vault,
        references=References(
            azure_policy=(
                "Azure Key Vault should disable public network access",
                "Azure Key Vault should have firewall enabled or public network access disabled",
                "Configure key vaults to enable firewall",
            ),
            benchmark=("DP-8", "NS-2"),
            others=("Azure.KeyVault.Firewall", "CKV_AZURE_109", "CKV_AZURE_189", "AZU-0013"),
            url="https://learn.microsoft.com/azure/key-vault/general/network-security",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=13,
        title="Container registries are closed, except to what their rules name",
        why="Whoever reaches the registry and gets a token reads, or replaces, the images that all jobs run.",
        mend=(
            "Set sku.name to Premium, and publicNetworkAccess to Disabled or networkRuleSet.defaultAction "
            "to Deny."
        ),
        severity=Severity.HIGH,
        types=(_CONTAINER_REGISTRY,),
        check=_registry,
        references=References(
            azure_policy=(
                "Public network access should be disabled for Container registries",
                "Container registries should not allow unrestricted network access",
                "Container registries should have SKUs that support Private Links",
                "Configure Container registries to disable public network access",
            ),
            benchmark=("NS-2",),
            others=("Azure.ACR.Firewall", "CKV_AZURE_139"),
            url="https://learn.microsoft.com/azure/container-registry/container-registry-private-link",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=16,
        title="Azure ML registries are not reachable from the public network",
        why="A registry has the models and environments that production runs.",
        mend="Set publicNetworkAccess to Disabled and reach the registry by a private endpoint.",
        severity=Severity.HIGH,
        types=(_ML_REGISTRY,),
        check=_ml_registry,
        references=References(
            benchmark=("NS-2",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-registry-network-isolation",
        ),
    ),
)
