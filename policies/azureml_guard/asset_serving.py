"""Controls of what runs: endpoints, the computes that jobs name, and the images of compute instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pulumi_policy import Severity

from azureml_guard.assets import VERSIONED
from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Setting,
    StackControl,
)
from azureml_guard.documents import (
    ASSETS,
    BATCH_DEPLOYMENTS,
    CODE_KEYS,
    COMPONENT_KEYS,
    COMPUTE,
    DEPLOYMENTS,
    ENVIRONMENT_KEYS,
    JOBS,
    MODEL_KEYS,
    NATIVE,
    ONLINE_DEPLOYMENTS,
    SERVERLESS,
    ComputeNames,
    compute_name,
    document,
    is_reference,
    is_told_later,
    name_and_version,
    references,
)
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, both, either, negated
from azureml_guard.machines import INSTANCE, compute_is, scales_itself, serving

_RUNNING: Final[Mapping[str, str]] = {**JOBS, **BATCH_DEPLOYMENTS}
# Which types a key of a deployment may name.
_NAMED_BY: Final = (
    (ENVIRONMENT_KEYS, (f"{NATIVE}:EnvironmentVersion", f"{ASSETS}:Environment")),
    (MODEL_KEYS, (f"{NATIVE}:ModelVersion", f"{ASSETS}:Model")),
    (COMPONENT_KEYS, (f"{NATIVE}:ComponentVersion", f"{ASSETS}:Component")),
    (CODE_KEYS, (f"{NATIVE}:CodeVersion",)),
)
_TRAFFIC: Final[Mapping[str, tuple[str, str]]] = {
    f"{NATIVE}:OnlineEndpoint": ("properties.traffic", "properties.mirrorTraffic"),
    f"{ASSETS}:OnlineEndpoint": ("spec.traffic", "spec.mirror_traffic"),
    f"{ASSETS}:OnlineTraffic": ("spec.traffic", "spec.mirror_traffic"),
}
_MOST_MIRRORED: Final = 50  # "Traffic values need to sum to utmost 50" (onlineEndpoints, 2025-12-01)
_RECREATED: Final = (
    "Azure Machine Learning compute instances should be recreated to get the latest software updates"
)
_ROLLOUT: Final = "https://learn.microsoft.com/azure/machine-learning/how-to-safely-rollout-online-endpoints"


def _nothing_archived_is_used(stack: Stack, context: Context) -> Iterator[Finding]:
    for keys, types in _NAMED_BY:
        archived = [each for each in stack.of(*types) if _is_archived(each) is not False]
        for deployment in stack.of(*DEPLOYMENTS):
            for fact in references(document(deployment, DEPLOYMENTS), keys):
                found = [
                    both(_is_archived(asset), _names(stack, deployment, fact, asset)) for asset in archived
                ]
                yield fact.must(negated(either(*found)), "must not be an archived version")


def _is_archived(asset: Resource) -> Truth:
    return asset.at("spec.archived" if asset.type.startswith(ASSETS) else "properties.isArchived").equals(
        True
    )


def _names(stack: Stack, holder: Resource, fact: Fact, asset: Resource) -> Truth:
    if not isinstance(fact.value, str):
        return stack.refers(fact, holder, asset)
    named = name_and_version(fact.value)
    if named is None:  # by a label Azure ML picks a version, which may be any
        return None if is_reference(fact.value) else False
    name, version = asset.at(VERSIONED[asset.type]), asset.at("version")
    return both(name.equals(named[0]), version.test(lambda value: str(value) == named[1]))


def _image_is_new(stack: Stack, context: Context) -> Iterator[Finding]:
    for instance in stack.of(COMPUTE):
        newest = instance.at("properties.properties.osImageMetadata.isLatestOsImageVersion")
        # Azure tells it of an instance that is there; one that is about to be made gets the newest.
        if compute_is(instance, INSTANCE) is not False and not newest.is_absent:
            yield newest.must(newest.equals(True), "must be true")


def _has_enough_instances(deployment: Resource, context: Context) -> Iterator[Finding]:
    where, fewest = serving(deployment), context.settings["fewestInstances"]
    scales = scales_itself(deployment)
    # Azure's default is 1, with and without scaling.
    path = where.instances if scales is False else where.fewest
    instances = deployment.at(path)
    enough = instances.test(lambda value: value >= fewest, absent=fewest <= 1)
    yield instances.must(None if scales is None else enough, "must be at least the setting fewestInstances")


def _traffic_adds_up(endpoint: Resource, context: Context) -> Iterator[Finding]:
    traffic, mirrored = (endpoint.at(path) for path in _TRAFFIC[endpoint.type])
    if not traffic.is_absent:
        yield traffic.must(_sum(traffic, lambda total: total in (0, 100)), "must sum to 0 or 100")
    if not mirrored.is_absent:
        yield mirrored.must(
            _sum(mirrored, lambda total: total <= _MOST_MIRRORED), f"must sum to at most {_MOST_MIRRORED}"
        )


def _sum(shares: Fact, question: Callable[[float], bool]) -> Truth:
    each = list(shares.each())
    if shares.is_unknown or any(share.is_unknown for share in each):
        return None
    are_shares = all(share.test(lambda value: 0 <= value <= 100) for share in each)
    return are_shares and question(sum(share.value for share in each))


def _compute_is_allowed(stack: Stack, context: Context) -> Iterator[Finding]:
    # An instance is a person's, and is off at night.
    computes = [each for each in stack.of(COMPUTE) if compute_is(each, INSTANCE) is not True]
    names = [each.at("computeName") for each in computes]
    allowed = {name.lower() for name in (SERVERLESS, *context.settings["otherComputes"])}
    allowed.update(name.value.lower() for name in names if isinstance(name.value, str))
    all_known = all(isinstance(name.value, str) for name in names)
    for resource, fact in ComputeNames(stack, _RUNNING).said:
        truth: Truth
        if not isinstance(fact.value, str):
            truth = either(None, *(stack.refers(fact, resource, each) for each in computes))
        elif is_told_later(fact.value):
            truth = None
        elif compute_name(fact.value).lower() in allowed:
            truth = True
        else:
            truth = False if all_known else None
        yield fact.must(
            truth, "must be serverless, a cluster of the stack or one of the setting otherComputes"
        )


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.ASSETS,
        number=9,
        title="No deployment uses an archived version",
        why="What is archived is on its way out: it is no longer found, and soon nobody keeps it alive.",
        mend="Move the deployment to another version first; archive when nothing uses the old one.",
        severity=Severity.HIGH,
        types=(*DEPLOYMENTS, *VERSIONED),
        check=_nothing_archived_is_used,
        references=References(url="https://learn.microsoft.com/azure/machine-learning/how-to-manage-models"),
    ),
    StackControl(
        concern=Concern.ASSETS,
        number=10,
        title="Compute instances run the newest image",
        why="The image of an instance is never patched in place; only a new instance gets the fixes.",
        mend="Make the instance anew: pulumi up --replace with its URN, after pulumi refresh.",
        severity=Severity.MEDIUM,
        types=(COMPUTE,),
        check=_image_is_new,
        references=References(
            azure_policy=(_RECREATED,),
            benchmark=("PV-2", "PV-6"),
            url="https://learn.microsoft.com/azure/machine-learning/concept-vulnerability-management",
        ),
    ),
    ResourceControl(
        concern=Concern.ASSETS,
        number=12,
        title="An online deployment has more than one instance",
        why="With one instance every failure and every upgrade of a node is an outage.",
        mend="Raise instance_count (sku.capacity), or the minimum of the scale settings.",
        severity=Severity.HIGH,
        types=tuple(ONLINE_DEPLOYMENTS),
        check=_has_enough_instances,
        settings={
            "fewestInstances": Setting(
                schema={"type": "integer", "minimum": 1, "default": 2},
                description="How many instances a deployment has at least.",
            )
        },
        references=References(
            url="https://learn.microsoft.com/azure/machine-learning/concept-endpoints-online"
        ),
    ),
    ResourceControl(
        concern=Concern.ASSETS,
        number=13,
        title="The traffic of an endpoint adds up",
        why="Azure refuses any other sum in the middle of the update, after the deployments have changed.",
        mend="Let traffic sum to 100, or to 0 to switch it off, and mirrored traffic to at most 50.",
        severity=Severity.MEDIUM,
        types=tuple(_TRAFFIC),
        check=_traffic_adds_up,
        references=References(url=_ROLLOUT),
    ),
    StackControl(
        concern=Concern.ASSETS,
        number=14,
        title="Jobs run on computes of the stack",
        why="A compute that the stack does not declare is under none of its rules for network and identity.",
        mend="Name a cluster of the stack or serverless, or enter the compute in the setting otherComputes.",
        severity=Severity.HIGH,
        types=(COMPUTE, *_RUNNING),
        check=_compute_is_allowed,
        settings={
            "otherComputes": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}, "default": []},
                description="Computes that others declare, as the documents name them.",
            )
        },
        references=References(
            url="https://learn.microsoft.com/azure/machine-learning/concept-compute-target"
        ),
    ),
)
