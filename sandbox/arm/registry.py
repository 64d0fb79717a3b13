"""What exists in this Azure: namespaces, types, their API versions, operations, regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sandbox.arm.ids import segments_of
from sandbox.arm.resource_type import Operation, ResourceType


class Versions(Protocol):
    """Where API versions are read: the schema catalogue."""

    def api_versions(self, arm_type: str, token: str = "") -> tuple[str, ...]:
        """All versions of a type, oldest first."""


@dataclass(frozen=True)
class MatchedOperation:
    """An operation with the values of its placeholders (names in lower case)."""

    operation: Operation
    values: dict[str, str]


class Registry:
    """Look-ups over the declarations; all names are compared without regard to case."""

    def __init__(
        self,
        types: Iterable[ResourceType],
        versions: Versions,
        more_operations: Callable[[ResourceType], tuple[Operation, ...]] = lambda declared: (),
    ) -> None:
        self.types = tuple(types)
        self._versions = versions
        self._by_type = {declared.type.lower(): declared for declared in self.types}
        self._children: dict[str, list[ResourceType]] = {}
        self._namespaces: dict[str, str] = {}
        self._operations: dict[tuple[str, str], list[tuple[list[str], Operation]]] = {}
        self._known_versions: dict[str, tuple[str, ...]] = {}
        for declared in self.types:
            self._namespaces.setdefault(declared.namespace.lower(), declared.namespace)
            if declared.parent_type:
                self._children.setdefault(declared.parent_type.lower(), []).append(declared)
            for operation in (*declared.operations, *more_operations(declared)):
                templates = self._operations.setdefault((operation.method, operation.scope), [])
                templates.append((segments_of(operation.path), operation))

    def find(self, type_name: str) -> ResourceType | None:
        """The declaration of a type; None when it is not declared."""
        return self._by_type.get(type_name.lower())

    def singletons(self, type_name: str) -> list[ResourceType]:
        """The child types of which one always exists below a resource of this type."""
        return [child for child in self._children.get(type_name.lower(), ()) if child.singleton]

    def namespace(self, name: str) -> str | None:
        """A namespace as it is spelled; None when there is no such namespace."""
        return self._namespaces.get(name.lower())

    def namespaces(self) -> tuple[str, ...]:
        """All namespaces."""
        return tuple(sorted(self._namespaces.values()))

    def api_versions(self, declared: ResourceType) -> tuple[str, ...]:
        """The versions of a type, oldest first."""
        found = self._known_versions.get(declared.type)
        if found is None:
            listed = self._versions.api_versions(declared.schema_type or declared.type, declared.token)
            found = tuple(sorted({*listed, *declared.extra_api_versions}))
            self._known_versions[declared.type] = found
        return found

    def operation(self, method: str, scope: str, segments: list[str]) -> MatchedOperation | None:
        """The operation whose template fits the segments that follow the scope."""
        for template, operation in self._operations.get((method, scope), ()):
            values = _fit(template, segments)
            if values is not None:
                return MatchedOperation(operation, values)
        return None

    def operation_versions(self, operation: Operation) -> tuple[str, ...]:
        """The API versions of an operation."""
        declared = self.find(operation.api_versions_of)
        return operation.api_versions or (self.api_versions(declared) if declared else ())


def _fit(template: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    values = {}
    for wanted, found in zip(template, segments, strict=True):
        if wanted.startswith("{"):
            values[wanted[1:-1].lower()] = found
        elif wanted.lower() != found.lower():
            return None
    return values
