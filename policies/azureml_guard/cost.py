"""Controls of what clusters, instances and logs cost: nothing runs while nobody uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_policy import Severity

from azureml_guard import durations
from azureml_guard.control import Concern, Context, Control, References, ResourceControl, Setting
from azureml_guard.documents import COMPUTE
from azureml_guard.facts import Fact, Finding, Resource, Truth, both, either, negated
from azureml_guard.machines import CLUSTER, INSTANCE, compute_is

LOG_ANALYTICS: Final = "operationalinsights:Workspace"
WORKSPACE: Final = "machinelearningservices:Workspace"
_SCALE: Final = "properties.properties.scaleSettings"
_MIN_NODES: Final = f"{_SCALE}.minNodeCount"
_SCALE_DOWN: Final = f"{_SCALE}.nodeIdleTimeBeforeScaleDown"
_SHUTDOWN: Final = "properties.properties.idleTimeBeforeShutdown"
_ARM_COMPUTE: Final = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster"
)
_ARM_INSTANCE: Final = "https://learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance"


def of_kind(compute: Resource, kind: str, fact: Fact, truth: Truth, expectation: str) -> Iterator[Finding]:
    """The finding if the compute is of a kind; none for another; not evaluated while its kind is unknown."""
    is_kind = compute_is(compute, kind)
    if is_kind is not False:
        yield fact.must(truth if is_kind else None, expectation)


def _at_most(fact: Fact, longest: str, *, absent: bool) -> Truth:
    limit = durations.seconds_of(longest)
    return fact.test(lambda text: durations.seconds_of(text) <= limit, absent=absent)


def _scales_to_zero(compute: Resource, context: Context) -> Iterator[Finding]:
    fewest = compute.at(_MIN_NODES)
    # Azure's default is 0 (AmlCompute, min_instances; CLI (v2) compute cluster YAML schema).
    yield from of_kind(compute, CLUSTER, fewest, fewest.equals(0, absent=True), "must be 0")


def _scales_down_soon(compute: Resource, context: Context) -> Iterator[Finding]:
    idle = compute.at(_SCALE_DOWN)
    # Azure's default is 120 seconds (idle_time_before_scale_down, CLI (v2) compute cluster YAML schema).
    truth = _at_most(idle, context.settings["longestIdleTime"], absent=True)
    yield from of_kind(compute, CLUSTER, idle, truth, "must be at most the setting longestIdleTime")


def _shuts_down(compute: Resource, context: Context) -> Iterator[Finding]:
    idle = compute.at(_SHUTDOWN)
    # Left out, an instance made by Resource Manager runs until somebody stops it.
    truth = _at_most(idle, context.settings["longestIdleTime"], absent=False)
    yield from of_kind(compute, INSTANCE, idle, truth, "must be set, and at most the setting longestIdleTime")


def _is_stopped_by_schedule(compute: Resource, context: Context) -> Iterator[Finding]:
    schedules = compute.at("properties.properties.schedules.computeStartStop")
    if schedules.is_unknown:
        truth: Truth = None
    else:
        truth = either(
            *(
                both(
                    each.at("action").equals("Stop"),
                    each.at("status").equals("Enabled", absent=True),
                    either(each.at("cron").present(), each.at("recurrence").present()),
                )
                for each in schedules.each()
            )
        )
    expectation = "must hold an enabled schedule with the action Stop"
    yield from of_kind(compute, INSTANCE, schedules, truth, expectation)


def _is_low_priority(compute: Resource, context: Context) -> Iterator[Finding]:
    priority = compute.at("properties.properties.vmPriority")
    # Azure's default is Dedicated (tier, CLI (v2) compute cluster YAML schema).
    yield from of_kind(compute, CLUSTER, priority, priority.equals("LowPriority"), "must be LowPriority")


def _logs_are_cheap(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.type == WORKSPACE:
        yield from _firewall_is_basic(resource)
        return
    days = resource.at("retentionInDays")
    most = context.settings["mostRetentionInDays"]
    # Azure's default is 30 days; no cap on ingestion (Microsoft.OperationalInsights/workspaces, 2025-02-01).
    yield days.must(
        days.test(lambda value: value <= most, absent=True), "must be at most the setting mostRetentionInDays"
    )
    cap = resource.at("workspaceCapping.dailyQuotaGb")
    yield cap.must(cap.test(lambda value: value > 0), "must be a daily cap of more than 0 GB")


def _firewall_is_basic(workspace: Resource) -> Iterator[Finding]:
    network = workspace.at("managedNetwork")
    # Only this mode has a firewall; its default is Standard (How to secure a workspace managed network).
    has_firewall = network.at("isolationMode").equals("AllowOnlyApprovedOutbound")
    if has_firewall is not False:
        firewall = network.at("firewallSku")
        yield firewall.must(either(negated(has_firewall), firewall.equals("Basic")), "must be Basic")


def _duration(default: str, description: str) -> Mapping[str, Setting]:
    schema = {"type": "string", "pattern": durations.PATTERN, "default": default}
    return {"longestIdleTime": Setting(schema=schema, description=description)}


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.COST,
        number=1,
        title="A cluster scales down to no node",
        why="Nodes that are kept are paid for day and night, whether or not a job runs on them.",
        mend="Set scaleSettings.minNodeCount to 0.",
        severity=Severity.HIGH,
        types=(COMPUTE,),
        check=_scales_to_zero,
        remedy=lambda _compute, _context: {_MIN_NODES: 0},
        references=References(others=("CKV_AZURE_150",), url=_ARM_COMPUTE),
    ),
    ResourceControl(
        concern=Concern.COST,
        number=2,
        title="A cluster lets go of idle nodes soon",
        why="Each node is paid for until it is given back, and a long wait is paid for after every job.",
        mend="Set scaleSettings.nodeIdleTimeBeforeScaleDown to a short duration such as PT5M.",
        severity=Severity.MEDIUM,
        types=(COMPUTE,),
        check=_scales_down_soon,
        remedy=lambda _compute, context: {_SCALE_DOWN: context.settings["longestIdleTime"]},
        settings=_duration("PT15M", "How long a node may wait for the next job, as an ISO 8601 duration."),
        references=References(url=_ARM_COMPUTE),
    ),
    ResourceControl(
        concern=Concern.COST,
        number=3,
        title="An idle compute instance shuts down by itself",
        why="People forget to stop their instance, and it is paid for until somebody does.",
        mend="Set idleTimeBeforeShutdown to a duration from PT15M, such as PT30M.",
        severity=Severity.HIGH,
        types=(COMPUTE,),
        check=_shuts_down,
        remedy=lambda _compute, context: {_SHUTDOWN: context.settings["longestIdleTime"]},
        settings=_duration("PT1H", "How long an instance may be idle, as an ISO 8601 duration from PT15M."),
        references=References(
            azure_policy=("Azure Machine Learning Compute Instance should have idle shutdown.",),
            others=("Azure.ML.ComputeIdleShutdown",),
            url=_ARM_INSTANCE,
        ),
    ),
    ResourceControl(
        concern=Concern.COST,
        number=6,
        title="A cluster to try things on has low priority",
        why="Work that may be interrupted costs a fraction on low-priority nodes.",
        mend="Set vmPriority to LowPriority; it cannot be changed later, so the cluster is made anew.",
        severity=Severity.MEDIUM,
        types=(COMPUTE,),
        check=_is_low_priority,
        references=References(
            url="https://learn.microsoft.com/azure/machine-learning/how-to-manage-optimize-cost"
        ),
    ),
    ResourceControl(
        concern=Concern.COST,
        number=11,
        title="Logs and the managed firewall cost little where nobody depends on them",
        why="Long retention, unlimited ingestion and a Standard firewall are paid for every day.",
        mend=(
            "Set retentionInDays to 30 and workspaceCapping.dailyQuotaGb to a small number; "
            "set managedNetwork.firewallSku to Basic."
        ),
        severity=Severity.LOW,
        types=(LOG_ANALYTICS, WORKSPACE),
        check=_logs_are_cheap,
        settings={
            "mostRetentionInDays": Setting(
                schema={"type": "integer", "minimum": 1, "default": 30},
                description="How long logs may be kept; 31 days cost nothing extra.",
            )
        },
        references=References(url="https://learn.microsoft.com/azure/azure-monitor/logs/daily-cap"),
    ),
    ResourceControl(
        concern=Concern.COST,
        number=12,
        title="A compute instance is stopped by a schedule",
        why="Idle shutdown does not fire while a kernel looks busy; a schedule is the second net.",
        mend="Add to schedules.computeStartStop an entry with action Stop, and a cron or a recurrence.",
        severity=Severity.MEDIUM,
        types=(COMPUTE,),
        check=_is_stopped_by_schedule,
        references=References(url=_ARM_INSTANCE),
    ),
)
