"""The Azure Machine Learning workspace."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from infra.settings import types
from infra.settings.sections.base import Section


class WorkspaceSettings(Section):
    """The Azure Machine Learning workspace itself."""

    friendly_name: types.Label | None = Field(default=None, description="Name shown in the studio.")
    description: types.Label | None = Field(default=None, description="Sentence shown in the studio.")
    hbi_workspace: bool = Field(
        default=False, description="High business impact: Microsoft collects less diagnostic data. Set once."
    )
    image_build_compute: types.ComputeName | None = Field(
        default=None, description="Cluster that builds images; needed where the registry is private."
    )
    identity_roles: Literal["documented", "tight"] = Field(
        default="documented",
        description="Roles of the workspace's identity: those Microsoft documents, or a narrower set that "
        "was seen working elsewhere but that no document promises.",
    )
    purge_soft_deleted: bool = Field(
        default=False, description="Purge a soft-deleted workspace of the same name before creating this one."
    )
