"""Errors of the asset service, one function each. Nearly all have the code UserError."""

from __future__ import annotations

from sandbox.arm.errors import ArmError


def invalid(message: str) -> ArmError:
    """A request that the service refuses by its content."""
    return ArmError(400, "UserError", message)


def environment_not_found(name: str, version: str) -> ArmError:
    """An environment that is not there (Azure/azure-sdk-for-python#38594)."""
    return ArmError(404, "UserError", f"No environment exists for name: {name}, version: {version}, label: ")


def component_not_found(name: str, version: str) -> ArmError:
    """A component that is not there (MicrosoftDocs/azure-docs#88726, which shows it for a name)."""
    place = f"{name} with version {version}" if version else name
    return ArmError(404, "UserError", f"Not found component {place}.")


def asset_not_found(asset_id: str) -> ArmError:
    """An asset that another one names and that is not there (Azure/azure-sdk-for-python#34876)."""
    return ArmError(404, "UserError", f"Could not find asset with assetId {asset_id}")


def version_not_found(kind: str, name: str, version: str) -> ArmError:
    """A version, or a name, of any other kind that is not there."""
    place = f"{kind} {name}:{version}" if version else f"{kind} container {name}"
    return ArmError(404, "UserError", f"{place} was not found.")


def content_is_fixed(kind: str, name: str, version: str) -> ArmError:
    """Another content for a registered version (Azure/azure-cli-extensions#5440)."""
    message = f"{kind} {name} with version {version} is already registered and cannot be changed."
    return ArmError(409, "UserError", message)


def path_is_fixed() -> ArmError:
    """Another path for a registered version (azure-ai-ml: ASSET_PATH_ERROR)."""
    return ArmError(400, "UserError", "Asset paths cannot be updated.")


def property_is_fixed(kind: str, name: str, version: str, property_name: str) -> ArmError:
    """Another value of a property that only the first registration sets."""
    return invalid(f"The property '{property_name}' of {kind} {name}:{version} cannot be updated.")


def deleted_for_good(asset_id: str, deleted: str) -> ArmError:
    """A version that was there and was deleted (Azure/azureml-assets#3439, #2919)."""
    return invalid(
        f"Asset {asset_id} was deleted at {deleted} +00:00, it cannot be recreated. Please try again with a "
        "different version."
    )


def already_uploaded(asset_id: str) -> ArmError:
    """An upload for a version that a registry has (Azure/azure-sdk-for-python#30208: a 409)."""
    return ArmError(409, "UserError", f"Asset {asset_id} already exists.")


def curated_prefix() -> ArmError:
    """A name that curated environments have (MicrosoftDocs/azure-docs#65770)."""
    return invalid(
        "Environment name can not start with the prefix AzureML. To alter a curated environment first create "
        "a copy of it."
    )
