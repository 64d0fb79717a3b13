"""Wrong settings, each with exactly what the user reads about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.settings.check import check
from infra.settings.errors import SettingsError
from tests.support.recorded_stack import Settings, stack_settings

GROUP = "8a4e2b7d-15c9-4f63-b0d8-6e7f8a9b0c1d"
NEW = "11111111-2222-4333-8444-555555555555"


def put(path: str, value: Any) -> Callable[[Settings], None]:
    """A change that sets one key, given by its dotted path; maps on the way are made."""

    def change(settings: Settings) -> None:
        *parents, last = path.split(".")
        here: Any = settings
        for parent in parents:
            here = here.setdefault(parent, {})
        here[last] = value

    return change


def drop(path: str) -> Callable[[Settings], None]:
    def change(settings: Settings) -> None:
        *parents, last = path.split(".")
        here: Any = settings
        for parent in parents:
            here = here[parent]
        del here[last]

    return change


def both(*changes: Callable[[Settings], None]) -> Callable[[Settings], None]:
    def change(settings: Settings) -> None:
        for each in changes:
            each(settings)

    return change


def mistakes(stack: str, change: Callable[[Settings], None]) -> list[str]:
    settings = stack_settings(stack)
    change(settings)
    with pytest.raises(SettingsError) as caught:
        check(settings, "a test")
    return [str(mistake) for mistake in caught.value.mistakes]


def group(object_id: str, principal_type: str = "Group") -> dict[str, str]:
    return {"objectId": object_id, "principalType": principal_type, "displayName": "somebody"}


FQDN = {"type": "FQDN", "destination": "packages.contoso.com"}
PREMIUM = put("containerRegistry.sku", "Premium")
CLUSTER = {"vmSize": "Standard_DS3_v2", "processor": "cpu", "maxNodeCount": 2}
INSTANCE = {"vmSize": "Standard_DS3_v2", "processor": "cpu", "assignedUser": NEW}
STOP = {"action": "Stop", "cron": "0 19 * * *"}

# name, stack, change, what is said
CASES: list[tuple[str, str, Callable[[Settings], None], str]] = [
    (
        "an organization with capitals",
        "dev",
        put("organization", "Contoso"),
        (
            "organization · found: 'Contoso' · "
            "allowed: 3 to 40 lower-case letters, digits or hyphens · "
            "example: contoso"
        ),
    ),
    (
        "a workload that is too long for the key vault",
        "dev",
        put("workload", "mlplatform"),
        (
            "workload · found: 'mlplatform' · "
            "allowed: 2 to 9 lower-case letters or digits, the first a letter (kv-WORKLOAD-prod-HASH may "
            "have 24 characters) · "
            "example: mlplat"
        ),
    ),
    (
        "a workload with a hyphen",
        "dev",
        put("workload", "ml-plat"),
        (
            "workload · found: 'ml-plat' · "
            "allowed: 2 to 9 lower-case letters or digits, the first a letter (kv-WORKLOAD-prod-HASH may "
            "have 24 characters) · "
            "example: mlplat"
        ),
    ),
    (
        "no workload",
        "dev",
        drop("workload"),
        (
            "workload · found: nothing, and it is required · "
            "allowed: 2 to 9 lower-case letters or digits, the first a letter (kv-WORKLOAD-prod-HASH may "
            "have 24 characters) · "
            "example: mlplat"
        ),
    ),
    (
        "an unknown environment",
        "dev",
        put("environment", "production"),
        "environment · found: 'production' · allowed: dev, staging or prod · example: dev",
    ),
    (
        "a region by its display name",
        "dev",
        put("location", "West Europe"),
        (
            "location · found: 'West Europe' · "
            "allowed: an Azure region by its name, in lower-case letters and digits; did you mean "
            "'westeurope'? · "
            "example: westeurope"
        ),
    ),
    (
        "a misspelt region",
        "dev",
        put("location", "westeurop"),
        (
            "location · found: 'westeurop' · "
            "allowed: an Azure region by its name, in lower-case letters and digits; did you mean "
            "'westeurope'? · "
            "example: westeurope"
        ),
    ),
    (
        "a region that is no word",
        "dev",
        put("location", "eu-west-1"),
        (
            "location · found: 'eu-west-1' · "
            "allowed: an Azure region by its name, in lower-case letters and digits · "
            "example: westeurope"
        ),
    ),
    (
        "an unknown section",
        "dev",
        put("netwrok", {}),
        (
            "netwrok · found: an unknown key · "
            "allowed: organization, workload, environment, location, nameSalt, tags, network, storage, "
            "keyVault, logAnalytics, containerRegistry, workspace, compute, access, assets or "
            "protection; did you mean 'network'? · "
            "example: network"
        ),
    ),
    (
        "an unknown key of a section",
        "dev",
        put("storage.replication", "Standard_LRS"),
        (
            "storage.replication · found: an unknown key · "
            "allowed: sku, blobRetentionInDays, containerRetentionInDays, shareRetentionInDays or "
            "isVersioningEnabled · "
            "example: sku"
        ),
    ),
    (
        "a key in snake case",
        "dev",
        put("keyVault.soft_delete_retention_in_days", 7),
        (
            "keyVault.soft_delete_retention_in_days · found: an unknown key · "
            "allowed: sku, enablePurgeProtection, softDeleteRetentionInDays, purgeSoftDeleted or "
            "createMode; did you mean 'softDeleteRetentionInDays'? · "
            "example: softDeleteRetentionInDays"
        ),
    ),
    (
        "a section that is no map",
        "dev",
        put("storage", "Standard_LRS"),
        (
            "storage · found: 'Standard_LRS' · "
            "allowed: a map of sku, blobRetentionInDays, containerRetentionInDays, shareRetentionInDays "
            "or isVersioningEnabled · "
            "example: leave it out"
        ),
    ),
    (
        "no tags",
        "dev",
        drop("tags"),
        (
            "tags · found: nothing, and it is required · "
            "allowed: a map of owner, costCentre, dataClass or additional · "
            'example: {"owner": "ml-platform-team", "costCentre": "4711", "dataClass": "internal"}'
        ),
    ),
    (
        "a number as cost centre",
        "dev",
        put("tags.costCentre", 4711),
        (
            "tags.costCentre · found: 4711 · "
            "allowed: 1 to 128 characters without surrounding spaces, in quotes · "
            "example: ml-platform-team"
        ),
    ),
    (
        "an unknown data class",
        "dev",
        put("tags.dataClass", "secret"),
        (
            "tags.dataClass · found: 'secret' · "
            "allowed: public, internal, confidential or restricted · "
            "example: public"
        ),
    ),
    (
        "an additional tag that another key sets",
        "dev",
        put("tags.additional", {"owner": "me"}),
        (
            "tags.additional.owner · found: 'me' · "
            "allowed: any name but owner, cost-centre, data-class, environment, workload or managed-by, "
            "which other keys set · "
            "example: project"
        ),
    ),
    (
        "a tag twice but for its letter case",
        "dev",
        put("tags.additional", {"Project": "a", "project": "b"}),
        (
            "tags.additional.project · found: the tag 'project' beside 'Project' · "
            "allowed: names that differ in more than letter case · "
            "example: project"
        ),
    ),
    (
        "a tag name that Azure refuses",
        "dev",
        put("tags.additional", {"cost/centre": "1"}),
        (
            "tags.additional.cost/centre · found: the name 'cost/centre' · "
            "allowed: 1 to 128 characters without < > % & \\ ? / · "
            "example: project"
        ),
    ),
    (
        "a switch as a boolean",
        "dev",
        put("network.publicNetworkAccess", True),
        "network.publicNetworkAccess · found: true · allowed: Enabled or Disabled · example: Disabled",
    ),
    (
        "a private address range",
        "dev",
        put("network.allowedIpRanges", ["10.1.0.0/16"]),
        (
            "network.allowedIpRanges[0] · found: '10.1.0.0/16' · "
            "allowed: public addresses; 10.1.0.0/16 lies in the private range 10.0.0.0/8 (RFC 1918) · "
            "example: 203.0.113.0/24"
        ),
    ),
    (
        "a range with host bits",
        "dev",
        put("network.allowedIpRanges", ["198.51.100.7/24"]),
        (
            "network.allowedIpRanges[0] · found: '198.51.100.7/24' · "
            "allowed: a range without host bits; did you mean '198.51.100.0/24'? · "
            "example: 203.0.113.0/24"
        ),
    ),
    (
        "a range too small for storage",
        "dev",
        put("network.allowedIpRanges", ["198.51.100.6/31"]),
        (
            "network.allowedIpRanges[0] · found: '198.51.100.6/31' · "
            "allowed: single addresses for ranges this small, such as '198.51.100.6' (Azure Storage "
            "refuses /31 and /32) · "
            "example: 203.0.113.0/24"
        ),
    ),
    (
        "a range that is most of the internet",
        "dev",
        put("network.allowedIpRanges", ["0.0.0.0/0"]),
        (
            "network.allowedIpRanges[0] · found: '0.0.0.0/0' · "
            "allowed: ranges of /8 or smaller · "
            "example: 203.0.113.0/24"
        ),
    ),
    (
        "an address that is none",
        "dev",
        put("network.allowedIpRanges", ["198.51.100.300"]),
        (
            "network.allowedIpRanges[0] · found: '198.51.100.300' · "
            "allowed: a public IPv4 address, or a range of them in CIDR form · "
            "example: 203.0.113.0/24"
        ),
    ),
    (
        "overlapping ranges",
        "dev",
        both(PREMIUM, put("network.allowedIpRanges", ["198.51.100.0/24", "198.51.100.64/26"])),
        (
            "network.allowedIpRanges[1] · found: '198.51.100.64/26' · "
            "allowed: ranges without overlap; it meets '198.51.100.0/24' · "
            "example: 203.0.113.0/24"
        ),
    ),
    (
        "ranges for a registry that cannot take them",
        "dev",
        put("network.allowedIpRanges", ["198.51.100.0/24"]),
        (
            "containerRegistry.sku · found: 'Standard' · "
            "allowed: Premium while network.allowedIpRanges is set; other tiers cannot be closed · "
            "example: Premium"
        ),
    ),
    (
        "ranges behind a closed door",
        "staging",
        put("network.allowedIpRanges", ["198.51.100.0/24"]),
        (
            "network.allowedIpRanges · found: a list of 1 · "
            "allowed: no ranges while publicNetworkAccess is Disabled, since nobody comes in by them · "
            "example: publicNetworkAccess: Enabled"
        ),
    ),
    (
        "ranges that shut out the compute",
        "dev",
        both(
            PREMIUM,
            put("network.isolationMode", "Disabled"),
            put("network.allowedIpRanges", ["198.51.100.0/24"]),
        ),
        (
            "network.allowedIpRanges · found: a list of 1 · "
            "allowed: no ranges while isolationMode is Disabled: they shut out the workspace's compute · "
            "example: isolationMode: AllowInternetOutbound"
        ),
    ),
    (
        "a private platform without a managed network",
        "staging",
        both(
            drop("network.outboundRules"),
            drop("network.firewallSku"),
            put("network.isolationMode", "Disabled"),
        ),
        (
            "network.isolationMode · found: 'Disabled' · "
            "allowed: AllowInternetOutbound or AllowOnlyApprovedOutbound while publicNetworkAccess is "
            "Disabled, or compute reaches neither storage nor key vault · "
            "example: AllowInternetOutbound"
        ),
    ),
    (
        "a network built at once that does not exist",
        "dev",
        both(put("network.isolationMode", "Disabled"), put("network.provisionNetworkNow", True)),
        (
            "network.provisionNetworkNow · found: true · "
            "allowed: no such key while isolationMode is Disabled, since there is no network to build · "
            "example: isolationMode: AllowInternetOutbound"
        ),
    ),
    (
        "an outbound host with internet outbound",
        "dev",
        put("network.outboundRules", {"packages": FQDN}),
        (
            "network.outboundRules.packages · found: type 'FQDN' · "
            "allowed: FQDN rules only with isolationMode AllowOnlyApprovedOutbound; it is "
            "AllowInternetOutbound · "
            "example: isolationMode: AllowOnlyApprovedOutbound"
        ),
    ),
    (
        "a firewall without a host rule",
        "dev",
        put("network.firewallSku", "Basic"),
        (
            "network.firewallSku · found: 'Basic' · "
            "allowed: no such key without a rule of type FQDN, since only those need a firewall · "
            "example: outboundRules: {packages: {type: FQDN, destination: packages.contoso.com}}"
        ),
    ),
    (
        "a rule of an unknown type",
        "staging",
        put("network.outboundRules.packages", {"type": "Fqdn", "destination": "packages.contoso.com"}),
        (
            "network.outboundRules.packages.type · found: 'Fqdn' · "
            "allowed: FQDN, ServiceTag or PrivateEndpoint · "
            "example: FQDN"
        ),
    ),
    (
        "a rule without a type",
        "staging",
        put("network.outboundRules.packages", {"destination": "packages.contoso.com"}),
        (
            "network.outboundRules.packages.type · found: nothing · "
            "allowed: FQDN, ServiceTag or PrivateEndpoint · "
            "example: FQDN"
        ),
    ),
    (
        "a wildcard over a top-level domain",
        "staging",
        put("network.outboundRules.packages", {"type": "FQDN", "destination": "*.com"}),
        (
            "network.outboundRules.packages.destination · found: '*.com' · "
            "allowed: a wildcard below a registered domain, not a whole top-level domain · "
            "example: *.contoso.com"
        ),
    ),
    (
        "a URL instead of a host",
        "staging",
        put(
            "network.outboundRules.packages",
            {"type": "FQDN", "destination": "https://packages.example.com/simple"},
        ),
        (
            "network.outboundRules.packages.destination · found: 'https://packages.example.com/simple' · "
            "allowed: a host name in lower case, without scheme or path, or one with a leading '*.' · "
            "example: *.contoso.com"
        ),
    ),
    (
        "a port that does not exist",
        "staging",
        put(
            "network.outboundRules.monitor",
            {"type": "ServiceTag", "serviceTag": "AzureMonitor", "portRanges": "443,70000"},
        ),
        (
            "network.outboundRules.monitor.portRanges · found: '443,70000' · "
            "allowed: ports from 1 to 65535, the lower end of a range first · "
            "example: 443,8787-8790"
        ),
    ),
    (
        "a private endpoint to something that is no id",
        "staging",
        put(
            "network.outboundRules.data",
            {"type": "PrivateEndpoint", "serviceResourceId": "stdata", "subresourceTarget": "blob"},
        ),
        (
            "network.outboundRules.data.serviceResourceId · found: 'stdata' · "
            "allowed: the full ARM id of a resource · "
            "example: "
            "/subscriptions/3f2b8c1e-5d47-4a90-8e6b-0c9d1f2a3b4c/resourceGroups/rg-data/providers/Microso"
            "ft.Storage/storageAccounts/stdata"
        ),
    ),
    (
        "an unknown redundancy",
        "dev",
        put("storage.sku", "Premium_LRS"),
        (
            "storage.sku · found: 'Premium_LRS' · "
            "allowed: Standard_LRS, Standard_ZRS, Standard_GRS, Standard_RAGRS, Standard_GZRS or "
            "Standard_RAGZRS · "
            "example: Standard_ZRS"
        ),
    ),
    (
        "a retention of no days",
        "dev",
        put("storage.blobRetentionInDays", 0),
        "storage.blobRetentionInDays · found: 0 · allowed: a whole number from 1 to 365 · example: 30",
    ),
    (
        "a retention in quotes",
        "dev",
        put("storage.blobRetentionInDays", "7"),
        (
            "storage.blobRetentionInDays · found: '7' · "
            "allowed: a whole number from 1 to 365, without quotes · "
            "example: 30"
        ),
    ),
    (
        "a retention that is no whole number",
        "dev",
        put("logAnalytics.retentionInDays", 30.5),
        "logAnalytics.retentionInDays · found: 30.5 · allowed: a whole number from 30 to 730 · example: 90",
    ),
    (
        "a vault retention below Azure's minimum",
        "dev",
        put("keyVault.softDeleteRetentionInDays", 1),
        "keyVault.softDeleteRetentionInDays · found: 1 · allowed: a whole number from 7 to 90 · example: 90",
    ),
    (
        "purging what is protected from purging",
        "dev",
        put("keyVault.enablePurgeProtection", True),
        (
            "keyVault.purgeSoftDeleted · found: true · "
            "allowed: false while enablePurgeProtection is true, since Azure refuses the purge · "
            "example: enablePurgeProtection: false"
        ),
    ),
    (
        "recovering what is purged first",
        "dev",
        put("keyVault.createMode", "recover"),
        (
            "keyVault.createMode · found: 'recover' · "
            "allowed: default while purgeSoftDeleted is true, since a purged vault cannot be recovered · "
            "example: purgeSoftDeleted: false"
        ),
    ),
    (
        "a premium setting of a standard registry",
        "dev",
        put("containerRegistry.zoneRedundancy", "Enabled"),
        (
            "containerRegistry.zoneRedundancy · found: 'Enabled' · "
            "allowed: no such key with sku Standard; only Premium has it · "
            "example: sku: Premium"
        ),
    ),
    (
        "a private registry that is not premium",
        "staging",
        put("containerRegistry.sku", "Standard"),
        (
            "containerRegistry.sku · found: 'Standard' · "
            "allowed: Premium while network.publicNetworkAccess is Disabled; other tiers cannot be "
            "closed · "
            "example: Premium"
        ),
    ),
    (
        "a private registry without a builder",
        "staging",
        drop("workspace.imageBuildCompute"),
        (
            "workspace.imageBuildCompute · found: nothing · "
            "allowed: the name of a cluster while network.publicNetworkAccess is Disabled, since Azure's "
            "own builders cannot reach the registry · "
            "example: cpu-cluster"
        ),
    ),
    (
        "a builder that is not declared",
        "staging",
        put("workspace.imageBuildCompute", "builder"),
        (
            "workspace.imageBuildCompute · found: 'builder' · "
            "allowed: the name of a cluster in compute.clusters (cpu-cluster or image-build) · "
            "example: cpu-cluster"
        ),
    ),
    (
        "a builder with a GPU",
        "prod",
        put("workspace.imageBuildCompute", "gpu-cluster"),
        (
            "workspace.imageBuildCompute · found: 'gpu-cluster', a GPU cluster · "
            "allowed: a cluster with processor cpu; building images has no use for a GPU · "
            "example: image-build"
        ),
    ),
    (
        "high impact and public",
        "dev",
        put("workspace.hbiWorkspace", True),
        (
            "workspace.hbiWorkspace · found: true · "
            "allowed: false while network.publicNetworkAccess is Enabled; data of high impact is not "
            "public · "
            "example: network: {publicNetworkAccess: Disabled}"
        ),
    ),
    (
        "a cluster name that is too long",
        "dev",
        put("compute.clusters", {"cpu-cluster-for-batch": CLUSTER}),
        (
            "compute.clusters.cpu-cluster-for-batch · found: the name 'cpu-cluster-for-batch' · "
            "allowed: 3 to 16 letters, digits or hyphens, the first a letter, and a letter after the "
            "last hyphen · "
            "example: cpu-cluster"
        ),
    ),
    (
        "a cluster name with a digit after the hyphen",
        "dev",
        put("compute.clusters", {"cpu-1": CLUSTER}),
        (
            "compute.clusters.cpu-1 · found: the name 'cpu-1' · "
            "allowed: 3 to 16 letters, digits or hyphens, the first a letter, and a letter after the "
            "last hyphen · "
            "example: cpu-cluster"
        ),
    ),
    (
        "more nodes at least than at most",
        "dev",
        put("compute.clusters.cpu-cluster.minNodeCount", 3),
        (
            "compute.clusters.cpu-cluster.minNodeCount · found: 3 · "
            "allowed: at most maxNodeCount, which is 2 · "
            "example: 0"
        ),
    ),
    (
        "an idle time that never comes",
        "dev",
        put("compute.clusters.cpu-cluster.minNodeCount", 2),
        (
            "compute.clusters.cpu-cluster.nodeIdleTimeBeforeScaleDown · found: 'PT5M' · "
            "allowed: no such key while minNodeCount equals maxNodeCount, since the cluster never scales "
            "· "
            "example: minNodeCount: 0"
        ),
    ),
    (
        "no most nodes",
        "dev",
        drop("compute.clusters.cpu-cluster.maxNodeCount"),
        (
            "compute.clusters.cpu-cluster.maxNodeCount · found: nothing, and it is required · "
            "allowed: a whole number from 1 to 1000 · "
            "example: 4"
        ),
    ),
    (
        "an idle time in minutes",
        "dev",
        put("compute.clusters.cpu-cluster.nodeIdleTimeBeforeScaleDown", 15),
        (
            "compute.clusters.cpu-cluster.nodeIdleTimeBeforeScaleDown · found: 15 · "
            "allowed: an ISO 8601 duration from PT1M to P1D, in quotes · "
            "example: PT10M"
        ),
    ),
    (
        "an idle time of days",
        "dev",
        put("compute.clusters.cpu-cluster.nodeIdleTimeBeforeScaleDown", "P2D"),
        (
            "compute.clusters.cpu-cluster.nodeIdleTimeBeforeScaleDown · found: 'P2D' · "
            "allowed: an ISO 8601 duration from PT1M to P1D · "
            "example: PT10M"
        ),
    ),
    (
        "a size in lower case",
        "dev",
        put("compute.clusters.cpu-cluster.vmSize", "standard_ds3_v2"),
        (
            "compute.clusters.cpu-cluster.vmSize · found: 'standard_ds3_v2' · "
            "allowed: an Azure VM size with its exact capital letters; did you mean 'Standard_DS3_v2'? · "
            "example: Standard_DS3_v2"
        ),
    ),
    (
        "a GPU size declared as CPU",
        "dev",
        put("compute.clusters.cpu-cluster.vmSize", "Standard_NC4as_T4_v3"),
        (
            "compute.clusters.cpu-cluster.vmSize · found: 'Standard_NC4as_T4_v3' · "
            "allowed: a CPU size (not Standard_N…) for processor cpu · "
            "example: Standard_DS3_v2"
        ),
    ),
    (
        "a CPU size declared as GPU",
        "prod",
        put("compute.clusters.gpu-cluster.vmSize", "Standard_DS3_v2"),
        (
            "compute.clusters.gpu-cluster.vmSize · found: 'Standard_DS3_v2' · "
            "allowed: a GPU size (Standard_NC…, _ND…, _NV…) for processor gpu · "
            "example: Standard_NC4as_T4_v3"
        ),
    ),
    (
        "a retired size",
        "prod",
        put("compute.clusters.gpu-cluster.vmSize", "Standard_NC6s_v3"),
        (
            "compute.clusters.gpu-cluster.vmSize · found: 'Standard_NC6s_v3' · "
            "allowed: a size that Azure still offers; the NCv3 series was retired on 2025-09-30 · "
            "example: Standard_NC24ads_A100_v4"
        ),
    ),
    (
        "an FPGA size",
        "prod",
        put("compute.clusters.gpu-cluster.vmSize", "Standard_NP10s"),
        (
            "compute.clusters.gpu-cluster.vmSize · found: 'Standard_NP10s' · "
            "allowed: a size without FPGAs, which Azure Machine Learning compute does not support · "
            "example: Standard_NC4as_T4_v3"
        ),
    ),
    (
        "an instance of low priority",
        "dev",
        put("compute.instances.ada.vmPriority", "LowPriority"),
        "compute.instances.ada.vmPriority · found: 'LowPriority' · allowed: Dedicated · example: Dedicated",
    ),
    (
        "an instance of nobody",
        "dev",
        drop("compute.instances.ada.assignedUser"),
        (
            "compute.instances.ada.assignedUser · found: nothing, and it is required · "
            "allowed: a GUID in lower case, as `az ad group show --query id` prints it · "
            "example: 3f2b8c1e-5d47-4a90-8e6b-0c9d1f2a3b4c"
        ),
    ),
    (
        "an instance by mail address",
        "dev",
        put("compute.instances.ada.assignedUser", "ada@contoso.com"),
        (
            "compute.instances.ada.assignedUser · found: 'ada@contoso.com' · "
            "allowed: a GUID in lower case, as `az ad group show --query id` prints it · "
            "example: 3f2b8c1e-5d47-4a90-8e6b-0c9d1f2a3b4c"
        ),
    ),
    (
        "an instance that stops before coffee",
        "dev",
        put("compute.instances.ada.idleTimeBeforeShutdown", "PT5M"),
        (
            "compute.instances.ada.idleTimeBeforeShutdown · found: 'PT5M' · "
            "allowed: an ISO 8601 duration from PT15M to P3D · "
            "example: PT1H"
        ),
    ),
    (
        "a schedule at an hour that does not exist",
        "dev",
        put("compute.instances.ada.schedules", [{"action": "Stop", "cron": "0 24 * * *"}]),
        (
            "compute.instances.ada.schedules[0].cron · found: '0 24 * * *' · "
            "allowed: hours from 0 to 23 in a cron expression · "
            "example: 0 18 * * 1-5"
        ),
    ),
    (
        "a schedule by months",
        "dev",
        put("compute.instances.ada.schedules", [{"action": "Stop", "cron": "0 19 * 6 *"}]),
        (
            "compute.instances.ada.schedules[0].cron · found: '0 19 * 6 *' · "
            "allowed: '*' for days and months, which Azure Machine Learning does not support · "
            "example: 0 18 * * 1-5"
        ),
    ),
    (
        "a schedule in words",
        "dev",
        put("compute.instances.ada.schedules", [{"action": "Stop", "cron": "every evening"}]),
        (
            "compute.instances.ada.schedules[0].cron · found: 'every evening' · "
            "allowed: five cron fields: minutes, hours, days, months, days of the week · "
            "example: 0 18 * * 1-5"
        ),
    ),
    (
        "a time zone of another system",
        "dev",
        put(
            "compute.instances.ada.schedules",
            [{"action": "Stop", "cron": "0 19 * * *", "timeZone": "Europe/Berlin"}],
        ),
        (
            "compute.instances.ada.schedules[0].timeZone · found: 'Europe/Berlin' · "
            "allowed: a Windows time zone name, or UTC · "
            "example: W. Europe Standard Time"
        ),
    ),
    (
        "a misspelt time zone",
        "dev",
        put(
            "compute.instances.ada.schedules",
            [{"action": "Stop", "cron": "0 19 * * *", "timeZone": "W Europe Standard Time"}],
        ),
        (
            "compute.instances.ada.schedules[0].timeZone · found: 'W Europe Standard Time' · "
            "allowed: a Windows time zone name, or UTC; did you mean 'W. Europe Standard Time'? · "
            "example: W. Europe Standard Time"
        ),
    ),
    (
        "a schedule twice",
        "dev",
        put("compute.instances.ada.schedules", [STOP, STOP]),
        (
            "compute.instances.ada.schedules[1] · found: Stop at '0 19 * * *' again · "
            "allowed: each action and time once · "
            "example: {action: Stop, cron: 0 19 * * 1-5}"
        ),
    ),
    (
        "an instance named like a cluster",
        "dev",
        put("compute.instances", {"CPU-cluster": INSTANCE}),
        (
            "compute.instances.CPU-cluster · found: the name 'CPU-cluster' twice · "
            "allowed: names that differ from each other and from those of clusters · "
            "example: CPU-cluster-ci"
        ),
    ),
    (
        "a GUID in capitals",
        "dev",
        put("access.reader", [group(NEW.upper().replace("1", "A"))]),
        (
            "access.reader[0].objectId · found: 'AAAAAAAA-2222-4333-8444-555555555555' · "
            "allowed: a GUID in lower case, as `az ad group show --query id` prints it · "
            "example: 3f2b8c1e-5d47-4a90-8e6b-0c9d1f2a3b4c"
        ),
    ),
    (
        "a principal without a type",
        "dev",
        put("access.reader", [{"objectId": NEW, "displayName": "x"}]),
        (
            "access.reader[0].principalType · found: nothing, and it is required · "
            "allowed: Group, ServicePrincipal or User · "
            "example: Group"
        ),
    ),
    (
        "a principal twice",
        "dev",
        put("access.dataScientist", [group(GROUP), group(GROUP)]),
        (
            "access.dataScientist[1].objectId · found: '8a4e2b7d-15c9-4f63-b0d8-6e7f8a9b0c1d' again · "
            "allowed: each principal once per persona; Azure refuses a second equal assignment · "
            "example: another object id"
        ),
    ),
    (
        "a persona that another one includes",
        "dev",
        put("access.dataReader", [group(GROUP)]),
        (
            "access.dataReader[0].objectId · found: '8a4e2b7d-15c9-4f63-b0d8-6e7f8a9b0c1d', which is in "
            "dataScientist too · "
            "allowed: principals that are not in dataScientist, whose roles include these · "
            "example: another object id"
        ),
    ),
    (
        "an unknown persona",
        "dev",
        put("access.dataScientists", []),
        (
            "access.dataScientists · found: an unknown key · "
            "allowed: owner, contributor, reader, dataScientist, dataReader or computeOperator; did you "
            "mean 'dataScientist'? · "
            "example: dataScientist"
        ),
    ),
    (
        "one principal instead of a list",
        "dev",
        put("access.owner", group(NEW)),
        "access.owner · found: a map · allowed: a list · example: []",
    ),
    (
        "a user in staging",
        "staging",
        put("access.reader", [group(NEW, "User")]),
        (
            "access.reader[0].principalType · found: 'User' · "
            "allowed: in staging: Group or ServicePrincipal; people change in Entra · "
            "example: Group"
        ),
    ),
    (
        "an instance in prod",
        "prod",
        put("compute.instances", {"ada": INSTANCE}),
        (
            "compute.instances.ada · found: a compute instance · "
            "allowed: in prod: none; workstations belong to dev, clusters run jobs here · "
            "example: compute: {clusters: {...}}"
        ),
    ),
    (
        "low priority in prod",
        "prod",
        put("compute.clusters.cpu-cluster.vmPriority", "LowPriority"),
        (
            "compute.clusters.cpu-cluster.vmPriority · found: 'LowPriority' · "
            "allowed: in prod: Dedicated, since Azure may take the others away in the middle of a job · "
            "example: Dedicated"
        ),
    ),
    (
        "public access in prod",
        "prod",
        both(put("network.publicNetworkAccess", "Enabled"), put("workspace.hbiWorkspace", False)),
        "network.publicNetworkAccess · found: 'Enabled' · allowed: in prod: Disabled · example: Disabled",
    ),
    (
        "open outbound in prod",
        "prod",
        both(
            drop("network.outboundRules"),
            drop("network.firewallSku"),
            put("network.isolationMode", "AllowInternetOutbound"),
        ),
        (
            "network.isolationMode · found: 'AllowInternetOutbound' · "
            "allowed: in prod: AllowOnlyApprovedOutbound · "
            "example: AllowOnlyApprovedOutbound"
        ),
    ),
    (
        "no purge protection in prod",
        "prod",
        put("keyVault.enablePurgeProtection", False),
        "keyVault.enablePurgeProtection · found: false · allowed: in prod: true · example: true",
    ),
    (
        "a short vault retention in prod",
        "prod",
        put("keyVault.softDeleteRetentionInDays", 7),
        (
            "keyVault.softDeleteRetentionInDays · found: 7 · "
            "allowed: in prod: 90, the longest that Azure has · "
            "example: 90"
        ),
    ),
    (
        "one data centre in prod",
        "prod",
        put("storage.sku", "Standard_LRS"),
        (
            "storage.sku · found: 'Standard_LRS' · "
            "allowed: in prod: a redundancy that outlives one data centre · "
            "example: Standard_ZRS"
        ),
    ),
    (
        "no versions in prod",
        "prod",
        put("storage.isVersioningEnabled", False),
        "storage.isVersioningEnabled · found: false · allowed: in prod: true · example: true",
    ),
    (
        "a short blob retention in prod",
        "prod",
        put("storage.blobRetentionInDays", 7),
        "storage.blobRetentionInDays · found: 7 · allowed: in prod: 14 days or more · example: 30",
    ),
    (
        "a short container retention in prod",
        "prod",
        put("storage.containerRetentionInDays", 7),
        "storage.containerRetentionInDays · found: 7 · allowed: in prod: 14 days or more · example: 30",
    ),
    (
        "a short share retention in prod",
        "prod",
        put("storage.shareRetentionInDays", 7),
        "storage.shareRetentionInDays · found: 7 · allowed: in prod: 14 days or more · example: 30",
    ),
    (
        "short logs in prod",
        "prod",
        put("logAnalytics.retentionInDays", 30),
        "logAnalytics.retentionInDays · found: 30 · allowed: in prod: 90 days or more · example: 90",
    ),
    (
        "capped logs in prod",
        "prod",
        put("logAnalytics.dailyQuotaGb", 5),
        (
            "logAnalytics.dailyQuotaGb · found: 5.0 · "
            "allowed: in prod: no cap, since it drops the day's audit logs · "
            "example: leave it out"
        ),
    ),
    (
        "purging a workspace in prod",
        "prod",
        put("workspace.purgeSoftDeleted", True),
        "workspace.purgeSoftDeleted · found: true · allowed: in prod: false · example: false",
    ),
    (
        "no protection in prod",
        "prod",
        put("protection.protect", False),
        "protection.protect · found: false · allowed: in prod: true · example: true",
    ),
    (
        "deletion in prod",
        "prod",
        put("protection.retainOnDelete", False),
        "protection.retainOnDelete · found: false · allowed: in prod: true · example: true",
    ),
    (
        "no locks in prod",
        "prod",
        put("protection.deleteLock", False),
        "protection.deleteLock · found: false · allowed: in prod: true · example: true",
    ),
    (
        "protection in words",
        "dev",
        put("protection.protect", "yes"),
        "protection.protect · found: 'yes' · allowed: true or false, without quotes · example: true",
    ),
]


@pytest.mark.parametrize(
    ("stack", "change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_wrong_setting_is_named_with_what_is_allowed_instead(
    stack: str, change: Callable[[Settings], None], said: str
) -> None:
    assert mistakes(stack, change) == [said]
