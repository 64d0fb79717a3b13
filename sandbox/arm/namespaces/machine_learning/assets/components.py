"""Components: a specification with ids of code, environment and child components.

Display name, description and tags of a registered component may change, nothing else.
Left out: whether commands and inputs fit together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind, container_name, holder_id
from sandbox.arm.namespaces.machine_learning.references import require
from sandbox.arm.namespaces.values import JsonObject

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPES = (
    "command", "parallel", "pipeline", "spark", "sweep", "automl", "import", "data_transfer",
    "promptflow_parallel",
)  # fmt: skip
CHANGEABLE = frozenset(
    ("$schema", "_source", "name", "version", "display_name", "description", "tags", "creation_context")
)


def computed(context: RequestContext, properties: JsonObject) -> JsonObject:
    """Name and version in the specification are the asset's own."""
    return {"componentSpec": {"name": container_name(context), "version": context.name}}


def check(context: RequestContext, properties: JsonObject, before: JsonObject) -> None:
    """Shape of the specification, existing references, unchanged content."""
    name = container_name(context)
    spec = properties.get("componentSpec")
    if not isinstance(spec, dict):
        raise errors.invalid(f"Component {name} needs a componentSpec.")
    if spec.get("type") not in TYPES:
        raise errors.invalid(
            f"Component {name}: the type '{spec.get('type')}' is not one of {', '.join(TYPES)}."
        )
    # An anonymous component says the name and version that it would have had.
    own = () if properties.get("isAnonymous") else (("name", name), ("version", context.name))
    for key, expected in own:
        if key in spec and str(spec[key]) != expected:
            raise errors.invalid(
                f"Component {name}: {key} is '{spec[key]}' in the specification and '{expected}' in the id."
            )
    if before:
        if _content(spec) != _content(before.get("componentSpec")):
            raise errors.content_is_fixed("Component", name, context.name)
        return
    if spec["type"] == "command" and not (spec.get("command") and spec.get("environment")):
        raise errors.invalid(f"Component {name} of type command needs a command and an environment.")
    _references(context, spec)


def _content(spec: object) -> JsonObject:
    if not isinstance(spec, dict):
        return {}
    return {key: value for key, value in spec.items() if key not in CHANGEABLE}


def _references(context: RequestContext, spec: JsonObject) -> None:
    """Code and environment of the component itself or of its task; components of its steps."""
    holder = holder_id(context)
    task = spec.get("task")
    for place in (spec, task if isinstance(task, dict) else {}):
        if place.get("environment"):
            require(context, holder, place["environment"], "environments")
        code = place.get("code")
        # A repository is cloned when a job starts.
        if code and not str(code).startswith(("git+", "https://", "http://")):
            require(context, holder, code, "codes")
    jobs = spec.get("jobs")
    for step in jobs.values() if isinstance(jobs, dict) else ():
        component = step.get("component") or step.get("componentId") if isinstance(step, dict) else None
        if component:
            require(context, holder, component, "components")


def latest(context: RequestContext) -> JsonObject | None:
    """The version `azureml_default`, which stands for the newest one."""
    if context.name.lower() != "azureml_default":
        return None
    container = context.find(context.parent_id)
    newest = container["properties"].get("latestVersion") if container else None
    return context.find(f"{context.parent_id}/versions/{newest}") if newest else None


KIND = AssetKind(
    plural="components",
    tokens=("ComponentContainer", "ComponentVersion"),
    registry_tokens=("RegistryComponentContainer", "RegistryComponentVersion"),
    registry_name_input="componentName",
    not_found=errors.component_not_found,
    check=check,
    computed=computed,
    unstored_version=latest,
    recreated=False,
    facts=(
        Fact(
            "Another specification for a registered version is refused as for environments.",
            assumed("components are immutable by documentation; no exchange was found"),
        ),
        Fact(
            "Display name, description and tags may change.",
            documented("Manage and use components: az ml component update"),
        ),
        Fact("A missing component: 'Not found component …'.", recorded("MicrosoftDocs/azure-docs#88726")),
        Fact(
            "A deleted version is not made again.",
            recorded("Azure/azureml-assets#1401; MicrosoftDocs/azure-docs#88726 for workspaces"),
        ),
        Fact(
            "Code, environment and child components must exist.",
            assumed("a missing one is recorded for registries, Azure/azure-sdk-for-python#34876"),
        ),
        Fact(
            "The version azureml_default is the newest one.",
            documented("azure-ai-ml 1.35: DEFAULT_COMPONENT_VERSION"),
        ),
        Fact(
            "The specification comes back with the name and version of the asset.",
            documented("azure-ai-ml 1.35: Component._from_rest_object reads both there"),
        ),
        Fact(
            "Another name or version in the specification is refused, but for anonymous components.",
            assumed("azure-ai-ml sends the same; what the service does with another was not found"),
        ),
    ),
)
