"""Controls of tags: which there must be, and what some of them must say.

Names of tags are compared in any case, as Azure does. Types that have no tags are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, Path, References, ResourceControl, Setting
from azureml_guard.facts import Fact, Finding, Resource, Truth
from azureml_guard.judge import EVERY_AZURE_TYPE
from azureml_guard.tagged_types import TAGGED
from azureml_guard.values import ABSENT, Secret, reveal

_URL: Final = "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources"
_ENVIRONMENT: Final = Setting(
    schema={"type": "string", "minLength": 1, "default": "environment"},
    description="The tag that names the environment.",
)


def tag(resource: Resource, name: str) -> Fact:
    """A tag by its name; the path stops before the name, which may be the user's."""
    tags = resource.at("tags")
    if not isinstance(tags.value, Mapping):
        return tags
    found = next((value for key, value in tags.value.items() if key.lower() == name.lower()), ABSENT)
    value = reveal(found)
    return Fact(ABSENT if value is None else value, "tags", resource.urn, is_secret=isinstance(found, Secret))


def _required(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.at("tags").is_absent and resource.type not in TAGGED:
        return
    for name in context.settings["tags"]:
        yield resource.at("tags").must(tag(resource, name).present(), f"must have a value for {name}")


def _mend_required(resource: Resource, context: Context) -> Mapping[Path, Any]:
    """What can be told without asking anybody: the environment, and tags that have a value by default."""
    known = {**context.settings["values"], context.settings["environmentTag"]: context.environment}
    missing = [name for name in context.settings["tags"] if tag(resource, name).present() is False]
    return _set_tags(resource, {name: known[name] for name in missing if name in known})


def _right(resource: Resource, context: Context) -> Iterator[Finding]:
    environment = tag(resource, context.settings["environmentTag"])
    if not environment.is_absent:
        yield environment.must(
            _is_environment(environment, context), "must name the environment of the stack"
        )
    owner = tag(resource, context.settings["ownerTag"])
    if not owner.is_absent:
        yield owner.must(
            owner.matches(context.settings["ownerPattern"]), "must name a group as owner, not a person"
        )


def _mend_right(resource: Resource, context: Context) -> Mapping[Path, Any]:
    """The environment is told by the stack; who owns a resource is for people to say."""
    name = context.settings["environmentTag"]
    if _is_environment(tag(resource, name), context) is not False or tag(resource, name).is_absent:
        return {}
    return _set_tags(resource, {name: context.environment})


def _is_environment(value: Fact, context: Context) -> Truth:
    others = context.settings["environmentNames"].get(context.environment, [])
    return value.equals(context.environment, *others)


def _set_tags(resource: Resource, values: Mapping[str, str]) -> dict[Path, Any]:
    """Paths and values. A name keeps its spelling, and secret tags stay whole."""
    if isinstance(resource.properties.get("tags"), Secret):
        return {}
    spelt = {key.lower(): key for key in resource.at("tags").keys()}  # noqa: SIM118, a Fact's own keys
    return {("tags", spelt.get(name.lower(), name)): value for name, value in values.items()}


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.TAGS,
        number=1,
        title="Every resource says whose it is and what it is for",
        why="Without tags nobody can tell who pays, who answers at night and what may be deleted.",
        mend="Set each tag that is required, best in one place for all resources.",
        severity=Severity.MEDIUM,
        types=(EVERY_AZURE_TYPE,),
        check=_required,
        remedy=_mend_required,
        settings={
            "tags": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "default": ["owner", "cost-centre", "environment", "data-class", "managed-by"],
                },
                description="The tags that every resource must have.",
            ),
            "values": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": {"type": "string"},
                    "default": {"managed-by": "pulumi"},
                },
                description="Values that level remediate gives to missing tags, beside the environment's.",
            ),
            "environmentTag": _ENVIRONMENT,
        },
        references=References(
            azure_policy=(
                "Require a tag on resources",
                "Append a tag and its value to resources",
                "Require a tag on resource groups",
            ),
            benchmark=("AM-1",),
            others=("Azure.Resource.UseTags",),
            url=_URL,
        ),
    ),
    ResourceControl(
        concern=Concern.TAGS,
        number=2,
        title="Tags say the truth about environment and owner",
        why="Cost reports, alerts and clean-up jobs believe tags; an owner who has left answers no call.",
        mend="Set the environment tag to the stack's environment and the owner tag to the name of a group.",
        severity=Severity.MEDIUM,
        types=(EVERY_AZURE_TYPE,),
        check=_right,
        remedy=_mend_right,
        settings={
            "environmentTag": _ENVIRONMENT,
            "environmentNames": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                    "default": {
                        "dev": ["development"],
                        "staging": ["stg", "stage"],
                        "prod": ["prd", "production"],
                    },
                },
                description="Other names that the tag may use for an environment.",
            ),
            "ownerTag": Setting(
                schema={"type": "string", "minLength": 1, "default": "owner"},
                description="The tag that names the owner.",
            ),
            "ownerPattern": Setting(
                # An address with a dot before the @ is mostly a person's: ada.lovelace@contoso.com.
                schema={"type": "string", "format": "regex", "default": "[^@]+|[^@.]+@[^@]+"},
                description="A regular expression that the names of groups match as a whole, in any case.",
            ),
        },
        references=References(
            azure_policy=(
                "Require a tag and its value on resources",
                "Require a tag and its value on resource groups",
            ),
            url=_URL,
        ),
    ),
)
