"""The plugin and plain azure-ai-ml calls leave the same resources behind, from the same files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import azure.ai.ml
import pytest
import yaml

from azureml_assets.kinds import TYPES, Target
from azureml_assets.version_calls import HASH_PROPERTY
from tests.support.arm_requests import unique
from tests.support.asset_workspace import AssetWorkspace
from tests.support.plugin import Plugin, running_plugin

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20240709.v1"
COMMAND: dict[str, Any] = {
    "type": "command",
    "code": "src",
    "command": "python train.py --data ${{inputs.data}} --lr ${{inputs.lr}} --model ${{outputs.model}}",
    "environment": "azureml://registries/azureml/environments/sklearn-1.5/versions/10",
    "inputs": {"data": {"type": "uri_folder"}, "lr": {"type": "number", "default": 0.1, "max": 1}},
    "outputs": {"model": {"type": "mlflow_model"}},
    "tags": {"team": "churn"},
    "description": "Trains.",
    "is_deterministic": False,
}
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "environment with conda": ("Environment", "environment", {"image": IMAGE, "conda_file": "conda.yml"}),
    "environment with context": ("Environment", "environment", {"build": {"path": "context"}}),
    "file": ("Data", "data", {"type": "uri_file", "path": "src/train.py"}),
    "folder": ("Data", "data", {"type": "uri_folder", "path": "src", "tags": {"a": "b"}}),
    "table": ("Data", "data", {"type": "mltable", "path": "table"}),
    "remote data": (
        "Data",
        "data",
        {"type": "uri_folder", "path": "azureml://datastores/workspaceblobstore/paths/x/"},
    ),
    "command component": ("Component", "commandComponent", COMMAND),
    "component with includes": (
        "Component",
        "commandComponent",
        {**COMMAND, "additional_includes": ["table", "conda.yml"]},
    ),
    "spark component": (
        "Component",
        "sparkComponent",
        {
            "type": "spark",
            "code": "src",
            "entry": {"file": "train.py"},
            "conf": {
                "spark.driver.cores": 1,
                "spark.driver.memory": "2g",
                "spark.executor.cores": 2,
                "spark.executor.memory": "2g",
                "spark.executor.instances": 2,
            },
        },
    ),
    "custom model": ("Model", "model", {"type": "custom_model", "path": "src", "stage": "Staging"}),
    "mlflow model": ("Model", "model", {"type": "mlflow_model", "path": "mlflow"}),
}


@pytest.fixture
def plugin(assets: AssetWorkspace, tmp_path: Path) -> Iterator[Plugin]:
    target = Target(assets.arm.subscription_id, assets.parts.group, assets.name)
    with running_plugin(tmp_path, target) as running:
        running.file(
            "conda.yml", "name: x\nchannels: [conda-forge]\ndependencies: [python=3.11, {pip: [numpy]}]\n"
        )
        running.file("context/Dockerfile", "FROM scratch\n")
        running.file("src/train.py", "print('training')\n")
        running.file("src/util/io.py", "x = 1\n")
        running.file("src/.amlignore", "*.log\n")
        running.file("src/noise.log", "noise\n")
        running.file("table/MLTable", "paths:\n  - file: ./data.csv\ntransformations: [read_delimited]\n")
        running.file("table/data.csv", "a,b\n1,2\n")
        running.file("mlflow/MLmodel", "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n")
        yield running


def properties(assets: AssetWorkspace, id: str, name: str) -> dict[str, Any]:
    """What Resource Manager holds, without what differs between any two assets."""
    body = assets.arm.send("GET", id, "2024-04-01-preview").json()["properties"]
    (body.get("properties") or {}).pop(HASH_PROPERTY, None)
    if body.get("componentSpec", {}).get("properties", {}).keys() == {HASH_PROPERTY}:
        del body["componentSpec"]["properties"]
    (body.get("properties") or {}).pop("client_component_hash", None)  # has the name in it
    found: dict[str, Any] = json.loads(json.dumps(body).replace(name, "NAME"))
    code = str(found.get("componentSpec", {}).get("code", ""))
    if code:  # one code asset or two of the same content are the same to a component
        answer = assets.arm.send("GET", code.removeprefix("azureml:"), "2023-04-01").json()
        found["componentSpec"]["code"] = answer["properties"]["properties"]
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_same_file_gives_the_same_resource(plugin: Plugin, assets: AssetWorkspace, case: str) -> None:
    type_, schema, data = CASES[case]
    ours, theirs = unique("ours"), unique("theirs")
    made = plugin.create(type_, plugin.document("asset.yml", schema, name=ours, version="1", **data))
    asset = TYPES[f"azureml-assets:index:{type_}"]
    file = plugin.root / plugin.file("theirs.yml", yaml.safe_dump({"name": theirs, "version": "1", **data}))

    entity = getattr(azure.ai.ml, asset.loader)(file)
    plain = getattr(assets.client, asset.operations).create_or_update(entity)

    assert properties(assets, made.id, ours) == properties(assets, str(plain.id), theirs)
