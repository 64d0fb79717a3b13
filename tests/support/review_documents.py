"""Reviews for tests of renderers: one with something in every section, and one of any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from review.document import (
    AccessChange,
    AssetChange,
    Cost,
    Destructive,
    Duration,
    Edge,
    ExposureChange,
    Node,
    Policies,
    PolicyChange,
    PolicyFinding,
    PricedLine,
    PropertyChange,
    ProtectionChange,
    Reason,
    ResourceChange,
    Review,
    Since,
    Unknown,
    Verdict,
    VersionChange,
)

STACK_TYPE = "pulumi:pulumi:Stack"
ROOT = f"urn:pulumi:prod::platform::{STACK_TYPE}::platform-prod"


def urn(name: str, token: str = "azure-native:storage:StorageAccount") -> str:
    return f"urn:pulumi:prod::platform::{token}::{name}"


def full_review(said: Callable[[str], str] = lambda text: text) -> Review:
    """Something in every section; `said` makes each text that a preview decides."""
    account, vault, cluster, quiet = (
        urn(f"{said('a')}-{index}") for index in ("account", "vault", "cluster", "quiet")
    )
    component = urn(said("storage"), "azureml:infra:Storage")
    change = ResourceChange(
        urn=account,
        type=said("azure-native:storage:StorageAccount"),
        name=said("account"),
        parent=said("storage"),
        op="replace",
        replaced_by=(said("location"),),
        possible=True,
        declared=said("infra/storage.py:52"),
        properties=(
            PropertyChange(
                path=said("location"),
                kind="update",
                before="westeurope",
                after="northeurope",
                replaces=True,
                unknown=True,
            ),
            PropertyChange(path=said("tags.new"), kind="add", before="nothing", after=said("new value")),
            PropertyChange(path=said("tags.old"), kind="delete", before=said("old value"), after="nothing"),
        ),
    )
    created = ResourceChange(urn=vault, type=said("T"), name=said("vault"), parent=said("p"), op="create")
    deleted = ResourceChange(urn=cluster, type=said("T"), name=said("cluster"), parent=said("p"), op="delete")
    return Review(
        stack=said("prod"),
        project=said("platform"),
        commit=said("4f2a9c1de0b34"),
        state_serial=7,
        state_hash=said("abc"),
        made_at=said("2026-11-26T18:24:00+00:00"),
        complete=False,
        verdict=Verdict.STOP,
        headline=said("Stop: 1 thing that must not be applied as it is."),
        reasons=(
            Reason(rule="REV-DEL-001", verdict=Verdict.STOP, text=said("account is replaced"), urn=account),
            Reason(rule="REV-RUN-001", verdict=Verdict.LOOK, text=said("the preview failed")),
        ),
        counts={"create": 1, "replace": 1, "delete": 1, "same": 1},
        since=Since(
            commit=said("1234567"),
            verdict=Verdict.LOOK,
            added=(said("added"),),
            removed=(said("removed"),),
            changed=(said("changed"),),
        ),
        destructive=(
            Destructive(
                urn=account,
                type=said("azure-native:storage:StorageAccount"),
                name=said("account"),
                op="replace",
                certain=False,
                forced_by=(said("location"), said("accountName")),
                protected=True,
                retained=True,
                deletes_first=True,
                loses=said("all blobs"),
                locked_by=said("storage-lock"),
            ),
        ),
        protection=(ProtectionChange(urn=account, name=said("account"), text=said("weakens it")),),
        access=(
            AccessChange(
                urn=vault,
                change="gains",
                principal=said("ml-engineers"),
                principal_type=said("Group"),
                role=said("Owner"),
                can=said("do everything"),
                scope=said("the subscription"),
                privileged=True,
                wide=True,
            ),
        ),
        exposure=(
            ExposureChange(
                urn=account, name=said("account"), change="opens", text=said("opens it"), path=said("acls")
            ),
        ),
        assets=(
            AssetChange(
                urn=vault,
                kind=said("Model"),
                name=said("churn"),
                op="create",
                before=said("1"),
                after=said("2"),
                content=(said("score.py"), said("conda.yml")),
                text=said("new version"),
            ),
        ),
        policies=Policies(
            known=True,
            passed=12,
            findings=(
                _finding(said, "fail", "mandatory", account),
                _finding(said, "fail", "advisory", account),
                _finding(said, "fail", "advisory", vault),
                _finding(said, "waived", "mandatory", ""),
                _finding(said, "not evaluated", "mandatory", vault),
            ),
            changed=(
                PolicyChange(
                    file=said("config/prod.json"), policy=said("AML-1"), text=said("off"), weaker=True
                ),
            ),
        ),
        versions=(
            VersionChange(
                what=said("provider azure-native"),
                before=said("3.28.0"),
                after=said("3.29.0"),
                resources=(said("account"),),
            ),
        ),
        cost=Cost(
            currency=said("EUR"),
            priced_at=said("2026-11-01"),
            before_min=10,
            before_max=10,
            after_min=20,
            after_max=1234.5,
            lines=(
                PricedLine(
                    urn=cluster,
                    name=said("cluster"),
                    what=said("0 to 4 nodes"),
                    after_min=0,
                    after_max=1224.5,
                    source=said("retail"),
                ),
            ),
            unpriced=(said("vault"),),
            by_use=(said("logs"),),
        ),
        changes=(change, created, deleted),
        unknowns=(Unknown(urn=vault, name=said("vault"), path=said("properties.uri")),),
        drift=(change.model_copy(update={"op": "update", "possible": False}),),
        duration=Duration(
            seconds=600, chain=(said("vault"), said("account")), unknown=(said("azure-native:x:Y"),)
        ),
        nodes=(
            Node(urn=ROOT, name=said("platform-prod"), type=STACK_TYPE, parent="", op="same", component=True),
            Node(
                urn=component, name=said("storage"), type=said("C"), parent=ROOT, op="create", component=True
            ),
            Node(urn=account, name=said("account"), type=said("T"), parent=component, op="replace"),
            Node(urn=vault, name=said("vault"), type=said("T"), parent=component, op="create"),
            Node(urn=cluster, name=said("cluster"), type=said("T"), parent=ROOT, op="delete"),
            Node(urn=quiet, name=said("quiet"), type=said("T"), parent=ROOT, op="same"),
        ),
        edges=(Edge(source=account, target=vault),),
        diagnostics=(said("warning: deprecated"),),
        remarks=(said("3 lines were left out"),),
    )


def _finding(said: Callable[[str], str], verdict: str, level: str, at: str) -> PolicyFinding:
    return PolicyFinding.model_validate(
        {
            "policy": said("AML-NET-001"),
            "verdict": verdict,
            "level": level,
            "severity": said("high"),
            "urn": at,
            "title": said("The account is not public"),
            "details": (
                said(f"{verdict} · must be Disabled"),
                said("Why: because."),
                said("Mend: close it."),
            ),
        }
    )


def large_review(resources: int, changed: int) -> Review:
    """Resources in components of twenty, each taking values from the one before it; the first ones change."""
    components = [urn(f"component-{index:03}", "acme:infra:Part") for index in range(-(-resources // 20))]
    names = [f"resource-{index:05}-of-some-length" for index in range(resources)]
    urns = [urn(name) for name in names]
    ops = _ops(resources, changed)
    return full_review().model_copy(
        update={
            "counts": {op: ops.count(op) for op in dict.fromkeys(ops)},
            "changes": tuple(
                ResourceChange(
                    urn=at,
                    type="azure-native:storage:StorageAccount",
                    name=name,
                    parent=f"component-{index // 20:03}",
                    op=op,
                    properties=_properties(index) if op in ("update", "replace") else (),
                )
                for index, (at, name, op) in enumerate(zip(urns, names, ops, strict=True))
                if op != "same"
            ),
            "nodes": (
                Node(urn=ROOT, name="platform-prod", type=STACK_TYPE, parent="", op="same", component=True),
                *(
                    Node(
                        urn=at,
                        name=at.rsplit("::", 1)[-1],
                        type="acme:infra:Part",
                        parent=ROOT,
                        op="same",
                        component=True,
                    )
                    for at in components
                ),
                *(
                    Node(
                        urn=at,
                        name=name,
                        type="azure-native:storage:StorageAccount",
                        parent=components[index // 20],
                        op=op,
                    )
                    for index, (at, name, op) in enumerate(zip(urns, names, ops, strict=True))
                ),
            ),
            "edges": tuple(Edge(source=source, target=target) for source, target in pairwise(urns)),
        }
    )


def _ops(resources: int, changed: int) -> Sequence[str]:
    kinds = ("update", "update", "replace", "create", "delete")
    return [kinds[index % len(kinds)] if index < changed else "same" for index in range(resources)]


def _properties(index: int) -> tuple[PropertyChange, ...]:
    return tuple(
        PropertyChange(
            path=f"properties.networkAcls.ipRules[{number}].value",
            kind="update",
            before=f"10.{index % 250}.{number}.0/24",
            after=f"10.{index % 250}.{number}.128/25",
        )
        for number in range(5)
    )
