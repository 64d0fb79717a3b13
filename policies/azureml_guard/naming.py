"""Controls of names: what Azure takes, what the team has agreed on, and that a name does not mislead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, ResourceControl, Setting
from azureml_guard.facts import Finding, Resource, negated
from azureml_guard.judge import EVERY_AZURE_TYPE
from azureml_guard.name_rules import COMPUTES, OTHER_COMPUTE, RULES, NameRule

_GROUP: Final = "resourceGroupName"
_URL: Final = "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
_CONVENTION: Final = (
    "https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-naming"
)


def rule_of(resource: Resource) -> NameRule | None:
    """The rule for a resource's name; while a compute's kind is not known, what holds for all kinds."""
    rule = RULES.get(resource.type)
    if rule is None or resource.type != "machinelearningservices:Compute":
        return rule
    kind = resource.at("properties.computeType")
    return COMPUTES.get(kind.value.lower(), OTHER_COMPUTE) if isinstance(kind.value, str) else rule


def _well_formed(resource: Resource, context: Context) -> Iterator[Finding]:
    rule = rule_of(resource)
    if rule is None:
        return
    name = resource.at(rule.property)
    if name.is_absent:
        return  # Pulumi makes one that fits
    shortest, longest = rule.length
    yield name.must(
        name.test(lambda text: shortest <= len(text) <= longest),
        f"must have {shortest} to {longest} characters",
    )
    fits = name.test(lambda text: re.fullmatch(rule.pattern, text) is not None)
    yield name.must(fits, f"must consist of {rule.alphabet}")
    if convention := context.settings["conventions"].get(resource.type):
        yield name.must(
            name.test(lambda text: re.fullmatch(convention, text) is not None),
            "must follow the convention that is set for its type",
        )


def _not_misleading(resource: Resource, context: Context) -> Iterator[Finding]:
    by_environment: Mapping[str, list[str]] = context.settings["words"]
    own = by_environment.get(context.environment)
    if own is None:
        return  # whatever a stack like `sandbox` names is no contradiction
    others = [word for name, each in by_environment.items() if name != context.environment for word in each]
    rule = rule_of(resource)
    for path in dict.fromkeys([rule.property, _GROUP] if rule else [_GROUP]):
        name = resource.at(path)
        if name.is_absent or (path == _GROUP and name.is_unknown):
            continue  # a group whose name is not known yet is another resource's, and is judged there
        is_run_on = rule is not None and rule.is_run_on and path == rule.property
        misleads = partial(_runs_into if is_run_on else _names, own=own, others=others)
        yield name.must(negated(name.test(misleads)), "must not name another environment than the stack's")


def _names(name: str, own: Iterable[str], others: Iterable[str]) -> bool:
    return not set(others).isdisjoint(re.split(r"[^a-z]+", name.lower()))


def _runs_into(name: str, own: Iterable[str], others: Iterable[str]) -> bool:
    """Without separators a word may be there by chance, in a hash or in `device`: the own one settles it."""
    if any(word in name.lower() for word in own):
        return False
    return any(re.search(rf"{re.escape(word)}(?!ice|ops|el|il)", name.lower()) for word in others)


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.NAMES,
        number=1,
        title="Azure takes the name, and it follows the team's convention",
        why="Azure refuses a wrong name in the middle of an update, after other resources were made.",
        mend="Choose a name of the length and alphabet that is given.",
        severity=Severity.LOW,
        types=tuple(RULES),
        check=_well_formed,
        settings={
            "conventions": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": {"type": "string", "format": "regex"},
                    "default": {},
                },
                description=(
                    "By type, as module:Name, a regular expression for the whole name; for names that are "
                    "unique across Azure let it ask for a hash at the end, such as st[a-z0-9]+[a-z]{6}."
                ),
            )
        },
        references=References(
            others=(
                "Azure.Storage.Name",
                "Azure.KeyVault.Name",
                "Azure.ACR.Name",
                "Azure.KeyVault.SecretName",
                "Azure.AppInsights.Name",
                "Azure.Identity.UserAssignedName",
                "Azure.ResourceGroup.Name",
                "Azure.VNET.Name",
                "Azure.VNET.SubnetName",
                "Azure.NSG.Name",
                "Azure.PrivateEndpoint.Name",
                "Azure.PublicIP.Name",
                "CKV_AZURE_43",
            ),
            url=_URL,
        ),
    ),
    ResourceControl(
        concern=Concern.NAMES,
        number=2,
        title="No name says another environment than the stack's",
        why="Whoever sees a name with dev in prod will delete it one day, or let anybody in.",
        mend="Take the environment in the name from the stack, and its resource group.",
        severity=Severity.MEDIUM,
        types=(EVERY_AZURE_TYPE,),
        check=_not_misleading,
        settings={
            "words": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": {"type": "string", "minLength": 3}},
                    "default": {
                        "dev": ["dev", "development"],
                        "test": ["test", "tst"],
                        "staging": ["staging", "stage", "stg"],
                        "prod": ["prod", "prd", "production"],
                    },
                },
                description="By environment, the words that name it in lower case.",
            )
        },
        references=References(url=_CONVENTION),
    ),
)
