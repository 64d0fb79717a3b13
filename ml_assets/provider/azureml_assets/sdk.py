"""azure-ai-ml: loaded once, in a thread, when something has to be checked or written.

Its clients are shared by the threads that call them (they were seen to work so). What it prints
for a person at a prompt is silenced.
"""

from __future__ import annotations

import functools
import gc
import io
import json
import logging
import threading
import warnings
from collections.abc import Callable
from typing import Any, Final, TextIO

from azureml_assets.blocking import THREAD_NAME, Blocking
from azureml_assets.kinds import AssetType, Target

_LOADING: Final = threading.Lock()
# Azure's own writing beside what was declared; it says nothing about the asset.
_VOLATILE: Final = frozenset(
    {"$schema", "id", "creation_context", "provisioning_state", "provisioning_errors", "latest_version"}
)


class Sdk:
    """The SDK with its clients, one for each target."""

    def __init__(self, credential: Callable[[], Any], blocking: Blocking) -> None:
        self._make_credential = credential
        self.run = blocking.run
        self._lock = threading.Lock()
        self._clients: dict[Target, Any] = {}

    def operations(self, asset: AssetType, target: Target) -> Any:
        """The operations of a type, such as `ml_client.environments`."""
        return getattr(self.client(target), asset.operations)

    def client(self, target: Target) -> Any:
        """The MLClient of a workspace or registry."""
        with self._lock:
            if target not in self._clients:
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
                self._clients[target] = module.MLClient(
                    self._make_credential(), show_progress=True, transport=transport(), **scope
                )
            return self._clients[target]


def state_of(entity: Any) -> dict[str, Any]:
    """What Azure ML holds, in the shape of a document, without what changes by itself."""
    shown = json.loads(json.dumps(dict(entity._to_dict()), default=str))  # noqa: SLF001  # dump() writes files only
    return {key: value for key, value in shown.items() if value is not None and key not in _VOLATILE}


def load() -> Any:
    """The module azure.ai.ml; the first call takes a second, and most runs do without it."""
    with _LOADING:
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


class WithoutSdk(io.TextIOBase):
    """A stream that drops what the SDK prints in its threads: progress bars, notes on itself."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Passes on what other threads write."""
        if threading.current_thread().name.startswith(THREAD_NAME):
            return len(text)
        return self._stream.write(text)

    def flush(self) -> None:
        """Flushes the stream behind."""
        self._stream.flush()
