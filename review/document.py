"""The review as a document: what every rendering shows, and what other programs read as JSON.

docs/review.schema.json is its JSON Schema. A field is only ever added; `schemaVersion` says when one changes.
Texts are plain: each renderer escapes them in its own way. Secrets are `[secret]` here already.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

SCHEMA_VERSION = "1"


class Verdict(str, Enum):
    """What a reviewer has to do."""

    SAFE = "safe"  # nothing that a rule knows as a risk
    LOOK = "look"  # somebody who knows the platform reads what is named
    STOP = "stop"  # must not be applied as it is

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return (Verdict.SAFE, Verdict.LOOK, Verdict.STOP).index(self)


class Part(BaseModel):
    """What every part of the document has in common: camelCase in JSON, nothing unknown, never changed."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Reason(Part):
    """A rule that fired."""

    rule: str = Field(description="Id of the rule, as in docs/review.md.")
    verdict: Verdict
    text: str = Field(description="What was found, in one line.")
    urn: str = Field(default="", description="The resource; empty for the stack.")


class PropertyChange(Part):
    """A property before and after, as text."""

    path: str
    kind: Literal["add", "update", "delete"]
    before: str
    after: str
    replaces: bool = False
    unknown: bool = Field(default=False, description="The value after is known only after the update.")


class ResourceChange(Part):
    """A resource that changes, property by property."""

    urn: str
    type: str
    name: str
    parent: str = Field(description="Logical name of the component that it belongs to; empty for none.")
    op: str
    replaced_by: tuple[str, ...] = ()
    possible: bool = Field(default=False, description="The replacement hangs on a value not known yet.")
    declared: str = Field(default="", description="File and line of the program, as of the last update.")
    properties: tuple[PropertyChange, ...] = ()


class Destructive(Part):
    """A resource that is deleted or replaced."""

    urn: str
    type: str
    name: str
    op: Literal["delete", "replace"]
    certain: bool = Field(description="False where it hangs on a value not known yet.")
    forced_by: tuple[str, ...] = Field(default=(), description="Properties that force the replacement.")
    protected: bool = Field(default=False, description="Pulumi's `protect` stops it.")
    retained: bool = Field(default=False, description="Azure keeps the resource; Pulumi forgets it.")
    deletes_first: bool = False
    locked_by: str = Field(default="", description="The lock of this stack under which Azure refuses it.")
    loses: str = Field(default="", description="What is gone with it; empty for nothing that is known.")
    data: bool = Field(default=False, description="What is gone is data, or an address that others call.")


class AccessChange(Part):
    """Somebody who gains or loses something."""

    urn: str
    change: Literal["gains", "loses"]
    principal: str
    principal_type: str
    role: str
    can: str = Field(description="What the role lets its holder do, in plain words.")
    scope: str
    privileged: bool = Field(description="The role can grant roles, or do everything.")
    wide: bool = Field(description="The scope is a subscription or wider.")
    later: bool = Field(default=False, description="The scope is known only after the update.")
    bounded: bool = Field(default=False, description="The role cannot grant roles, or a condition bounds it.")
    said: str = Field(default="", description="What the program says of it, which nobody has checked.")


class ExposureChange(Part):
    """A property that opens or closes a way in, or out."""

    urn: str
    name: str
    change: Literal["opens", "closes", "unclear"]
    text: str
    path: str
    grave: bool = Field(default=True, description="A way to data or machines, not only out or to logs.")


class AssetFact(Part):
    """Something about an asset that a rule looks for."""

    kind: Literal["untried", "refused", "serves", "runs", "stops", "retimed", "archived"]
    text: str


class ProtectionChange(Part):
    """Something that protects, and becomes weaker."""

    urn: str
    name: str
    text: str
    grave: bool = Field(default=True, description="It protects from a loss; else only from surprises.")


class AssetChange(Part):
    """An asset of Azure ML: another version, other content, other traffic."""

    urn: str
    kind: str
    name: str
    op: str
    before: str = ""
    after: str = ""
    content: tuple[str, ...] = Field(default=(), description="Files that changed.")
    text: str = ""
    facts: tuple[AssetFact, ...] = Field(default=(), description="What rules look for.")


