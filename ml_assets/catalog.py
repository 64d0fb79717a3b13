"""Stage 2 as a whole: the assets of a stack as Pulumi resources, in the order of their references.

A text that refers to another asset becomes an output of that asset's resource, so Pulumi knows
what depends on what. The explicit order is for what a value does not show: traffic moves after
the deployments are there, clusters exist before a document names them, and roles are assigned
before files are uploaded with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ml_assets.documents import DocumentPath
from ml_assets.plan import Plan, Planned
from ml_assets.platform_values import PlatformValue
from ml_assets.references import Part, Use
from ml_assets.resources import OF_KIND, ROUTES_OF_KIND, Asset, Job, Maker, VersionedAsset
from ml_assets.schemas import VERSIONED
from ml_assets.workspace_ref import WorkspaceRef


@dataclass(frozen=True, kw_only=True)
class CatalogArgs:
    """What is declared, and the workspace that it is declared in."""

    plan: Plan
    workspace: WorkspaceRef


class Catalog(pulumi.ComponentResource):
    """The assets of a stack.

    Attributes:
        references: By file, how other documents write each of them.
        registered: Type, name, version and content hash of each that has a version: what a later environment
            compares its own with.
    """

    references: pulumi.Output[Mapping[str, str]]
    registered: pulumi.Output[Sequence[Mapping[str, str]]]

    def __init__(self, name: str, args: CatalogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:assets:Catalog", name, None, opts)
        for warning in _warnings(args.plan):
            pulumi.log.warn(warning, self)
        resources: dict[str, Asset] = {}
        for planned in args.plan.resources:
            resource = self._declared(planned, args, resources)
            if not planned.routes:
                resources[planned.file] = resource
        self.references = pulumi.Output.all(
            **{
                file: resource.reference
                for file, resource in sorted(resources.items())
                if not isinstance(resource, Job)  # which is no asset: nothing refers to it
            }
        )
        self.registered = pulumi.Output.all(
            *(
                pulumi.Output.all(
                    type=resource.token,
                    name=resource.name,
                    version=resource.version,
                    contentHash=resource.contentHash,
                )
                for _, resource in sorted(resources.items())
                if isinstance(resource, VersionedAsset)
            )
        )
        self.register_outputs({"references": self.references, "registered": self.registered})

    def as_exports(self) -> dict[str, pulumi.Output[Any]]:
        """Stack outputs by name."""
        return {"assets": self.references, "registeredAssets": self.registered}

    def _declared(self, planned: Planned, args: CatalogArgs, resources: Mapping[str, Asset]) -> Asset:
        outputs = {
            part.name for parts in planned.parts.values() for part in parts if isinstance(part, PlatformValue)
        }
        waits = args.workspace.waits(outputs=outputs, clusters=planned.clusters, uploads=planned.uploads)
        options = pulumi.ResourceOptions(
            parent=self,
            depends_on=[*waits, *(resources[file] for file in planned.after)],
            aliases=[pulumi.Alias(name=planned.name.former)] if planned.name.former else None,
        )
        inputs = {
            "file": planned.file,
            "spec": _put_together(planned.spec, (), planned.parts, resources, args.workspace),
            **_destination(planned, args),
        }
        make: Maker = (ROUTES_OF_KIND if planned.routes else OF_KIND)[planned.kind]
        return make(planned.name.name, inputs, options)


def _destination(planned: Planned, args: CatalogArgs) -> dict[str, Any]:
    inputs: dict[str, Any] = {"target": args.workspace.target()}
    if planned.registered:
        inputs = {"target": {"registryName": args.plan.registry_name}, "mustExist": args.plan.must_exist}
    if planned.kind in VERSIONED:
        inputs["whenReplaced"] = args.plan.when_replaced
    return inputs


def _put_together(
    value: Any,
    path: DocumentPath,
    parts: Mapping[DocumentPath, Sequence[Part]],
    resources: Mapping[str, Asset],
    workspace: WorkspaceRef,
) -> Any:
    """The value with outputs in place of references."""
    if isinstance(value, Mapping):
        return {
            key: _put_together(item, (*path, key), parts, resources, workspace) for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _put_together(item, (*path, index), parts, resources, workspace)
            for index, item in enumerate(value)
        ]
    if path not in parts:
        return value
    pieces = [_piece(part, resources, workspace) for part in parts[path]]
    # A single output keeps its type: a list of names stays a list.
    return pieces[0] if len(pieces) == 1 else pulumi.Output.all(*pieces).apply(_joined)


def _piece(part: Part, resources: Mapping[str, Asset], workspace: WorkspaceRef) -> str | pulumi.Output[Any]:
    if isinstance(part, PlatformValue):
        return workspace.outputs[part.name]
    if isinstance(part, Use):
        target = resources[part.file]
        return target.name if part.output == "name" else target.reference
    return part


def _joined(pieces: Sequence[Any]) -> str:
    return "".join(",".join(piece) if isinstance(piece, list) else str(piece) for piece in pieces)


def _warnings(plan: Plan) -> Iterator[str]:
    """About files that do nothing."""
    if plan.unused:
        what = "this file" if len(plan.unused) == 1 else "these files"
        hint = "add it to assets.include or assets.exclude of a Pulumi.STACK.yaml, or delete it"
        yield f"no stack takes {what}; {hint}: {', '.join(plan.unused)}"
    if plan.nameless:
        what = "this file, which has" if len(plan.nameless) == 1 else "these files, which have"
        yield f"nothing uses {what} no $schema; give it one, or delete it: {', '.join(plan.nameless)}"
