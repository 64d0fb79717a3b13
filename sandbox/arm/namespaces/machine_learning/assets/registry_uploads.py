"""Where the files of a registry's assets go, and how they are read: `tempdatarefs` and `datarefs`.

These requests go to the host of the registry's region, not to Resource Manager.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm import errors as arm_errors
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import datastores
from sandbox.arm.namespaces.machine_learning.assets import errors, uploads
from sandbox.arm.namespaces.values import JsonObject
from sandbox.arm.resource_type import Operation

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

PROVIDER = "Microsoft.MachineLearningServices"
# What azure-ai-ml sends to the host of a registry's region instead of Resource Manager.
DATAPLANE_VERSION = "2021-10-01-dataplanepreview"
PERMISSIONS = f"{PROVIDER}/registries/assets"
_ASSET = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/(?P<kind>[A-Za-z]+)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)"
)

FACTS: tuple[Fact, ...] = (
    Fact(
        "Upload and read places of a registry's assets: requests and answers.",
        documented("azure-ai-ml 1.35: _registry_utils"),
    ),
    Fact(
        "A place for an asset that is there is refused with 409.",
        recorded("Azure/azure-sdk-for-python#30208"),
    ),
    Fact(
        "The same version gets the same place again.",
        documented("azure-ai-ml 1.35: temporary_data_references.create_or_get_temporary_data_reference"),
    ),
    Fact(
        "The signature is made with the key of the registry's account.", assumed("the account is Azure's own")
    ),
    Fact(
        "Assets of a registry need registries/assets actions.",
        documented("Azure built-in roles: AzureML Registry User"),
    ),
)


def upload_place(context: RequestContext, request: JsonObject) -> JsonObject:
    """PUT …/tempdatarefs/NAME/versions/V: where to put the files of a version that is not there yet."""
    _only(request, {"assetId", "temporaryDataReferenceId", "temporaryDataReferenceType"})
    kind = request.get("temporaryDataReferenceType")
    if kind != "TemporaryBlobReference":
        raise errors.invalid(f"temporaryDataReferenceType is '{kind}'; allowed is: TemporaryBlobReference.")
    registry_id, asset = _asset(context, request)
    if context.find(asset) is not None:
        raise errors.already_uploaded(str(request["assetId"]))
    place = uploads.registry_place(context, registry_id, {"pendingUploadId": asset.lower()})
    return {
        "blobReferenceForConsumption": place["blobReferenceForConsumption"],
        "temporaryDataReferenceId": request.get("temporaryDataReferenceId"),
        "temporaryDataReferenceType": kind,
    }


def read_place(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST …/datarefs/NAME/versions/V: a signature with which the files of a version can be read."""
    _only(request, {"assetId", "blobUri"})
    registry_id, asset = _asset(context, request)
    if context.find(asset) is None:
        raise errors.asset_not_found(str(request["assetId"]))
    account = uploads.registry_account(context, registry_id)
    uri = str(request.get("blobUri") or "")
    match = re.fullmatch(rf"https://{account['name']}\.blob\.core\.windows\.net(?::443)?/([^/]+)(/.*)?", uri)
    if match is None:
        raise errors.invalid(f"blobUri '{uri}' is not in the registry's storage account.")
    key = context.secrets_of(str(account["id"]))["key1"]
    signature = datastores.container_sas(
        context, str(account["name"]), match[1], key, uploads.HOURS, permissions="rl"
    )
    return {
        "blobReferenceForConsumption": {
            "blobUri": uri,
            "storageAccountArmId": account["id"],
            "credential": {"credentialType": "SAS", "sasUri": f"{uri}?{signature}"},
        }
    }


def _only(request: JsonObject, known: set[str]) -> None:
    unknown = sorted(set(request) - known)
    if unknown:
        raise arm_errors.body_does_not_match(
            [(name, f"is not a property here; known are {', '.join(sorted(known))}") for name in unknown]
        )


def _asset(context: RequestContext, request: JsonObject) -> tuple[str, str]:
    """The registry's id, and that of the version that path and body agree on."""
    in_path = {name: context.query[name] for name in ("registry", "name", "version")}
    registry = context.find(f"{context.id}/providers/{PROVIDER}/registries/{in_path['registry']}")
    if registry is None:
        raise errors.invalid(f"Registry {in_path['registry']} was not found.")
    match = _ASSET.fullmatch(str(request.get("assetId") or ""))
    if match is None or any(match[name].lower() != value.lower() for name, value in in_path.items()):
        raise errors.invalid(f"assetId '{request.get('assetId')}' is not the asset that the path names.")
    return str(
        registry["id"]
    ), f"{registry['id']}/{match['kind']}/{match['name']}/versions/{match['version']}"


OPERATIONS = (
    Operation(
        method="PUT",
        path=f"providers/{PROVIDER}/registries/{{registry}}/tempdatarefs/{{name}}/versions/{{version}}",
        handler=upload_place,
        scope="resourceGroup",
        permission=f"{PERMISSIONS}/write",
        permission_below=f"providers/{PROVIDER}/registries/{{registry}}",
        api_versions=(DATAPLANE_VERSION,),
    ),
    Operation(
        method="POST",
        path=f"providers/{PROVIDER}/registries/{{registry}}/datarefs/{{name}}/versions/{{version}}",
        handler=read_place,
        scope="resourceGroup",
        permission=f"{PERMISSIONS}/read",
        permission_below=f"providers/{PROVIDER}/registries/{{registry}}",
        api_versions=(DATAPLANE_VERSION,),
    ),
)
