"""The storage account."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from infra.settings.sections.base import Section


class StorageSettings(Section):
    """The workspace's storage account."""

    sku: Literal[
        "Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"
    ] = Field(default="Standard_ZRS", description="Redundancy of the account.")
    blob_retention_in_days: int = Field(
        default=30, ge=1, le=365, description="Days for which deleted blobs can be restored."
    )
    container_retention_in_days: int = Field(
        default=30, ge=1, le=365, description="Days for which deleted containers can be restored."
    )
    share_retention_in_days: int = Field(
        default=30, ge=1, le=365, description="Days for which deleted file shares can be restored."
    )
    is_versioning_enabled: bool = Field(default=True, description="Keep earlier versions of blobs.")
