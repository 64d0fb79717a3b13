"""Environments: an image, an image with a conda file, or a build context; fixed once registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind, container_name
from sandbox.arm.namespaces.values import JsonObject, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

FIXED = (
    "image",
    "condaFile",
    "build.contextUri",
    "build.dockerfilePath",
    "osType",
    "inferenceConfig",
    "autoRebuild",
)
ANSWER = recorded("a report of image builds in registries, 2026-02: environment versions, 2025-12-01")


def computed(context: RequestContext, properties: JsonObject) -> JsonObject:
    """What the service adds to every environment of a user."""
    added: JsonObject = {"environmentType": "UserCreated"}
    if properties.get("build"):
        added["build"] = {"dockerfilePath": properties["build"].get("dockerfilePath") or "Dockerfile"}
    return added


def check(context: RequestContext, properties: JsonObject, before: JsonObject) -> None:
    """One source of the image; another content needs another version."""
    name = container_name(context)
    if name.lower().startswith("azureml"):
        raise errors.curated_prefix()
    image, build = properties.get("image"), properties.get("build")
    if bool(image) == bool(build):
        found = "both" if image else "neither"
        raise errors.invalid(f"Environment {name} needs an image or a build context; it has {found}.")
    if build and properties.get("condaFile"):
        raise errors.invalid(f"Environment {name} has a build context: a conda file goes with an image only.")
    now = {**properties, **({"build": {**build, **computed(context, properties)["build"]}} if build else {})}
    if before and any(value_at(before, path) != value_at(now, path) for path in FIXED):
        raise errors.content_is_fixed("Environment", name, context.name)


KIND = AssetKind(
    plural="environments",
    tokens=("EnvironmentContainer", "EnvironmentVersion"),
    registry_tokens=("RegistryEnvironmentContainer", "RegistryEnvironmentVersion"),
    registry_name_input="environmentName",
    not_found=errors.environment_not_found,
    check=check,
    defaults={"osType": "Linux", "stage": "Development"},
    computed=computed,
    facts=(
        Fact("environmentType, osType, stage and the path of the Dockerfile are filled in.", ANSWER),
        Fact(
            "A registered environment cannot be changed, with this sentence.",
            recorded("Azure/azure-cli-extensions#5440"),
        ),
        Fact("The refusal is a 409.", documented("azure-ai-ml 1.35: EnvironmentOperations")),
        Fact(
            "Names that begin with AzureML are refused with this sentence.",
            recorded("MicrosoftDocs/azure-docs#65770"),
        ),
        Fact(
            "A missing environment: 'No environment exists for name: …'.",
            recorded("Azure/azure-sdk-for-python#38594"),
        ),
        Fact(
            "Image and build context exclude each other, and a conda file goes with an image.",
            assumed("azure-ai-ml refuses the same; the service's sentence was not found"),
        ),
    ),
)
