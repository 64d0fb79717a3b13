"""Code assets: a folder in a container of its own, found again by the hash of its content."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.arm.facts import Fact, documented, recorded
from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind, container_name
from sandbox.arm.namespaces.values import JsonObject

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

ANSWER = recorded("Azure/azure-cli-extensions#6662: answers about codes, 2023-08-18")


def check(context: RequestContext, properties: JsonObject, before: JsonObject) -> None:
    """A place in blob storage, which never changes."""
    uri = properties.get("codeUri")
    if not str(uri or "").startswith(("https://", "azureml://")):
        raise errors.invalid(f"Code {container_name(context)} needs a codeUri; found '{uri}'.")
    if before and before.get("codeUri") != uri:
        raise errors.path_is_fixed()


KIND = AssetKind(
    plural="codes",
    tokens=("CodeContainer", "CodeVersion"),
    registry_tokens=("RegistryCodeContainer", "RegistryCodeVersion"),
    registry_name_input="codeName",
    not_found=partial(errors.version_not_found, "Code"),
    check=check,
    uploads=True,
    registry_uploads=True,
    facts=(
        Fact("Properties of a code version, and how its container is named.", ANSWER),
        Fact(
            "A look-up by hash goes over all codes of the workspace, whatever name it is made under.",
            documented("azure-ai-ml 1.35: CodeOperations looks under a new random name each time"),
        ),
        Fact(
            "A number among the free properties is taken as text: azure-ai-ml sends hash_version so.",
            ANSWER,
        ),
        Fact("Another codeUri is refused.", documented("azure-ai-ml 1.35: ASSET_PATH_ERROR")),
    ),
)
