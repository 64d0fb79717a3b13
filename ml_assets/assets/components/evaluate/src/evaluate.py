"""Compares a model with rows that it has not seen, and with the scorecard that it is to replace.

Writes metrics.json: the metrics, and whether the model passes. It passes with a metric that is good enough
and, where a scorecard is given, not worse than the scorecard's.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from predictions import predict, read_rows
from sklearn import metrics

METRICS = {"classification": "roc_auc", "regression": "r2"}  # the one that decides; more is better

log = logging.getLogger("evaluate")


def classification(target: pd.Series, probability: pd.Series) -> dict[str, float]:
    """Metrics of the probabilities of the second class, and of the classes at one half."""
    predicted = probability >= 0.5
    return {
        "roc_auc": metrics.roc_auc_score(target, probability),
        "average_precision": metrics.average_precision_score(target, probability),
        "accuracy": metrics.accuracy_score(target, predicted),
        "f1": metrics.f1_score(target, predicted),
    }


def regression(target: pd.Series, prediction: pd.Series) -> dict[str, float]:
    """Metrics of predicted numbers, in the unit of the target where they have one."""
    return {
        "r2": metrics.r2_score(target, prediction),
        "mae": metrics.mean_absolute_error(target, prediction),
        "rmse": metrics.root_mean_squared_error(target, prediction),
    }


def scorecard(path: Path, rows: pd.DataFrame) -> pd.Series:
    """Probabilities by points a person can add up: an intercept, points per unit, points per word."""
    points = json.loads(next(path.rglob("*.json")).read_text() if path.is_dir() else path.read_text())
    total = pd.Series(float(points["intercept"]), index=rows.index)
    for column, weight in points["numbers"].items():
        total += weight * rows[column].fillna(points["missing"][column])
    for column, weights in points["words"].items():
        total += rows[column].map(weights).fillna(0.0)
    return 1 / (1 + np.exp(-total))


def main() -> None:
    """Reads, predicts, compares, logs and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder of an MLflow model")
    parser.add_argument("--test-data", type=Path, required=True, help="CSV file")
    parser.add_argument("--target", required=True, help="the column that was to be predicted")
    parser.add_argument("--task", choices=sorted(METRICS), required=True)
    parser.add_argument("--minimum", type=float, required=True, help="of roc_auc, or of r2")
    parser.add_argument("--baseline", type=Path, help="a scorecard (JSON) to be no worse than")
    parser.add_argument("--report", type=Path, required=True, help="folder to write metrics.json to")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    rows = read_rows(arguments.test_data)
    predicted = predict(mlflow.sklearn.load_model(arguments.model), rows)
    target = rows[arguments.target]
    decisive = METRICS[arguments.task]
    if arguments.task == "classification":
        found = classification(target, predicted["probability"])
    else:
        found = regression(target, predicted["prediction"])
    needed = arguments.minimum
    if arguments.baseline:
        if arguments.task != "classification":
            parser.error("--baseline · found: a regression · allowed: with --task classification")
        found[f"baseline_{decisive}"] = classification(target, scorecard(arguments.baseline, rows))[decisive]
        needed = max(needed, found[f"baseline_{decisive}"])
    values = {name: float(value) for name, value in found.items()}
    report = {"metrics": values, "needed": {decisive: float(needed)}, "passed": values[decisive] >= needed}

    with mlflow.start_run():
        mlflow.log_metrics({f"test_{name}": value for name, value in values.items()})
        mlflow.log_dict(report, "metrics.json")
        mlflow.set_tag("passed", str(report["passed"]).lower())
    arguments.report.mkdir(parents=True, exist_ok=True)
    (arguments.report / "metrics.json").write_text(json.dumps(report, indent=2) + "\n")
    log.info("%s %.3f, needed %.3f", decisive, values[decisive], needed)


if __name__ == "__main__":
    main()
