"""What assets, jobs and deployments say of environments, code, computes and machines, in either shape.

azure-native writes Azure's REST names (`properties.environmentId`), azureml-assets the YAML of CLI v2
(`spec.environment`). Pipelines hold jobs in jobs; each of them is a part of its document here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from azureml_guard.facts import Fact, Resource, Stack, Truth, either
from azureml_guard.values import reveal

NATIVE: Final = "machinelearningservices"
ASSETS: Final = "azureml-assets"
# Where the document of a type stands.
JOBS: Final[Mapping[str, str]] = {
    f"{NATIVE}:ComponentVersion": "properties.componentSpec",
    f"{NATIVE}:RegistryComponentVersion": "properties.componentSpec",
    f"{NATIVE}:Job": "properties",
    f"{NATIVE}:Schedule": "properties.action.jobDefinition",
    f"{ASSETS}:Component": "spec",
    f"{ASSETS}:Job": "spec",
    f"{ASSETS}:Schedule": "spec.create_job",
}
ONLINE_DEPLOYMENTS: Final[Mapping[str, str]] = {
    f"{NATIVE}:OnlineDeployment": "properties",
    f"{ASSETS}:OnlineDeployment": "spec",
}
BATCH_DEPLOYMENTS: Final[Mapping[str, str]] = {
    f"{NATIVE}:BatchDeployment": "properties",
    f"{ASSETS}:BatchDeployment": "spec",
}
DEPLOYMENTS: Final[Mapping[str, str]] = {**ONLINE_DEPLOYMENTS, **BATCH_DEPLOYMENTS}
ENVIRONMENTS: Final[Mapping[str, str]] = {
    f"{NATIVE}:EnvironmentVersion": "properties",
    f"{NATIVE}:RegistryEnvironmentVersion": "properties",
    f"{ASSETS}:Environment": "spec",
}
ENVIRONMENT_KEYS: Final = ("environment", "environmentId")
COMPONENT_KEYS: Final = ("component", "componentId", "deploymentConfiguration.componentId.assetId", "trial")
MODEL_KEYS: Final = ("model", "model.path", "model.assetId")
COMPUTE_KEYS: Final = (
    "compute",
    "computeId",
    "settings.default_compute",
    "deploymentConfiguration.settings.default_compute",
)
CODE_KEYS: Final = ("code", "codeId", "code_configuration.code", "codeConfiguration.codeId")

COMPUTE: Final = f"{NATIVE}:Compute"
SERVERLESS: Final = "serverless"
_NESTED: Final = ("trial", "task", "component")


def document(resource: Resource, where: Mapping[str, str]) -> Fact:
    """The document of a resource whose type is in `where`."""
    return resource.at(where[resource.type])


def parts(document: Fact) -> Iterator[Fact]:
    """The document and all jobs in it. One that is unknown is yielded too: all below it is unknown.

    An unknown component or trial is taken for a reference, which `references` then yields as unknown.
    """
    yield document
    if not isinstance(document.value, dict):
        return
    for key in _NESTED:
        if isinstance(reveal(document.value.get(key)), dict):
            yield from parts(document.at(key))
    jobs = document.at("jobs")
    if jobs.is_unknown:
        yield jobs
    for job in jobs.each():
        yield from parts(job)


def said(document: Fact, keys: tuple[str, ...]) -> Iterator[Fact]:
    """What the parts of a document say at some keys. An unknown part says one unknown thing."""
    for part in parts(document):
        unknown: list[str] = []
        if part.is_unknown:
            yield part.at(keys[0])
        if not isinstance(part.value, dict):
            continue
        for key in keys:
            if key.split(".", 1)[0] not in part.value:  # most are not there, and a Fact costs time
                continue
            fact = part.at(key)
            if fact.is_absent or key.startswith(tuple(unknown)):
                continue
            if fact.is_unknown:
                unknown.append(f"{key}.")
            yield fact


def references(document: Fact, keys: tuple[str, ...]) -> Iterator[Fact]:
    """What refers to something that is registered: texts, and what is not known yet."""
    for fact in said(document, keys):
        if fact.is_unknown or isinstance(fact.value, str):
            yield fact


_VERSION: Final = re.compile(r"(?:.*/)?(?P<name>[^/:@]+)(?:/versions/|:)(?P<version>[^/:@]+)/?")


def name_and_version(reference: str) -> tuple[str, str] | None:
    """What a reference names: `azureml:NAME:VERSION`, or an id that ends with /NAME/versions/VERSION.

    None without a version: a bare name, `NAME@latest`, `/labels/latest`.
    """
    text = reference.strip()
    while text.lower().startswith("azureml:") and not text.lower().startswith("azureml://"):
        text = text[len("azureml:") :]
    match = _VERSION.fullmatch(text)
    if match is None or match["version"].lower() == "latest":
        return None
    return match["name"], match["version"]


def is_pinned(reference: str) -> bool:
    """Whether a reference names one version for good."""
    return name_and_version(reference) is not None


def is_reference(text: str) -> bool:
    """Whether a text refers to an asset at all, and not to local files or the output of a job."""
    lower = text.strip().lower()
    if lower.startswith(("azureml://datastores", "azureml://jobs", "azureml://subscriptions")):
        return "/versions/" in lower or "/labels/" in lower
    return lower.startswith(("azureml:", "/subscriptions/"))


def compute_name(text: str) -> str:
    """The name that a text (`azureml:NAME`, `NAME`, an id) means."""
    return text.strip().removeprefix("azureml:").rstrip("/").rsplit("/", 1)[-1]


def is_told_later(text: str) -> bool:
    """Whether a text is an input of a pipeline: whoever submits it tells."""
    return "${{" in text


class ComputeNames:
    """The computes that the documents of some types name, looked up by name and not pair by pair."""

    def __init__(self, stack: Stack, where: Mapping[str, str]) -> None:
        """`where`: the types, and where their documents stand."""
        self._stack = stack
        self.said = [
            (resource, fact)
            for resource in stack.of(*where)
            for fact in said(document(resource, where), COMPUTE_KEYS)
        ]
        self._names = {compute_name(fact.value).lower() for _, fact in self.said if _is_name(fact)}
        self._open = [(resource, fact) for resource, fact in self.said if not _is_name(fact)]

    def has(self, compute: Resource) -> Truth:
        """Whether any of the documents names a compute."""
        name = compute.at("computeName")
        by_name: Truth = None if name.is_absent else name.test(lambda text: text.lower() in self._names)
        if not self._names:
            by_name = False
        return either(by_name, *(self._refers(holder, fact, compute) for holder, fact in self._open))

    def _refers(self, holder: Resource, fact: Fact, compute: Resource) -> Truth:
        return self._stack.refers(fact, holder, compute) if fact.is_unknown else None


def _is_name(fact: Fact) -> bool:
    return isinstance(fact.value, str) and not is_told_later(fact.value)
