"""azure-ai-ml, as it is used in its own process; see sdk_process.

It is loaded once, when something has to be checked or written. Its clients are shared by the
threads that call them (they were seen to work so).
"""

from __future__ import annotations

import functools
import gc
import json
import logging
import threading
import warnings
from collections.abc import Callable
from typing import Any, Final, TypeVar

from azureml_assets.azure_errors import again
from azureml_assets.credentials import credential
from azureml_assets.kinds import AssetType, Target

LOCK: Final = threading.RLock()  # held by who loads the SDK, makes a client, or builds schemas
Result = TypeVar("Result")
# Azure's own writing beside what was declared; it says nothing about the asset.
_VOLATILE: Final = frozenset(
    {"$schema", "id", "creation_context", "provisioning_state", "provisioning_errors", "latest_version"}
)


def undisturbed(call: Callable[[], Result]) -> Result:
    """The result of a call that builds schemas of the SDK: one at a time, again where its own disturb."""

    def alone() -> Result:
        with LOCK:
            return call()

    return again(alone)


def operations(asset: AssetType, target: Target) -> Any:
    """The operations of a type, such as `ml_client.environments`."""
    return getattr(client(target), asset.operations)


def client(target: Target) -> Any:
    """The MLClient of a workspace or registry."""
    with LOCK:
        return _client(target)


@functools.cache
def _client(target: Target) -> Any:
    scope = (
        {"registry_name": target.registry_name}
        if target.registry_name
        else {
            "subscription_id": target.subscription_id,
            "resource_group_name": target.resource_group_name,
            "workspace_name": target.workspace_name,
        }
    )
    module = load()
    from azureml_assets.transport import transport  # with the SDK

    # With progress shown a failed upload is raised; without, the SDK waits for it for ever.
    return module.MLClient(credential(), show_progress=True, transport=transport(), **scope)


def state_of(entity: Any) -> dict[str, Any]:
    """What Azure ML holds, in the shape of a document, without what changes by itself."""
    state = undisturbed(lambda: dict(entity._to_dict()))  # noqa: SLF001  # dump() writes files only
    shown = json.loads(json.dumps(state, default=str))
    return {key: value for key, value in shown.items() if value is not None and key not in _VOLATILE}


def load() -> Any:
    """The module azure.ai.ml; the first call takes a second."""
    with LOCK:
        return _module()


@functools.lru_cache(maxsize=1)
def _module() -> Any:
    # The collector would look through all that is being made, again and again, for garbage that
    # is not there: a fifth of the time here, and a seventh of all that follows.
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import azure.ai.ml

        gc.freeze()
    finally:
        gc.enable()
    logging.getLogger("azure.ai.ml").setLevel(logging.CRITICAL + 1)  # it is about the SDK itself
    return azure.ai.ml
