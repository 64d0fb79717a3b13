"""Figures of the policy pack: its start, and what it adds to previews."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure
from benchmarks.workbench import ROOT, Workbench

PACK = ROOT / "policies"
STARTS = 5
PAIRS = 5  # measured pairs, after one that warms the caches
TURNS = 3
RESOURCES = 1000
STACK = "prod"
PROJECT = "name: bulk\nruntime: {{name: python, options: {{toolchain: pip, virtualenv: {venv}}}}}\n"
# The engine's own price, whatever a pack does: a pack of the usual kind that does nothing.
IDLE_PROJECT = "runtime: {{name: python, options: {{toolchain: pip, virtualenv: {venv}}}}}\n"
IDLE_PACK = """
from pulumi_policy import PolicyPack, ResourceValidationPolicy

nothing = ResourceValidationPolicy(name="nothing", description="Nothing.", validate=lambda args, report: None)
PolicyPack("idle", policies=[nothing])
"""
# Of fifty resources one is a storage account, one its blob service, one a vault, seven are clusters, twenty
# role assignments, the rest identities; set so that few controls fail, as in a stack that is policed already.
PROGRAM = """
import uuid

from pulumi import CustomTimeouts, ResourceOptions, get_stack
from pulumi_azure_native import authorization, keyvault, machinelearningservices, managedidentity, storage

TAGS = {"owner": "team", "cost-centre": "1", "environment": get_stack(), "data-class": "internal"}
TAGS["managed-by"] = "pulumi"
SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"
GROUP = SUBSCRIPTION + "/resourceGroups/rg-bulk"
ROLES = SUBSCRIPTION + "/providers/Microsoft.Authorization/roleDefinitions/"
READER = ROLES + "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
IDENTITY = GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-bulk"
NETWORK = GROUP + "/providers/Microsoft.Network/virtualNetworks/vnet-bulk"
PLACE = {"location": "westeurope", "resource_group_name": "rg-bulk", "tags": TAGS}
PROTECTED = ResourceOptions(protect=True)
PATIENT = ResourceOptions(custom_timeouts=CustomTimeouts(create="60m"))
for index in range(RESOURCES):
    kind = index % 50
    if kind == 0:
        storage.StorageAccount(
            f"s{index}",
            account_name=f"stbulk{index}",
            kind="StorageV2",
            sku={"name": "Standard_LRS"},
            public_network_access="Disabled",
            allow_shared_key_access=False,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            is_local_user_enabled=False,
            minimum_tls_version="TLS1_2",
            sas_policy={"expiration_action": "Log", "sas_expiration_period": "1.00:00:00"},
            opts=PROTECTED,
            **PLACE,
        )
    elif kind == 1:
        kept = {"enabled": True, "days": 30}
        storage.BlobServiceProperties(
            f"b{index}",
            account_name=f"stbulk{index - 1}",
            resource_group_name="rg-bulk",
            delete_retention_policy=kept,
            container_delete_retention_policy=kept,
            is_versioning_enabled=True,
        )
    elif kind == 2:
        properties = {
            "tenant_id": "00000000-0000-4000-8000-00000000000a",
            "sku": {"family": "A", "name": "standard"},
            "enable_rbac_authorization": True,
            "enable_purge_protection": True,
            "public_network_access": "Disabled",
        }
        name = f"kv-bulk-{index}"
        keyvault.Vault(f"v{index}", vault_name=name, properties=properties, opts=PROTECTED, **PLACE)
    elif kind < 10:
        scale = {"min_node_count": 0, "max_node_count": 4, "node_idle_time_before_scale_down": "PT5M"}
        cluster = {
            "vm_size": "Standard_DS3_v2",
            "vm_priority": "LowPriority",
            "subnet": {"id": NETWORK + "/subnets/compute"},
            "scale_settings": scale,
            "enable_node_public_ip": False,
            "remote_login_port_public_access": "Disabled",
        }
        machinelearningservices.Compute(
            f"c{index}",
            compute_name=f"cluster-{index}",
            workspace_name="mlw-bulk",
            identity={"type": "UserAssigned", "user_assigned_identities": [IDENTITY]},
            properties={"compute_type": "AmlCompute", "disable_local_auth": True, "properties": cluster},
            opts=PATIENT,
            **PLACE,
        )
    elif kind < 30:
        principal = str(uuid.uuid5(uuid.NAMESPACE_OID, str(index)))
        authorization.RoleAssignment(
            f"r{index}",
            role_assignment_name=str(uuid.uuid5(uuid.NAMESPACE_OID, GROUP + principal + READER)),
            principal_id=principal,
            principal_type="Group",
            role_definition_id=READER,
            scope=GROUP,
            description="reads blobs",
        )
    else:
        managedidentity.UserAssignedIdentity(f"i{index}", resource_name_=f"id-bulk-{index}", **PLACE)
