"""Loads only those modules of pulumi_azure_native that are used; the rest of a service stays on disk.

A service of the SDK, such as `storage`, is a package whose `__init__` imports a module per
resource and per function: 140 in Azure Machine Learning, of which the program uses two. That is
half of the program's own time in a preview without changes. Here each service is a module that
imports the file of a name when the name is asked for. Whatever is not where the SDK usually
puts it makes the whole service load as ever, so nothing can be missing.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

_SDK: Final = "pulumi_azure_native"
_OWN_FILES: Final = ("outputs", "_inputs", "_enums", "_utilities")
SERVICES: Final = (
    "applicationinsights",
    "authorization",
    "containerregistry",
    "keyvault",
    "machinelearningservices",
    "managedidentity",
    "operationalinsights",
    "resources",
    "storage",
)


class LeanService(ModuleType):
    """A service of the SDK that finds `StorageAccount` in `storage_account.py` when asked for it."""

    def __init__(self, name: str, folder: str) -> None:
        super().__init__(name, "A service of pulumi_azure_native, loaded piece by piece.")
        self.__path__ = [folder]
        self.__package__ = name
        self.__spec__ = ModuleSpec(name, None, is_package=True)
        self.__spec__.submodule_search_locations = self.__path__

    def __getattr__(self, name: str) -> Any:
        # `from . import outputs` in the SDK's own files: the import system then loads that file.
        if name in _OWN_FILES or name.startswith("__"):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        for module in (_file_of(name), "_inputs", "_enums"):
            if importlib.util.find_spec(f"{self.__name__}.{module}") is not None:
                found = getattr(importlib.import_module(f"{self.__name__}.{module}"), name, None)
                if found is not None:
                    setattr(self, name, found)
                    return found
        self._load_everything()
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'") from None

    def _load_everything(self) -> None:
        spec = importlib.util.spec_from_file_location(self.__name__, f"{self.__path__[0]}/__init__.py")
        if spec is None or spec.loader is None:
            raise ImportError(f"{self.__name__} has no __init__.py")
        spec.loader.exec_module(self)


def _file_of(name: str) -> str:
    """'UserAssignedIdentity' → 'user_assigned_identity'; 'get_client_config_output' → 'get_client_config'."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().removesuffix("_output")


def install() -> None:
    """Put the lean services in place of those that nobody has loaded yet."""
    spec = importlib.util.find_spec(_SDK)
    if spec is None or not spec.submodule_search_locations:
        return  # not installed: the import of a concern says so
    for service in SERVICES:
        name = f"{_SDK}.{service}"
        if name not in sys.modules:
            sys.modules[name] = LeanService(name, f"{spec.submodule_search_locations[0]}/{service}")
