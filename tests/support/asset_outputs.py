"""What the assets plugin answers in a program's unit tests, by its contract with the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PACKAGE = "azureml-assets:index:"
VERSIONED = frozenset({"Component", "Data", "Environment", "FeatureSet", "FeatureStoreEntity", "Model"})
AUTOMATIC_VERSION = "0123456789ab"
CONTENT_HASH = AUTOMATIC_VERSION.ljust(64, "0")


def asset_outputs(type_token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Name, version and reference of an asset, which follow from its inputs."""
    kind, spec = type_token.removeprefix(PACKAGE), inputs["spec"]
    name = str(spec.get("name", "job"))
    if kind not in VERSIONED:
        return {"name": name, "reference": f"azureml:{name}"}
    version = str(spec.get("version", AUTOMATIC_VERSION)).replace("auto", AUTOMATIC_VERSION)
    reference = f"azureml:{name}:{version}"
    if "registryName" in inputs["target"]:
        place = f"azureml://registries/{inputs['target']['registryName']}"
        reference = f"{place}/{kind.lower()}s/{name}/versions/{version}"
    return {"name": name, "version": version, "reference": reference, "contentHash": CONTENT_HASH}
