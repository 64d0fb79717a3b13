"""Trains a regressor on rows in the order of time and writes it as an MLflow model.

The mean absolute error is reported after each fold, each of them later in time than what it was trained with,
so that a sweep's policy can stop a poor trial early. The model itself is then trained on all rows.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

PACKAGES = ("mlflow-skinny", "pandas", "scikit-learn")  # that read the model, in the versions that wrote it

log = logging.getLogger("train")


def whole(text: str) -> int:
    """A whole number; quantised search spaces give 32.0 where 32 is meant."""
    return round(float(text))


def pipeline(arguments: argparse.Namespace) -> Pipeline:
    """The model, behind what turns words into numbers, not trained yet.

    Values beyond its limits are cut off: a normal distribution has no ends.
    """
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (words, make_column_selector(dtype_exclude=np.number)), remainder="passthrough"
    )
    model = HistGradientBoostingRegressor(
        loss=arguments.loss,
        learning_rate=min(max(arguments.learning_rate, 1e-4), 1.0),
        max_iter=max(arguments.max_iter, 10),
        max_leaf_nodes=max(arguments.max_leaf_nodes, 2),
        min_samples_leaf=max(arguments.min_samples_leaf, 1),
        l2_regularization=10.0**arguments.log10_l2,
        random_state=arguments.seed,
    )
    return Pipeline([("columns", columns), ("model", model)])


def cross_validate(arguments: argparse.Namespace, features: pd.DataFrame, target: pd.Series) -> float:
    """The mean absolute error over the folds; reported as `validation_mae` after each of them."""
    errors: list[float] = []
    for step, (fit, check) in enumerate(TimeSeriesSplit(arguments.folds).split(features)):
        model = pipeline(arguments).fit(features.iloc[fit], target.iloc[fit])
        errors.append(mean_absolute_error(target.iloc[check], model.predict(features.iloc[check])))
        mlflow.log_metric("validation_mae", float(np.mean(errors)), step=step)
    return float(np.mean(errors))


def main() -> None:
    """Reads, cross-validates, trains, logs and writes the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-data", type=Path, nargs="+", required=True, help="CSV files")
    parser.add_argument("--target", required=True, help="the column to predict, a number")
    parser.add_argument("--time-column", required=True, help="orders the rows; not learned from")
    parser.add_argument("--loss", choices=("squared_error", "absolute_error"), default="squared_error")
    parser.add_argument("--drop", nargs="*", default=[], help="columns to leave out, such as identifiers")
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--max-iter", type=whole, default=100)
    parser.add_argument("--max-leaf-nodes", type=whole, default=15)
    parser.add_argument("--min-samples-leaf", type=whole, default=10)
    parser.add_argument("--log10-l2", type=float, default=0.0, help="regularisation, as a power of ten")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, required=True, help="folder to write the MLflow model to")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    table = pd.concat([pd.read_csv(file) for file in arguments.train_data], ignore_index=True)
    table = table.sort_values(arguments.time_column, kind="stable")
    features = table.drop(columns=[arguments.target, arguments.time_column, *arguments.drop])
    # Whole numbers may be missing when the model is asked: MLflow's signature has to allow for that.
    features = features.astype(dict.fromkeys(features.select_dtypes("integer").columns, float))
    target = table[arguments.target]
    with mlflow.start_run():
        error = cross_validate(arguments, features, target)
        # Parameters and training metrics by themselves; the model goes to the job's output, not to the run.
        mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
        model = pipeline(arguments).fit(features, target)
        mlflow.log_metrics({"rows": len(table), "target_mean": float(target.mean())})
        mlflow.sklearn.save_model(
            model,
            str(arguments.model),
            signature=mlflow.models.infer_signature(features, model.predict(features)),
            input_example=features.head(2),
            pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in PACKAGES],
        )
    log.info("validation MAE %.2f over %d folds of %d rows", error, arguments.folds, len(table))


if __name__ == "__main__":
    main()
