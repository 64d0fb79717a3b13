"""All that stage 2 knows of stage 1: a workspace, outputs by name, and what to wait for.

Stage 1 is any object of this shape; neither stage imports the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pulumi


class Outputs(Protocol):
    """Outputs of stage 1: these, and more by whatever name. `${platform.NAME}` names an attribute."""

    @property
    def subscription_id(self) -> pulumi.Output[str]: ...  # noqa: D102
    @property
    def resource_group_name(self) -> pulumi.Output[str]: ...  # noqa: D102
    @property
    def workspace_name(self) -> pulumi.Output[str]: ...  # noqa: D102


class Readiness(Protocol):
    """Resources of stage 1 that are waited for although no value is taken from them."""

    @property
    def clusters(self) -> Mapping[str, pulumi.Resource]:
        """Clusters by the name that documents use."""

    @property
    def upload_roles(self) -> Sequence[pulumi.Resource]:
        """Role assignments that let people and pipelines upload files."""

    @property
    def identity_roles(self) -> Mapping[str, Sequence[pulumi.Resource]]:
        """Role assignments of the identity that an output is about, by the output's name."""


class StageOne(Protocol):
    """What stage 1 looks like from here."""

    @property
    def outputs(self) -> Outputs: ...  # noqa: D102
    @property
    def readiness(self) -> Readiness: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class WorkspaceRef:
    """The workspace of a stack, and what comes before anything is written to it."""

    subscription_id: pulumi.Output[str]
    resource_group_name: pulumi.Output[str]
    workspace_name: pulumi.Output[str]
    outputs: Mapping[str, pulumi.Output[Any]]
    readiness: Readiness

    @classmethod
    def of(cls, stage_one: StageOne) -> WorkspaceRef:
        """The reference to the workspace of stage 1."""
        outputs = stage_one.outputs
        return cls(
            subscription_id=outputs.subscription_id,
            resource_group_name=outputs.resource_group_name,
            workspace_name=outputs.workspace_name,
            outputs={
                name: value for name, value in vars(outputs).items() if isinstance(value, pulumi.Output)
            },
            readiness=stage_one.readiness,
        )

    def target(self) -> dict[str, pulumi.Output[str]]:
        """Where assets of the workspace go; whoever has it waits for the workspace."""
        return {
            "subscriptionId": self.subscription_id,
            "resourceGroupName": self.resource_group_name,
            "workspaceName": self.workspace_name,
        }

    def waits(
        self, *, outputs: Collection[str], clusters: Collection[str], uploads: bool
    ) -> list[pulumi.Resource]:
        """What a resource waits for that uses some outputs, names some clusters, or uploads files."""
        found: dict[int, pulumi.Resource] = {}
        for name in sorted(clusters):
            found[id(self.readiness.clusters[name])] = self.readiness.clusters[name]
        for name in sorted(outputs):
            found |= {id(each): each for each in self.readiness.identity_roles.get(name, ())}
        if uploads:
            found |= {id(each): each for each in self.readiness.upload_roles}
        return list(found.values())
