"""The key vault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from infra.settings.errors import Mistake
from infra.settings.sections.base import Section


class KeyVaultSettings(Section):
    """The workspace's key vault."""

    sku: Literal["standard", "premium"] = Field(
        default="standard", description="Premium has HSM-backed keys."
    )
    enable_purge_protection: bool = Field(
        default=True, description="Nobody can purge a deleted vault early. Azure never turns this off again."
    )
    soft_delete_retention_in_days: int = Field(
        default=90, ge=7, le=90, description="Days for which a deleted vault can be recovered; set once."
    )
    purge_soft_deleted: bool = Field(
        default=False, description="Purge a soft-deleted vault of the same name before creating this one."
    )
    create_mode: Literal["default", "recover"] = Field(
        default="default", description="`recover` brings back a soft-deleted vault; for one `pulumi up`."
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        if self.purge_soft_deleted and self.enable_purge_protection:
            yield Mistake(
                key="purgeSoftDeleted",
                found="true",
                allowed="false while enablePurgeProtection is true, since Azure refuses the purge",
                example="enablePurgeProtection: false",
                involves=("enablePurgeProtection",),
            )
        if self.purge_soft_deleted and self.create_mode == "recover":
            yield Mistake(
                key="createMode",
                found="'recover'",
                allowed="default while purgeSoftDeleted is true, since a purged vault cannot be recovered",
                example="purgeSoftDeleted: false",
                involves=("purgeSoftDeleted",),
            )
