"""Controls of assets: environments, components, models, deployments, in both shapes."""

from __future__ import annotations

from typing import Final

from azureml_guard.control import Control

CONTROLS: Final[tuple[Control, ...]] = ()
