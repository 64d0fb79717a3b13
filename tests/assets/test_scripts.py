"""The example product on this machine: prepare, train, evaluate, register and score, as its components do."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.components import ASSETS, LocalComponents

pytestmark = pytest.mark.slow  # each step is a process that imports scikit-learn and MLflow


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Product:
    """What the components of one product have made."""

    components: LocalComponents
    train: Path
    test: Path
    model: Path
    report: dict[str, Any]
    registration: dict[str, object]


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Product:
    components = LocalComponents(tmp_path_factory.mktemp("churn"))
    prepared = components.run(
        "prep",
        {"raw": ASSETS / "data" / "churn" / "customers.csv", "target": "churned", "drop": "customer_id"},
    )
    model = components.run(
        "train-classifier", {"train_data": prepared["train_data"], "target": "churned", "max_iter": "60.0"}
    )["model"]
    report = components.run(
        "evaluate",
        {
            "model": model,
            "test_data": prepared["test_data"],
            "target": "churned",
            "task": "classification",
            "minimum": 0.7,
            "baseline": ASSETS / "models" / "churn-scorecard" / "scorecard.json",
        },
    )["report"]
    registration = components.run("register", {"model": model, "report": report, "name": "churn-classifier"})
    return Product(
        components,
        prepared["train_data"],
        prepared["test_data"],
        model,
        json.loads((report / "metrics.json").read_text()),
        json.loads((registration["registration"] / "registration.json").read_text()),
    )


@pytest.fixture(scope="module")
def demand(tmp_path_factory: pytest.TempPathFactory) -> Product:
    components = LocalComponents(tmp_path_factory.mktemp("demand"))
    prepared = components.run(
        "prep",
        {"raw": ASSETS / "data" / "demand", "target": "units", "time_column": "week", "test_fraction": 0.15},
    )
    model = components.run(
        "train-regressor", {"train_data": prepared["train_data"], "target": "units", "time_column": "week"}
    )["model"]
    report = components.run(
        "evaluate",
        {
            "model": model,
            "test_data": prepared["test_data"],
            "target": "units",
            "task": "regression",
            "minimum": 0.999,
        },
    )["report"]
    registration = components.run("register", {"model": model, "report": report, "name": "demand-regressor"})
    return Product(
        components,
        prepared["train_data"],
        prepared["test_data"],
        model,
        json.loads((report / "metrics.json").read_text()),
        json.loads((registration["registration"] / "registration.json").read_text()),
    )


@dataclass
class Logged:
    """A run in an MLflow store of files."""

    metrics: dict[str, list[float]]
    parameters: set[str]
    artifacts: Path


def logged(store: Path) -> Iterator[Logged]:
    """The runs of a store, the oldest first."""
    for metadata in sorted(store.glob("*/*/meta.yaml"), key=lambda path: path.stat().st_mtime_ns):
        run = metadata.parent
        if not (run / "metrics").is_dir():
            continue
        yield Logged(
            {
                path.name: [float(line.split()[1]) for line in path.read_text().splitlines()]
                for path in (run / "metrics").iterdir()
            },
            {path.name for path in (run / "params").iterdir()},
            run / "artifacts",
        )


def with_metric(store: Path, name: str) -> Logged:
    return next(run for run in logged(store) if name in run.metrics)


class TestChurn:
    def test_preparation_splits_by_chance_and_leaves_the_identifier_out(self, churn: Product) -> None:
        train, test = rows(churn.train), rows(churn.test)

        assert (len(train), len(test)) == (960, 240)
        assert "customer_id" not in train[0]
        run = with_metric(churn.components.store, "rows_raw")
        assert (run.metrics["rows_raw"], run.metrics["rows_train"]) == ([1200.0], [960.0])

    def test_training_reports_after_each_fold_and_mlflow_logs_by_itself(self, churn: Product) -> None:
        run = with_metric(churn.components.store, "validation_auc")

        assert len(run.metrics["validation_auc"]) == 5
        assert 0.75 < run.metrics["validation_auc"][-1] < 0.95
        assert {"model__max_iter", "model__learning_rate"} <= run.parameters
        assert "training_roc_auc" in run.metrics

    def test_the_model_is_better_than_the_scorecard_on_new_customers(self, churn: Product) -> None:
        metrics = churn.report["metrics"]

        assert 0.6 < metrics["baseline_roc_auc"] < metrics["roc_auc"] < 0.95
        assert 0.6 < metrics["accuracy"] <= 1
        assert churn.report["passed"] is True

    def test_a_model_that_passes_is_registered_with_what_it_takes_to_load_it(self, churn: Product) -> None:
        assert churn.registration == {"name": "churn-classifier", "registered": True, "version": "1"}
        registered = next((churn.components.store / "models" / "churn-classifier").glob("version-1"))
        assert (registered / "tags" / "roc_auc").read_text() == f"{churn.report['metrics']['roc_auc']:.4f}"
        kept = [
            run for run in logged(churn.components.store) if (run.artifacts / "model" / "MLmodel").exists()
        ]
        assert len(kept) == 1

    def test_scoring_adds_the_prediction_to_each_row(self, churn: Product, tmp_path: Path) -> None:
        folder = tmp_path / "customers"
        folder.mkdir()
        (folder / "a.csv").write_bytes(churn.test.read_bytes())

        predictions = churn.components.run("score", {"model": churn.model, "rows": folder})["predictions"]

        scored = rows(predictions / "predictions.csv")
        assert len(scored) == 240
        assert {row["prediction"] for row in scored} == {"0", "1"}
        leaving = [float(row["probability"]) for row in scored if row["churned"] == "1"]
        staying = [float(row["probability"]) for row in scored if row["churned"] == "0"]
        assert sum(leaving) / len(leaving) > sum(staying) / len(staying) + 0.2

    def test_a_column_that_is_missing_is_named(self, churn: Product, tmp_path: Path) -> None:
        incomplete = tmp_path / "incomplete.csv"
        incomplete.write_text("tenure_months,contract\n3,monthly\n")

        churn.components.run("score", {"model": churn.model, "rows": incomplete}, check=False)

        assert "columns missing: ['monthly_charge', 'support_calls', 'data_gb', 'payment']" in (
            churn.components.printed
        )


class TestDemand:
    def test_the_newest_weeks_of_all_stores_are_for_testing(self, demand: Product) -> None:
        train, test = rows(demand.train), rows(demand.test)

        assert max(row["week"] for row in train) < min(row["week"] for row in test)
        assert {row["store"] for row in test} == {"centre", "harbour", "station", "west"}
        assert len(train) + len(test) == 2 * 52 * 4

    def test_the_model_explains_most_of_the_demand(self, demand: Product) -> None:
        assert demand.report["metrics"]["r2"] > 0.8
        assert demand.report["metrics"]["mae"] < 30
        assert len(with_metric(demand.components.store, "validation_mae").metrics["validation_mae"]) == 4

    def test_a_model_that_is_not_good_enough_is_not_registered(self, demand: Product) -> None:
        assert demand.report["passed"] is False
        assert demand.registration == {"name": "demand-regressor", "registered": False}
        assert not (demand.components.store / "models" / "demand-regressor").exists()
        assert "not registered" in demand.components.printed
