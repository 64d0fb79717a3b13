"""Controls of what all role assignments of a stack together let a principal do, and fail to let it do.

From one stack this can be told: its own assignments, of principals that it names. It can't be told what
groups a principal is a member of, what other stacks, people or Azure itself assign, and what a foreign
custom role permits. So a pass here is about this stack only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, Setting, StackControl
from azureml_guard.facts import Finding, Resource, Stack, Truth, either, negated
from azureml_guard.grants import ROLE_ASSIGNMENT, RUNNERS, WORKSPACE, Grant, Grants
from azureml_guard.references import Meant, physical_name, sources_of
from azureml_guard.roles import Right
from azureml_guard.values import Unknown

_LEARN: Final = "https://learn.microsoft.com/azure"
_GUARDED: Final = "prod"
_STORAGE_ACCOUNT: Final = "storage:StorageAccount"
_REGISTRY: Final = "containerregistry:Registry"
_COMPUTE: Final = "machinelearningservices:Compute"
_ONLINE: Final = ("machinelearningservices:OnlineEndpoint", "azureml-assets:OnlineEndpoint")
_ENVIRONMENTS: Final = {
    "dev": ["dev", "development", "sandbox"],
    "staging": ["staging", "stage", "stg", "test", "tst", "qa", "uat"],
    _GUARDED: ["prod", "production", "prd"],
}


def _blast_radius(stack: Stack, context: Context) -> Iterator[Finding]:
    by_principal: dict[str, list[Grant]] = {}
    for grant in Grants(stack).all:
        if not isinstance(grant.principal, Unknown):
            by_principal.setdefault(grant.principal, []).append(grant)
        elif grant.reads_only is not True:
            yield grant.at("principalId").must(None, "must be known, or come from one resource")
    azure = {each.urn: each for each in stack.resources if each.is_azure}
    targets = Meant(azure.values(), "id")
    for grants in by_principal.values():
        yield from _separate_duties(grants)
        places = {
            grant.assignment.urn: _environment(grant, azure, targets, context)
            for grant in grants
            if grant.reads_only is not True
        }
        yield from _one_side(grants, places)


def _separate_duties(grants: Sequence[Grant]) -> Iterator[Finding]:
    reads = either(*(False if each.is_foreign else each.has(Right.READ_DATA) for each in grants))
    for grant in grants:
        hands_out = False if grant.is_foreign else grant.has(Right.ASSIGN_ROLES)
        if hands_out is not False:
            truth = negated(reads) if hands_out or not reads else None
            yield grant.at("principalId").must(
                truth, "must not have a role that reads data beside one that hands out roles"
            )


def _one_side(grants: Sequence[Grant], places: Mapping[str, str]) -> Iterator[Finding]:
    known = {place for place in places.values() if place}
    for grant in grants:
        place = places.get(grant.assignment.urn)
        if place == "" and len(grants) > 1 and grant.at("scope").is_unknown:
            yield grant.at("scope").must(None, "must not let who changes prod change another environment too")
        if place:
            truth: Truth = _GUARDED not in known or len(known) == 1
            if truth is False and grant.role is not None and grant.reads_only is None:
                truth = None
            yield grant.at("scope").must(
                truth, "must not let who changes prod change another environment too"
            )


def _environment(grant: Grant, azure: Mapping[str, Resource], targets: Meant, context: Context) -> str:
    """The environment that a scope belongs to; empty if that can't be told.

    The words in the names of the resource and its group say it; else what is in the stack is the stack's.
    """
    words: Mapping[str, Sequence[str]] = context.settings["environments"]
    scope = grant.at("scope")
    meant = targets.of(scope, grant.assignment)
    origins = [azure[urn] for urn in sources_of(scope, grant.assignment) if urn in azure]
    own = [meant] if isinstance(meant, Resource) else origins
    texts = [physical_name(each) for each in own]
    texts += [str(each.at("resourceGroupName").value) for each in own]
    if isinstance(scope.value, str):
        texts += [*scope.value.split("/")[4:5], scope.value.rsplit("/", 1)[-1]]
    parts = {part for text in texts for part in re.split("[^a-z]+", text.lower())}
    found = [name for name, known in words.items() if not parts.isdisjoint(known)]
    if len(found) == 1:
        return found[0]
    return context.environment if own and context.environment in words else ""


def _data_roles(stack: Stack, context: Context) -> Iterator[Finding]:
    grants = Grants(stack)
    by_name = Meant(stack.of(WORKSPACE), "name", "workspaceName")
    accounts, registries = (Meant(stack.of(each), "id") for each in (_STORAGE_ACCOUNT, _REGISTRY))
    for runner in stack.of(*RUNNERS):
        if not _acts_for_itself(runner):
            continue
        principals, complete = grants.identities_of(runner)
        if runner.type in _ONLINE:
            # Azure gives a system-assigned identity of an endpoint these roles by itself.
            principals -= {runner.urn}
        own = [each for each in principals if each.startswith("urn:")]
        identity = runner.at("identity" if runner.is_azure else "spec.identity")
        if not own:
            if not complete:
                yield identity.must(None, "must be known")
            continue
        name = runner.at("workspaceName" if runner.is_azure else "target.workspaceName")
        workspace = by_name.of(name, runner)
        if isinstance(workspace, Unknown):
            yield identity.must(None, "must have the roles that its workspace's data and images take")
        if not isinstance(workspace, Resource):
            continue
        account = accounts.of(workspace.at("storageAccount"), workspace)
        if isinstance(account, Resource) and _by_identity(workspace) is not False:
            right, does = _blob_right(runner)
            yield identity.must(
                grants.gives(own, right, account, accounts),
                f"must have a role that {does} blobs of the workspace's storage account",
            )
        registry = registries.of(workspace.at("containerRegistry"), workspace)
        if isinstance(registry, Resource):
            yield identity.must(
                grants.gives(own, Right.PULL_IMAGES, registry, registries),
                "must have a role that pulls images from the workspace's container registry",
            )


def _acts_for_itself(runner: Resource) -> bool:
    """Whether its code signs in with its own identity: batch endpoints do so with their cluster's."""
    kind = runner.at("properties.computeType").equals("AmlCompute", "ComputeInstance")
    return runner.type in _ONLINE or (runner.type == _COMPUTE and kind is not False)


