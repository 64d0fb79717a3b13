"""The class that a plugin derives from, with its requests, answers and errors.

A plugin overrides what it supports. An operation that it does not support is refused
by name. All values are Python values (`resource_provider.values`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from resource_provider.diff import PropertyChange

Properties = dict[str, Any]


class ProviderError(Exception):
    """An operation failed for a reason that the user can act on; the text is shown as it is."""


class InitializationError(ProviderError):
    """The resource exists but did not become ready: the engine keeps it, and updates it next time."""

    def __init__(self, reasons: Sequence[str], *, id: str, outputs: Properties, inputs: Properties) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)
        self.id = id
        self.outputs = outputs
        self.inputs = inputs


@dataclass(frozen=True)
class CheckFailure:
    """One wrong input: the property's path and what is wrong with it."""

    property: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Which resource a request is about. `id` is empty before its creation."""

    urn: str
    token: str
    name: str
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """`old_inputs` is empty for a new resource. `seed` makes random choices repeatable.

    `proposed_name` is the name that the stack's autonaming configuration asks for;
    `autonaming_disabled` forbids making one up.
    """

    resource: Resource
    old_inputs: Properties
    inputs: Properties
    seed: bytes
    proposed_name: str = ""
    name_required: bool = False
    autonaming_disabled: bool = False


@dataclass(frozen=True)
class Checked:
    """The inputs with defaults filled in, and every failure."""

    inputs: Properties
    failures: Sequence[CheckFailure] = ()


@dataclass(frozen=True, kw_only=True)
class Diff:
    """A planned change of an existing resource."""

    resource: Resource
    old_inputs: Properties
    old_outputs: Properties
    inputs: Properties
    ignore_changes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed. Outputs in `stable` keep their value through an update."""

    changes: Sequence[PropertyChange] = ()
    delete_before_replace: bool = False
    stable: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Create:
    """With `preview`, nothing is created and outputs may be UNKNOWN. `timeout` in seconds, 0 = none."""

    resource: Resource
    inputs: Properties
    timeout: float
    preview: bool


@dataclass(frozen=True)
class Created:
    """A new resource's id ("" in a preview) and outputs."""

    id: str
    outputs: Properties


@dataclass(frozen=True, kw_only=True)
class Read:
    """A refresh (with the old inputs and outputs) or an import (both empty)."""

    resource: Resource
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True)
class ReadResult:
    """The resource as it is now. An empty id says that it is gone."""

    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Update:
    """A change in place. `preview` and `timeout` as in Create."""

    resource: Resource
    old_inputs: Properties
    old_outputs: Properties
    inputs: Properties
    timeout: float
    preview: bool
    ignore_changes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Delete:
    """A deletion. `timeout` as in Create."""

    resource: Resource
    inputs: Properties
    outputs: Properties
    timeout: float


@dataclass(frozen=True)
class Invoked:
    """A function's result, or every failure of its arguments."""

    result: Properties
    failures: Sequence[CheckFailure] = ()


class EngineLog(Protocol):
    """Messages in the engine's output, beside the resource that they are about."""

    async def debug(self, message: str, urn: str = "") -> None:
        """Shown with `--debug` only."""

    async def info(self, message: str, urn: str = "") -> None:
        """Kept in the output."""

    async def warning(self, message: str, urn: str = "") -> None:
        """Kept in the output, as a warning."""

    async def status(self, message: str, urn: str = "") -> None:
        """Replaced by the next one; not kept."""


class ResourceProvider:
    """Base of a plugin. `name` and `version` are the package's; `log` is set before the first request."""

    name: str
    version: str
    log: EngineLog

    async def start(self) -> None:
        """Called once, inside the event loop, before the port is announced."""

    async def stop(self) -> None:
        """Called once at the end; running operations have ended or were cancelled."""

    async def schema(self) -> str:
        """The package's schema as JSON. "{}": none is offered."""
        return "{}"

    async def check_config(self, config: Properties, old: Properties) -> Checked:
        """Validates the provider's own configuration."""
        return Checked(config)

    async def diff_config(self, old: Properties, new: Properties) -> Difference:
        """Compares two configurations of the provider."""
        return Difference()

    async def configure(self, config: Properties) -> None:
        """Takes the configuration over; may be called again."""

    async def check(self, request: Check) -> Checked:
        """Validates inputs and fills in defaults; makes no change anywhere."""
        raise self._unsupported("check", request.resource.token)

    async def diff(self, request: Diff) -> Difference:
        """Says what changed and what of it needs a new resource; makes no change anywhere."""
        raise self._unsupported("diff", request.resource.token)

    async def create(self, request: Create) -> Created:
        """Creates the resource. Raises InitializationError when it exists but is not ready."""
        raise self._unsupported("create", request.resource.token)

    async def read(self, request: Read) -> ReadResult:
        """Reads the resource."""
        raise self._unsupported("read", request.resource.token)

    async def update(self, request: Update) -> Properties:
        """Changes the resource in place; returns its outputs."""
        raise self._unsupported("update", request.resource.token)

    async def delete(self, request: Delete) -> None:
        """Deletes the resource; one that is gone already is no error."""
        raise self._unsupported("delete", request.resource.token)

    async def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Invoked:
        """Calls a function."""
        raise self._unsupported("invoke", token)

    async def cancel(self) -> None:
        """The user asked to stop: end running operations soon, leaving a true state behind."""

    def _unsupported(self, operation: str, token: str) -> ProviderError:
        return ProviderError(f"{self.name} cannot {operation} {token}: it knows no such resource or function")
