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
    data_class,
    data_logs,
    data_recovery,
    data_secrets,
    identity,
    naming,
    network,
    network_compute,
    network_private_link,
    network_rules,
    network_services,
    pack_controls,
    protection,
    tagging,
)
from azureml_guard.control import Control

CATALOGUE: Final[tuple[Control, ...]] = (
    *network.CONTROLS,
    *network_private_link.CONTROLS,
    *network_compute.CONTROLS,
    *network_services.CONTROLS,
    *network_rules.CONTROLS,
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
    *cost_sizes.CONTROLS,
    *cost_stack.CONTROLS,
    *naming.CONTROLS,
    *assets.CONTROLS,
    *asset_images.CONTROLS,
    *asset_origin.CONTROLS,
    *asset_serving.CONTROLS,
    *pack_controls.CONTROLS,
)
