"""An asset to write: its resolved document, where it stands, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azureml_assets.content import Content
from azureml_assets.kinds import AssetType, Target


@dataclass(frozen=True)
class Asset:
    """One asset, with or without versions."""

    type: AssetType
    target: Target
    spec: Mapping[str, Any]  # with the version that it gets
    origin: Path  # the document's file
    content: Content
    digest: str  # content hash

    @property
    def name(self) -> str:
        """The asset's name."""
        return str(self.spec["name"])

    @property
    def version(self) -> str:
        """The version that it gets; "1", as azure-ai-ml has it, for what has none but brings files."""
        return str(self.spec.get("version", "1"))

    @property
    def title(self) -> str:
        """For messages: "environment sklearn:1 in workspace mlw-dev"."""
        return f"{self.type.kind.value.replace('_', ' ')} {self.name}:{self.version} in {self.target}"
