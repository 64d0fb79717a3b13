"""Controls of data that a team has put into a class: whose keys encrypt it, who reaches it, where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

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
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, both
from azureml_guard.judge import EVERY_AZURE_TYPE
from azureml_guard.tagging import tag

WORKSPACE: Final = "machinelearningservices:Workspace"
ML_REGISTRY: Final = "machinelearningservices:Registry"
CONTAINER_REGISTRY: Final = "containerregistry:Registry"
GROUP: Final = "resources:ResourceGroup"
_CLOSED: Final = ("Disabled", "SecuredByPerimeter")
_EVERYWHERE: Final = "global"


def _own_keys(resource: Resource, context: Context) -> Iterator[Finding]:
    asks = tag(resource, context.settings["tag"]).equals(*context.settings["classes"])
    if asks is False:
        return
    if resource.type == STORAGE:
        source = resource.at("encryption.keySource")
        # Microsoft.Storage by default.
        yield source.must(_if(asks, source.equals("Microsoft.Keyvault")), "must be Microsoft.Keyvault")
    else:
        status = resource.at("encryption.status")
        yield status.must(_if(asks, status.equals("Enabled")), "must be Enabled")


def _if(condition: Truth, truth: Truth) -> Truth:
    """What is to hold where the condition does; not known where that is not known, unless it holds anyhow."""
    return truth if condition or truth else None


def _business_impact(stack: Stack, context: Context) -> Iterator[Finding]:
    for workspace in stack.of(WORKSPACE):
        high = workspace.at("hbiWorkspace").equals(True)  # false by default
        if high is False:
            continue
        access = workspace.at("publicNetworkAccess")
        yield access.must(_if(high, access.equals(*_CLOSED)), "must be Disabled while hbiWorkspace is true")
        for account in stack.of(STORAGE):
            its_own = stack.refers(workspace.at("storageAccount"), workspace, account)
            if its_own is not False:
                access = account.at("publicNetworkAccess")  # Enabled by default
                yield access.must(
                    _if(both(high, its_own), access.equals(*_CLOSED)),
                    "must be Disabled for the storage of a workspace with hbiWorkspace true",
                )


def _regions(stack: Stack, context: Context) -> Iterator[Finding]:
    given = {_region(name) for name in context.settings["locations"]}
    groups = [group.at("location") for group in stack.of(GROUP)]
    declared = given or {_region(location.value) for location in groups if isinstance(location.value, str)}
    if not declared:
        return
    is_sure = bool(given) or not any(location.is_unknown for location in groups)
    for resource in stack.resources:
        for location in _locations(resource):
            if location.is_absent:
                continue  # the provider's own location, or that of the resource group
            is_there = location.test(lambda name: _region(name) in {*declared, _EVERYWHERE})
            truth = None if is_there is False and not is_sure else is_there
            yield location.must(truth, "must be a region that is agreed on, or that of the resource group")


def _locations(resource: Resource) -> Iterator[Fact]:
    if not resource.is_azure:
        return
    yield resource.at("location")
    if resource.type == ML_REGISTRY:
        regions = resource.at("regionDetails")
        yield from [regions] if regions.is_unknown else [region.at("location") for region in regions.each()]


def _region(name: str) -> str:
    """`West Europe` and `westeurope` are one region."""
    return name.replace(" ", "").lower()


_CLASSES: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string"}, "default": ["restricted"]}
CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.DATA,
        number=5,
        title="Data of the strictest class is encrypted with keys of the team's own",
        why="Only with keys of their own can a team take access away from everybody, Microsoft included.",
        mend=(
            "Set encryption.status of the workspace or registry to Enabled, or encryption.keySource of the "
            "storage account to Microsoft.Keyvault, each with a key of a vault with purge protection."
        ),
        severity=Severity.MEDIUM,
        types=(WORKSPACE, STORAGE, CONTAINER_REGISTRY),
        check=_own_keys,
        settings={
            "tag": Setting(
                schema={"type": "string", "minLength": 1, "default": "data-class"},
                description="The tag that holds the class of a resource's data.",
            ),
            "classes": Setting(
                schema=_CLASSES, description="The classes that ask for customer-managed keys."
            ),
        },
        references=References(
            azure_policy=(
                "Azure Machine Learning workspaces should be encrypted with a customer-managed key",
                "Storage accounts should use customer-managed key for encryption",
                "Container registries should be encrypted with a customer-managed key",
            ),
            benchmark=("DP-5",),
            cis=("3.12",),
            others=("CKV2_AZURE_1", "AZU-0060"),
            url="https://learn.microsoft.com/azure/machine-learning/concept-customer-managed-keys",
        ),
    ),
    StackControl(
        concern=Concern.DATA,
        number=6,
        title="Data of high business impact is not reachable from the public network",
        why="hbiWorkspace says that a leak would be grave; a public endpoint is where leaks begin.",
        mend="Set publicNetworkAccess of the workspace and of its storage account to Disabled.",
        severity=Severity.HIGH,
        types=(WORKSPACE, STORAGE),
        check=_business_impact,
        references=References(
            benchmark=("NS-2",),
            others=("CKV2_AZURE_50",),
            url="https://learn.microsoft.com/azure/machine-learning/concept-data-encryption",
        ),
    ),
    StackControl(
        concern=Concern.DATA,
        number=10,
        title="All resources are in the regions that were agreed on",
        why="Data that leaves its region may break contracts and law, and costs egress.",
        mend="Set location to an agreed region, or add the region to the setting locations of this control.",
        severity=Severity.HIGH,
        types=(EVERY_AZURE_TYPE,),
        check=_regions,
        settings={
            "locations": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}, "default": []},
                description="The regions, such as westeurope; empty: those of the stack's resource groups.",
            )
        },
        references=References(
            azure_policy=("Allowed locations", "Allowed locations for resource groups"),
            others=("Azure.Resource.AllowedRegions",),
            url="https://learn.microsoft.com/azure/reliability/regions-overview",
        ),
    ),
)
