"""The provider's settings: its configuration first, then the ARM_* variables of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resource_provider.provider import ProviderError
from resource_provider.values import UNKNOWN, reveal


@dataclass(frozen=True)
class Cloud:
    """Endpoints of one Azure cloud, without a trailing slash."""

    resource_manager: str
    authority: str


# "National clouds" and "Azure Government endpoints", Microsoft Learn.
CLOUDS: Mapping[str, Cloud] = {
    "public": Cloud("https://management.azure.com", "https://login.microsoftonline.com"),
    "usgovernment": Cloud("https://management.usgovcloudapi.net", "https://login.microsoftonline.us"),
    "china": Cloud("https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
}

# Property -> the environment variables that stand in for it, as in the official plugin.
_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "subscriptionId": ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"),
    "tenantId": ("ARM_TENANT_ID", "AZURE_TENANT_ID"),
    "clientId": ("ARM_CLIENT_ID", "AZURE_CLIENT_ID"),
    "clientSecret": ("ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"),
    "environment": ("ARM_ENVIRONMENT",),
    "location": ("ARM_LOCATION",),
    "useOidc": ("ARM_USE_OIDC",),
    "oidcToken": ("ARM_OIDC_TOKEN",),
    "oidcTokenFilePath": ("ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"),
    "oidcRequestUrl": ("ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"),
    "oidcRequestToken": ("ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
}
# Known to the official plugin and without meaning here.
_ACCEPTED = frozenset(
    {"version", "pluginDownloadURL", "disablePulumiPartnerId", "partnerId", "useDefaultAzureCredential",
     "disableInstanceDiscovery"}
)  # fmt: skip
_KNOWN_ELSEWHERE = frozenset(
    {"auxiliaryTenantIds", "clientCertificatePassword", "clientCertificatePath", "metadataHost",
     "msiEndpoint", "useMsi"}
)  # fmt: skip


@dataclass(frozen=True)
class Configuration:
    """Settings as text; an empty one is not set."""

    values: Mapping[str, str]

    def get(self, name: str) -> str:
        """The setting, or ""."""
        return self.values.get(name, "")

    @property
    def subscription_id(self) -> str:
        """The subscription. ProviderError when none is set."""
        return self._required("subscriptionId", "a subscription")

    @property
    def tenant_id(self) -> str:
        """The tenant. ProviderError when none is set."""
        return self._required("tenantId", "a tenant")

    @property
    def cloud(self) -> Cloud:
        """The cloud that `environment` names; checked by `problems`."""
        return CLOUDS[self.get("environment").lower() or "public"]

    def _required(self, name: str, what: str) -> str:
        value = self.get(name)
        if not value:
            variable = _VARIABLES[name][0]
            raise ProviderError(
                f"azure-native needs {what}: set `pulumi config set azure-native:{name} …` or {variable}"
            )
        return value


def configuration(config: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Configuration:
    """Merges the provider's configuration with the environment; unknown values count as not set."""
    variables = os.environ if environment is None else environment
    values: dict[str, str] = {}
    for name, candidates in _VARIABLES.items():
        for candidate in reversed(candidates):
            if variables.get(candidate):
                values[name] = variables[candidate]
        given = reveal(config.get(name))
        if given not in (None, "", UNKNOWN):
            values[name] = str(given).lower() if isinstance(given, bool) else str(given)
    return Configuration(values)


def problems(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the provider's configuration: (property, reason)."""
    found: list[tuple[str, str]] = []
    for name, value in config.items():
        if name in _KNOWN_ELSEWHERE:
            found.append((name, "is not supported by the sandbox's stand-in for azure-native; remove it"))
        elif name not in _VARIABLES and name not in _ACCEPTED:
            known = ", ".join(sorted(_VARIABLES))
            found.append((name, f"is not a setting of azure-native; known are {known}"))
        elif name == "environment" and value is not UNKNOWN and str(reveal(value)).lower() not in CLOUDS:
            found.append((name, f"must be one of {', '.join(CLOUDS)}, found {reveal(value)!r}"))
    return found
