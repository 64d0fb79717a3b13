"""Controls of who a workspace, its compute and its data sign in as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, ResourceControl, StackControl
from azureml_guard.facts import Finding, Resource, Stack, Truth, negated
from azureml_guard.references import USER_ASSIGNED_IDENTITY, Meant, assigned_identities

WORKSPACE: Final = "machinelearningservices:Workspace"
COMPUTE: Final = "machinelearningservices:Compute"
STORAGE_ACCOUNT: Final = "storage:StorageAccount"
_DATASTORE: Final = "machinelearningservices:Datastore"
_DATASTORE_ASSET: Final = "azureml-assets:Datastore"
_ML: Final = "https://learn.microsoft.com/azure/machine-learning"


def _user_assigned(stack: Stack, context: Context) -> Iterator[Finding]:
    identities = Meant(stack.of(USER_ASSIGNED_IDENTITY), "id")
    for workspace in stack.of(WORKSPACE):
        kind = workspace.at("identity.type")
        # Azure's default is a system-assigned identity ("Set up service authentication", workspace).
        yield kind.must(kind.matches(".*UserAssigned.*"), "must include UserAssigned")
        primary = workspace.at("primaryUserAssignedIdentity")
        in_stack = isinstance(identities.of(primary, workspace), Resource)
        yield primary.must(
            in_stack or primary.present(), "must name the identity that the workspace acts with"
        )


def _system_datastores(workspace: Resource, context: Context) -> Iterator[Finding]:
    mode = workspace.at("systemDatastoresAuthMode")
    # Azure's default is AccessKey (Microsoft.MachineLearningServices/workspaces, 2025-12-01).
    yield mode.must(mode.equals("Identity"), "must be Identity")


def _datastore_credentials(datastore: Resource, context: Context) -> Iterator[Finding]:
    if datastore.type == _DATASTORE_ASSET:
        credentials = datastore.at("spec.credentials")
        yield credentials.must(negated(credentials.present()), "must not be there")
    else:
        kind = datastore.at("properties.credentials.credentialsType")
        yield kind.must(kind.equals("None"), "must be None")


def _shared_keys(account: Resource, context: Context) -> Iterator[Finding]:
    allowed = account.at("allowSharedKeyAccess")
    # Azure's default is null, which means true (Microsoft.Storage/storageAccounts, 2024-01-01).
    yield allowed.must(allowed.equals(False), "must be false")


def _local_accounts(compute: Resource, context: Context) -> Iterator[Finding]:
    disabled = compute.at("properties.disableLocalAuth")
    kind = compute.at("properties.computeType").equals("AmlCompute", "ComputeInstance")
    if kind is not False:
        # Azure's default is false (Microsoft.MachineLearningServices/workspaces/computes, 2025-12-01).
        truth: Truth = None if kind is None else disabled.equals(True)
        yield disabled.must(truth, "must be true")


def _without_local_accounts(compute: Resource, context: Context) -> Mapping[str, Any]:
    return {"properties.disableLocalAuth": True}


def _own_identity(stack: Stack, context: Context) -> Iterator[Finding]:
    identities = Meant(stack.of(USER_ASSIGNED_IDENTITY), "id")
    of_workspaces: frozenset[str] = frozenset()
    for workspace in stack.of(WORKSPACE):
        of_workspaces |= assigned_identities(workspace, identities)[0]
    for compute in stack.of(COMPUTE):
        kind = compute.at("properties.computeType")
        if kind.is_unknown:
            yield kind.must(None, "must be known")
        elif kind.equals("AmlCompute"):
            yield from _cluster_identity(compute, identities, of_workspaces)
        elif kind.equals("ComputeInstance"):
            yield from _one_person(compute)


def _cluster_identity(
    cluster: Resource, identities: Meant, of_workspaces: frozenset[str]
) -> Iterator[Finding]:
    kind = cluster.at("identity.type")
    yield kind.must(kind.matches(".*Assigned.*"), "must be UserAssigned or SystemAssigned")
    own, complete = assigned_identities(cluster, identities)
    if own or not complete:
        shared: Truth = bool(own & of_workspaces)
        separate = None if not shared and not complete else not shared
        yield cluster.at("identity.userAssignedIdentities").must(
            separate, "must not hold an identity that a workspace acts with"
        )


def _one_person(instance: Resource) -> Iterator[Finding]:
    settings = instance.at("properties.properties")
    user = settings.at("personalComputeInstanceSettings.assignedUser.objectId")
    # Without it the instance belongs to whoever creates it: the pipeline ("Create a compute instance").
    yield user.must(user.present(), "must name the person who works on it")
    kind = settings.at("computeInstanceAuthorizationType")
    yield kind.must(kind.equals("personal", absent=True), "must be personal")


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.IDENTITY,
        number=1,
        title="The workspace acts with a user-assigned identity",
        why=(
            "A system-assigned identity exists only with the workspace, so its roles can't be there before "
            "it, and Azure gives it roles that no program shows."
        ),
        mend="Set identity.type to UserAssigned and primaryUserAssignedIdentity to the identity's id.",
        severity=Severity.MEDIUM,
        types=(WORKSPACE, USER_ASSIGNED_IDENTITY),
        check=_user_assigned,
        references=References(
            azure_policy=("Azure Machine Learning workspaces should use user-assigned managed identity",),
            benchmark=("IM-3",),
            others=("Azure.ML.UserManagedIdentity",),
            url=f"{_ML}/how-to-identity-based-service-authentication",
        ),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=2,
        title="The workspace reaches its own datastores by identity",
        why="With AccessKey, whoever may use the workspace is handed the storage account's key.",
        mend="Set systemDatastoresAuthMode to Identity.",
        severity=Severity.HIGH,
        types=(WORKSPACE,),
        check=_system_datastores,
        references=References(benchmark=("IM-1",), url=f"{_ML}/how-to-disable-local-auth-storage"),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=3,
        title="Datastores keep no credentials",
        why="A key or SAS in a datastore is a password that everybody who uses the datastore can read.",
        mend=(
            "Set credentials.credentialsType to None (in a CLI v2 document: leave credentials out), and give "
            "the identities that use the data a role on the account."
        ),
        severity=Severity.CRITICAL,
        types=(_DATASTORE, _DATASTORE_ASSET),
        check=_datastore_credentials,
        references=References(benchmark=("IM-8",), url=f"{_ML}/how-to-datastore"),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=4,
        title="The storage account takes no shared keys",
        why="A shared key opens all data, names nobody and never expires.",
        mend="Set allowSharedKeyAccess to false, and let the workspace reach the account by identity.",
        severity=Severity.HIGH,
        types=(STORAGE_ACCOUNT,),
        check=_shared_keys,
        references=References(
            azure_policy=("Storage accounts should prevent shared key access",),
            benchmark=("IM-1",),
            others=("Azure.Storage.LocalAuth", "CKV2_AZURE_40"),
            url="https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent",
        ),
    ),
    ResourceControl(
        concern=Concern.IDENTITY,
        number=5,
        title="Compute has no local accounts",
        why="A local account is a way in that Entra ID neither sees nor can close.",
        mend="Set properties.disableLocalAuth to true.",
        severity=Severity.HIGH,
        types=(COMPUTE,),
        check=_local_accounts,
        remedy=_without_local_accounts,
        references=References(
            azure_policy=(
                "Azure Machine Learning Computes should have local authentication methods disabled",
                "Configure Azure Machine Learning Computes to disable local authentication methods",
            ),
            benchmark=("IM-1",),
            others=("Azure.ML.DisableLocalAuth", "CKV_AZURE_142"),
            url=f"{_ML}/how-to-integrate-azure-policy",
        ),
    ),
    StackControl(
        concern=Concern.IDENTITY,
        number=6,
        title="Clusters have an identity of their own, instances belong to one person",
        why="Otherwise jobs act with more rights than they need, or nobody can say who did what.",
        mend=(
            "Give the cluster identity.type and an identity that is not the workspace's; name the person in "
            "personalComputeInstanceSettings.assignedUser."
        ),
        severity=Severity.MEDIUM,
        types=(COMPUTE, WORKSPACE, USER_ASSIGNED_IDENTITY),
        check=_own_identity,
        references=References(benchmark=("IM-3",), url=f"{_ML}/how-to-create-attach-compute-cluster"),
    ),
)
