"""Controls of who a workspace, its compute and its data sign in as."""

from __future__ import annotations

from typing import Final

from azureml_guard.control import Control

CONTROLS: Final[tuple[Control, ...]] = ()
