"""Calls of Azure's own clients block: they run in threads, and their errors become ours.

An error keeps Azure's own code and message.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from resource_provider.arm_client import ArmError
from resource_provider.provider import ProviderError

Result = TypeVar("Result")
THREADS: Final = 8  # measured: more of them cost more processor time than they save in waiting
THREAD_NAME: Final = "azure-client"


class Blocking:
    """The threads of one plugin process."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=THREAD_NAME)

    async def run(self, call: Callable[..., Result], *arguments: Any) -> Result:
        """The result of a call in a thread. ArmError or ProviderError in place of the clients' errors."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, functools.partial(_translated, call, *arguments))

    def close(self) -> None:
        """Ends the threads; calls that still run are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _translated(call: Callable[..., Result], *arguments: Any) -> Result:
    from azure.core.exceptions import AzureError, HttpResponseError  # with the clients

    try:
        return call(*arguments)
    except ProviderError:
        raise
    except HttpResponseError as error:
        raise _arm_error(error) from error
    except AzureError as error:
        raise ProviderError(_one_line(error)) from error
    except OSError as error:
        if error.filename:  # a local file; what it means is told where the file is known
            raise
        raise ProviderError(_one_line(error)) from error
    except Exception as error:  # whatever else the SDK raises, the user can only read it
        if type(error).__module__.startswith(("azure.", "marshmallow", "msrest")):
            raise ProviderError(_one_line(error)) from error
        raise ProviderError(f"azure-ai-ml failed: {type(error).__name__}: {_one_line(error)}") from error


def _arm_error(error: Any) -> ArmError:
    """From Resource Manager, with an OData error; or from the blob service, with a code and several lines."""
    details = error.error
    code = getattr(error, "error_code", None) or getattr(details, "code", None) or error.reason or "Unknown"
    code = getattr(code, "value", code)  # the blob service has an enumeration of them
    message = str(getattr(details, "message", None) or error.message).strip()
    if getattr(error, "error_code", None):
        message = message.splitlines()[0]
    inner = [f"{each.code}: {each.message}" for each in getattr(details, "details", None) or ()]
    shown = f" Details=[{'; '.join(inner)}]" if inner else ""  # often the property that is meant
    return ArmError(error.status_code or 0, str(code), message, details=shown)


def _one_line(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).splitlines() if line.strip()) or type(error).__name__
