"""Errors of the storage resource provider, one function each.

Codes are those of "Storage Resource Provider: error codes for Create Storage
Account"; the sentences are Azure's own, as people published them.
"""

from __future__ import annotations

from sandbox.arm.errors import ArmError


def account_name_not_valid(name: str) -> ArmError:
    """The PUT of an account whose name breaks the alphabet or length."""
    return ArmError(
        400,
        "AccountNameInvalid",
        f"{name} is not a valid storage account name. Storage account name must be between 3 and 24 "
        "characters in length and use numbers and lower-case letters only.",
    )


def account_already_taken(name: str) -> ArmError:
    """The name belongs to an account of another subscription."""
    return ArmError(409, "StorageAccountAlreadyTaken", f"The storage account named {name} is already taken.")


def account_already_exists(name: str) -> ArmError:
    """The name belongs to an account of another resource group of the same subscription."""
    return ArmError(
        409,
        "StorageAccountAlreadyExists",
        f"The storage account named {name} already exists under the subscription.",
    )


def property_cannot_be_updated(property_name: str) -> ArmError:
    """A property that only the creating request may set (seen in CompositionalIT/farmer#346)."""
    return ArmError(
        400,
        "AccountPropertyCannotBeUpdated",
        f"The property '{property_name}' was specified in the input, but it cannot be updated as it is "
        "read-only. For more information, see - https://aka.ms/storageaccountupdate",
    )


def invalid_account_type(sku: str) -> ArmError:
    """A SKU that does not exist, or not for this kind of account."""
    return ArmError(
        400,
        "InvalidAccountType",
        f"The AccountType {sku} is invalid. For more information, see - https://aka.ms/storageaccountskus",
    )


def conversion_not_allowed(before: str, after: str) -> ArmError:
    """A change of redundancy that needs a conversion and not an update."""
    return ArmError(
        400,
        "StorageAccountTypeConversionNotAllowed",
        f"The storage account can't be converted from {before} to {after}.",
    )


def invalid_access_tier(tier: str, kind: str) -> ArmError:
    """An access tier that this kind of account does not have."""
    return ArmError(
        400, "InvalidAccessTier", f"The access tier {tier} is invalid for the account kind {kind}."
    )


def child_name_not_valid(kind: str, name: str) -> ArmError:
    """A container or share whose name breaks the alphabet or length."""
    return ArmError(
        400,
        "InvalidResourceName",
        f"The specified resource name contains invalid characters: {kind} name '{name}' must be 3 to 63 "
        "lower-case letters, digits and single hyphens, with a letter or digit at both ends.",
    )


def invalid_values(parameter: str, help_page: str = "") -> ArmError:
    """A value that the schema lets through and the service does not."""
    more = f" For more information, see - {help_page}" if help_page else ""
    return ArmError(
        400,
        "InvalidValuesForRequestParameters",
        f"Values for request parameters are invalid: {parameter}.{more}",
    )


def public_access_not_permitted() -> ArmError:
    """A container with anonymous access in an account that forbids it."""
    return ArmError(
        409, "PublicAccessNotPermitted", "Public access is not permitted on this storage account."
    )


def management_policy_not_found(account: str) -> ArmError:
    """GET of a lifecycle policy that nobody created."""
    return ArmError(404, "ManagementPolicyNotFound", f"No ManagementPolicy found for account {account}")
