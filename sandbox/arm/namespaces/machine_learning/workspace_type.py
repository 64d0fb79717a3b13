"""The declaration of Microsoft.MachineLearningServices/workspaces; its rules are in `workspaces`."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import errors, locations, managed_network, workspaces
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.namespaces.values import same_setting
from sandbox.arm.resource_type import (
    Action,
    Immutable,
    Lro,
    LroStyle,
    NameRule,
    Operation,
    ResourceType,
    SoftDelete,
)


def _workspace_fixed(name: str) -> Immutable:
    return Immutable(
        path=f"properties.{name}",
        source=workspaces.UPDATE_PARAMETERS,
        error=(
            errors.storage_account_cannot_change
            if name == "storageAccount"
            else lambda: errors.property_cannot_change(name)
        ),
        same=same_setting,
    )


def _location_operation(kind: str, handler: Action) -> Operation:
    return Operation(
        method="GET",
        path=f"providers/Microsoft.MachineLearningServices/locations/{{location}}/{kind}",
        handler=handler,
        api_versions_of=workspaces.TYPE,
    )


WORKSPACE = ResourceType(
    type=workspaces.TYPE,
    token="azure-native:machinelearningservices:Workspace",
    name=NameRule(
        pattern=workspaces.NAME_PATTERN,
        allowed="3 to 33 letters, digits, hyphens and underscores, with a letter or digit first",
        source=documented(
            "Naming rules and restrictions for Azure resources: Microsoft.MachineLearningServices"
        ),
        error=lambda name: errors.workspace_invalid(
            f"Workspace name '{name}' is invalid: it must be 3 to 33 letters, digits, hyphens and "
            "underscores, with a letter or digit first."
        ),
    ),
    name_input="workspaceName",
    created_status=202,
    extra_api_versions=API_VERSIONS,
    immutable=(
        *(_workspace_fixed(name) for name in workspaces.SET_AT_CREATION),
        Immutable(
            path="kind",
            source=workspaces.UPDATE_PARAMETERS,
            error=lambda: errors.property_cannot_change("kind"),
        ),
    ),
    lro=Lro(
        create=LroStyle.ASYNC_OPERATION,
        update=LroStyle.ASYNC_OPERATION,
        delete=LroStyle.ASYNC_OPERATION,
        create_seconds=36.0,
        update_seconds=10.0,
        delete_seconds=20.0,
    ),
    soft_delete=SoftDelete(
        retention_days=lambda body: workspaces.SOFT_DELETE_DAYS,
        on_conflict="refuse",
        conflict=lambda name: errors.soft_deleted_workspace_exists(),
        permanent=lambda context: context.query.get("forcetopurge", "").lower() == "true",
        source=workspaces.SOFT_DELETE,
    ),
    actions={
        "listKeys": workspaces.list_keys,
        "provisionManagedNetwork": workspaces.provision_network,
    },
    operations=(
        _location_operation("usages", locations.list_usages),
        _location_operation("quotas", locations.list_quotas),
        _location_operation("vmSizes", locations.list_vm_sizes),
    ),
    defaults=workspaces.defaults,
    computed=workspaces.computed,
    validate=workspaces.validate,
    created=workspaces.created,
    updated=workspaces.updated,
    deleted=workspaces.deleted,
    facts=(
        Fact(
            "A create is answered with 202, Azure-AsyncOperation and Location headers.", workspaces.RECORDING
        ),
        Fact("Identifiers, discovery and tracking addresses, notebook host.", workspaces.RECORDING),
        Fact(
            "The id of the key vault comes back with the provider written Microsoft.Keyvault.",
            workspaces.RECORDING,
        ),
        Fact(
            "The id of Application Insights comes back with the provider written Microsoft.insights.",
            recorded("Azure/azure-cli-extensions#7699: answer of the service, 2024-06-10"),
        ),
        Fact(
            "A create takes about 36 seconds.",
            recorded("output of an ai_hub create, published with its code"),
        ),
        Fact(
            "Storage account, key vault and Application Insights are required.",
            recorded("Azure/azure-rest-api-specs#15878, Azure/azure-service-operator#5696"),
        ),
        Fact(
            "The sentences for a dependency that does not exist and for a premium account.",
            assumed("no exchange with them was found"),
        ),
        Fact(
            "Premium accounts and hierarchical namespaces are not possible as default storage.",
            documented("Manage Azure Machine Learning workspaces: bring existing resources"),
        ),
        Fact(
            "A hierarchical namespace is refused with BadRequest and this sentence.",
            recorded("microsoft/AzureTRE#1920"),
        ),
        Fact(
            "Account keys for the datastores are refused with an account that refuses keys.",
            assumed("KeyBasedAuthenticationNotPermitted was reported by users, the exact moment was not"),
        ),
        Fact("An identity is required.", recorded("Azure/azure-sdk-for-js#10473")),
        Fact(
            "The primary identity is one of the user-assigned ones.",
            documented("Set up authentication between Azure Machine Learning and other services"),
        ),
        Fact("Storage account, key vault and hbiWorkspace are set once.", workspaces.UPDATE_PARAMETERS),
        Fact(
            "Another storage account is refused with BadRequest and this sentence.",
            recorded("Azure-Samples/get-started-with-ai-chat#65, microsoft/MLOpsPython#377"),
        ),
        Fact(
            "The sentence for any other property that cannot change.",
            assumed("no exchange with it was found"),
        ),
        Fact(
            "What is wrong with a storage account is refused at once.",
            assumed("Azure accepts the request and lets its operation fail, with the same code and sentence"),
        ),
        Fact(
            "A deleted workspace is kept for 14 days and its name is taken so long.", workspaces.SOFT_DELETE
        ),
        Fact("The refusal over a soft-deleted workspace.", recorded("Azure/ResourceModules#3596")),
        Fact("Computes are deleted at once with the workspace.", workspaces.SOFT_DELETE),
        Fact(
            "forceToPurge=true deletes for good.",
            documented("Workspaces - Delete, Azure Machine Learning REST API"),
        ),
        Fact("Isolation can't be disabled, nor loosened from approved outbound.", managed_network.ISOLATION),
    ),
)
