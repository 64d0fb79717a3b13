"""Errors of the Azure Machine Learning resource provider, one function each.

Three services answer under this namespace, each with its own habit: the workspace
service says `ValidationError` with a `details` entry of code `Invalid`, the compute
service `BadRequest` or `UserError`, the asset service (datastores) `UserError`.
"""

from __future__ import annotations

from sandbox.arm.errors import ArmError

QUOTA_HELP = (
    "Talk to your Subscription Admin or refer to "
    "https://docs.microsoft.com/azure/machine-learning/how-to-manage-quotas#request-quota-increases"
)


def workspace_invalid(message: str) -> ArmError:
    """The workspace service's refusal (shape as in Azure/azure-rest-api-specs#15878)."""
    detail = {"code": "Invalid", "message": message, "target": "workspace", "details": []}
    return ArmError(400, "ValidationError", message, target="workspace", details=(detail,))


def missing_dependencies() -> ArmError:
    """A workspace without storage account, key vault or Application Insights."""
    return workspace_invalid("Missing dependent resources in workspace json")


def dependency_not_found(property_name: str, resource_id: str) -> ArmError:
    """A dependency that is not there, or is of another type."""
    return workspace_invalid(f"The resource '{resource_id}' given as {property_name} was not found.")


def soft_deleted_workspace_exists() -> ArmError:
    """A create over a soft-deleted workspace (Azure/ResourceModules#3596)."""
    return ArmError(
        400,
        "BadRequest",
        "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete",
    )


def hub_has_projects() -> ArmError:
    """Deleting a hub that still has project workspaces."""
    return workspace_invalid("AI hub still has associated AI projects")


def project_has_own_network() -> ArmError:
    """A project that brings a managed network (Azure-Samples/ai-studio-in-a-box#5)."""
    return workspace_invalid("Project workspace shouldn't define it's own managed network properties.")


def project_has_own_dependency(label: str) -> ArmError:
    """A project that brings a dependency of its own instead of the hub's."""
    return workspace_invalid(f"Project shouldn't have its own {label}")


def property_cannot_change(property_name: str) -> ArmError:
    """A property of the workspace that only the creating request may set."""
    return workspace_invalid(
        f"The property '{property_name}' of a workspace can't be changed after creation."
    )


def storage_account_cannot_change() -> ArmError:
    """Another default storage account (Azure-Samples/get-started-with-ai-chat#65)."""
    return ArmError(400, "BadRequest", "Storage Account update is not supported yet")


def storage_with_hierarchical_namespace() -> ArmError:
    """A lake as default storage (microsoft/AzureTRE#1920)."""
    return ArmError(400, "BadRequest", "Cannot use storage with HNS enabled.")


def isolation_mode_cannot_change(before: str, after: str) -> ArmError:
    """A managed network that is asked to become looser."""
    return workspace_invalid(
        f"The managed network's isolation mode can't be changed from '{before}' to '{after}'."
    )


def user_error(message: str) -> ArmError:
    """The compute and asset services' refusal of a request (dotnet/machinelearning-modelbuilder#2386)."""
    return ArmError(400, "UserError", message)


def compute_bad_request(code: str, message: str) -> ArmError:
    """The compute service's refusal, with its own code in `details`."""
    return ArmError(400, "BadRequest", message, details=({"code": code, "message": message},))


def compute_name_taken() -> ArmError:
    """A compute name that exists in the region (microsoft/MCW-ML-Ops#28)."""
    return compute_bad_request(
        "ComputeNameTaken",
        "Compute with this name already exists. Compute name needs to be unique across all existing "
        "computes within an Azure region.",
    )


def instance_name_invalid() -> ArmError:
    """A compute instance's name breaks the rule (MicrosoftDocs/pipelines-azureml#19)."""
    return compute_bad_request(
        "Invalid",
        "A name for an Azure ML Compute Instance must be between 3 and 24 characters in length and must "
        "use only numbers, letters and minus symbol (-), must start with letters. Numbers cannot be the "
        "ending of the name if the previous character is a minus symbol (-). Please specify a different "
        "Azure ML Instance name",
    )


def compute_name_invalid(shortest: int, longest: int) -> ArmError:
    """Another compute's name breaks the rule (aztfmod/terraform-provider-azurecaf#78)."""
    return compute_bad_request(
        "Invalid",
        "Compute name is invalid. It can include letters, digits and dashes. It must start with a "
        f"letter, end with a letter or digit, and be between {shortest} and {longest} characters in length",
    )


def vm_size_not_supported(vm_size: str, supported: str) -> ArmError:
    """A VM size that the service does not offer."""
    return compute_bad_request(
        "InvalidPropertyValue",
        f"The specified value {vm_size} for property Cluster.Properties.VMSize is not a supported VM "
        f"size. Supported VM sizes: {supported}",
    )


def node_counts_missing() -> ArmError:
    """A cluster without scale settings (dotnet/machinelearning-modelbuilder#2386)."""
    return user_error(
        "ScaleSettings.MaxNodeCount and ScaleSettings.MinNodeCount must be specified for create compute."
    )


def node_counts_crossed(lowest: int, highest: int) -> ArmError:
    """More nodes as the minimum than as the maximum."""
    return user_error(
        f"ScaleSettings.MinNodeCount {lowest} must not be greater than ScaleSettings.MaxNodeCount {highest}."
    )


def no_quota_for_one_node(family: str, quota: int, cores: int) -> ArmError:
    """A dedicated cluster of a family without quota (dotnet/machinelearning-modelbuilder#2140)."""
    return compute_bad_request(
        "ClusterMinNodesExceedCoreQuota",
        f"The specified subscription has a {family} family vCPU quota of {quota} and cannot accomodate "
        f"for at least 1 requested managed compute nodes which maps to {cores} vCPUs. {QUOTA_HELP} to "
        "increase the family quota",
    )


def no_total_quota_for_one_node(quota: int, cores: int) -> ArmError:
    """A low-priority cluster in a subscription without low-priority quota (Azure/mlops-v2#81)."""
    return compute_bad_request(
        "ClusterMinNodesExceedCoreQuota",
        f"The specified subscription has a total vCPU quota of {quota} and cannot accomodate for at least "
        f"1 requested managed compute node which maps to {cores} vCPUs. {QUOTA_HELP} to increase the "
        "total vCPU quota",
    )


def min_nodes_exceed_quota(family: str, quota: int, nodes: int, cores: int) -> ArmError:
    """Nodes that must run at once and do not fit (MicrosoftDocs/mslearn-aml-labs#8)."""
    return compute_bad_request(
        "ClusterMinNodesExceedCoreQuota",
        f"The specified subscription has a {family} family vCPU quota of {quota} and is less than the "
        f"requested compute training cluster and/or compute instance's min nodes of {nodes} which maps to "
        f"{cores} vCPUs. {QUOTA_HELP} to increase the {family} family vCPU quota",
    )


def compute_property_cannot_change(property_name: str) -> ArmError:
    """A property of a compute that only the creating request may set."""
    return user_error(f"The property '{property_name}' of an existing compute can't be updated.")


def identity_datastore_has_no_secrets(name: str) -> ArmError:
    """Secrets asked of a datastore that is used with identities."""
    return user_error(f"Datastore '{name}' has no secrets: its credentials type is None.")


def unknown_compute(name: str) -> ArmError:
    """A job's or batch deployment's compute (Azure/AML-Kubernetes#118)."""
    return user_error(f"Unknown compute target '{name}'.")
