"""The declaration of …/workspaces/jobs; its rules are in `jobs`."""

from __future__ import annotations

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import errors, jobs
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.resource_type import Lro, LroStyle, NameRule, ResourceType

JOB = ResourceType(
    type=jobs.TYPE,
    token="azure-native:machinelearningservices:Job",
    name=NameRule(
        pattern=jobs.NAME_PATTERN,
        allowed="1 to 255 letters, digits, hyphens and underscores, with a letter or digit first",
        source=documented("Jobs - Create Or Update, Azure Machine Learning REST API: pattern of id"),
        error=lambda name: errors.user_error(
            f"Job name '{name}' is invalid: it must be 1 to 255 letters, digits, hyphens and underscores, "
            "with a letter or digit first."
        ),
    ),
    name_input="id",
    parent_inputs=("workspaceName",),
    flattened=False,
    tracked=False,
    provisioning_state=False,
    put_keeps_omitted=True,
    coerces=True,
    extra_api_versions=API_VERSIONS,
    verbs=frozenset({"PUT", "GET", "DELETE", "LIST"}),
    lro=Lro(delete=LroStyle.LOCATION, delete_seconds=5.0),
    actions={"cancel": jobs.cancel},
    not_found=jobs.not_found,
    defaults=jobs.defaults,
    computed=jobs.computed,
    validate=jobs.validate,
    presented=jobs.presented,
    list_filter=jobs.listed,
    facts=(
        Fact(
            "Values of enums are taken in any case.",
            documented("azure-ai-ml 1.35 sends objective.goal: maximize, as older releases did"),
        ),
        Fact("What of a job can be changed, and the refusal of all else.", jobs.IMMUTABLE),
        Fact("Tags that were given stay.", recorded("Azure/azure-sdk-for-python#30671")),
        Fact(
            "Properties can be added, not altered.",
            documented("JobBase.properties: description in Azure/azure-rest-api-specs#10421"),
        ),
        Fact("The sentence for altered properties.", assumed("no exchange with it was found")),
        Fact("A job that is not there.", recorded("Azure/azureml-previews#267")),
        Fact("Services Tracking and Studio.", documented("Submit a job with the REST API: sample answer")),
        Fact(
            "Commands have an output named default.", documented("CLI (v2) command job YAML schema: outputs")
        ),
        Fact(
            "An unknown compute.", recorded("Azure/AML-Kubernetes#118, microsoft/physical-ai-toolchain#318")
        ),
        Fact(
            "A missing environment, code or component.",
            recorded("Azure/azure-sdk-for-python#34876, for a component"),
        ),
        Fact("Sizes of Spark instances.", jobs.SPARK),
        Fact("A cancel is accepted with 202.", documented("Jobs - Cancel: responses")),
        Fact(
            "Cancelling a job that is over changes nothing.", assumed("200 is among the documented answers")
        ),
        Fact("A job waits in the queue for ever.", assumed("the sandbox runs nothing")),
        Fact("Lists begin with the newest job.", assumed("as the studio and the CLI show them")),
    ),
)
