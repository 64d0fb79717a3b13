"""The errors of Azure's own clients become ours, with Azure's own code and message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from resource_provider.arm_errors import ArmError
from resource_provider.provider import ProviderError

Result = TypeVar("Result")
# What azure-ai-ml says where another of its threads was in the way: schemas share fields while they are
# built, and what it looks through may grow meanwhile.
_DISTURBED: Final = ("Base path for reading files is required", "changed size during iteration")
_ATTEMPTS: Final = 5


def again(call: Callable[..., Result], *arguments: Any) -> Result:
    """The result of a call of azure-ai-ml, which is not made for threads: what was disturbed is repeated."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return call(*arguments)
        except Exception as error:
            if not any(text in str(error) for text in _DISTURBED):
                raise
    return call(*arguments)


def translated(call: Callable[..., Result], *arguments: Any) -> Result:
    """The result of a call. ArmError or ProviderError in place of the clients' errors."""
    from azure.core.exceptions import AzureError, HttpResponseError  # with the clients

    try:
        return again(call, *arguments)
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
