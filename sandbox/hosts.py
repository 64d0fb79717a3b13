"""Azure's host names: which ones the sandbox answers for, and which of its parts answers."""

from __future__ import annotations

MANAGEMENT_HOST = "management.azure.com"
# login.windows.net and login.microsoft.com are the older names that MSAL still knows as aliases.
LOGIN_HOSTS = ("login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net")
BLOB_SUFFIX = ".blob.core.windows.net"
# Discovery of registries, and the data plane of a region: cert-westeurope.experiments.azureml.net.
DISCOVERY_SUFFIX = ".api.azureml.ms"
DATAPLANE_SUFFIX = ".experiments.azureml.net"
# Public issuer of GitHub's workflow tokens; the sandbox signs tokens in its name, for its own tenant only.
OIDC_ISSUER_HOST = "token.actions.githubusercontent.com"

# Everything under these belongs to Azure: the proxy takes it to the emulator, never to the internet.
_AZURE_SUFFIXES = (
    ".azure.com",
    ".azure.net",
    ".azureml.ms",
    ".azureml.net",
    ".azurecr.io",
    ".azureedge.net",
    ".windows.net",
    ".microsoft.com",
    ".microsoftonline.com",
    ".azure-api.net",
    ".azuredatabricks.net",
    ".applicationinsights.io",
)

# A wildcard stands for one label only, so each level that clients use is listed.
CERTIFICATE_NAMES = (
    MANAGEMENT_HOST,
    *LOGIN_HOSTS,
    OIDC_ISSUER_HOST,
    "graph.microsoft.com",
    "ml.azure.com",
    "portal.azure.com",
    f"*{BLOB_SUFFIX}",
    "*.dfs.core.windows.net",
    "*.file.core.windows.net",
    "*.queue.core.windows.net",
    "*.table.core.windows.net",
    "*.vault.azure.net",
    "*.azurecr.io",
    "*.api.azureml.ms",
    "*.azureml.ms",
    f"*{DATAPLANE_SUFFIX}",
    "*.api.ml.azure.com",
    "*.inference.ml.azure.com",
    "*.azureedge.net",
    "*.azure.com",
    "*.windows.net",
    "*.applicationinsights.azure.com",
    "*.in.applicationinsights.azure.com",
    "*.monitor.azure.com",
    "*.ods.opinsights.azure.com",
    "*.database.windows.net",
    "*.azuresynapse.net",
    "*.azure.net",
    "*.microsoft.com",
)


def is_azure(host: str) -> bool:
    """Whether the sandbox answers for this host name (lower case, no port)."""
    return host == OIDC_ISSUER_HOST or host.endswith(_AZURE_SUFFIXES) or host in CERTIFICATE_NAMES


def blob_account(host: str) -> str | None:
    """The storage account that a blob host name names; None for every other host."""
    if not host.endswith(BLOB_SUFFIX):
        return None
    account = host[: -len(BLOB_SUFFIX)]
    return account if account and "." not in account else None
