"""Microsoft.MachineLearningServices: workspaces, registries and what is in them.

The larger types are declared in modules of their own (`compute_type`, `online_types`, `batch_types`,
`job_type`, `schedule_type`, `registries`, `assets`), the smaller ones here; RESOURCE_TYPES holds them all.
"""

from __future__ import annotations

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import connections, datastores, errors, managed_network
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.namespaces.machine_learning.assets.catalogue import ASSET_RESOURCE_TYPES
from sandbox.arm.namespaces.machine_learning.batch_types import BATCH_DEPLOYMENT, BATCH_ENDPOINT
from sandbox.arm.namespaces.machine_learning.compute_type import COMPUTE
from sandbox.arm.namespaces.machine_learning.job_type import JOB
from sandbox.arm.namespaces.machine_learning.online_types import ONLINE_DEPLOYMENT, ONLINE_ENDPOINT
from sandbox.arm.namespaces.machine_learning.registries import REGISTRY
from sandbox.arm.namespaces.machine_learning.schedule_type import SCHEDULE
from sandbox.arm.namespaces.machine_learning.workspace_type import WORKSPACE
from sandbox.arm.resource_type import Lro, LroStyle, NameRule, ResourceType

DATASTORE = ResourceType(
    type=datastores.TYPE,
    token="azure-native:machinelearningservices:Datastore",
    name=NameRule(
        pattern=datastores.NAME_PATTERN,
        allowed="1 to 255 letters, digits and underscores",
        source=documented("hashicorp/terraform-provider-azurerm, validate/datastore_name.go"),
        error=lambda name: errors.user_error(
            f"Datastore name '{name}' is invalid: it must be 1 to 255 letters, digits and underscores."
        ),
    ),
    name_input="name",
    parent_inputs=("workspaceName",),
    flattened=False,
    tracked=False,
    provisioning_state=False,
    extra_api_versions=API_VERSIONS,
    verbs=frozenset({"PUT", "GET", "DELETE", "LIST"}),
    write_only=("properties.credentials.secrets",),
    actions={"listSecrets": datastores.list_secrets},
    defaults=datastores.defaults,
    computed=datastores.computed,
    validate=datastores.validate,
    list_filter=datastores.only_default,
    facts=(
        Fact(
            "A workspace has four datastores from the start; workspaceblobstore is the default.",
            datastores.CONCEPT,
        ),
        Fact(
            "The containers are azureml-blobstore-{workspaceId} and azureml.",
            recorded("names in published outputs of many workspaces"),
        ),
        Fact("listSecrets answers secretsType and the key.", datastores.SECRETS),
        Fact(
            "listSecrets is refused for identities.",
            assumed("azure-ai-ml 1.35 does not ask such a datastore"),
        ),
        Fact(
            "With an expirable secret the answer is a SAS.",
            documented("azure-ai-ml 1.35: DatastoreOperations"),
        ),
    ),
)

OUTBOUND_RULE = ResourceType(
    type=managed_network.RULE_TYPE,
    token="azure-native:machinelearningservices:ManagedNetworkSettingsRule",
    name=NameRule(
        pattern=r"[A-Za-z0-9_-]{1,80}",
        allowed="1 to 80 letters, digits, hyphens and underscores",
        source=assumed("the rules' names become names of private endpoints and firewall rules"),
    ),
    name_input="ruleName",
    parent_inputs=("workspaceName",),
    flattened=False,
    tracked=False,
    provisioning_state=False,
    created_status=200,
    extra_api_versions=API_VERSIONS,
    verbs=frozenset({"PUT", "GET", "DELETE", "LIST"}),
    lro=Lro(
        create=LroStyle.ASYNC_OPERATION,
        update=LroStyle.ASYNC_OPERATION,
        delete=LroStyle.ASYNC_OPERATION,
        create_seconds=20.0,
        update_seconds=20.0,
        delete_seconds=20.0,
    ),
    computed=managed_network.rule_computed,
    validate=managed_network.validate_rule,
    created=managed_network.rule_written,
    updated=managed_network.rule_written,
    deleted=managed_network.rule_deleted,
    facts=(
        Fact(
            "A create is answered with 200 or 202, never 201.",
            documented("ManagedNetworkSettingsRule_CreateOrUpdate"),
        ),
        Fact("FQDN and service tag rules need approved outbound only.", managed_network.ISOLATION),
        Fact("Two rules with one destination are refused.", recorded("Azure/azureml-examples#2990")),
        Fact("The sentences of these refusals.", assumed("no exchange with them was found")),
    ),
)


def _connection_name(name: str) -> ArmError:
    return errors.user_error(
        f"Connection name '{name}' is invalid: it must be 3 to 33 letters, digits, hyphens and underscores."
    )


CONNECTION = ResourceType(
    type=connections.TYPE,
    token="azure-native:machinelearningservices:WorkspaceConnection",
    name=NameRule(
        pattern=connections.NAME_PATTERN,
        allowed="3 to 33 letters, digits, hyphens and underscores",
        source=connections.REFERENCE,
        error=_connection_name,
    ),
    name_input="connectionName",
    parent_inputs=("workspaceName",),
    flattened=False,
    tracked=False,
    provisioning_state=False,
    created_status=200,
    extra_api_versions=API_VERSIONS,
    write_only=("properties.credentials",),
    actions={"listsecrets": connections.list_secrets},
    defaults=connections.defaults,
    computed=connections.computed,
    validate=connections.validate,
    facts=(
        Fact(
            "A create is answered with 200, never 201.", documented("WorkspaceConnections_Create: responses")
        ),
        Fact("Credentials are given out by listsecrets alone.", connections.REFERENCE),
        Fact("Which kinds of sign-in need credentials.", assumed("from the models' names")),
    ),
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    WORKSPACE,
    COMPUTE,
    DATASTORE,
    OUTBOUND_RULE,
    CONNECTION,
    REGISTRY,
    *ASSET_RESOURCE_TYPES,
    ONLINE_ENDPOINT,
    ONLINE_DEPLOYMENT,
    BATCH_ENDPOINT,
    BATCH_DEPLOYMENT,
    JOB,
    SCHEDULE,
)
