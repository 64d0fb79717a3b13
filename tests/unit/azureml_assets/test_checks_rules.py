"""What holds for the offline checks of every kind: unknown values, warnings, silence, and their time."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from azure.ai.ml import load_job

from azureml_assets import checks
from ml_assets.schemas import Kind, kind_of
from resource_provider.values import UNKNOWN, Secret
from tests.support.asset_checks import FILES, GOOD, Catalogue, paths, put


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return Catalogue(tmp_path_factory.mktemp("catalogue"), FILES)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_not_known_yet_fits_everywhere(name: str, catalogue: Catalogue) -> None:
    document = catalogue.good(name)
    kind = kind_of(document)
    for path in paths(document.data):
        if path in (("$schema",), ("type",), ("task",)):
            continue
        spec = put(document.data, path, UNKNOWN)

        assert checks.check(document, spec, kind, catalogue.root) == [], path


def test_a_document_of_which_nothing_is_known_has_no_mistake(catalogue: Catalogue) -> None:
    document = catalogue.good("assets-environment")
    spec = dict.fromkeys(document.data, UNKNOWN)

    assert checks.check(document, spec, Kind.ENVIRONMENT, catalogue.root) == []


def test_overrides_are_checked_and_told_at_the_nearest_line(catalogue: Catalogue) -> None:
    document = catalogue.good("serving-online")
    spec = {**document.data, "instance_count": 0, "request_settings": {"request_timeout_ms": "long"}}
    spec["scale_settings"] = {"type": "target_utilization", "min_instances": 3, "max_instances": 2}
    said = catalogue.said_of(document, spec=spec)

    assert [text.partition(" ·")[0] for text in said] == [
        "1: scale_settings.max_instances",
        "1: scale_settings.type",
        "10: instance_count",
        "11: request_settings.request_timeout_ms",
    ]


def test_a_sweep_step_takes_no_component_of_a_registry(catalogue: Catalogue) -> None:
    """azure-ai-ml 1.35 accepts it, and fails when the job is submitted."""
    said = catalogue.said(
        "pipelineJob",
        """\
type: pipeline
settings: {default_compute: "azureml:cpu-cluster"}
jobs:
  tune:
    type: sweep
    trial: azureml://registries/contoso/components/train/versions/1
    search_space: {rate: {type: uniform, min_value: 0.01, max_value: 0.3}}
    sampling_algorithm: random
    objective: {goal: maximize, primary_metric: auc}
    limits: {max_total_trials: 20}
