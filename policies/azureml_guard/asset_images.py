"""Controls of what environments are made of: images and packages.

What a Dockerfile of a build context takes is not in any property, and is judged by none of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Setting,
    StackControl,
)
from azureml_guard.documents import DEPLOYMENTS, ENVIRONMENT_KEYS, ENVIRONMENTS, JOBS, document, said
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth
from azureml_guard.images import image_of, packages_are_pinned

_WITH_ENVIRONMENTS: Final[Mapping[str, str]] = {**ENVIRONMENTS, **JOBS, **DEPLOYMENTS}
_CONDA_KEYS: Final = ("conda_file", "condaFile")
_PAGE: Final = "https://learn.microsoft.com/azure/machine-learning/concept-environments"


def _environments(resource: Resource) -> Iterator[Fact]:
    """The environment that a resource is, or those that stand in it; references are somebody else's.

    What azure-native calls `environmentId` is always a reference.
    """
    whole = document(resource, _WITH_ENVIRONMENTS)
    if resource.type in ENVIRONMENTS:
        yield whole
        return
    for fact in said(whole, ENVIRONMENT_KEYS):
        is_open = fact.is_unknown and not fact.path.endswith("environmentId")
        if is_open or isinstance(fact.value, Mapping):
            yield fact


def _images(resource: Resource) -> Iterator[Fact]:
    for environment in _environments(resource):
        image = environment.at("image")
        if not image.is_absent:
            yield image


def _image_is_pinned(resource: Resource, context: Context) -> Iterator[Finding]:
    for image in _images(resource):
        if context.settings["digest"]:
            truth = image.test(lambda name: bool(image_of(name).digest))
            yield image.must(truth, "must end with a digest (@sha256:...)")
        else:
            truth = image.test(lambda name: image_of(name).is_tagged)
            yield image.must(truth, "must have a tag other than latest, or a digest")


def _registry_is_approved(resource: Resource, context: Context) -> Iterator[Finding]:
    approved = [pattern.lower() for pattern in context.settings["approvedRegistries"]]
    for image in _images(resource):
        truth = image.test(
            lambda name: any(fnmatchcase(image_of(name).registry, pattern) for pattern in approved)
        )
        yield image.must(truth, "must come from a registry of the setting approvedRegistries")


def _packages_are_pinned(stack: Stack, context: Context) -> Iterator[Finding]:
    for resource in stack.of(*_WITH_ENVIRONMENTS):
        for environment in _environments(resource):
            for key in _CONDA_KEYS:
                conda = environment.at(key)
                if conda.is_absent or (environment.is_unknown and key != _CONDA_KEYS[0]):
                    continue
                yield conda.must(_pins(conda, resource), "must pin every package to one version")


def _pins(conda: Fact, resource: Resource) -> Truth:
    """A path of a file is told by what Azure ML has registered, once it has."""
    value = conda.value
    if conda.is_unknown:
        return None
    if isinstance(value, str) and "\n" not in value.strip() and ":" not in value:
        value = resource.at("state.conda_file").value
        if not isinstance(value, Mapping):
            return None
    return packages_are_pinned(value)


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.ASSETS,
        number=1,
        title="Images are pinned",
        why="A tag can be moved to another image, and latest is moved all the time.",
        mend="Write NAME@sha256:..., the digest being that which docker buildx imagetools inspect shows.",
        severity=Severity.HIGH,
        types=tuple(_WITH_ENVIRONMENTS),
        check=_image_is_pinned,
        settings={
            "digest": Setting(
                schema={"type": "boolean", "default": True},
                description="Whether it takes a digest; if not, a tag other than latest will do.",
            )
        },
        references=References(benchmark=("DS-2",), url=_PAGE),
    ),
    ResourceControl(
        concern=Concern.ASSETS,
        number=3,
        title="Images come from approved registries",
        why="An image runs with the identity of the compute and reads what it may read.",
        mend="Import the image into a registry of the setting approvedRegistries, and take it from there.",
        severity=Severity.HIGH,
        types=tuple(_WITH_ENVIRONMENTS),
        check=_registry_is_approved,
        settings={
            "approvedRegistries": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "default": ["mcr.microsoft.com"],
                },
                description="Login servers of registries, with * for any part of a name.",
            )
        },
        references=References(
            azure_policy=(
                "[Preview]: Configure allowed registries for specified Azure Machine Learning computes",
            ),
            benchmark=("DS-2",),
            url=_PAGE,
        ),
    ),
    StackControl(
        concern=Concern.ASSETS,
        number=4,
        title="Conda and pip packages are pinned",
        why="A package without a version is another one tomorrow, and may be an attacker's.",
        mend="Write name=1.2.3 for conda and name==1.2.3 for pip, for every package.",
        severity=Severity.MEDIUM,
        types=tuple(_WITH_ENVIRONMENTS),
        check=_packages_are_pinned,
        references=References(
            azure_policy=(
                "[Preview]: Configure allowed Python packages for specified Azure Machine Learning computes",
            ),
            benchmark=("DS-2",),
            url=_PAGE,
        ),
    ),
)
