"""Controls of versions: assets have one, keep it, and are referred to by it.

Assets come in two shapes: azure-native's EnvironmentVersion, ComponentVersion, ModelVersion and so on, and
azureml-assets' Environment, Component, Model with the YAML of CLI v2 in `spec`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, ResourceControl, StackControl
from azureml_guard.documents import (
    ASSETS,
    COMPONENT_KEYS,
    DEPLOYMENTS,
    ENVIRONMENT_KEYS,
    JOBS,
    MODEL_KEYS,
    NATIVE,
    document,
    is_pinned,
    is_reference,
    references,
)
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, both, negated
from azureml_guard.values import UNKNOWN

# Versioned types, and where each has its name.
NATIVE_VERSIONED: Final[Mapping[str, str]] = {
    **{
        f"{NATIVE}:{kind}Version": "name"
        for kind in ("Environment", "Component", "Code", "Model", "Data", "Featureset", "FeaturestoreEntity")
    },
    f"{NATIVE}:RegistryEnvironmentVersion": "environmentName",
    f"{NATIVE}:RegistryComponentVersion": "componentName",
    f"{NATIVE}:RegistryCodeVersion": "codeName",
    f"{NATIVE}:RegistryModelVersion": "modelName",
    f"{NATIVE}:RegistryDataVersion": "name",
}
ASSETS_VERSIONED: Final[Mapping[str, str]] = {
    f"{ASSETS}:{kind}": "spec.name"
    for kind in ("Environment", "Component", "Model", "Data", "FeatureSet", "FeatureStoreEntity")
}
VERSIONED: Final[Mapping[str, str]] = {**NATIVE_VERSIONED, **ASSETS_VERSIONED}
_WITH_REFERENCES: Final[Mapping[str, str]] = {**JOBS, **DEPLOYMENTS}
_PLACE: Final = ("resourceGroupName", "workspaceName", "registryName")
_TARGET: Final = tuple(f"target.{key}" for key in ("subscriptionId", *_PLACE))
_ENVIRONMENTS_PAGE: Final = "https://learn.microsoft.com/azure/machine-learning/concept-environments"
_ASSETS_PAGE: Final = "https://learn.microsoft.com/azure/machine-learning/concept-azure-machine-learning-v2"


def _environments_are_pinned(resource: Resource, context: Context) -> Iterator[Finding]:
    for fact in references(document(resource, _WITH_REFERENCES), ENVIRONMENT_KEYS):
        yield fact.must(fact.test(is_pinned), "must name a version of the environment")


def _others_are_pinned(resource: Resource, context: Context) -> Iterator[Finding]:
    for fact in references(document(resource, _WITH_REFERENCES), (*COMPONENT_KEYS, *MODEL_KEYS)):
        if fact.is_unknown or is_reference(fact.value):
            yield fact.must(fact.test(is_pinned), "must name a version")


def _has_version(resource: Resource, context: Context) -> Iterator[Finding]:
    version = resource.at("version")
    # Where a program gives none azure-native takes the logical name, as for the name of every child; a
    # stack's configuration of auto-naming may add hexadecimal digits.
    made_up = re.compile(re.escape(resource.name) + "(-?[0-9a-f]{7,8})?", re.IGNORECASE)

    def is_explicit(value: object) -> bool:
        text = str(value)
        return bool(text) and text.lower() not in ("latest", "auto") and made_up.fullmatch(text) is None

    yield version.must(version.test(is_explicit), "must be a version that the program gives")


def _one_content(stack: Stack, context: Context) -> Iterator[Finding]:
    by_name: dict[tuple[str, str], list[Resource]] = {}
    for resource in stack.of(*VERSIONED):
        name = resource.at(VERSIONED[resource.type])
        others = by_name.setdefault((resource.type, str(name.value)), [])
        nameless = [] if name.is_unknown else by_name.get((resource.type, str(UNKNOWN)), [])
        everyone = [each for (kind, _), each in by_name.items() if kind == resource.type]
        for other in chain(*everyone) if name.is_unknown else (*others, *nameless):
            truth = negated(
                both(_is_same_version(resource, other), negated(_has_same_content(resource, other)))
            )
            expectation = "must differ from that of another content with the same name"
            for each in (other, resource):  # which of them comes first is chance
                yield each.at("version").must(truth, expectation)
        others.append(resource)


def _is_same_version(first: Resource, second: Resource) -> Truth:
    """Whether two assets of one type have one name and version in one place."""
    place = _PLACE if first.type in NATIVE_VERSIONED else _TARGET
    keys = (VERSIONED[first.type], "version", *place)
    return both(*(_same(first.at(key), second.at(key)) for key in keys))


def _has_same_content(first: Resource, second: Resource) -> Truth:
    # azure-native has no hash: two resources that write one version are never the same.
    if first.type in NATIVE_VERSIONED:
        return False
    return _same(first.at("contentHash"), second.at("contentHash"))


def _same(first: Fact, second: Fact) -> Truth:
    if first.is_unknown or second.is_unknown:
        return None
    return bool(first.value == second.value)


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.ASSETS,
        number=2,
        title="Environments are referred to by version",
        why="What runs under a label such as latest changes without a commit, a review or a test.",
        mend="Write azureml:NAME:VERSION, or the id that ends with /versions/VERSION.",
        severity=Severity.HIGH,
        types=tuple(_WITH_REFERENCES),
        check=_environments_are_pinned,
        references=References(url=_ENVIRONMENTS_PAGE),
    ),
    ResourceControl(
        concern=Concern.ASSETS,
        number=5,
        title="Every asset has a version of its own choosing",
        why="A version that something else makes up cannot be found again, promoted or rolled back to.",
        mend="Set version; with azureml-assets, version: auto makes one that follows the content.",
        severity=Severity.HIGH,
        types=tuple(VERSIONED),
        check=_has_version,
        references=References(url=_ASSETS_PAGE),
    ),
    ResourceControl(
        concern=Concern.ASSETS,
        number=15,
        title="Components and models are referred to by version",
        why="A deployment or pipeline of the latest version runs what nobody has approved for it.",
        mend="Write azureml:NAME:VERSION, or the id that ends with /versions/VERSION.",
        severity=Severity.HIGH,
        types=tuple(_WITH_REFERENCES),
        check=_others_are_pinned,
        references=References(url=_ASSETS_PAGE),
    ),
    StackControl(
        concern=Concern.ASSETS,
        number=16,
        title="One version has one content",
        why="Two contents under one version overwrite each other, and nobody can tell which one ran.",
        mend="Give one of them another version.",
        severity=Severity.HIGH,
        types=tuple(VERSIONED),
        check=_one_content,
        references=References(url=_ASSETS_PAGE),
    ),
)