""",
    )

    assert said == [
        (
            "7: jobs.tune.trial · found: a component of a registry · allowed: a component of the workspace: "
            "azure-ai-ml 1.35 submits no sweep step with any other · example: leave its file out of "
            "assets.registry.files"
        )
    ]


def test_azure_ai_ml_still_misnames_what_is_refused_of_an_automl_job(catalogue: Catalogue) -> None:
    """Once it does not, the rule in checks/automl.py goes."""
    spec = {**catalogue.good("jobs-automl").data, "resources": {"instance_type": "Standard_DS3_v2"}}
    job: Any = load_job(StringIO(yaml.safe_dump(spec)))

    assert "instance_type" in job._to_rest_object().properties.resources


def test_a_key_out_of_the_stack_s_secrets_is_no_mistake(catalogue: Catalogue) -> None:
    document = catalogue.good("schedules_and_stores-blob")
    spec = {**document.data, "credentials": {"account_key": Secret("a2V5")}}

    assert catalogue.said_of(document, spec=spec) == []


@pytest.mark.parametrize(
    "credentials",
    [
        {"account_key": Secret("very-secret-key"), "type": "wrong"},
        {"account_kay": Secret("very-secret-key")},
        {"account_key": Secret({"value": "very-secret-key"})},
        Secret("very-secret-key"),
        Secret(["very-secret-key" * 9]),
    ],
)
def test_no_message_shows_a_secret(credentials: object, catalogue: Catalogue) -> None:
    document = catalogue.good("schedules_and_stores-blob")
    said = catalogue.said_of(document, spec={**document.data, "credentials": credentials, "endpoint": 1})

    assert len(said) >= 2
    assert "very-secret" not in str(said)


def test_traffic_can_be_checked_on_its_own(catalogue: Catalogue) -> None:
    document = catalogue.good("serving-endpoint")

    assert checks.check_traffic(document, {"name": "x", "traffic": {"blue": 100}}, catalogue.root) == []
    assert checks.check_traffic(document, {"traffic": {"blue": UNKNOWN, "green": 5}}, catalogue.root) == []
    (mistake,) = checks.check_traffic(document, {"traffic": {"blue": 60}}, catalogue.root)
    assert "a sum of 60 (blue 60)" in mistake.text


@pytest.mark.parametrize("name", GOOD)
def test_good_documents_are_not_warned_about(name: str, catalogue: Catalogue) -> None:
    document = catalogue.good(name)

    assert catalogue.said_of(document, checks.warnings) == []


def test_an_input_that_is_never_used_is_warned_about(catalogue: Catalogue) -> None:
    text = GOOD["components-command"]["text"].replace("--rate ${{inputs.rate}} ", "")

    assert catalogue.said("commandComponent", text, checks.warnings) == [
        (
            "7: inputs.rate · found: an input that the command never uses · allowed: ${{inputs.rate}} in the "
            "command, or no such input"
        ),
    ]


def test_a_script_that_the_code_does_not_have_is_warned_about(catalogue: Catalogue) -> None:
    text = GOOD["jobs-command"]["text"].replace("train.py", "trian.py")

    assert catalogue.said("commandJob", text, checks.warnings) == [
        (
            "4: command · found: 'trian.py', which assets/src does not have · allowed: score.py, "
            "sub/other.py or train.py; did you mean 'train.py'?"
        ),
    ]


def test_a_key_that_only_azure_writes_is_warned_about(catalogue: Catalogue) -> None:
    text = GOOD["assets-model"]["text"] + "creation_context: {created_by: ada}\n"

    assert catalogue.said("model", text, checks.warnings) == [
        "6: creation_context · found: a key that Azure ML alone writes · allowed: a file without it"
    ]


def test_a_large_upload_is_warned_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.uploads, "CODE_FILES", 2)
    monkeypatch.setattr(checks.uploads, "DATA_BYTES", 1)
    catalogue = Catalogue(tmp_path, {**FILES, "data/b.csv": "x" * 2_500_000})
    code = catalogue.said("commandComponent", GOOD["components-command"]["text"], checks.warnings)
    data = catalogue.said("data", GOOD["assets-uri_folder"]["text"], checks.warnings)

    assert code == [
        (
            "12: code · found: 3 files to upload · allowed: at most 2 files · example: leave files out by "
            "an .amlignore file, or make them data"
        ),
    ]
    assert data[0].startswith("5: path · found: 2 MB to upload · allowed: at most 0 MB")


@pytest.mark.parametrize("name", GOOD)
def test_nothing_is_printed(
    name: str,
    catalogue: Catalogue,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    no_network: None,
) -> None:
    document = catalogue.good(name)
    catalogue.said_of(document)
    catalogue.said_of(document, spec={**document.data, "surprise": 1})

    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("schema", "text", "key"),
    [
        ("commandComponent", GOOD["components-command"]["text"].replace("./src", "/etc"), "12: code"),
        ("commandComponent", GOOD["components-command"]["text"].replace("./src", "../../other"), "12: code"),
        ("model", GOOD["assets-model"]["text"].replace("./model", "/"), "5: path"),
        ("data", GOOD["assets-uri_folder"]["text"].replace("./data", "../.."), "5: path"),
    ],
)
def test_files_outside_of_the_project_are_refused_and_not_looked_at(
    schema: str, text: str, key: str, catalogue: Catalogue
) -> None:
    (said,) = catalogue.said(schema, text)

    assert said.startswith(f"{key} · found: '")
    assert "which is outside of the project · allowed: a f" in said


def test_no_content_of_models_and_contexts_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure's SDK hashes whatever has no name while it loads it, which takes minutes for a large model."""
    catalogue = Catalogue(tmp_path, {**FILES, "model.pkl": "x" * 1000, "context/big.bin": "x" * 1000})
    text = GOOD["serving-online"]["text"].replace(
        "environment: azureml:scoring:1", "environment: {build: {path: ./context}}"
    )
    opened: list[str] = []
    monkeypatch.setattr(
        "azure.ai.ml._utils._asset_utils._get_file_hash", lambda name, *_: opened.append(str(name))
    )

    assert catalogue.said("managedOnlineDeployment", text) == []
    assert opened == []
