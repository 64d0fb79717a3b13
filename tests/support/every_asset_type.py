"""One asset or more of every type: where its file is, what may change, and what people do to it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from azure.ai.ml import MLClient

from tests.support.asset_stack import azure
from tests.support.stack import PulumiStack

ONLINE, BATCH = "contoso-churn-dev", "contoso-batch-dev"
API_VERSION = "2024-10-01-preview"
ONE_LAKE = {
    "$schema": "https://azuremlschemas.azureedge.net/latest/oneLake.schema.json",
    "name": "product_fabric",
    "type": "one_lake",
    "one_lake_workspace_name": "fabric",
    "endpoint": "onelake.dfs.fabric.microsoft.com",
    "artifact": {"type": "lake_house", "name": "lakehouse.Lakehouse"},
}


@dataclass(frozen=True)
class Found:
    """A resource in Azure, and who may change it there: somebody else than Pulumi."""

    stack: PulumiStack
    ml: MLClient
    id: str
    name: str
    version: str

    def put(self, change: Callable[[dict[str, Any]], None]) -> None:
        """A PUT of what is there with a change in it."""
        body = azure(self.stack, self.id, api_version=API_VERSION)
        change(body)
        azure(self.stack, self.id, "PUT", body, API_VERSION)

    def deployment(self, operations: str) -> Any:
        """The entity of a deployment."""
        endpoint, _, name = self.name.partition("/")
        return getattr(self.ml, operations).get(name, endpoint)


ByHand = Callable[[Found], None]


def tagged(found: Found) -> None:
    """Somebody puts a tag on it in the studio."""
    found.put(lambda body: body["properties"].update(tags={"by": "hand"}))


def endpoint_tagged(found: Found) -> None:
    found.put(lambda body: body.update(tags={"by": "hand"}))


def component_tagged(found: Found) -> None:
    """What `az ml component update` sends: the specification has the tags too."""
    found.put(lambda body: body["properties"]["componentSpec"].update(tags={"by": "hand"}))


def described(found: Found) -> None:
    found.put(lambda body: body["properties"].update(description="By hand."))


def archived(operations: str) -> ByHand:
    """Somebody archives the version."""
    return lambda found: getattr(found.ml, operations).archive(found.name, found.version)


def moved_traffic(found: Found) -> None:
    endpoint = found.ml.online_endpoints.get(found.name)
    endpoint.traffic, endpoint.mirror_traffic = {"blue": 40, "green": 60}, {}
    found.ml.online_endpoints.begin_create_or_update(endpoint).result()


def scaled(found: Found) -> None:
    deployment = found.deployment("online_deployments")
    deployment.instance_count += 1
    found.ml.online_deployments.begin_create_or_update(deployment).result()


def other_default(found: Found) -> None:
    endpoint = found.ml.batch_endpoints.get(found.name)
    endpoint.defaults = {"deployment_name": "pipeline"}
    found.ml.batch_endpoints.begin_create_or_update(endpoint).result()


def larger_batches(found: Found) -> None:
    deployment = found.deployment("batch_deployments")
    deployment.mini_batch_size = 99
    found.ml.batch_deployments.begin_create_or_update(deployment).result()


def disabled(found: Found) -> None:
    found.ml.schedules.begin_disable(found.name).result()


def aimed_elsewhere(found: Found) -> None:
    found.put(lambda body: body["properties"].update(target="Server=tcp:elsewhere,1433"))


@dataclass(frozen=True)
class Row:
    """One resource: its file, what changes in place, and what somebody does to it by hand."""

    type: str
    name: str
    file: str
    by_hand: ByHand
    change: dict[str, Any] = field(default_factory=lambda: {"description": "Changed."})


ROWS = (
    Row("Datastore", "product_blob", "datastores/product-blob.yml", described),
    Row("Datastore", "exchange_files", "datastores/exchange-files.yml", described),
    Row("Datastore", "product_lake", "datastores/product-lake.yml", described),
    Row("Datastore", "product_fabric", "datastores/product-fabric.yml", described),
    Row("Environment", "training-sklearn", "environments/training-sklearn.yml", archived("environments")),
    Row("Environment", "scoring", "environments/scoring.yml", tagged),
    Row("Data", "churn-customers", "data/churn-customers.yml", archived("data")),
    Row("Data", "churn-history", "data/churn-history.yml", tagged),
    Row("Data", "churn-table", "data/churn-table.yml", archived("data")),
    Row("Component", "prep", "components/prep/component.yml", archived("components")),
    Row("Component", "churn_scoring", "components/churn-scoring/component.yml", component_tagged),
    Row("Model", "churn-classifier", "models/churn-classifier.yml", archived("models")),
    Row("Model", "churn-scorecard", "models/churn-scorecard.yml", tagged),
    Row("FeatureStoreEntity", "customer", "feature-store/customer.yml", tagged),
    Row("FeatureSet", "churn-signals", "feature-store/churn-signals.yml", archived("feature_sets")),
    Row("Connection", "crm", "connections/crm.yml", aimed_elsewhere, {"target": "Server=tcp:new,1433"}),
    Row("OnlineEndpoint", ONLINE, "endpoints/online/churn/endpoint.yml", endpoint_tagged),
    Row("OnlineDeployment", f"{ONLINE}/blue", "endpoints/online/churn/blue.yml", scaled),
    Row(
        "OnlineTraffic",
        ONLINE,
        "endpoints/online/churn/endpoint.yml",
        moved_traffic,
        {"traffic": {"blue": 80, "green": 20}, "mirror_traffic": {}},
    ),
    Row("BatchEndpoint", BATCH, "endpoints/batch/churn/endpoint.yml", endpoint_tagged),
    Row("BatchDeployment", f"{BATCH}/model", "endpoints/batch/churn/model-deployment.yml", larger_batches),
    Row(
        "BatchDeployment",
        f"{BATCH}/pipeline",
        "endpoints/batch/churn/pipeline-deployment.yml",
        described,
    ),
    Row(
        "BatchDefaults",
        BATCH,
        "endpoints/batch/churn/endpoint.yml",
        other_default,
        {"defaults": {"deployment_name": "pipeline"}},
    ),
    Row("Schedule", "retrain-churn", "schedules/retrain-churn.yml", disabled),
    Row("Schedule", "import-customers", "schedules/import-customers.yml", disabled),
)


@dataclass(frozen=True)
class Catalogue:
    """A stack that has all assets, and their files, which belong to the test."""

    stack: PulumiStack
    folder: Path

    def change(self, file: str, changes: dict[str, Any]) -> None:
        """Other values for top-level keys of a file."""
        path = self.folder / file
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes, sort_keys=False))

    def steps(self) -> dict[tuple[str, str], str]:
        """What a preview would do, by type and logical name."""
        return {key_of(urn): operation for urn, operation in self.stack.preview().changes().items()}

    def assets(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The resources of the state that are assets, by type and logical name."""
        return {
            key_of(each["urn"]): each
            for each in self.stack.resources()
            if each["type"].startswith("azureml-assets:index:")
        }


def key_of(urn: str) -> tuple[str, str]:
    return urn.split("::")[2].rsplit(":", 1)[-1], urn.rpartition("::")[2]
