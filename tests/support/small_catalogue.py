"""A small catalogue in a folder of a test's own, for whatever has to be read from files."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ml_assets.plan import CatalogError, Plan, PlanArgs, make_plan
from tests.support.recorded_stack import PROJECT, ROOT, RecordedStack, record, stack_settings

KEY = f"{PROJECT}:settings"
OUTPUTS = ("location", "environment", "workspace_name", "storage_account_name", "compute_identity_id")
CLUSTERS = ("cpu-cluster", "gpu-cluster")
_SCHEMA = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"

# path below ml_assets/assets → (schema, the rest of the document)
FILES: dict[str, tuple[str, str]] = {
    "datastores/lake.yml": (
        "azureDataLakeGen2",
        """
        name: lake
        type: azure_data_lake_gen2
        account_name: ${platform.storage_account_name}
        filesystem: curated
        """,
    ),
    "environments/training.yml": (
        "environment",
        """
        name: training
        version: 3
        image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04
        conda_file: training/conda.yml
        """,
    ),
    "environments/scoring.yml": (
        "environment",
        """
        name: scoring
        version: auto
        build:
          path: scoring
        """,
    ),
    "components/train/component.yml": (
        "commandComponent",
        """
        type: command
        name: train
        version: auto
        inputs:
          customers:
            type: uri_file
        code: src
        environment: azureml:training@latest
        command: python train.py --customers ${{inputs.customers}}
        """,
    ),
    "components/whole.yml": (
        "pipelineComponent",
        """
        type: pipeline
        name: whole
        version: "1"
        jobs:
          train:
            type: command
            component: ./train/component.yml
            compute: azureml:cpu-cluster
        """,
    ),
    "data/customers.yml": (
        "data",
        """
        name: customers
        version: auto
        type: uri_file
        path: customers.csv
        """,
    ),
    "data/history.yml": (
        "data",
        """
        name: history
        version: "7"
        type: uri_folder
        path: azureml://datastores/lake/paths/churn/${platform.environment}/
        """,
    ),
    "models/churn.yml": (
        "model",
        """
        name: churn
        version: "1"
        type: mlflow_model
        path: churn
        """,
    ),
    "endpoints/churn/endpoint.yml": (
        "managedOnlineEndpoint",
        """
        name: churn-${platform.environment}
        auth_mode: aad_token
        identity:
          type: user_assigned
          user_assigned_identities:
            - resource_id: ${platform.compute_identity_id}
        traffic:
          blue: 90
          green: 10
        """,
    ),
    "endpoints/churn/blue.yml": (
        "managedOnlineDeployment",
        """
        name: blue
        endpoint_name: churn-${platform.environment}
        model: azureml:churn:1
        environment: azureml:AzureML-sklearn-1.5:12
        instance_type: Standard_DS3_v2
        instance_count: 1
        """,
    ),
    "endpoints/churn/green.yml": (
        "managedOnlineDeployment",
        """
        name: green
        endpoint_name: churn-${platform.environment}
        model: azureml:churn@latest
        environment: ref:../../environments/scoring.yml
        code_configuration:
          code: src
          scoring_script: score.py
        instance_type: Standard_DS3_v2
        instance_count: 1
        """,
    ),
    "endpoints/nightly/endpoint.yml": (
        "batchEndpoint",
        """
        name: nightly
        defaults:
          deployment_name: whole
        """,
    ),
    "endpoints/nightly/whole.yml": (
        "pipelineComponentBatchDeployment",
        """
        name: whole
        endpoint_name: nightly
        type: pipeline
        component: azureml:whole:1
        settings:
          default_compute: azureml:gpu-cluster
        """,
    ),
    "jobs/pipeline.yml": (
        "pipelineJob",
        """
        type: pipeline
        experiment_name: churn
        settings:
          default_compute: azureml:cpu-cluster
        jobs:
          train:
            type: command
            component: azureml:train@latest
            inputs:
              customers:
                type: uri_file
                path: azureml:customers@latest
          report:
            type: command
            code: ../reports
            environment: azureml:training:3
            command: python report.py
        """,
    ),
    "schedules/retrain.yml": (
        "schedule",
        """
        name: retrain
        trigger:
          type: recurrence
          frequency: week
          interval: 1
        create_job:
          type: pipeline
          job: ../jobs/pipeline.yml
          settings:
            default_compute: azureml:gpu-cluster
        """,
    ),
}


@dataclass
class Catalogue:
    """Files of a project: a catalogue, and files of stacks."""

    root: Path
    assets: dict[str, Any] = field(default_factory=lambda: {"include": ["**"]})

    @classmethod
    def small(cls, root: Path) -> Catalogue:
        """The catalogue with all `FILES`, and a stack dev that takes them all."""
        catalogue = cls(root)
        for path in FILES:
            catalogue.restore(path)
        catalogue.write("environments/training/conda.yml", "name: training\ndependencies: [python=3.10]\n")
        return catalogue

    def write(self, path: str, text: str) -> None:
        """Any file, by its path below ml_assets/assets."""
        target = self.root / "ml_assets" / "assets" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")

    def asset(self, path: str, schema: str, text: str) -> None:
        """A file of the catalogue; line 1 is its $schema."""
        self.write(path, f"$schema: {_SCHEMA.format(schema)}\n{textwrap.dedent(text).strip()}\n")

    def restore(self, path: str) -> None:
        """A file as `FILES` has it."""
        self.asset(path, *FILES[path])

    def change(self, path: str, old: str, new: str) -> None:
        """Replace a text that a file has once."""
        target = self.root / "ml_assets" / "assets" / path
        text = target.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times {old!r} in {path}"
        target.write_text(text.replace(old, new), encoding="utf-8")

    def remove(self, path: str) -> None:
        (self.root / "ml_assets" / "assets" / path).unlink()

    def stack(self, stack: str, assets: Mapping[str, Any]) -> None:
        """The file of a stack, with nothing in it but its assets."""
        content = {"config": {KEY: {"assets": dict(assets)}}}
        (self.root / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))

    def plan(self, stack: str = "dev", *, write_stack: bool = True) -> Plan:
        """The plan of a stack that takes `assets`."""
        if write_stack:
            self.stack(stack, self.assets)
        return make_plan(
            PlanArgs(
                wanted=wanted(self.assets),
                stack=stack,
                root=self.root,
                settings_key=KEY,
                outputs=OUTPUTS,
                values={"environment": "dev", "location": "westeurope"},
                clusters=CLUSTERS,
            )
        )

    def mistakes(self) -> list[str]:
        """What the user reads, one mistake a line; fails if the plan can be made."""
        try:
            self.plan()
        except CatalogError as error:
            return [str(mistake) for mistake in error.mistakes]
        raise AssertionError("there was no mistake")

    def run(self, *, known: bool = True, stack: str = "dev") -> RecordedStack:
        """The whole program on this catalogue, with two clusters."""
        settings = stack_settings(stack)
        settings["assets"] = self.assets
        settings["compute"]["clusters"]["gpu-cluster"] = {
            "vmSize": "Standard_NC4as_T4_v3",
            "processor": "gpu",
            "maxNodeCount": 1,
        }
        self.stack(stack, self.assets)
        main = self.root / "__main__.py"
        if not main.exists():
            main.symlink_to(ROOT / "__main__.py")
        return record(stack, settings, known=known, folder=self.root)


@dataclass(frozen=True)
class WantedRegistry:
    name: str
    files: Sequence[str]
    must_exist: bool = False


@dataclass(frozen=True)
class WantedAssets:
    include: Sequence[str]
    exclude: Sequence[str] = ()
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    when_replaced: str = "keep"
    registry: WantedRegistry | None = None


def wanted(assets: Mapping[str, Any]) -> WantedAssets:
    """The settings that a section `assets` becomes."""
    registry = assets.get("registry")
    return WantedAssets(
        include=assets["include"],
        exclude=assets.get("exclude", ()),
        overrides=assets.get("overrides", {}),
        when_replaced=assets.get("whenReplaced", "keep"),
        registry=WantedRegistry(
            registry["name"], registry["files"], must_exist=registry.get("mustExist", False)
        )
        if registry
        else None,
    )


Change = Callable[[Catalogue], None]


def changed(path: str, old: str, new: str) -> Change:
    """Replaces a text in a file."""
    return lambda catalogue: catalogue.change(path, old, new)


def added(path: str, schema: str, text: str) -> Change:
    """Adds a file."""
    return lambda catalogue: catalogue.asset(path, schema, text)


def setting(**assets: Any) -> Change:
    """Changes the section `assets`."""
    return lambda catalogue: catalogue.assets.update(assets)


def together(*changes: Change) -> Change:
    """Several changes."""

    def change(catalogue: Catalogue) -> None:
        for each in changes:
            each(catalogue)

    return change
