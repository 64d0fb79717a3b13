"""The catalogue's files: azure-ai-ml reads each of them, and what they name is there."""

from __future__ import annotations

import io
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from infra.outputs import PlatformOutputs
from ml_assets.documents import Document, read
from ml_assets.schemas import VERSIONED, Kind, kind_of, schema_name
from tests.support.components import ASSETS
from tests.support.pulumi_project import ROOT

# Files with the endings of YAML that other files refer to.
NOT_OF_THE_CATALOGUE = {"conda.yml", "conda.yaml", "python_env.yaml", "FeatureSetSpec.yaml"}
FILES = sorted(
    path.relative_to(ASSETS).as_posix()
    for path in ASSETS.rglob("*.y*ml")
    if path.name not in NOT_OF_THE_CATALOGUE
)
BUILT_IN_DATASTORES = {
    "workspaceblobstore",
    "workspaceartifactstore",
    "workspacefilestore",
    "workspaceworkingdirectory",
}
CLUSTERS = {"cpu-cluster"}
IDENTITY = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers"
    "/Microsoft.ManagedIdentity/userAssignedIdentities/id"
)


@cache
def document(file: str) -> Document:
    return read(ASSETS / file, ROOT)


def kind(file: str) -> Kind:
    return kind_of(document(file))


def platform_name(match: re.Match[str]) -> str:
    return IDENTITY if match[1].endswith("identity_id") else "value"


def loader(file: str) -> Callable[..., Any]:
    """The function of azure-ai-ml that loads files of this kind."""
    # load_schedule and the two of batch deployments are exported nowhere else.
    from azure.ai.ml.entities import _load_functions as functions

    name = schema_name(document(file).data)
    special = {
        "modelBatchDeployment": functions.load_model_batch_deployment,
        "pipelineComponentBatchDeployment": functions.load_pipeline_component_batch_deployment,
    }
    found: Callable[..., Any] = special.get(str(name)) or getattr(functions, f"load_{kind(file)}")
    return found


def load(file: str) -> Any:
    """A file as azure-ai-ml loads it, with a value in the place of each output of the platform."""
    text = re.sub(r"\$\{platform\.(\w+)\}", platform_name, (ASSETS / file).read_text(encoding="utf-8"))
    return loader(file)(io.StringIO(text), relative_origin=str(ASSETS / file))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


@cache
def catalogue() -> dict[str, str | None]:
    """The names of all assets and their versions; None for what has no version."""
    return {
        document(file).data["name"]: document(file).data["version"] if kind(file) in VERSIONED else None
        for file in FILES
        if kind(file) is not Kind.JOB
    }


@pytest.mark.parametrize("file", FILES)
def test_azure_ai_ml_loads_the_file(file: str) -> None:
    loaded = load(file)

    assert loaded is not None
    if kind(file) is not Kind.JOB:
        assert loaded.name == re.sub(r"\$\{platform\.\w+\}", "value", document(file).data["name"])
    in_a_location = kind(file) in {Kind.ONLINE_DEPLOYMENT, Kind.BATCH_DEPLOYMENT}
    if hasattr(loaded, "_to_rest_object") and not in_a_location:
        # What it would send; making that finds more than its schemas do.
        assert loaded._to_rest_object() is not None


@pytest.mark.parametrize("file", FILES)
def test_assets_that_a_file_names_are_in_the_catalogue(file: str) -> None:
    for text in strings(document(file).data):
        for store in re.findall(r"azureml://datastores/([\w-]+)/", text):
            assert store in BUILT_IN_DATASTORES | set(catalogue()), text
        if not text.startswith("azureml:") or text.startswith(("azureml://", "azureml:/")):
            continue
        name, _, version = text.removeprefix("azureml:").partition(":")
        name, _, label = name.partition("@")
        if name in CLUSTERS:
            continue
        assert name in catalogue(), text
        found = catalogue()[name]
        assert (version or label) == ("" if found is None else "latest" if found == "auto" else found), text


def commands() -> Iterator[tuple[str, Path, str]]:
    """The commands of components, jobs and trials, with the folder that their script is in."""
    for file in FILES:
        data = document(file).data
        for each in (data, data.get("trial")):
            if isinstance(each, dict) and "command" in each:
                yield file, (ASSETS / file).parent / each["code"], each["command"]


@pytest.mark.parametrize(("file", "folder", "command"), list(commands()))
def test_a_command_gives_its_script_the_options_that_it_has(file: str, folder: Path, command: str) -> None:
    script = re.search(r"^python (\S+\.py)", command)
    assert script is not None
    declared = (folder / script[1]).read_text(encoding="utf-8")
    options = set(re.findall(r'add_argument\(\s*"(--[\w-]+)"', declared))
    required = set(re.findall(r'add_argument\(\s*"(--[\w-]+)"[^\n]*required=True', declared))
    given = set(re.findall(r"(?<!\S|\[)(--[\w-]+)|\$\[\[(--[\w-]+)", command))
    names = {first or second for first, second in given}

    assert names <= options
    assert required <= names
    searched = document(file).data.get("search_space", {})
    assert set(re.findall(r"search_space\.(\w+)", command)) == set(searched)


@pytest.mark.parametrize("file", FILES)
def test_outputs_of_the_platform_are_called_by_their_names(file: str) -> None:
    names = set(re.findall(r"\$\{platform\.(\w+)\}", (ASSETS / file).read_text(encoding="utf-8")))

    assert names <= {"stack", *(field.name for field in fields(PlatformOutputs))}


