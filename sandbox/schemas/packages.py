"""Where the published packages lie, and which of them describes which ARM namespace.

Nothing is imported: a package is found on the path and read as text.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

_PARTIAL_CLIENT = re.compile(r"partial\(\s*\w+,\s*api_version=\"([^\"]+)\"")


class PackageMissingError(Exception):
    """A package that the sandbox reads is not installed."""


@dataclass(frozen=True)
class RestPackage:
    """One SDK package: the folder (below site-packages) and the namespace it is about."""

    namespace: str
    folder: str
    distribution: str


REST_PACKAGES: tuple[RestPackage, ...] = (
    RestPackage("Microsoft.Storage", "azure/mgmt/storage", "azure-mgmt-storage"),
    RestPackage("Microsoft.KeyVault", "azure/mgmt/keyvault", "azure-mgmt-keyvault"),
    RestPackage(
        "Microsoft.ContainerRegistry", "azure/mgmt/containerregistry", "azure-mgmt-containerregistry"
    ),
    RestPackage("Microsoft.Authorization", "azure/mgmt/authorization", "azure-mgmt-authorization"),
    RestPackage("Microsoft.Resources", "azure/mgmt/resource/resources", "azure-mgmt-resource"),
    RestPackage("Microsoft.ManagedIdentity", "azure/mgmt/msi", "azure-mgmt-msi"),
    RestPackage("Microsoft.OperationalInsights", "azure/mgmt/loganalytics", "azure-mgmt-loganalytics"),
    RestPackage("Microsoft.Insights", "azure/mgmt/applicationinsights", "azure-mgmt-applicationinsights"),
    RestPackage("Microsoft.Network", "azure/mgmt/network", "azure-mgmt-network"),
    RestPackage("Microsoft.MachineLearningServices", "azure/ai/ml/_restclient/arm_ml_service", "azure-ai-ml"),
)


def pulumi_azure_native() -> Path:
    """The folder of `pulumi_azure_native`. PackageMissingError when it is not installed."""
    spec = importlib.util.find_spec("pulumi_azure_native")
    if spec is None or spec.origin is None:
        raise PackageMissingError("pulumi-azure-native is not installed: run `make setup`")
    return Path(spec.origin).parent


def pulumi_azure_native_version() -> str:
    """Its version, "3.29.0". PackageMissingError when it is not installed."""
    plugin = json.loads((pulumi_azure_native() / "pulumi-plugin.json").read_text(encoding="utf-8"))
    return str(plugin["version"])


def rest_folders(package: RestPackage) -> list[Path]:
    """The folders with `models` and `operations`, one per API version where the package has several.

    Empty when the package is not installed.
    """
    for entry in sys.path:
        root = Path(entry or ".") / package.folder
        if root.is_dir():
            versioned = sorted(path for path in root.glob("v20*") if (path / "operations").is_dir())
            return versioned or ([root] if (root / "operations").is_dir() else [])
    return []


def further_api_versions(package: RestPackage, folder: Path) -> list[str]:
    """API versions with which the package's client is used beyond the generated one.

    azure-ai-ml drives its one generated client with a dozen older versions.
    """
    client = folder.parents[1] / "_ml_client.py"
    if package.distribution != "azure-ai-ml" or not client.is_file():
        return []
    return sorted(set(_PARTIAL_CLIENT.findall(client.read_text(encoding="utf-8"))))


def rest_version_text(folder: Path) -> str:
    """What identifies the package's version: the text of its `_version.py`."""
    for candidate in (
        folder / "_version.py",
        folder.parent / "_version.py",
        folder.parents[1] / "_version.py",
    ):
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8")
    return ""
