"""One preview: its steps, policy results and diagnostics, read from what the engine prints for machines.

Two forms are taken: the stream of engine events, one JSON object a line
(`PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi preview --json`), and the one JSON object of
`pulumi preview --json` without it, which has no policy results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from review.values import ABSENT, at, contains_unknown, is_secret

ASSETS: Final = "azureml-assets:index:"  # how types of this project's provider of Azure ML assets begin


class Op(str, Enum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    IMPORT = "import"
    FORGET = "forget"  # leaves the state; the resource itself stays
    REFRESH = "refresh"
    SAME = "same"


# The engine's words for steps; a replacement has up to three steps of its own.
OPS: Final[Mapping[str, Op]] = {
    "create": Op.CREATE,
    "update": Op.UPDATE,
    "replace": Op.REPLACE,
    "create-replacement": Op.REPLACE,
    "delete-replaced": Op.REPLACE,
    "import-replacement": Op.REPLACE,
    "read-replacement": Op.REPLACE,
    "discard-replaced": Op.REPLACE,
    "remove-pending-replace": Op.REPLACE,
    "delete": Op.DELETE,
    "read": Op.READ,
    "discard": Op.FORGET,
    "import": Op.IMPORT,
    "refresh": Op.REFRESH,
    "same": Op.SAME,
    "diff": Op.SAME,  # an import is compared with what is there
    "extend-parameterize": Op.SAME,  # of a provider
}


class Kind(str, Enum):
    """What happens to a property."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Change:
    """One property: `path` as the engine writes it; the values before and after may be ABSENT."""

    path: str
    kind: Kind
    before: Any
    after: Any
    replaces: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether a value of it must not be shown."""
        return is_secret(self.before) or is_secret(self.after)

    @property
    def is_unknown(self) -> bool:
        """Whether the value after the update is not known yet."""
        return contains_unknown(self.after)


@dataclass(frozen=True)
class State:
    """A resource before or after the update."""

    type: str = ""  # before the update it may be that of another API version
    id: str = ""
    parent: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    custom: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)

    def at(self, path: str) -> Any:
        """An input by its path, or else an output; ABSENT where neither is there."""
        found = at(self.inputs, path)
        return at(self.outputs, path) if found is ABSENT else found

    def given(self, path: str) -> Any:
        """An input by its path; ABSENT where the program gives none, and Azure chooses."""
        return at(self.inputs, path)


@dataclass(frozen=True)
class Step:
    """A resource of the stack, with what happens to it; one for each resource, also for what stays the same.

    Attributes:
        type: The type token, such as `azure-native:storage:StorageAccount`.
        changes: Property by property; empty for resources that are created, deleted or the same.
        replaced_by: Paths of the properties that force a replacement.
        deletes_first: Whether a replacement deletes the old resource before there is a new one.
        provider: URN and id of the provider that does it, joined by `::`.
    """

    op: Op
    urn: str
    type: str
    old: State | None = None
    new: State | None = None
    changes: tuple[Change, ...] = ()
    replaced_by: tuple[str, ...] = ()
    deletes_first: bool = False
    provider: str = ""

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def state(self) -> State:
        """The state after the update; for a deletion the one before it."""
        return self.new or self.old or State()

    @property
    def parent(self) -> str:
        """The URN of the parent; empty for the stack itself."""
        return self.state.parent

    @property
    def is_resource(self) -> bool:
        """Whether it is something in the cloud: no component, and no provider."""
        return self.state.custom and not self.type.startswith("pulumi:providers:")

    @property
    def may_not_replace(self) -> bool:
        """Whether a replacement hangs only on values that are not known yet."""
        forcing = [change for change in self.changes if change.replaces or change.path in self.replaced_by]
        return bool(forcing) and all(change.is_unknown for change in forcing)


@dataclass(frozen=True)
class PolicyResult:
    """What a policy says of a resource; `urn` is empty for the stack."""

    policy: str
    pack: str
    level: str  # advisory, mandatory, remediate
    severity: str
    urn: str
    message: str


@dataclass(frozen=True)
class Diagnostic:
    """A warning or an error of the run."""

    severity: str
    message: str
    urn: str = ""


@dataclass(frozen=True)
class Preview:
    """All that one preview said.

    Attributes:
        counts: Resources by what happens to them, as the engine counts.
        passed: How often a policy passed.
        complete: Whether the preview ran to its end; a truncated or failed one says nothing about the rest.
        remarks: What is unusual about the input itself, for the reader of the review.
        drift: What a refresh found in the cloud that is not in the state: updates and deletions.
    """

    stack: str
    project: str
    steps: tuple[Step, ...]
    counts: Mapping[str, int]
    policies: tuple[PolicyResult, ...] = ()
    passed: int = 0
    has_policy_results: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    complete: bool = True
    remarks: tuple[str, ...] = ()
    drift: tuple[Step, ...] = ()

    def changing(self) -> Iterator[Step]:
        """Steps that change something; a component is a name for others, which are told of themselves."""
        unchanging = (Op.SAME, Op.READ, Op.REFRESH)
        return (step for step in self.steps if step.op not in unchanging and step.is_resource)

    def of(self, type_suffix: str) -> Iterator[Step]:
        """Steps of a type, by module and name: `storage:StorageAccount` of any version of azure-native."""
        return (step for step in self.steps if native_type(step.type) == type_suffix)


def native_type(token: str) -> str:
    """Module and name of an azure-native type without its version; empty for any other type."""
    package, _, rest = token.partition(":")
    if not package.startswith("azure-native"):
        return ""
    module, _, name = rest.rpartition(":")
    return f"{module.split('/', 1)[0]}:{name}"