"""


def policies() -> Iterator[Figure]:
    """Start of the pack; what it adds to the preview of prod, and to one of a thousand resources."""
    starts = [_start() for _ in range(STARTS)]
    how = f"median of {STARTS}, until its port is known"
    yield Figure("start of the policy pack", statistics.median(starts), 1.0, "s", how)
    with Workbench() as bench, TemporaryDirectory() as temporary:
        yield _added_to_prod(bench)
        yield from _added_to_many(bench, Path(temporary))


def _start() -> float:
    command = [sys.executable, "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("the policy pack printed no port")
        seconds = time.perf_counter() - started
        process.terminate()
    return seconds


def _added_to_prod(bench: Workbench) -> Figure:
    bench.sandbox("pulumi", "up", "--stack", STACK, "--yes", "--skip-preview")
    plain = ("preview", "--stack", STACK, "--config-file", str(bench.folder / f"Pulumi.{STACK}.yaml"))
    policed = (*plain, "--policy-pack", str(PACK))
    pairs = [(bench.engine(*policed), bench.engine(*plain)) for _ in range(PAIRS + 1)][1:]
    ratio = statistics.median(mine / other for mine, other in pairs)
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    how = f"no-change preview of {STACK} {mine:.2f} s with the pack / {other:.2f} s, median of {PAIRS} pairs"
    return Figure("preview with policies / without", ratio, 1.3, "x", how)


def _added_to_many(bench: Workbench, folder: Path) -> Iterator[Figure]:
    (folder / "Pulumi.yaml").write_text(PROJECT.format(venv=ROOT / ".venv"))
    (folder / "__main__.py").write_text(PROGRAM.replace("RESOURCES", str(RESOURCES)))
    idle = folder / "idle"
    idle.mkdir()
    (idle / "PulumiPolicy.yaml").write_text(IDLE_PROJECT.format(venv=ROOT / ".venv"))
    (idle / "__main__.py").write_text(IDLE_PACK)
    levels = folder / "levels.json"
    levels.write_text(json.dumps({"all": "advisory"}))  # findings are printed, and stop nothing
    bench.sandbox("run", "--", "pulumi", "--cwd", str(folder), "stack", "init", "bulk")
    plain = ("--cwd", str(folder), "preview", "--stack", "bulk")
    idling = (*plain, "--policy-pack", str(idle))
    policed = (*plain, "--policy-pack", str(PACK), "--policy-pack-config", str(levels))
    turns = [[bench.engine(*words) for words in (policed, idling, plain)] for _ in range(TURNS + 1)][1:]
    # The least of each: a run of half a minute meets other work, which only adds.
    mine, nothing, none = (min(column) for column in zip(*turns, strict=True))
    how = f"{RESOURCES} resources: {mine:.1f} s with the pack / {none:.1f} s, least of {TURNS} each"
    yield Figure("what policies add to 1,000 resources", mine - none, 2.0, "s", how)
    how = f"the same {mine:.1f} s / {nothing:.1f} s with a pack of one policy that checks nothing"
    yield Figure("of that, what the controls add", mine - nothing, 1.0, "s", how)
