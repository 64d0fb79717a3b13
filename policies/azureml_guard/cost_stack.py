"""Controls of the cost of a whole stack: what it can spend in an hour, its quota, its budget.

Counted are clusters, instances and online deployments. Jobs on serverless compute are bounded by nothing that
a stack declares, and are not counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, Setting, StackControl
from azureml_guard.cost import WORKSPACE
from azureml_guard.cost_sizes import is_like
from azureml_guard.documents import ASSETS, BATCH_DEPLOYMENTS, COMPUTE, JOBS, NATIVE, ComputeNames
from azureml_guard.facts import Finding, Resource, Stack, Truth, both, either, negated
from azureml_guard.machines import CLUSTER, WITH_MACHINES, Machines, compute_is, machines
from azureml_guard.vm_sizes import size_of

BUDGETS: Final = ("consumption:Budget", "costmanagement:Budget")
_AUTOMATIC: Final[Mapping[str, str]] = {
    **{schedule: JOBS[schedule] for schedule in (f"{NATIVE}:Schedule", f"{ASSETS}:Schedule")},
    **BATCH_DEPLOYMENTS,
}
_OLDEST_PRICE: Final = dt.timedelta(days=365)
_LOW_PRIORITY: Final = "LowPriority"


def _costs_at_most(stack: Stack, context: Context) -> Iterator[Finding]:
    """A node without a price makes the sum unknown, unless the others alone are too much."""
    counted = list(_machines(stack))
    if counted and not context.settings["prices"]:  # said once, for it is no fault of any machine
        yield stack.must(None, "", "costs cannot be added up without the setting prices")
        return
    spent, is_whole = 0.0, True
    for each in counted:
        hourly = _price(each, context)
        if hourly is None:
            is_whole = False
            if not each.size.is_unknown:
                expectation = "is unpriced: it must have a price of the last 365 days in the setting prices"
                yield each.size.must(None, expectation)
        if each.count is None:
            is_whole = False
        if hourly is not None and each.count is not None:
            spent += hourly * each.count
    if counted:
        truth = False if spent > context.settings["hourlyCeiling"] else (True if is_whole else None)
        yield stack.must(truth, "", "all nodes at once must cost at most the setting hourlyCeiling an hour")


def _price(each: Machines, context: Context) -> float | None:
    """Of one node for an hour; None where no price can be trusted."""
    if not isinstance(each.size.value, str):
        return None
    prices: Mapping[str, Mapping[str, Any]] = context.settings["prices"]
    entry = next((v for size, v in prices.items() if size.lower() == each.size.value.lower()), None)
    if entry is None or entry["currency"] != context.settings["currency"]:
        return None
    # Days in this form compare like texts; one that no calendar has needs no error of its own.
    if entry["date"] < (context.today - _OLDEST_PRICE).isoformat():
        return None
    # While the priority is unknown, and without a price of its own, a node costs what a dedicated one does.
    hourly = entry.get("lowPriorityHourly", entry["hourly"]) if each.low_priority else entry["hourly"]
    return float(hourly)


def _fits_the_quota(stack: Stack, context: Context) -> Iterator[Finding]:
    quotas: Mapping[str, float] = context.settings["quotas"]
    used, is_whole = dict.fromkeys(quotas, 0.0), dict.fromkeys(quotas, True)
    counted = list(_machines(stack))
    if counted and not quotas:  # said once, for it is no fault of any machine
        yield stack.must(None, "", "vCPUs cannot be counted without the setting quotas")
        return
    for each in counted:
        name = each.size.value
        if each.low_priority is None or not isinstance(name, str):
            yield each.size.must(None, "must be known, to be counted against a quota")
            is_whole = dict.fromkeys(quotas, False)
            continue
        patterns = _quotas_of(name, quotas, low_priority=each.low_priority)
        if not patterns:
            yield each.size.must(None, "must be covered by the setting quotas")
        try:
            vcpus = size_of(name).vcpus
        except ValueError:
            yield each.size.must(None, "must be the name of a VM size, to know its vCPUs")
            is_whole.update(dict.fromkeys(patterns, False))
            continue
        for pattern in patterns:
            if each.needed is None:
                is_whole[pattern] = False
            else:
                used[pattern] += each.needed * vcpus
    for pattern in used if counted else ():
        truth = False if used[pattern] > quotas[pattern] else (True if is_whole[pattern] else None)
        yield stack.must(truth, "", "all nodes at once must fit into the vCPUs of each quota")


def _quotas_of(size: str, quotas: Mapping[str, float], *, low_priority: bool) -> list[str]:
    """The quotas that a node takes from: one for all low-priority nodes, by family for the others."""
    if low_priority:
        return [_LOW_PRIORITY] if _LOW_PRIORITY in quotas else []
    return [quota for quota in quotas if quota != _LOW_PRIORITY and is_like(size, quota)]


def _machines(stack: Stack) -> Iterator[Machines]:
    for resource in stack.of(*WITH_MACHINES):
        yield from machines(resource)


def _has_budget(stack: Stack, context: Context) -> Iterator[Finding]:
    if stack.of(WORKSPACE, *WITH_MACHINES):
        found = [_warns(budget, context.today) for budget in stack.of(*BUDGETS)]
        expectation = "there must be a budget of category Cost, not over yet, with a notification to somebody"
        yield stack.must(either(*found), "", expectation)


def _warns(budget: Resource, today: dt.date) -> Truth:
    end, notifications = budget.at("timePeriod.endDate"), budget.at("notifications")
    told: Truth = None
    if not notifications.is_unknown:
        told = either(
            *(
                both(
                    each.at("enabled").equals(True),
                    either(*(each.at(f"contact{who}").present() for who in ("Emails", "Groups", "Roles"))),
                )
                for each in notifications.each()
            )
        )
    # Without an end a budget lasts ten years (Microsoft.Consumption/budgets, 2024-08-01).
    lasts = end.test(lambda day: dt.date.fromisoformat(day[:10]) >= today, absent=True)
    return both(budget.at("category").equals("Cost"), lasts, told)


def _is_dedicated(stack: Stack, context: Context) -> Iterator[Finding]:
    named = ComputeNames(stack, _AUTOMATIC)
    for cluster in stack.of(COMPUTE):
        if compute_is(cluster, CLUSTER) is False:
            continue
        used = named.has(cluster)
        if used is False:
            continue
        priority = cluster.at("properties.properties.vmPriority")
        truth = negated(both(used, priority.equals("LowPriority")))
        yield priority.must(truth, "must be Dedicated where a schedule or a batch deployment runs on it")


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.COST,
        number=7,
        title="The stack can't spend more in an hour than its ceiling",
        why="A cluster that costs nothing when idle can be run at its maximum by one mistaken job.",
        mend="Lower maxNodeCount or the number of instances, choose smaller sizes, or raise hourlyCeiling.",
        severity=Severity.HIGH,
        types=WITH_MACHINES,
        check=_costs_at_most,
        settings={
            "hourlyCeiling": Setting(
                schema={"type": "number", "minimum": 0, "default": 50},
                description="What all nodes at once may cost in an hour.",
            ),
            "currency": Setting(
                schema={"type": "string", "minLength": 3, "maxLength": 3, "default": "USD"},
                description="The currency of hourlyCeiling; prices in another one are not used.",
            ),
            "prices": Setting(
                schema={
                    "type": "object",
                    "default": {},
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["hourly", "currency", "date", "source"],
                        "properties": {
                            "hourly": {"type": "number", "minimum": 0},
                            "lowPriorityHourly": {"type": "number", "minimum": 0},
                            "currency": {"type": "string"},
                            "date": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                            "source": {"type": "string", "minLength": 1},
                        },
                    },
                },
                description=(
                    "By VM size: the price of an hour in the stack's region, and where and when it was read. "
                    "A size without a price is unpriced, never free."
                ),
            ),
        },
        references=References(
            url="https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices"
        ),
    ),
    StackControl(
        concern=Concern.COST,
        number=8,
        title="All nodes at once fit into the quota of vCPUs",
        why="Beyond the quota jobs wait for nodes that never come, and deployments fail.",
        mend="Lower maxNodeCount, or have the quota raised and enter it in the setting quotas.",
        severity=Severity.MEDIUM,
        types=WITH_MACHINES,
        check=_fits_the_quota,
        settings={
            "quotas": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": {"type": "number", "minimum": 0},
                    "default": {},
                },
                description=(
                    "vCPUs by sizes of a family, such as Standard_NC*_T4_v3; LowPriority for all "
                    "low-priority nodes, * for all others together."
                ),
            )
        },
        references=References(url="https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"),
    ),
    StackControl(
        concern=Concern.COST,
        number=10,
        title="The stack has a budget that warns somebody",
        why="Without a budget the first notice of a mistake is the bill.",
        mend="Add a consumption.Budget with an enabled notification to people or an action group.",
        severity=Severity.MEDIUM,
        types=(*BUDGETS, WORKSPACE, *WITH_MACHINES),
        check=_has_budget,
        references=References(
            url="https://learn.microsoft.com/azure/cost-management-billing/costs/tutorial-acm-create-budgets"
        ),
    ),
    StackControl(
        concern=Concern.COST,
        number=13,
        title="What runs by itself runs on dedicated nodes",
        why="Azure takes low-priority nodes away at any time, and at night nobody starts the job again.",
        mend="Set vmPriority of the cluster to Dedicated, or name another cluster.",
        severity=Severity.MEDIUM,
        types=(COMPUTE, *_AUTOMATIC),
        check=_is_dedicated,
        references=References(
            url="https://learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster"
        ),
    ),
)
