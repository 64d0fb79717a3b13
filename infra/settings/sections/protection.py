"""Protection against accidents."""

from __future__ import annotations

from pydantic import Field

from infra.settings.sections.base import Section


class ProtectionSettings(Section):
    """What stands between a slip of the hand and lost data."""

    protect: bool = Field(default=True, description="Pulumi refuses to delete or replace stateful resources.")
    retain_on_delete: bool = Field(
        default=True, description="Stateful resources stay in Azure when they leave the program."
    )
    delete_lock: bool = Field(
        default=True, description="CanNotDelete locks on the storage account and the key vault."
    )