def test_every_kind_of_asset_has_an_example() -> None:
    assert {kind(file) for file in FILES} == set(Kind)


def test_names_of_assets_are_given_once() -> None:
    named = [
        (kind(file), data["name"], data.get("endpoint_name"))
        for file in FILES
        if kind(file) is not Kind.JOB and (data := document(file).data)
    ]

    assert len(named) == len(set(named))


def jobs(of: str) -> list[dict[str, Any]]:
    return [document(file).data for file in FILES if document(file).data.get("type") == of]


def test_the_sweeps_show_every_distribution_sampling_and_policy() -> None:
    distributions = {each["type"] for job in jobs("sweep") for each in job["search_space"].values()}
    samplings = {
        job["sampling_algorithm"].get("rule", job["sampling_algorithm"]["type"]) for job in jobs("sweep")
    }
    policies = [job["early_termination"] for job in jobs("sweep") if "early_termination" in job]

    scales = {"uniform", "loguniform", "normal", "lognormal"}
    assert distributions == scales | {f"q{scale}" for scale in scales} | {"choice", "randint"}
    assert samplings == {"grid", "random", "sobol", "bayesian"}
    assert {policy["type"] for policy in policies} == {"bandit", "median_stopping", "truncation_selection"}
    assert all({"evaluation_interval", "delay_evaluation"} <= set(policy) for policy in policies)


def test_automl_is_shown_for_tables_images_and_texts() -> None:
    assert {job["task"] for job in jobs("automl")} == {
        "classification",
        "regression",
        "forecasting",
        "image_classification",
        "text_classification",
    }
    for job in jobs("automl"):
        assert job["training_data"]["type"] == "mltable"
        assert {"primary_metric", "limits", "compute"} <= set(job)


def test_no_file_asks_for_a_key() -> None:
    for file in FILES:
        data = document(file).data
        if kind(file) is Kind.DATASTORE:
            assert "credentials" not in data, file
        if "auth_mode" in data:
            assert data["auth_mode"] == "aad_token", file


def pins_of(path: Path) -> dict[str, str]:
    return pins(path.read_text(encoding="utf-8").splitlines())


def pins(lines: list[str]) -> dict[str, str]:
    found = [Requirement(line.split(" #")[0]) for line in lines if line and not line.startswith("#")]
    return {pin.name: str(pin.specifier) for pin in found}


def test_environments_hold_the_versions_that_the_tests_run_with() -> None:
    direct = pins_of(ROOT / "requirements.in")
    tested = {name: direct[name] for name in ("scikit-learn", "pandas", "mlflow-skinny")}
    folder = ASSETS / "environments"
    conda = yaml.safe_load((folder / "training-sklearn" / "conda.yml").read_text(encoding="utf-8"))
    installed = {
        "training": pins(conda["dependencies"][-1]["pip"]),
        "scoring": pins_of(folder / "scoring" / "requirements.txt"),
        "model": pins_of(ASSETS / "models" / "churn-classifier" / "requirements.txt"),
    }

    for name, found in installed.items():
        assert tested.items() <= found.items(), name
        assert all(specifier.startswith("==") for specifier in found.values()), name


def test_the_data_are_what_their_script_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = ("churn", "demand", "reviews", "reviews-validation", "product-images")
    for name in folders:
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "argv", ["generate.py", "--folder", str(tmp_path)])

    runpy.run_path(str(ASSETS / "data" / "generate.py"), run_name="__main__")

    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.glob("*/*")}
    committed = {
        path.relative_to(ASSETS / "data"): path.read_bytes()
        for name in folders
        for path in (ASSETS / "data" / name).iterdir()
        if path.name != "MLTable"
    }
    assert written == committed


def test_the_example_stays_small() -> None:
    files = [path for path in ASSETS.rglob("*") if path.is_file() and "__pycache__" not in path.parts]

    assert sum(path.stat().st_size for path in files) < 200_000


def nodes() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """The steps of pipelines that run a component: file, name, the step, the component."""
    components = {
        document(file).data["name"]: document(file).data for file in FILES if kind(file) is Kind.COMPONENT
    }
    for file in FILES:
        for name, node in document(file).data.get("jobs", {}).items():
            if component := node.get("component") or node.get("trial"):
                yield file, name, node, components[component.removeprefix("azureml:").partition("@")[0]]


@pytest.mark.parametrize(("file", "name", "node", "component"), list(nodes()))
def test_a_step_gives_its_component_what_it_needs(
    file: str, name: str, node: dict[str, Any], component: dict[str, Any]
) -> None:
    declared = component["inputs"]
    needed = {key for key, each in declared.items() if not each.get("optional") and "default" not in each}
    given = set(node["inputs"]) | set(node.get("search_space", {}))

    assert needed <= given <= set(declared)
    assert set(node.get("outputs", {})) <= set(component["outputs"])


@pytest.mark.parametrize(("file", "name", "node", "component"), list(nodes()))
def test_a_step_takes_from_other_steps_what_they_make(
    file: str, name: str, node: dict[str, Any], component: dict[str, Any]
) -> None:
    pipeline = document(file).data
    makers = {other: made for in_file, other, _, made in nodes() if in_file == file}
    for text in strings(node):
        for group, key in re.findall(r"parent\.(inputs|outputs)\.(\w+)", text):
            assert key in pipeline[group], text
        for step, key in re.findall(r"parent\.jobs\.(\w+)\.outputs\.(\w+)", text):
            assert key in makers[step]["outputs"], text
