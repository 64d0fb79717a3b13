"""Controls of the protection of data: encryption, recovery, secrets, region."""

from __future__ import annotations

from typing import Final

from azureml_guard.control import Control

CONTROLS: Final[tuple[Control, ...]] = ()
