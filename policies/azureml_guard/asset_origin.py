"""Controls of where things come from: code of a commit, approved models, assets that staging has had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.assets import ASSETS_VERSIONED
from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Setting,
    StackControl,
)
from azureml_guard.documents import ASSETS, CODE_KEYS, DEPLOYMENTS, JOBS, NATIVE, document, is_reference, said
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, both, either, negated, type_of
from azureml_guard.values import reveal

_CODE_ASSETS: Final = (f"{NATIVE}:CodeVersion", f"{NATIVE}:RegistryCodeVersion")
# Without jobs: nothing submits them here, and whoever does has azure-ai-ml note the commit.
_WITH_CODE: Final[Mapping[str, str]] = {
    type_name: path
    for type_name, path in {**JOBS, **DEPLOYMENTS}.items()
    if type_name.startswith(f"{ASSETS}:") and type_name != f"{ASSETS}:Job"
}
_MODELS: Final = (f"{NATIVE}:ModelVersion", f"{NATIVE}:RegistryModelVersion", f"{ASSETS}:Model")
_DEPLOYED: Final[Mapping[str, str]] = {
    **{type_name: f"{path}.model" for type_name, path in DEPLOYMENTS.items()},
    f"{NATIVE}:ServerlessEndpoint": "properties.modelSettings.modelId",
}
_COMMIT: Final = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_COMMIT_IN_URL: Final = re.compile(r"git\+.*[@#][0-9a-f]{40}(?![0-9a-f]).*", re.IGNORECASE)
# What azure-ai-ml and MLflow write of a working folder.
_DIRTY: Final = ("azureml.git.dirty",)
_REGISTRY: Final = re.compile(r"(?:azureml://|.*/)registries/(?P<name>[^/]+)/models/.+", re.IGNORECASE)
_SIGNED_CODE: Final = (
    "[Preview]: Configure code signing for training code for specified Azure Machine Learning computes"
)
_ALLOWED_REGISTRY: Final = (
    "[Preview]: Azure Machine Learning Model Registry Deployments are restricted except for "
    "the allowed Registry"
)


def _labels(resource: Resource, names: tuple[str, ...]) -> Iterator[Fact]:
    """The tags and properties of some names, in any case; the whole where it is not known yet."""
    base = "spec" if resource.type.startswith(f"{ASSETS}:") else "properties"
    for kind in ("tags", "properties"):
        labels = resource.at(f"{base}.{kind}")
        if labels.is_unknown:
            yield labels
        elif isinstance(labels.value, Mapping):
            for key, value in labels.value.items():
                if key.lower() in {name.lower() for name in names}:
                    yield Fact(reveal(value), f"{labels.path}[*]", labels.urn)


def _code_is_from_git(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.type in _CODE_ASSETS:
        code = [resource.at("properties.codeUri")]
    else:
        code = [
            fact
            for fact in said(document(resource, _WITH_CODE), CODE_KEYS)
            if fact.is_unknown or (isinstance(fact.value, str) and not is_reference(fact.value))
        ]
    if not code:
        return
    names_commit = either(
        *(label.matches(_COMMIT) for label in _labels(resource, tuple(context.settings["commitTags"]))),
        both(*(fact.test(lambda url: _COMMIT_IN_URL.fullmatch(url) is not None) for fact in code)),
    )
    expectation = "must be code of a commit that a tag or property names by its whole hash"
    yield code[0].must(names_commit, expectation)
    dirty = either(*(label.equals("true", True) for label in _labels(resource, _DIRTY)))
    yield code[0].must(negated(dirty), "must not be of a tree with changes that are not committed")


def _model_is_approved(resource: Resource, context: Context) -> Iterator[Finding]:
    model = resource.at(_DEPLOYED[resource.type])
    if model.is_absent:  # a container of one's own may have none
        return
    if isinstance(
        model.value, Mapping
    ):  # of azure-native by id or by path; of CLI v2 not registered by itself
        by_id = model.at("assetId")
        model = model.at("path") if by_id.is_absent else by_id
    approved = {name.lower() for name in context.settings["approvedRegistries"]}

    def is_approved(text: str) -> bool:
        registry = _REGISTRY.fullmatch(text.strip())
        return registry["name"].lower() in approved if registry else is_reference(text)

    expectation = "must be registered, in the workspace or in a registry of the setting approvedRegistries"
    yield model.must(model.test(is_approved), expectation)


def _model_has_lineage(model: Resource, context: Context) -> Iterator[Finding]:
    held: list[Truth] = []
    for name in context.settings["lineageTags"]:
        found = [label.present() for label in _labels(model, (name,))]
        if name.lower() == "job":  # azure-native has a property of its own for it
            found.append(model.at("properties.jobName").present())
        held.append(either(*found))
    base = "spec" if model.type.startswith(f"{ASSETS}:") else "properties"
    yield model.at(f"{base}.tags").must(both(*held), "must hold every tag of the setting lineageTags")


def _was_registered_before(stack: Stack, context: Context) -> Iterator[Finding]:
    registered = context.settings["registered"]
    is_open = False
    for asset in stack.of(*ASSETS_VERSIONED):
        from_registry = asset.at("mustExist").equals(True)
        if registered is None and from_registry is not True:
            is_open = True
            continue
        stands = (_is_entry(asset, entry) for entry in registered or ())
        yield asset.at("contentHash").must(
            either(from_registry, *stands), "must be what staging has registered, unless mustExist is true"
        )
    if is_open:
        yield stack.must(
            None, "", "all assets must be compared with the setting registered, which is missing"
        )


def _is_entry(asset: Resource, entry: Mapping[str, Any]) -> Truth:
    name, version, content = asset.at("spec.name"), asset.at("version"), asset.at("contentHash")
    return both(
        type_of(entry["type"])[0] == asset.type,
        name.test(lambda value: value == entry["name"]),
        version.test(lambda value: str(value) == entry["version"]),
        content.test(lambda value: value == entry["contentHash"]),
    )


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.ASSETS,
        number=6,
        title="Code comes from a commit",
        why="Code that is in no commit was reviewed by nobody, and cannot be found again.",
        mend=(
            "Commit, then add the tag commit with the whole hash of the commit; a pipeline knows it "
            "(git rev-parse HEAD)."
        ),
        severity=Severity.HIGH,
        types=(*_CODE_ASSETS, *_WITH_CODE),
        check=_code_is_from_git,
        settings={
            "commitTags": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "minItems": 1,
                    "default": ["commit", "git_commit", "mlflow.source.git.commit"],
                },
                description="Tags or properties, any one of which names the commit.",
            )
        },
        references=References(
            azure_policy=(_SIGNED_CODE,),
            benchmark=("DS-6",),
            url="https://learn.microsoft.com/azure/machine-learning/concept-train-model-git-integration",
        ),
    ),
    ResourceControl(
        concern=Concern.ASSETS,
        number=7,
        title="Deployed models are registered, and from approved registries",
        why="A model is code: what loads it runs whatever its author put in.",
        mend="Register the model and name it by its version, or take it from an approved registry.",
        severity=Severity.HIGH,
        types=tuple(_DEPLOYED),
        check=_model_is_approved,
        settings={
            "approvedRegistries": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "default": ["azureml"],
                },
                description="Names of Azure ML registries; azureml is Microsoft's own.",
            )
        },
        references=References(
            azure_policy=(
                "[Preview]: Azure Machine Learning Deployments should only use approved Registry Models",
                _ALLOWED_REGISTRY,
            ),
            benchmark=("AI-1",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-regulate-registry-deployments",
        ),
    ),
    ResourceControl(
        concern=Concern.ASSETS,
        number=8,
        title="A model says where it comes from",
        why="When a model misbehaves, somebody has to find the job, the data and the code that made it.",
        mend="Add the tags of the setting lineageTags to the model.",
        severity=Severity.MEDIUM,
        types=_MODELS,
        check=_model_has_lineage,
        settings={
            "lineageTags": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "default": ["job", "data", "commit", "card"],
                },
                description="Tags or properties of every model; for azure-native jobName stands for job.",
            )
        },
        references=References(
            url="https://learn.microsoft.com/azure/machine-learning/concept-model-management-and-deployment"
        ),
    ),
    StackControl(
        concern=Concern.ASSETS,
        number=11,
        title="Assets were registered in staging before",
        why="What staging has not run has been tested by nobody, whatever its version says.",
        mend=(
            "Bring staging up first and give its assets in the setting registered, or take assets from a "
            "registry with mustExist: true."
        ),
        severity=Severity.HIGH,
        types=tuple(ASSETS_VERSIONED),
        check=_was_registered_before,
        settings={
            "registered": Setting(
                schema={
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["type", "name", "version", "contentHash"],
                        "properties": {
                            key: {"type": "string", "minLength": 1}
                            for key in ("type", "name", "version", "contentHash")
                        },
                    },
                },
                description="What staging has registered; without it nothing can be compared.",
            )
        },
        references=References(
            url="https://learn.microsoft.com/azure/machine-learning/concept-machine-learning-registries-mlops"
        ),
    ),
)
