"""Changes of the recorded stacks that are dangerous, each with the words that a reviewer has to read first.

The first screen of a comment is its first 25 lines. `DANGEROUS` is what the mutation test goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.support.review_mutations import REMOVED, UNKNOWN, Mutated

NATIVE: Final = "azure-native:"
ASSETS: Final = "azureml-assets:index:"
SUBSCRIPTION: Final = "/subscriptions/00000000-0000-4000-8000-000000000001"
GROUP: Final = f"{SUBSCRIPTION}/resourceGroups/rg-mlplat-prod-neu"
STRANGER: Final = "99999999-8888-4777-8666-555555555555"
OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER: Final = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
DATA_READER: Final = "persona-access-dataReader-8a4e2b7d-15c9-4f63-b0d8-6e7f8a9b0c1d-reader-workspace"


@dataclass(frozen=True)
class Dangerous:
    """A change, the verdict that it must have at least, and what the first screen says of it."""

    make: Callable[[], Mutated]
    rule: str
    says: tuple[str, ...]


def dev() -> Mutated:
    return Mutated("dev-unchanged")


def prod() -> Mutated:
    return Mutated("prod-unchanged")


def assignment(role: str, scope: str = GROUP, kind: str = "User", **more: Any) -> dict[str, Any]:
    definition = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return {
        "principalId": STRANGER,
        "principalType": kind,
        "roleDefinitionId": definition,
        "scope": scope,
        **more,
    }


def grants(role: str, scope: str = GROUP, **more: Any) -> Mutated:
    return prod().create(
        f"{NATIVE}authorization:RoleAssignment", "more-access", assignment(role, scope, **more)
    )


def custom_role(*actions: str) -> dict[str, Any]:
    permissions = [{"actions": list(actions)}]
    return {"roleName": "ML janitor", "scope": GROUP, "permissions": permissions, "assignableScopes": [GROUP]}


def security_rule(port: str, access: str = "Allow", source: str = "*") -> dict[str, Any]:
    ends = {"sourceAddressPrefix": source, "destinationPortRange": port, "protocol": "Tcp"}
    return {"direction": "Inbound", "access": access, "priority": 100, **ends}


def budget(amount: float) -> dict[str, Any]:
    return {"amount": amount, "category": "Cost", "scope": GROUP, "timeGrain": "Monthly"}


def endpoint_traffic(**shares: float) -> Mapping[str, Any]:
    return {f"spec.traffic.{name}": share for name, share in shares.items()}


def federation(subject: str) -> dict[str, Any]:
    issuer = "https://token.actions.githubusercontent.com"
    return {
        "issuer": issuer,
        "subject": subject,
        "resourceName": "id-deploy",
        "audiences": ["api://AzureADTokenExchange"],
    }


def new_green() -> Mutated:
    """The next deployment, made anew, and all requests to it."""
    stack = dev()
    inputs = stack.inputs("OnlineDeployment::contoso-churn-dev/green")
    inputs["spec"]["name"] = "red"
    stack.create(f"{ASSETS}OnlineDeployment", "contoso-churn-dev/red", inputs)
    return stack.update("OnlineTraffic::contoso-churn-dev", endpoint_traffic(blue=0, red=100))


ML: Final = f"{NATIVE}machinelearningservices:"
NETWORK: Final = f"{NATIVE}network:"
ROLE: Final = f"{NATIVE}authorization:RoleDefinition"

DANGEROUS: Final[Mapping[str, Dangerous]] = {
    "storage is opened to the public network": Dangerous(
        lambda: prod().update("storage-account", {"publicNetworkAccess": "Enabled"}),
        "REV-NET-001",
        ("storage-account opens the public network: Disabled → Enabled",),
    ),
    "storage lets every network in": Dangerous(
        lambda: prod().update("storage-account", {"networkRuleSet.defaultAction": "Allow"}),
        "REV-NET-001",
        ("storage-account opens every network: Deny → Allow",),
    ),
    "the workspace is opened": Dangerous(
        lambda: prod().update("workspace-workspace", {"publicNetworkAccess": "Enabled"}),
        "REV-NET-001",
        ("workspace-workspace opens the public network",),
    ),
    "the vault lets an address in": Dangerous(
        lambda: prod().update(
            "key-vault-vault", {"properties.networkAcls.ipRules": [{"value": "203.0.113.7"}]}
        ),
        "REV-NET-001",
        ("key-vault-vault opens the public network for an address range: 203.0.113.7",),
    ),
    "isolation of the workspace is lifted": Dangerous(
        lambda: prod().update(
            "workspace-workspace", {"managedNetwork.isolationMode": "AllowInternetOutbound"}
        ),
        "REV-NET-001",
        ("the way out to the internet: AllowOnlyApprovedOutbound → AllowInternetOutbound",),
    ),
    "a way out is added": Dangerous(
        lambda: prod().update(
            "workspace-workspace",
            {"managedNetwork.outboundRules.paste": {"type": "FQDN", "destination": "paste.example.net"}},
        ),
        "REV-NET-002",
        ("opens a way out: paste (paste.example.net)",),
    ),
    "a security rule lets anybody in": Dangerous(
        lambda: prod().create(f"{NETWORK}SecurityRule", "allow-ssh", security_rule("22")),
        "REV-NET-001",
        ("allow-ssh opens inbound traffic from anywhere: to port 22 (Tcp)",),
    ),
    "a rule that kept everybody out goes": Dangerous(
        lambda: (
            prod()
            .existing(f"{NETWORK}SecurityRule", "deny-all", security_rule("*", "Deny"))
            .delete("SecurityRule::deny-all")
        ),
        "REV-NET-002",
        ("deny-all may open what a rule kept out: to port * (Tcp)",),
    ),
    "a private endpoint goes": Dangerous(
        lambda: (
            prod()
            .existing(f"{NETWORK}PrivateEndpoint", "workspace-endpoint", {"privateEndpointName": "pe"})
            .delete("PrivateEndpoint::workspace-endpoint")
        ),
        "REV-NET-003",
        ("workspace-endpoint closes the private way in",),
    ),
    "account keys are switched on": Dangerous(
        lambda: prod().update("storage-account", {"allowSharedKeyAccess": True}),
        "REV-NET-001",
        ("storage-account opens sign-in by account key: false → true",),
    ),
    "blobs are public": Dangerous(
        lambda: prod().update("storage-account", {"allowBlobPublicAccess": True}),
        "REV-NET-001",
        ("storage-account opens blobs without sign-in",),
    ),
    "the registry has an admin user": Dangerous(
        lambda: prod().update("registry-registry", {"adminUserEnabled": True}),
        "REV-NET-001",
        ("registry-registry opens the admin user",),
    ),
    "nodes have public addresses": Dangerous(
        lambda: prod().update("cpu-cluster-compute", {"properties.properties.enableNodePublicIp": True}),
        "REV-NET-001",
        ("cpu-cluster-compute opens public addresses of its nodes",),
    ),
    "an endpoint of a network takes keys": Dangerous(
        lambda: dev().update("OnlineEndpoint::contoso-churn-dev", {"spec.auth_mode": "key"}),
        "REV-NET-002",
        ("contoso-churn-dev opens calls with a key: aad_token → key",),
    ),
    "TLS is lowered": Dangerous(
        lambda: prod().update("storage-account", {"minimumTlsVersion": "TLS1_0"}),
        "REV-PRO-001",
        ("storage-account weakens the least version of TLS: TLS1_2 → TLS1_0",),
    ),
    "somebody becomes owner": Dangerous(
        lambda: grants(OWNER), "REV-ACC-001", ("gains Owner on foundation-group", STRANGER, "grant roles")
    ),
    "somebody reads the whole subscription": Dangerous(
        lambda: grants(READER, SUBSCRIPTION), "REV-ACC-001", (f"gains Reader on {SUBSCRIPTION}", STRANGER)
    ),
    "somebody may change everything": Dangerous(
        lambda: grants(CONTRIBUTOR), "REV-ACC-001", ("gains Contributor on foundation-group",)
    ),
    "an owner hides behind what is not known": Dangerous(
        lambda: grants(OWNER, UNKNOWN), "REV-ACC-001", ("gains Owner on a scope known after the update",)
    ),
    "a condition of an owner goes": Dangerous(
        lambda: prod().update(
            "persona-access-owner-e7a15b3c-64f0-4d82-a9c7-1b2d3f4e5a60-owner-resourceGroup",
            {"condition": REMOVED},
        ),
        "REV-ACC-001",
        ("gains Owner on foundation-group: can do everything, and grant roles",),
    ),
    "a custom role grows": Dangerous(
        lambda: (
            prod()
            .existing(ROLE, "janitor", custom_role("Microsoft.Storage/*/read"))
            .update("RoleDefinition::janitor", {"permissions": custom_role("*")["permissions"]})
        ),
        "REV-ACC-001",
        ("everyone who has the role gains ML janitor", "can *"),
    ),
    "pull requests sign in": Dangerous(
        lambda: prod().create(
            f"{NATIVE}managedidentity:FederatedIdentityCredential",
            "deploy",
            federation("repo:contoso/ml:pull_request"),
        ),
        "REV-ACC-001",
        ("repo:contoso/ml:pull_request", "gains identity id-deploy"),
    ),
    "a running identity loses its role": Dangerous(
        lambda: prod().delete("compute-access-compute-storage-blob-data-contributor-storage"),
        "REV-ACC-003",
        ("compute-identity-identity", "loses Storage Blob Data Contributor on storage-account"),
    ),
    "storage is replaced": Dangerous(
        lambda: dev().replace("storage-account", {"isHnsEnabled": True}),
        "REV-DEL-001",
        ("storage-account is replaced because of isHnsEnabled; lost: all blobs",),
    ),
    "storage may be replaced": Dangerous(
        lambda: dev().replace("storage-account", {"accountName": UNKNOWN}),
        "REV-DEL-002",
        ("storage-account may be replaced because of accountName; lost then: all blobs",),
    ),
    "storage that is kept is replaced": Dangerous(
        lambda: prod().replace("storage-account", {"isHnsEnabled": True}),
        "REV-DEL-001",
        ("storage-account is replaced because of isHnsEnabled", "the new one is empty"),
    ),
    "the workspace is deleted": Dangerous(
        lambda: dev().delete("workspace-workspace"),
        "REV-DEL-001",
        ("workspace-workspace is deleted; lost: runs, metrics, models",),
    ),
    "an endpoint is deleted": Dangerous(
        lambda: dev().delete("OnlineEndpoint::contoso-churn-dev"),
        "REV-DEL-001",
        ("contoso-churn-dev is deleted; lost: the endpoint's address",),
    ),
    "an identity is replaced": Dangerous(
        lambda: prod().replace("compute-identity-identity", {"resourceName": "other"}),
        "REV-DEL-004",
        ("compute-identity-identity is replaced because of resourceName: what runs as it has no access",),
    ),
    "a delete lock is removed": Dangerous(
        lambda: prod().delete("storage-lock"),
        "REV-PRO-001",
        ("storage-lock goes: the lock against deleting",),
    ),
    "protect is taken off": Dangerous(
        lambda: prod().update("storage-account", protect=False),
        "REV-PRO-001",
        ("storage-account loses Pulumi's protect",),
    ),
    "a resource is no longer kept": Dangerous(
        lambda: prod().update("key-vault-vault", retainOnDelete=False),
        "REV-PRO-001",
        ("key-vault-vault is no longer kept in Azure",),
    ),
    "purge protection is switched off": Dangerous(
        lambda: prod().update("key-vault-vault", {"properties.enablePurgeProtection": False}),
        "REV-PRO-001",
        ("key-vault-vault weakens purge protection: true → false",),
    ),
    "the workspace runs as another identity": Dangerous(
        lambda: prod().update("workspace-workspace", {"primaryUserAssignedIdentity": f"{GROUP}/x/id-other"}),
        "REV-IDN-001",
        ("workspace-workspace changes primaryUserAssignedIdentity", "→ id-other)"),
    ),
    "data is encrypted with another key": Dangerous(
        lambda: prod().update(
            "storage-account", {"encryption.keyVaultProperties.keyName": "key-that-goes-tomorrow"}
        ),
        "REV-IDN-001",
        ("storage-account changes encryption.keyVaultProperties.keyName", "key-that-goes-tomorrow"),
    ),
    "soft delete of blobs is shortened": Dangerous(
        lambda: prod().update("storage-blobs", {"deleteRetentionPolicy.days": 1}),
        "REV-PRO-001",
        ("storage-blobs has fewer days in which deleted blobs come back: 90 → 1",),
    ),
    "copies in other regions go": Dangerous(
        lambda: prod().update("storage-account", {"sku.name": "Standard_LRS"}),
        "REV-PRO-001",
        ("storage-account weakens copies of the data in other", "Standard_GZRS → Standard_LRS"),
    ),
    "a budget is raised": Dangerous(
        lambda: (
            prod()
            .existing(f"{NATIVE}consumption:Budget", "monthly", budget(1000))
            .update("Budget::monthly", {"amount": 50000})
        ),
        "REV-COST-004",
        ("the budget monthly rises from 1000 to 50000",),
    ),
    "a budget goes": Dangerous(
        lambda: (
            prod().existing(f"{NATIVE}consumption:Budget", "monthly", budget(1000)).delete("Budget::monthly")
        ),
        "REV-COST-004",
        ("the budget monthly goes: nobody is warned any more",),
    ),
    "many more nodes may run": Dangerous(
        lambda: prod().update(
            "gpu-cluster-compute", {"properties.properties.scaleSettings.maxNodeCount": 200}
        ),
        "REV-COST-005",
        ("gpu-cluster-compute: properties.properties.scaleSettings.maxNodeCount rises from 4 to 200",),
    ),
    "nodes never stop": Dangerous(
        lambda: prod().update("gpu-cluster-compute", {"properties.properties.scaleSettings.minNodeCount": 4}),
        "REV-COST-005",
        ("gpu-cluster-compute: properties.properties.scaleSettings.minNodeCount rises from 0 to 4",),
    ),
    "all requests go to a deployment that is made just now": Dangerous(
        new_green, "REV-AST-002", ("contoso-churn-dev/red gets 100 % of the requests of contoso-churn-dev",)
    ),
    "traffic that Azure refuses": Dangerous(
        lambda: dev().update("OnlineTraffic::contoso-churn-dev", endpoint_traffic(blue=50, green=10)),
        "REV-AST-001",
        ("contoso-churn-dev: its traffic adds up to 60 %, not 100",),
    ),
    "the model of a deployment that answers is another one": Dangerous(
        lambda: dev().update(
            "OnlineDeployment::contoso-churn-dev/blue",
            {"spec.model": "azureml:churn-classifier:ffffffffffff"},
        ),
        "REV-AST-003",
        (
            "contoso-churn-dev/blue, which has 100 % of the requests",
            "changes: model azureml:churn-classifier",
        ),
    ),
    "the deployment that answers is deleted": Dangerous(
        lambda: dev().delete("OnlineDeployment::contoso-churn-dev/blue"),
        "REV-AST-001",
        ("contoso-churn-dev/blue is deleted while it gets 100 % of the requests of contoso-churn-dev",),
    ),
    "a schedule runs again": Dangerous(
        lambda: dev().update("Schedule::retrain-churn", {"spec.is_enabled": True}),
        "REV-AST-004",
        ("retrain-churn runs again",),
    ),
}
