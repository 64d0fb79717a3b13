"""The control of diagnostic settings: what happens to data is on record, in Log Analytics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, Setting, StackControl
from azureml_guard.data import STORAGE
from azureml_guard.data_class import CONTAINER_REGISTRY, ML_REGISTRY, WORKSPACE
from azureml_guard.data_recovery import BLOBS, VAULT
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, both, either
from azureml_guard.relations import names

SETTINGS: Final = ("monitor:DiagnosticSetting", "insights:DiagnosticSetting")
_KEPT: Final = (WORKSPACE, ML_REGISTRY, VAULT, STORAGE, CONTAINER_REGISTRY)
LOG_ANALYTICS: Final = "operationalinsights:Workspace"
_OF_BLOBS: Final = "/blobservices/default"


def _logs(stack: Stack, context: Context) -> Iterator[Finding]:
    settings = stack.of(*SETTINGS)
    for resource in stack.of(*context.settings["types"]):
        truths = [
            both(_is_about(stack, setting, resource), _reaches(stack, setting), _has_logs(setting))
            for setting in settings
        ]
        yield resource.must(
            either(*truths),
            "must have a monitor.DiagnosticSetting with logs and a workspaceId in the same stack",
        )


def _is_about(stack: Stack, setting: Resource, resource: Resource) -> Truth:
    """Whether a setting is about a resource; for an account, about its blob service: that has the logs."""
    uri = setting.at("resourceUri")
    if resource.type != STORAGE:
        return stack.refers(uri, setting, resource)
    if isinstance(uri.value, str):
        if not uri.value.lower().endswith(_OF_BLOBS):
            return False  # an account itself has metrics only
        account = Fact(uri.value[: -len(_OF_BLOBS)], uri.path, uri.urn)
        return stack.refers(account, setting, resource)
    services = [
        both(
            stack.refers(uri, setting, service),
            names(stack, service.at("accountName"), service, resource, "accountName"),
        )
        for service in stack.of(BLOBS)
    ]
    return either(stack.refers(uri, setting, resource), *services)


def _reaches(stack: Stack, setting: Resource) -> Truth:
    """Whether logs reach Log Analytics: the id of a workspace that is yet to be made will be there."""
    made_here = {workspace.urn for workspace in stack.of(LOG_ANALYTICS)}
    comes_from = setting.sources.get("workspaceId", ())
    return True if made_here.intersection(comes_from) else setting.at("workspaceId").present()


def _has_logs(setting: Resource) -> Truth:
    logs = setting.at("logs")
    if logs.is_unknown:
        return None
    return either(*(log.at("enabled").equals(True) for log in logs.each()))


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.DATA,
        number=8,
        title="What happens to workspace, vault, storage and registry is logged",
        why="Without logs of the resource nobody can tell afterwards who read a secret or deleted a model.",
        mend=(
            "Declare a monitor.DiagnosticSetting with the resource's id as resourceUri (for storage the "
            "account's id with /blobServices/default), a workspaceId of Log Analytics, and enabled logs."
        ),
        severity=Severity.MEDIUM,
        types=(*_KEPT, *SETTINGS),
        check=_logs,
        settings={
            "types": Setting(
                schema={"type": "array", "items": {"type": "string"}, "default": list(_KEPT)},
                description="The types that must be logged, as module:Name.",
            )
        },
        references=References(
            azure_policy=(
                "Resource logs in Azure Machine Learning Workspaces should be enabled",
                "Resource logs in Key Vault should be enabled",
                (
                    "Configure diagnostic settings for Azure Machine Learning Workspaces to Log "
                    "Analytics workspace"
                ),
                "Deploy - Configure diagnostic settings for Azure Key Vault to Log Analytics workspace",
                "Configure diagnostic settings for Storage Accounts to Log Analytics workspace",
                (
                    "Enable logging by category group for Container registries "
                    "(microsoft.containerregistry/registries) to Log Analytics"
                ),
            ),
            benchmark=("LT-3", "LT-4"),
            cis=("5.1.5", "5.4"),
            others=("Azure.KeyVault.Logs",),
            url="https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings",
        ),
    ),
)