class PolicyFinding(Part):
    """What a policy says."""

    policy: str
    verdict: Literal["fail", "not evaluated", "waived"]
    level: str
    severity: str
    urn: str
    title: str
    details: tuple[str, ...] = ()
    changes: bool = Field(default=False, description="Whether the resource changes in this update.")


class PolicyChange(Part):
    """How the policies themselves differ from those of the base of the pull request."""

    file: str = Field(description="The file of the pack, relative to its folder.")
    policy: str = Field(default="", description="Empty for the code of the pack.")
    text: str
    weaker: bool = Field(description="It lets more through than before, or may.")


class Policies(Part):
    """All results of policies."""

    known: bool = Field(description="False where the preview ran without policies.")
    passed: int = 0
    findings: tuple[PolicyFinding, ...] = ()
    changed: tuple[PolicyChange, ...] = Field(
        default=(), description="Empty also where nothing was compared."
    )


class VersionChange(Part):
    """Another provider, or another API of Azure, for resources that the stack has."""

    what: str
    before: str
    after: str
    resources: tuple[str, ...] = Field(description="Logical names.")


class PricedLine(Part):
    """A resource with its price a month, before and after; None where it is not there or not priced."""

    urn: str
    name: str
    what: str
    before_min: float | None = None
    before_max: float | None = None
    after_min: float | None = None
    after_max: float | None = None
    source: str = ""
    unpriced: str = Field(default="", description="Why there is no price; empty where there is one.")
    changes: bool = Field(default=False, description="Whether the update changes what it is charged for.")


class Cost(Part):
    """Cost a month. Minimum and maximum differ where nodes scale."""

    currency: str = ""
    priced_at: str = Field(default="", description="The day of the prices.")
    before_min: float = 0
    before_max: float = 0
    after_min: float = 0
    after_max: float = 0
    lines: tuple[PricedLine, ...] = ()
    unpriced: tuple[str, ...] = Field(default=(), description="What has a price that is not known here.")
    by_use: tuple[str, ...] = Field(default=(), description="What costs by use, which no preview tells.")
    age_days: int | None = Field(default=None, description="Age of the oldest price that was taken.")
    limit: float | None = Field(default=None, description="The increase a month that needs a look.")


class Unknown(Part):
    """A property whose value is known only after the update."""

    urn: str
    name: str
    path: str


class Duration(Part):
    """How long the update takes, along its longest chain."""

    seconds: int = 0
    chain: tuple[str, ...] = ()
    unknown: tuple[str, ...] = Field(default=(), description="Types without a known duration.")


class Since(Part):
    """What is different from the previous review of the same pull request."""

    commit: str
    verdict: Verdict
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class Node(Part):
    """A resource in the graph."""

    urn: str
    name: str
    type: str
    parent: str = Field(description="URN of the parent; empty for the stack itself.")
    op: str
    component: bool = Field(default=False, description="A group of others, nothing in Azure itself.")


class Edge(Part):
    """A resource that takes a value from another one."""

    source: str
    target: str


class Review(Part):
    """The whole review of one preview of one stack."""

    schema_version: Literal["1"] = "1"
    stack: str
    project: str
    commit: str = ""
    tree: str = Field(default="", description="The commit's git tree, which a merge leaves as it is.")
    state_serial: int | None = Field(default=None, description="The deployed state that was previewed.")
    state_hash: str = ""
    made_at: str = ""
    complete: bool = True
    verdict: Verdict
    headline: str
    reasons: tuple[Reason, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)
    since: Since | None = None
    destructive: tuple[Destructive, ...] = ()
    access: tuple[AccessChange, ...] = ()
    exposure: tuple[ExposureChange, ...] = ()
    protection: tuple[ProtectionChange, ...] = ()
    assets: tuple[AssetChange, ...] = ()
    policies: Policies = Policies(known=False)
    versions: tuple[VersionChange, ...] = ()
    cost: Cost = Cost()
    changes: tuple[ResourceChange, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    drift: tuple[ResourceChange, ...] = ()
    duration: Duration = Duration()
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    diagnostics: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
