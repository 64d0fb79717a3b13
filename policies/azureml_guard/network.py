"""Controls of the workspace's network: who reaches it, and what it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Severity,
    StackControl,
)
from azureml_guard.facts import Finding, Resource, Stack, either

WORKSPACE: Final = "machinelearningservices:Workspace"
PRIVATE_ENDPOINT: Final = "network:PrivateEndpoint"


def _public_access(workspace: Resource, context: Context) -> Iterator[Finding]:
    access = workspace.at("publicNetworkAccess")
    # Azure's default is Enabled (Microsoft.MachineLearningServices/workspaces, 2025-12-01).
    yield access.must(access.equals("Disabled"), "must be Disabled")


def _private_endpoint(stack: Stack, context: Context) -> Iterator[Finding]:
    for workspace in stack.of(WORKSPACE):
        if workspace.at("publicNetworkAccess").equals("Enabled", absent=True):
            continue
        found = [
            stack.refers(connection.at("privateLinkServiceId"), endpoint, workspace)
            for endpoint in stack.of(PRIVATE_ENDPOINT)
            for connection in endpoint.at("privateLinkServiceConnections").each()
        ]
        yield workspace.at("publicNetworkAccess").must(
            either(*found), "must be matched by a private endpoint for the workspace while it is Disabled"
        )


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.NETWORK,
        number=1,
        title="The workspace is not reachable from the public network",
        why="Anyone who gets hold of a token can use a public workspace from anywhere.",
        mend="Set publicNetworkAccess to Disabled and reach the workspace by a private endpoint.",
        severity=Severity.HIGH,
        types=(WORKSPACE,),
        check=_public_access,
        references=References(
            azure_policy=("Azure Machine Learning Workspaces should disable public network access",),
            benchmark=("NS-2",),
            others=("Azure.ML.PublicAccess", "CKV_AZURE_144", "CKV2_AZURE_49"),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
        ),
    ),
    StackControl(
        concern=Concern.NETWORK,
        number=4,
        title="A private workspace has a private endpoint",
        why="A workspace without public access and without a private endpoint can be reached by nobody.",
        mend="Add a network.PrivateEndpoint with the group id amlworkspace that targets the workspace.",
        severity=Severity.HIGH,
        types=(WORKSPACE, PRIVATE_ENDPOINT),
        check=_private_endpoint,
        references=References(
            azure_policy=("Azure Machine Learning workspaces should use private link",),
            benchmark=("NS-2",),
            others=("CKV_AZURE_243",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
        ),
    ),
)
