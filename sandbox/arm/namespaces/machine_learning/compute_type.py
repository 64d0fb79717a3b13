"""The declaration of …/workspaces/computes; its rules are in `computes` and `compute_actions`."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import (
    clusters,
    compute_actions,
    compute_bodies,
    computes,
    errors,
    instances,
    managed_network,
)
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.namespaces.values import same_setting
from sandbox.arm.resource_type import Immutable, Lro, LroStyle, NameRule, ResourceType


def _compute_fixed(name: str) -> Immutable:
    return Immutable(
        path=f"properties.{name}",
        source=computes.FIXED,
        error=lambda: errors.compute_property_cannot_change(name.removeprefix("properties.")),
        same=same_setting,
    )


COMPUTE = ResourceType(
    type=compute_bodies.TYPE,
    token="azure-native:machinelearningservices:Compute",
    name=NameRule(
        pattern=r"[A-Za-z][A-Za-z0-9-]{0,63}",
        allowed="letters, digits and hyphens, with a letter first",
        source=computes.NAMING,
        error=lambda name: errors.compute_name_invalid(3, 32),
    ),
    name_input="computeName",
    parent_inputs=("workspaceName",),
    flattened=False,
    put_keeps_omitted=True,
    extra_api_versions=API_VERSIONS,
    write_only=(
        "properties.properties.userAccountCredentials.adminUserPassword",
        "properties.properties.administratorAccount.password",
        "properties.properties.administratorAccount.privateKeyData",
        "properties.properties.databricksAccessToken",
    ),
    immutable=tuple(
        _compute_fixed(name)
        for name in (
            *computes.COMPUTE_FIXED,
            *(f"properties.{inner}" for inner in dict.fromkeys((*clusters.FIXED, *instances.FIXED))),
        )
    ),
    lro=Lro(
        create=LroStyle.ASYNC_OPERATION,
        update=LroStyle.ASYNC_OPERATION,
        delete=LroStyle.ASYNC_OPERATION,
        create_seconds=11.0,
        update_seconds=5.0,
        delete_seconds=15.0,
    ),
    actions={
        "start": compute_actions.start,
        "stop": compute_actions.stop,
        "restart": compute_actions.restart,
        "listNodes": compute_actions.list_nodes,
        "listKeys": compute_actions.list_keys,
        "updateIdleShutdownSetting": compute_actions.update_idle_shutdown,
    },
    defaults=computes.defaults,
    computed=computes.computed,
    validate=computes.validate,
    created=computes.created,
    facts=(
        Fact(
            "What a cluster looks like that nobody uses; its VM size comes back in capitals.",
            clusters.RECORDING,
        ),
        Fact("A cluster is made within eleven seconds.", clusters.RECORDING),
        Fact("What a running instance looks like.", instances.RECORDING),
        Fact("An instance takes some 160 seconds; here the time of a cluster.", instances.RECORDING),
        Fact("Names: 3 to 24 for instances, 3 to 32 for clusters, 2 to 16 for others.", computes.NAMING),
        Fact("An instance's name is unique in its region.", recorded("microsoft/MCW-ML-Ops#28")),
        Fact(
            "Cluster names are unique in their workspace only.",
            assumed("the sentence of the service speaks of all computes, two documents differ"),
        ),
        Fact("Both node counts are required.", recorded("dotnet/machinelearning-modelbuilder#2386")),
        Fact("The sentence for a minimum above the maximum.", assumed("no exchange with it was found")),
        Fact(
            "A dedicated cluster needs quota for one node at creation, its maximum may exceed the quota.",
            recorded("dotnet/machinelearning-modelbuilder#2140, Azure/mlops-v2#81"),
        ),
        Fact("Nodes that must run at once need quota.", recorded("MicrosoftDocs/mslearn-aml-labs#8")),
        Fact("Quotas of the sandbox's subscription.", assumed("Azure gives every subscription other ones")),
        Fact(
            "An unknown VM size: InvalidPropertyValue with the list.",
            recorded("published log of a create call, 2026"),
        ),
        Fact("A cluster's size, priority, network and sign-in do not change.", computes.FIXED),
        Fact("The sentence for a property that cannot change.", assumed("no exchange with it was found")),
        Fact("A subnet of its own is not possible beside a managed network.", managed_network.ISOLATION),
        Fact("A PUT on an instance ignores idle time and schedules.", instances.IGNORED),
        Fact(
            "Idle shutdown is between 15 minutes and 3 days.",
            documented("Create an Azure Machine Learning compute instance: configure idle shutdown"),
        ),
    ),
)
