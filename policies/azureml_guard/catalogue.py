"""All controls, in the order of the documentation."""

from __future__ import annotations

from typing import Final

from azureml_guard import (
    access,
    asset_images,
    asset_origin,
    asset_serving,
    assets,
    cost,
    cost_sizes,
    cost_stack,
    data,
    identity,
    naming,
    network,
    pack_controls,
    protection,
)
from azureml_guard.control import Control

CATALOGUE: Final[tuple[Control, ...]] = (
    *network.CONTROLS,
    *identity.CONTROLS,
    *access.CONTROLS,
    *data.CONTROLS,
    *protection.CONTROLS,
    *cost.CONTROLS,
    *cost_sizes.CONTROLS,
    *cost_stack.CONTROLS,
    *naming.CONTROLS,
    *assets.CONTROLS,
    *asset_images.CONTROLS,
    *asset_origin.CONTROLS,
    *asset_serving.CONTROLS,
    *pack_controls.CONTROLS,
)
