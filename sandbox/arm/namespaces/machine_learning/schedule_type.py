"""The declaration of …/workspaces/schedules; its rules are in `schedules` and `triggers`."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.namespaces.machine_learning import errors, jobs, schedules, triggers
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.resource_type import Lro, LroStyle, NameRule, ResourceType

SCHEDULE = ResourceType(
    type=schedules.TYPE,
    token="azure-native:machinelearningservices:Schedule",
    name=NameRule(
        pattern=jobs.NAME_PATTERN,
        allowed="1 to 255 letters, digits, hyphens and underscores, with a letter or digit first",
        source=documented("Schedules - Create Or Update, Azure Machine Learning REST API: pattern of name"),
        error=lambda name: errors.user_error(
            f"Schedule name '{name}' is invalid: it must be 1 to 255 letters, digits, hyphens and "
            "underscores, with a letter or digit first."
        ),
    ),
    name_input="name",
    parent_inputs=("workspaceName",),
    flattened=False,
    tracked=False,
    coerces=True,
    extra_api_versions=API_VERSIONS,
    verbs=frozenset({"PUT", "GET", "DELETE", "LIST"}),
    lro=Lro(
        create=LroStyle.ASYNC_OPERATION,
        update=LroStyle.ASYNC_OPERATION,
        delete=LroStyle.ASYNC_OPERATION,
        create_seconds=3.0,
        update_seconds=3.0,
        delete_seconds=3.0,
    ),
    defaults=schedules.defaults,
    validate=schedules.validate,
    deleted=schedules.deleted,
    list_filter=schedules.listed,
    facts=(
        Fact(
            "Values of enums are taken in any case.",
            documented("azure-ai-ml 1.35 sends weekDays: monday, as older releases did"),
        ),
        Fact("Ranges of recurrences and of cron fields.", triggers.RULES),
        Fact("Time zones are UTC unless named.", triggers.RULES),
        Fact("A schedule must be disabled before it is deleted.", schedules.DELETION),
        Fact(
            "An enabled schedule goes with its workspace.", assumed("a workspace can be deleted as a whole")
        ),
        Fact("The sentences of these refusals.", assumed("no exchange with them was found")),
        Fact(
            "A list shows enabled schedules unless asked.",
            documented("azure-ai-ml 1.35: ScheduleOperations.list"),
        ),
        Fact(
            "Older API versions know schedules that import data.",
            documented("azure-ai-ml 1.35: entities/_data_import/schedule.py"),
        ),
        Fact("A schedule takes three seconds.", assumed("no machine is started for it")),
    ),
)
