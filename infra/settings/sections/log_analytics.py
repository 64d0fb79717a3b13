"""The Log Analytics workspace."""

from __future__ import annotations

from pydantic import Field

from infra.settings.sections.base import Section


class LogAnalyticsSettings(Section):
    """The Log Analytics workspace behind Application Insights."""

    retention_in_days: int = Field(default=90, ge=30, le=730, description="Days for which logs are kept.")
    daily_quota_gb: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="Ingestion stops for the day above this many GB; default: no cap.",
    )
