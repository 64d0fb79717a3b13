"""azure-ai-ml: loaded once, in a thread, when something has to be checked or written.

Its calls block, so they run in a pool of threads; its clients are shared by the threads (they
were seen to work so). What it prints for a person at a prompt is silenced, and its errors are
turned into ProviderErrors with Azure's own code and message.
"""

from __future__ import annotations

import asyncio
import functools
import io
import json
import logging
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TextIO, TypeVar

from azureml_assets.kinds import AssetType, Target
from resource_provider.arm_client import ArmError
from resource_provider.provider import ProviderError

Result = TypeVar("Result")
THREADS: Final = 8  # each has a connection, and a connection costs more than the calls it saves
_THREAD_NAME: Final = "azure-ai-ml"
# Azure's own writing beside what was declared; it says nothing about the asset.
_VOLATILE: Final = frozenset(
    {"$schema", "id", "creation_context", "provisioning_state", "provisioning_errors", "latest_version"}
)


class Sdk:
    """The SDK with its clients, one for each target."""

    def __init__(self, credential: Callable[[], Any]) -> None:
        self._make_credential = credential
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix=_THREAD_NAME)
        self._lock = threading.Lock()
        self._clients: dict[Target, Any] = {}

    async def run(self, call: Callable[..., Result], *arguments: Any) -> Result:
        """A blocking call in a thread of the pool. ArmError or ProviderError in place of the SDK's errors."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, functools.partial(_translated, call, *arguments))

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
                # With progress shown a failed upload is raised; without, the SDK waits for it for ever.
                self._clients[target] = _module().MLClient(
                    self._make_credential(), show_progress=True, **scope
                )
            return self._clients[target]

    def close(self) -> None:
        """Ends the threads; calls that still run are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def state_of(entity: Any) -> dict[str, Any]:
    """What Azure ML holds, in the shape of a document, without what changes by itself."""
    shown = json.loads(json.dumps(dict(entity._to_dict()), default=str))  # noqa: SLF001  # dump() writes files only
    return {key: value for key, value in shown.items() if value is not None and key not in _VOLATILE}


@functools.lru_cache(maxsize=1)
def _module() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import azure.ai.ml  # takes seconds, and most runs do without it

    logging.getLogger("azure.ai.ml").setLevel(logging.CRITICAL)
    return azure.ai.ml


def _translated(call: Callable[..., Result], *arguments: Any) -> Result:
    from azure.core.exceptions import AzureError, HttpResponseError  # with the SDK

    try:
        return call(*arguments)
    except HttpResponseError as error:
        details = error.error
        code = str(getattr(details, "code", None) or error.reason or "Unknown")
        message = str(getattr(details, "message", None) or error.message).strip()
        inner = [f"{each.code}: {each.message}" for each in getattr(details, "details", None) or ()]
        shown = f" Details=[{'; '.join(inner)}]" if inner else ""  # often the property that is meant
        raise ArmError(error.status_code or 0, code, message, details=shown) from error
    except AzureError as error:
        raise ProviderError(_first_lines(error)) from error
    except ProviderError:
        raise
    except Exception as error:  # whatever else the SDK raises, the user can only read it
        if type(error).__module__.startswith(("azure.", "marshmallow", "msrest")):
            raise ProviderError(_first_lines(error)) from error
        raise ProviderError(f"azure-ai-ml failed: {type(error).__name__}: {_first_lines(error)}") from error


def _first_lines(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).splitlines() if line.strip()) or type(error).__name__


class WithoutSdk(io.TextIOBase):
    """A stream that drops what the SDK prints in its threads: progress bars, notes on itself."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Passes on what other threads write."""
        if threading.current_thread().name.startswith(_THREAD_NAME):
            return len(text)
        return self._stream.write(text)

    def flush(self) -> None:
        """Flushes the stream behind."""
        self._stream.flush()
