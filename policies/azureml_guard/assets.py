"""Controls of assets, of azure-native and of azureml-assets."""

from __future__ import annotations

from typing import Final

from azureml_guard.control import Control

CONTROLS: Final[tuple[Control, ...]] = ()
