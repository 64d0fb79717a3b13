"""Trains a classifier of two classes and writes it as an MLflow model.

The area under the ROC curve is reported after each fold of a cross-validation, so that a sweep's policy can
stop a poor trial before its last fold. The model itself is then trained on all rows, logged by MLflow.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

PACKAGES = ("mlflow-skinny", "pandas", "scikit-learn")  # that read the model, in the versions that wrote it

log = logging.getLogger("train")


def whole(text: str) -> int:
    """A whole number; quantised search spaces give 32.0 where 32 is meant."""
    return round(float(text))


def estimator(arguments: argparse.Namespace) -> Any:
    """The model that the arguments ask for, not trained yet; values beyond its limits are cut off."""
    l2 = 10.0**arguments.log10_l2
    if arguments.estimator == "logistic":
        return LogisticRegression(C=1 / l2, max_iter=1000)
    return HistGradientBoostingClassifier(
        learning_rate=min(max(arguments.learning_rate, 1e-4), 1.0),
        max_iter=max(arguments.max_iter, 10),
        max_leaf_nodes=max(arguments.max_leaf_nodes, 2),
        min_samples_leaf=max(arguments.min_samples_leaf, 1),
        l2_regularization=l2,
        random_state=arguments.seed,
    )


def pipeline(model: Any) -> Pipeline:
    """The model behind what makes any table of numbers and words fit for it."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include=np.number)),
        (words, make_column_selector(dtype_exclude=np.number)),
    )
    return Pipeline([("columns", columns), ("model", model)])


def cross_validate(arguments: argparse.Namespace, features: pd.DataFrame, target: pd.Series) -> float:
    """The mean area under the ROC curve over the folds; reported as `validation_auc` after each of them."""
    scores: list[float] = []
    folds = StratifiedKFold(arguments.folds, shuffle=True, random_state=arguments.seed)
    for step, (fit, check) in enumerate(folds.split(features, target)):
        model = pipeline(estimator(arguments)).fit(features.iloc[fit], target.iloc[fit])
        probability = model.predict_proba(features.iloc[check])[:, 1]
        scores.append(roc_auc_score(target.iloc[check], probability))
        mlflow.log_metric("validation_auc", float(np.mean(scores)), step=step)
    return float(np.mean(scores))


def main() -> None:
    """Reads, cross-validates, trains, logs and writes the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-data", type=Path, required=True, help="CSV file")
    parser.add_argument("--target", required=True, help="the column to predict, 0 or 1")
    parser.add_argument("--estimator", choices=("boosting", "logistic"), default="boosting")
    parser.add_argument("--drop", nargs="*", default=[], help="columns to leave out, such as identifiers")
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--max-iter", type=whole, default=100)
    parser.add_argument("--max-leaf-nodes", type=whole, default=15)
    parser.add_argument("--min-samples-leaf", type=whole, default=20)
    parser.add_argument("--log10-l2", type=float, default=0.0, help="regularisation, as a power of ten")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, required=True, help="folder to write the MLflow model to")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    table = pd.read_csv(arguments.train_data)
    features, target = table.drop(columns=[arguments.target, *arguments.drop]), table[arguments.target]
    # Whole numbers may be missing when the model is asked: MLflow's signature has to allow for that.
    features = features.astype(dict.fromkeys(features.select_dtypes("integer").columns, float))
    with mlflow.start_run():
        score = cross_validate(arguments, features, target)
        # Parameters and training metrics by themselves; the model goes to the job's output, not to the run.
        mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
        model = pipeline(estimator(arguments)).fit(features, target)
        mlflow.log_metrics({"rows": len(table), "positive_share": float(target.mean())})
        mlflow.sklearn.save_model(
            model,
            str(arguments.model),
            signature=mlflow.models.infer_signature(features, model.predict(features)),
            input_example=features.head(2),
            pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in PACKAGES],
        )
    log.info("validation AUC %.3f over %d folds of %d rows", score, arguments.folds, len(table))


if __name__ == "__main__":
    main()
