"""Adds what a model predicts to each row of a table."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import mlflow
import pandas as pd
from predictions import predict, read_rows

log = logging.getLogger("score")


def main() -> None:
    """Reads, predicts, logs and writes predictions.csv: the rows as they were, and the model's columns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder of an MLflow model")
    parser.add_argument("--rows", type=Path, required=True, help="a CSV file, or a folder of them")
    parser.add_argument("--predictions", type=Path, required=True, help="folder to write predictions.csv to")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    rows = read_rows(arguments.rows)
    predicted = predict(mlflow.sklearn.load_model(arguments.model), rows)
    with mlflow.start_run():
        mlflow.log_metrics({"rows": len(rows), "prediction_mean": float(predicted["prediction"].mean())})
    arguments.predictions.mkdir(parents=True, exist_ok=True)
    pd.concat([rows, predicted], axis="columns").to_csv(
        arguments.predictions / "predictions.csv", index=False
    )
    log.info("%d rows", len(rows))


if __name__ == "__main__":
    main()