def _blob_right(runner: Resource) -> tuple[Right, str]:
    """An endpoint reads its model; a job also writes its outputs ("Set up service authentication")."""
    return (Right.READ_BLOBS, "reads") if runner.type in _ONLINE else (Right.WRITE_BLOBS, "reads and writes")


def _by_identity(workspace: Resource) -> Truth:
    """Whether jobs reach the workspace's storage by identity; with AccessKey they are handed a key."""
    return negated(workspace.at("systemDatastoresAuthMode").equals("AccessKey", absent=True))


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.RBAC,
        number=7,
        title="No principal holds what should be apart",
        why=(
            "Who changes prod and another environment carries a mistake or an intruder from one to the "
            "other; who reads data and hands out roles can open it to anybody."
        ),
        mend="Use one identity or group for each environment, and another one for handing out roles.",
        severity=Severity.HIGH,
        types=(ROLE_ASSIGNMENT,),
        check=_blast_radius,
        settings={
            "environments": Setting(
                schema={
                    "type": "object",
                    "required": [_GUARDED],
                    "additionalProperties": {"type": "array", "items": {"type": "string", "minLength": 1}},
                    "default": _ENVIRONMENTS,
                },
                description="By environment: words in the names of its resource groups and resources.",
            )
        },
        references=References(
            benchmark=("PA-1", "PA-7"), url=f"{_LEARN}/role-based-access-control/best-practices"
        ),
    ),
    StackControl(
        concern=Concern.RBAC,
        number=8,
        title="Compute has the roles that its data and images take",
        why="A missing role shows in the first job or deployment, minutes or days after the update.",
        mend=(
            "Assign Storage Blob Data Contributor (endpoints: Storage Blob Data Reader) on the workspace's "
            "storage account and AcrPull on its container registry to the compute's identity."
        ),
        severity=Severity.MEDIUM,
        types=(ROLE_ASSIGNMENT, WORKSPACE, *RUNNERS),
        check=_data_roles,
        references=References(url=f"{_LEARN}/machine-learning/how-to-identity-based-service-authentication"),
    ),
)
