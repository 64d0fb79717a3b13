"""What a refusal of the storage account means for an upload: its own words say neither cause nor cure.

Codes: "Azure Storage error codes"; the first one also for requests that the account's firewall turns down
("Configure Azure Storage firewalls", error 403 AuthorizationFailure).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from resource_provider.arm_errors import ArmError

_MEANINGS: Final = {
    "AuthorizationFailure": "The storage account takes no uploads from this network: deploy from inside its "
    "network, or let the stack take assets without files.",
    "AuthorizationPermissionMismatch": "Uploads need the role Storage Blob Data Contributor on the storage "
    "account.",
}


def explained(error: ArmError) -> ArmError:
    """The error with what it means for an upload; any other error as it is."""
    meaning = _MEANINGS.get(error.code) if error.status == HTTPStatus.FORBIDDEN else None
    if meaning is None:
        return error
    return ArmError(error.status, error.code, f"{error.arm_message} {meaning} See docs/assets.md.")
