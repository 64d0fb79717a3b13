"""The container registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from infra.settings.errors import Mistake, shown
from infra.settings.sections.base import Section, Switch


class ContainerRegistrySettings(Section):
    """The registry of the workspace's images."""

    sku: Literal["Basic", "Standard", "Premium"] = Field(
        default="Premium", description="Premium is needed for private access and IP rules."
    )
    zone_redundancy: Switch | None = Field(
        default=None, description="Premium only, in regions with zones; set once. Default: Azure's, Disabled."
    )
    untagged_retention_in_days: int | None = Field(
        default=None,
        ge=0,
        le=365,
        description="Premium only: days after which untagged manifests are deleted.",
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        premium_only: dict[str, Any] = {
            "zoneRedundancy": self.zone_redundancy,
            "untaggedRetentionInDays": self.untagged_retention_in_days,
        }
        for key, value in premium_only.items():
            if value is not None and self.sku != "Premium":
                yield Mistake(
                    key=key,
                    found=shown(value),
                    allowed=f"no such key with sku {self.sku}; only Premium has it",
                    example="sku: Premium",
                    involves=("sku",),
                )
