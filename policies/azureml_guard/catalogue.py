"""All controls, in the order of the documentation."""

from __future__ import annotations

from typing import Final

from azureml_guard import (
    access,
    assets,
    cost,
    data,
    data_class,
    data_logs,
    data_recovery,
    data_secrets,
    identity,
    naming,
    network,
    pack_controls,
    protection,
    tagging,
)
from azureml_guard.control import Control

CATALOGUE: Final[tuple[Control, ...]] = (
    *network.CONTROLS,
    *identity.CONTROLS,
    *access.CONTROLS,
    *data.CONTROLS,
    *data_recovery.CONTROLS,
    *data_class.CONTROLS,
    *data_logs.CONTROLS,
    *data_secrets.CONTROLS,
    *protection.CONTROLS,
    *cost.CONTROLS,
    *tagging.CONTROLS,
    *naming.CONTROLS,
    *assets.CONTROLS,
    *pack_controls.CONTROLS,
)
