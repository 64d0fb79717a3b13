"""Controls of role assignments and role definitions: who may do what."""

from __future__ import annotations

from typing import Final

from azureml_guard.control import Control

CONTROLS: Final[tuple[Control, ...]] = ()
