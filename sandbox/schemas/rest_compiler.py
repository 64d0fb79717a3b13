"""Compiles one SDK package into {operations, types}, ready for the catalogue's cache.

`operations` is {lower-case ARM type: {method or "POST action": {API version: {"body", "response"}}}}.
"""

from __future__ import annotations

from typing import Any

from sandbox.schemas import packages
from sandbox.schemas.nodes import ObjectType
from sandbox.schemas.older_models import complete_older_models
from sandbox.schemas.rest_models import RestModels
from sandbox.schemas.rest_operations import Operation, operations

_ML_GENERATED_VERSION = "2025-12-01"


def compile_package(package: packages.RestPackage) -> dict[str, Any]:
    """All operations of the package, over all of its API versions, with the types they need."""
    types: dict[str, ObjectType] = {}
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for folder in packages.rest_folders(package):
        versioned = folder.name.startswith("v20")
        models = RestModels(folder / "models", types, f"{folder.name}." if versioned else "")
        found = list(operations(folder / "operations", models.enum_names))
        for operation in found:
            _record(table, operation, models, operation.api_version)
        older = packages.further_api_versions(package, folder)
        if older:
            _record_older(table, found, folder, types, older)
    return {"operations": table, "types": types}


def _record_older(
    table: dict[str, dict[str, dict[str, Any]]],
    found: list[Operation],
    folder: Any,
    types: dict[str, ObjectType],
    versions: list[str],
) -> None:
    """The same operations in the older versions that azure-ai-ml asks for."""
    models = RestModels(folder / "models", types, "older.")
    for version in versions:
        if version != _ML_GENERATED_VERSION:
            for operation in found:
                _record(table, operation, models, version)
    complete_older_models(types, "older.")


def _record(
    table: dict[str, dict[str, dict[str, Any]]], operation: Operation, models: RestModels, version: str
) -> None:
    method = f"POST {operation.action.lower()}" if operation.action else operation.method
    entry: dict[str, Any] = {}
    if operation.body and operation.method in ("PUT", "PATCH", "POST"):
        entry["body"] = models.reference(operation.body)
    if operation.response and operation.method == "GET" and not operation.action:
        entry["response"] = models.reference(operation.response)
    if operation.action and operation.method != "POST":
        return
    table.setdefault(operation.type.lower(), {}).setdefault(method, {})[version] = entry
