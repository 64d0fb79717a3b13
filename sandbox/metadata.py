"""Cloud metadata: which hosts make up this cloud, as Resource Manager tells without a token.

Clients read different shapes at different API versions: azure-native an object at
2022-09-01, azure-cli and azure-ai-ml a list at older ones. The hosts are public
Azure's own, since the proxy leads them here.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PATH = "/metadata/endpoints"
# The versions that the clients of this project ask for, and the first with one object instead of a list.
API_VERSIONS = (
    "2015-01-01",
    "2018-05-01",
    "2019-05-01",
    "2019-10-01",
    "2020-06-01",
    "2022-09-01",
    "2023-11-01",
    "2023-12-01",
)
_OBJECT_SINCE = "2022-09-01"

_AUDIENCES = ["https://management.core.windows.net/", "https://management.azure.com/"]
_CLOUD: dict[str, Any] = {
    "name": "AzureCloud",
    "portal": "https://portal.azure.com",
    "resourceManager": "https://management.azure.com/",
    "authentication": {
        "loginEndpoint": "https://login.microsoftonline.com/",
        "audiences": _AUDIENCES,
        "tenant": "common",
        "identityProvider": "AAD",
    },
    "graph": "https://graph.windows.net/",
    "graphAudience": "https://graph.windows.net/",
    "microsoftGraphResourceId": "https://graph.microsoft.com/",
    "gallery": "https://gallery.azure.com/",
    "batch": "https://batch.core.windows.net/",
    "media": "https://rest.media.azure.net",
    "activeDirectoryDataLake": "https://datalake.azure.net/",
    "sqlManagement": "https://management.core.windows.net:8443/",
    "vmImageAliasDoc": (
        "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json"
    ),
    "logAnalyticsResourceId": "https://api.loganalytics.io",
    "appInsightsResourceId": "https://api.applicationinsights.io",
    "ossrdbmsResourceId": "https://ossrdbms-aad.database.windows.net",
    "suffixes": {
        "storage": "core.windows.net",
        "keyVaultDns": "vault.azure.net",
        "sqlServerHostname": "database.windows.net",
        "acrLoginServer": "azurecr.io",
        "attestationEndpoint": "attest.azure.net",
        "storageSyncEndpointSuffix": "afs.azure.net",
        "synapseAnalytics": "dev.azuresynapse.net",
        "azureFrontDoorEndpointSuffix": "azurefd.net",
        "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
        "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
        "mysqlServerEndpoint": "mysql.database.azure.com",
        "postgresqlServerEndpoint": "postgres.database.azure.com",
        "mariadbServerEndpoint": "mariadb.database.azure.com",
    },
}
_OLDEST = {
    "galleryEndpoint": "https://gallery.azure.com/",
    "graphEndpoint": "https://graph.windows.net/",
    "portalEndpoint": "https://portal.azure.com/",
    "authentication": {"loginEndpoint": "https://login.windows.net/", "audiences": _AUDIENCES},
}


async def endpoints(request: Request) -> Response:
    """GET /metadata/endpoints: no token needed, but an API version."""
    version = request.query_params.get("api-version")
    if version is None:
        return _error(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if version == "1.0":
        version = "2015-01-01"  # the first version had both names
    if version not in API_VERSIONS:
        supported = ",".join(API_VERSIONS)
        return _error(
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid. The supported versions are '{supported}'.",
        )
    if version == "2015-01-01":
        return JSONResponse(_OLDEST)
    return JSONResponse(_CLOUD if version >= _OBJECT_SINCE else [_CLOUD])


def _error(code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, 400)
