"""Answers: which inputs, outputs, bodies and API versions does a resource type have?

Compiled per module and per namespace on first use, and kept as JSON in a per-user cache
whose file names change with the packages' versions and with the compiler itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.schemas import packages
from sandbox.schemas.nodes import Schema
from sandbox.schemas.wire_names import wire_body

_COMPILER_FILES = ("nodes.py", "python_source.py", "pulumi_types.py", "rest_models.py", "rest_operations.py",
                   "rest_compiler.py", "older_models.py", "packages.py")  # fmt: skip


@dataclass(frozen=True)
class PulumiResource:
    """One resource class of `pulumi_azure_native`; versions as Azure writes them."""

    token: str
    api_version: str
    api_versions: tuple[str, ...]
    inputs: Schema
    outputs: Schema


class Catalogue:
    """All schemas; loads what it is asked for. Not thread-safe, cheap to make."""

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache or default_cache()
        self._modules: dict[str, dict[str, Any] | None] = {}
        self._namespaces: dict[str, dict[str, Any] | None] = {}

    # pulumi_azure_native ------------------------------------------------------------------

    def resource(self, token: str) -> PulumiResource | None:
        """The class behind a token such as "azure-native:keyvault:Vault"; None when there is none."""
        package, _, rest = token.partition(":")
        module, _, name = rest.partition(":")
        compiled = self._module(module) if package == "azure-native" and module.isidentifier() else None
        found = compiled["resources"].get(name) if compiled else None
        if compiled is None or found is None:
            return None
        return PulumiResource(
            token=token,
            api_version=found["version"],
            api_versions=tuple(found["versions"]),
            inputs=Schema({"ref": found["inputs"]}, compiled["types"]),
            outputs=Schema({"ref": found["outputs"]}, compiled["types"]),
        )

    def tokens(self, module: str) -> tuple[str, ...]:
        """The tokens of one module ("keyvault"); empty when there is no such module."""
        compiled = self._module(module)
        return tuple(f"azure-native:{module}:{name}" for name in compiled["resources"]) if compiled else ()

    def pulumi_body(self, token: str, path_inputs: Iterable[str], *, flattened: bool) -> Schema | None:
        """The wire schema of a PUT as far as `pulumi_azure_native` tells it: for types without REST models.

        `path_inputs` are the inputs that stand in the path, not in the body; `flattened` types get
        everything but ARM's envelope put back under `properties`. Properties that the package
        renames keep Pulumi's name here, which is why REST models go first.
        """
        resource = self.resource(token)
        if resource is None:
            return None
        body = wire_body(resource.inputs.object_type(), set(path_inputs), flattened=flattened)
        return Schema({"ref": "body"}, {**resource.inputs.types, **body})

    # REST models --------------------------------------------------------------------------

    def body(self, arm_type: str, api_version: str, method: str = "PUT") -> Schema | None:
        """The wire schema of a request body; None when no package describes that operation.

        A version that the package does not have gets the next newer one's model, or the newest:
        Azure's versions add far more than they remove. `exact` tells whether that happened.
        """
        return self._operation_schema(arm_type, api_version, method, "body")

    def response(self, arm_type: str, api_version: str) -> Schema | None:
        """The wire schema of what GET answers; the same rule for versions as `body`."""
        return self._operation_schema(arm_type, api_version, "GET", "response")

    def action(self, arm_type: str, name: str, api_version: str) -> Schema | None:
        """The wire schema of the body of `POST {id}/name`; None when it takes none or is not known."""
        return self._operation_schema(arm_type, api_version, f"POST {name.lower()}", "body")

    def exact(self, arm_type: str, api_version: str, method: str = "PUT") -> bool:
        """Whether an installed package speaks this very version of the operation."""
        return api_version in self._operations(arm_type, method)

    def api_versions(self, arm_type: str, token: str = "") -> tuple[str, ...]:
        """All versions that the SDK packages and (for `token`) pulumi_azure_native name, oldest first."""
        versions = {
            version for operations in self._type_operations(arm_type).values() for version in operations
        }
        resource = self.resource(token) if token else None
        if resource is not None:
            versions.update(resource.api_versions)
        return tuple(sorted(versions))

    # internals ----------------------------------------------------------------------------

    def _operation_schema(self, arm_type: str, api_version: str, method: str, part: str) -> Schema | None:
        operations = self._operations(arm_type, method)
        version = _closest(api_version, [v for v, operation in operations.items() if operation.get(part)])
        namespace = self._namespace(arm_type.partition("/")[0])
        if version is None or namespace is None:
            return None
        return Schema(operations[version][part], namespace["types"])

    def _operations(self, arm_type: str, method: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self._type_operations(arm_type).get(method, {})
        return found

    def _type_operations(self, arm_type: str) -> dict[str, dict[str, dict[str, Any]]]:
        namespace = self._namespace(arm_type.partition("/")[0])
        found: dict[str, Any] = namespace["operations"].get(arm_type.lower(), {}) if namespace else {}
        return found

    def _module(self, module: str) -> dict[str, Any] | None:
        if module not in self._modules:
            self._modules[module] = self._load_module(module)
        return self._modules[module]

    def _load_module(self, module: str) -> dict[str, Any] | None:
        if not (packages.pulumi_azure_native() / module / "__init__.py").is_file():
            return None
        key = self._key(packages.pulumi_azure_native_version())
        return self._cached(f"azure-native-{module}-{key}.json", lambda: _compile_module(module))

    def _namespace(self, name: str) -> dict[str, Any] | None:
        lowered = name.lower()
        if lowered not in self._namespaces:
            self._namespaces[lowered] = self._load_namespace(lowered)
        return self._namespaces[lowered]

    def _load_namespace(self, lowered: str) -> dict[str, Any] | None:
        package = next((p for p in packages.REST_PACKAGES if p.namespace.lower() == lowered), None)
        folders = packages.rest_folders(package) if package else []
        if package is None or not folders:
            return None
        chosen = package
        key = self._key(packages.rest_version_text(folders[0]))
        return self._cached(f"{chosen.namespace}-{key}.json", lambda: _compile_namespace(chosen))

    def _key(self, version: str) -> str:
        return hashlib.sha256((self._compiler_hash + version).encode()).hexdigest()[:16]

    @cached_property
    def _compiler_hash(self) -> str:
        digest = hashlib.sha256()
        for name in _COMPILER_FILES:
            digest.update((Path(__file__).parent / name).read_bytes())
        return digest.hexdigest()

    def _cached(self, name: str, compile_now: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        path = self._cache / name
        try:
            loaded: dict[str, Any] = json.loads(path.read_bytes())
            return loaded
        except (FileNotFoundError, ValueError):  # absent, or cut off by a full disk: compile again
            compiled = compile_now()
            _write_atomically(path, json.dumps(compiled, separators=(",", ":")).encode())
            return compiled


def load() -> Catalogue:
    """The catalogue over the installed packages and the per-user cache."""
    return Catalogue()


def default_cache() -> Path:
    """$XDG_CACHE_HOME/azureml-platform/schemas, below ~/.cache where the variable is unset."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "azureml-platform" / "schemas"


def build(modules: set[str], namespaces: set[str], cache: Path | None = None) -> Iterator[str]:
    """Compiles all of these ahead of time; yields the name of each as its turn comes."""
    catalogue = Catalogue(cache)
    for module in sorted(modules):
        yield f"azure-native {module}"
        catalogue.tokens(module)
    for namespace in sorted(namespaces):
        yield namespace
        catalogue.api_versions(namespace + "/")


def _compile_module(module: str) -> dict[str, Any]:
    from sandbox.schemas.pulumi_types import compile_module  # only needed without a cache

    compiled = compile_module(packages.pulumi_azure_native(), module)
    return {"resources": compiled.resources, "types": compiled.types}


def _compile_namespace(package: packages.RestPackage) -> dict[str, Any]:
    from sandbox.schemas.rest_compiler import compile_package  # only needed without a cache

    return compile_package(package)


def _closest(wanted: str, versions: list[str]) -> str | None:
    if wanted in versions:
        return wanted
    newer = sorted(version for version in versions if version > wanted)
    return newer[0] if newer else max(versions, default=None)


def _write_atomically(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(temporary, path)
