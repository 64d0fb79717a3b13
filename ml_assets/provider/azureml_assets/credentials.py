"""Who asks: the identity that azure-identity finds, for Resource Manager and for blobs."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import TYPE_CHECKING, Final

from azureml_assets.sdk_process import SdkProcess
from resource_provider.provider import ProviderError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

_EARLY_SECONDS: Final = 300  # when azure-identity renews one, too
_MANAGEMENT: Final = "https://management.azure.com/.default"


@functools.lru_cache(maxsize=1)
def credential() -> TokenCredential:
    """The one credential of the process: that of the environment, of a workload, or of `az login`."""
    from azure.identity import DefaultAzureCredential  # half a second that most runs do not need

    return DefaultAzureCredential()


class ManagementCredentials:
    """Tokens for Resource Manager, each used until it is about to expire."""

    def __init__(self, sdk: SdkProcess) -> None:
        self._sdk = sdk
        self._lock = asyncio.Lock()
        self._kept: AccessToken | None = None

    async def token(self) -> str:
        """An access token. ProviderError when nobody is signed in."""
        async with self._lock:
            if self._kept is None or self._kept.expires_on - _EARLY_SECONDS < time.time():
                self._kept = await self._sdk.run(management_token)
            return self._kept.token


def management_token() -> AccessToken:
    """A token of the process's identity. ProviderError when nobody is signed in."""
    from azure.core.exceptions import ClientAuthenticationError  # with the credential

    try:
        return credential().get_token(_MANAGEMENT)
    except ClientAuthenticationError as error:
        raise ProviderError(
            "nobody is signed in to Azure: run `az login`, or give the credentials of a service principal in "
            f"AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. {error.message}"
        ) from error
