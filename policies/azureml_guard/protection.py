"""Controls of what keeps resources from being lost.

AML-PRO-002 (nothing with data is deleted or replaced without a waiver that names it) is not in this pack,
and its number stays free: a policy pack sees the resources that a program registers, never those that the
engine is about to delete. The review judges it, on the engine's events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Setting,
    StackControl,
)
from azureml_guard.data import STORAGE
from azureml_guard.data_class import CONTAINER_REGISTRY, ML_REGISTRY, WORKSPACE
from azureml_guard.data_logs import LOG_ANALYTICS
from azureml_guard.data_recovery import VAULT
from azureml_guard.facts import Finding, Resource, Stack, Truth, both, either
from azureml_guard.judge import EVERY_AZURE_TYPE
from azureml_guard.name_rules import RULES
from azureml_guard.relations import names, stands_in
from azureml_guard.security_properties import covered

_LOCK: Final = "authorization:ManagementLock"
_LOCKS: Final = tuple(
    f"{_LOCK}{level}"
    for level in ("ByScope", "AtResourceGroupLevel", "AtResourceLevel", "AtSubscriptionLevel")
)
_STATEFUL: Final = (WORKSPACE, ML_REGISTRY, STORAGE, VAULT, CONTAINER_REGISTRY, LOG_ANALYTICS)
# They build networks, images and machines, and take longer than their clients wait by default.
_LONG: Final = (
    WORKSPACE,
    ML_REGISTRY,
    "machinelearningservices:Compute",
    "machinelearningservices:OnlineDeployment",
)
_RANDOM_SUFFIX: Final = re.compile(r"[0-9a-f]{7,8}")


def _protected(resource: Resource, context: Context) -> Iterator[Finding]:
    yield resource.option(resource.options.protect, "protect", "must be true")


def _heeded(resource: Resource, context: Context) -> Iterator[Finding]:
    ignored = resource.options.ignore_changes
    hidden = sorted({path for each in ignored for path in covered(resource.type, each)})
    for path in hidden:
        yield resource.option(False, "ignoreChanges", f"must not cover {path}")
    if not hidden:
        yield resource.option(True, "ignoreChanges", "must not cover what keeps it safe")


def _patient(resource: Resource, context: Context) -> Iterator[Finding]:
    options = resource.options
    if resource.type in _LONG:
        yield resource.option(options.create_seconds > 0, "customTimeouts.create", "must be set")
    rule = RULES.get(resource.type)
    if rule:
        name = resource.at(rule.property)
        yield name.must(
            name.test(lambda text: not _is_made_up(text, resource.name), absent=False), "must be fixed"
        )


def _is_made_up(name: str, logical_name: str) -> bool:
    """Whether Pulumi made the name: the logical name, and random hexadecimal digits."""
    if not name.lower().startswith(logical_name.lower()):
        return False
    return _RANDOM_SUFFIX.fullmatch(name[len(logical_name) :].lstrip("-").lower()) is not None


def _locked(stack: Stack, context: Context) -> Iterator[Finding]:
    locks = stack.of(*_LOCKS)
    for resource in stack.of(*context.settings["types"]):
        held = [
            both(_holds(stack, lock, resource), lock.at("level").equals("CanNotDelete", "ReadOnly"))
            for lock in locks
        ]
        yield resource.must(
            either(*held), "must have a lock of level CanNotDelete, on itself or on its resource group"
        )


def _holds(stack: Stack, lock: Resource, resource: Resource) -> Truth:
    """Whether a lock is on a resource, or on what the resource stands in."""
    if lock.type == f"{_LOCK}AtSubscriptionLevel":
        return True
    if lock.type == f"{_LOCK}ByScope":
        scope = lock.at("scope")
        if isinstance(scope.value, str):
            return either(stack.refers(scope, lock, resource), stands_in(resource, scope.value))
        return either(
            stack.refers(scope, lock, resource),
            *(
                both(stack.refers(scope, lock, group), _is_in(stack, resource, group))
                for group in stack.of("resources:ResourceGroup")
            ),
        )
    same_group = _same_group(stack, lock, resource)
    if lock.type == f"{_LOCK}AtResourceGroupLevel":
        return same_group
    rule = RULES.get(resource.type)
    return both(
        same_group, names(stack, lock.at("resourceName"), lock, resource, rule.property) if rule else None
    )


def _is_in(stack: Stack, resource: Resource, group: Resource) -> Truth:
    return names(stack, resource.at("resourceGroupName"), resource, group, "resourceGroupName")


def _same_group(stack: Stack, one: Resource, other: Resource) -> Truth:
    name, its_name = one.at("resourceGroupName"), other.at("resourceGroupName")
    if isinstance(name.value, str) and isinstance(its_name.value, str):
        return name.value.lower() == its_name.value.lower()
    groups = stack.of("resources:ResourceGroup")
    return either(*(both(_is_in(stack, one, group), _is_in(stack, other, group)) for group in groups)) or None


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.PROTECTION,
        number=1,
        title="What holds data is protected by Pulumi",
        why="Without protect a renamed resource, or a destroy in the wrong stack, deletes what it holds.",
        mend="Set the resource option protect to true.",
        severity=Severity.HIGH,
        types=_STATEFUL,
        check=_protected,
        references=References(
            azure_policy=("Do not allow deletion of resource types",),
            url="https://www.pulumi.com/docs/iac/concepts/options/protect/",
        ),
    ),
    ResourceControl(
        concern=Concern.PROTECTION,
        number=3,
        title="No change of a property that keeps a resource safe is ignored",
        why="What is in ignoreChanges drifts: neither a review nor an update puts it right again.",
        mend="Take the property out of ignoreChanges and give it the value that it shall have.",
        severity=Severity.HIGH,
        types=(EVERY_AZURE_TYPE,),
        check=_heeded,
        references=References(
            benchmark=("PV-2",),
            url="https://www.pulumi.com/docs/iac/concepts/options/ignorechanges/",
        ),
    ),
    ResourceControl(
        concern=Concern.PROTECTION,
        number=4,
        title="Long operations have time, and names do not change by chance",
        why="A name that Pulumi made up changes with every replacement; an operation cut off leaves a wreck.",
        mend="Give the resource a physical name, and where it takes long customTimeouts with create.",
        severity=Severity.LOW,
        types=tuple(dict.fromkeys((*_LONG, *RULES))),
        check=_patient,
        references=References(url="https://www.pulumi.com/docs/iac/concepts/options/customtimeouts/"),
    ),
    StackControl(
        concern=Concern.PROTECTION,
        number=5,
        title="Storage and vault carry a lock against deletion",
        why="protect holds Pulumi back only; a lock holds back portal, scripts and other tools too.",
        mend="Declare an authorization.ManagementLockByScope of level CanNotDelete on the resource.",
        severity=Severity.MEDIUM,
        types=(STORAGE, VAULT, *_LOCKS),
        check=_locked,
        settings={
            "types": Setting(
                schema={"type": "array", "items": {"type": "string"}, "default": [STORAGE, VAULT]},
                description="The types that must be locked, as module:Name.",
            )
        },
        references=References(
            benchmark=("AM-4",),
            cis=("10.1",),
            url="https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources",
        ),
    ),
)
