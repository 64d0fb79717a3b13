"""Controls of the network around what runs: computes, online endpoints and their deployments.

Only Azure's own machines are looked at. Kubernetes clusters, attached machines and Databricks have
networks of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    StackControl,
)
from azureml_guard.facts import Finding, Resource, Stack, both, either, negated
from azureml_guard.links import WORKSPACE, given, managed_network_of

_COMPUTE: Final = "machinelearningservices:Compute"
_ENDPOINT: Final = "machinelearningservices:OnlineEndpoint"
_DEPLOYMENT: Final = "machinelearningservices:OnlineDeployment"
_ENDPOINT_ASSET: Final = "azureml-assets:OnlineEndpoint"
_DEPLOYMENT_ASSET: Final = "azureml-assets:OnlineDeployment"
_CLUSTER: Final = "AmlCompute"
_INSTANCE: Final = "ComputeInstance"
_SUBNETS: Final = ("network:Subnet", "network:VirtualNetwork")
_KIND: Final = "properties.computeType"
_SUBNET: Final = "properties.properties.subnet.id"
_PUBLIC_ADDRESS: Final = "properties.properties.enableNodePublicIp"
_CLUSTER_SSH: Final = "properties.properties.remoteLoginPortPublicAccess"
_INSTANCE_SSH: Final = "properties.properties.sshSettings.sshPublicAccess"


def _in_network(stack: Stack, context: Context) -> Iterator[Finding]:
    for compute in stack.of(_COMPUTE):
        applies = compute.at(_KIND).equals(_CLUSTER, _INSTANCE)
        if applies is False:
            continue
        subnet = compute.at(_SUBNET)
        isolated = either(given(stack, subnet, compute, *_SUBNETS), managed_network_of(stack, compute))
        yield subnet.must(
            either(negated(applies), isolated),
            "must name a subnet, unless a workspace of this stack isolates the compute by a managed network",
        )


def _no_public_address(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.type == WORKSPACE:
        subnet = resource.at("serverlessComputeSettings.serverlessComputeCustomSubnet")
        if subnet.present() is not False:
            # Off unless set; without a subnet of one's own the managed network decides.
            off = resource.at("serverlessComputeSettings.serverlessComputeNoPublicIP")
            yield off.must(either(negated(subnet.present()), off.equals(True)), "must be true")
        return
    applies = resource.at(_KIND).equals(_CLUSTER, _INSTANCE)
    if applies is not False:
        # Azure's default is true (Compute - Create Or Update, 2025-12-01).
        address = resource.at(_PUBLIC_ADDRESS)
        yield address.must(either(negated(applies), address.equals(False)), "must be false")


def _closed_to_ssh(compute: Resource, context: Context) -> Iterator[Finding]:
    kind = compute.at(_KIND)
    if kind.is_unknown:
        yield kind.must(None, "must be known to tell which port is meant")
    elif kind.equals(_CLUSTER):
        port = compute.at(_CLUSTER_SSH)
        # NotSpecified, Azure's default, closes the port in a subnet and opens it elsewhere.
        by_subnet = both(port.equals("NotSpecified", absent=True), compute.at(_SUBNET).present())
        yield port.must(either(port.equals("Disabled"), by_subnet), "must be Disabled")
    elif kind.equals(_INSTANCE):
        port = compute.at(_INSTANCE_SSH)
        # Azure's default is Disabled (Compute - Create Or Update, 2025-12-01).
        yield port.must(port.equals("Disabled", absent=True), "must be Disabled")


def _ssh_closed(compute: Resource, context: Context) -> Mapping[str, Any]:
    return {_CLUSTER_SSH if compute.at(_KIND).equals(_CLUSTER) else _INSTANCE_SSH: "Disabled"}


def _endpoint_access(endpoint: Resource, context: Context) -> Iterator[Finding]:
    asset = endpoint.type == _ENDPOINT_ASSET
    cluster = endpoint.at("spec.compute" if asset else "properties.compute")
    if cluster.present():
        return
    # Azure's default is Enabled (Online Endpoints - Create Or Update, 2025-12-01; schema of the CLI).
    access = endpoint.at("spec.public_network_access" if asset else "properties.publicNetworkAccess")
    yield access.must(either(cluster.present(), access.equals("Disabled")), "must be Disabled")


def _egress(stack: Stack, context: Context) -> Iterator[Finding]:
    for deployment in stack.of(_DEPLOYMENT, _DEPLOYMENT_ASSET):
        asset = deployment.type == _DEPLOYMENT_ASSET
        kind = deployment.at("spec.type" if asset else "properties.endpointComputeType")
        on_cluster = kind.equals("Kubernetes")
        managed = managed_network_of(stack, deployment)
        if on_cluster or managed:
            continue
        # Azure's default is Enabled (Online Deployments - Create Or Update, 2025-12-01).
        path = "spec.egress_public_network_access" if asset else "properties.egressPublicNetworkAccess"
        egress = deployment.at(path)
        yield egress.must(
            either(on_cluster, managed, egress.equals("Disabled")),
            "must be Disabled, unless a workspace of this stack isolates the deployment by a managed network",
        )


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.NETWORK,
        number=6,
        title="Computes are in a virtual network",
        why="A compute outside any network has a public address, and its traffic passes no firewall.",
        mend=(
            "Set managedNetwork.isolationMode of the workspace, or properties.properties.subnet.id of the "
            "compute."
        ),
        severity=Severity.HIGH,
        types=(_COMPUTE, WORKSPACE, *_SUBNETS),
        check=_in_network,
        references=References(
            azure_policy=("Azure Machine Learning Computes should be in a virtual network",),
            benchmark=("NS-1", "NS-2"),
            others=("Azure.ML.ComputeVnet",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=7,
        title="Nodes have no public address",
        why="A node with an address of its own can be reached from the Internet, and leaves by it unseen.",
        mend=(
            "Set properties.properties.enableNodePublicIp of the compute to false, and "
            "serverlessComputeSettings.serverlessComputeNoPublicIP of the workspace to true."
        ),
        severity=Severity.HIGH,
        types=(_COMPUTE, WORKSPACE),
        check=_no_public_address,
        references=References(
            benchmark=("NS-2",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=8,
        title="Clusters and instances are closed to SSH",
        why="An open SSH port is tried by everybody, and a session leaves no trace in the workspace.",
        mend=(
            "Set remoteLoginPortPublicAccess of the cluster, or sshSettings.sshPublicAccess of the instance, "
            "to Disabled."
        ),
        severity=Severity.HIGH,
        types=(_COMPUTE,),
        check=_closed_to_ssh,
        remedy=_ssh_closed,
        references=References(
            benchmark=("NS-2", "NS-3"),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=9,
        title="Online endpoints are not reachable from the public network",
        why="A public endpoint takes requests from everywhere, even if its workspace is private.",
        mend="Set publicNetworkAccess of the endpoint (public_network_access in a document) to Disabled.",
        severity=Severity.HIGH,
        types=(_ENDPOINT, _ENDPOINT_ASSET),
        check=_endpoint_access,
        references=References(
            benchmark=("NS-2",),
            url="https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint",
        ),
    ),
    StackControl(
        concern=Concern.NETWORK,
        number=10,
        title="Deployments do not reach the Internet",
        why="A model that may call out can send out what it is asked, and load what nobody checked.",
        mend=(
            "Give the workspace a managed network, or set egressPublicNetworkAccess of the deployment "
            "(egress_public_network_access in a document) to Disabled."
        ),
        severity=Severity.MEDIUM,
        types=(_DEPLOYMENT, _DEPLOYMENT_ASSET, WORKSPACE),
        check=_egress,
        references=References(
            benchmark=("NS-2", "DP-2"),
            url="https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint",
        ),
    ),
)
