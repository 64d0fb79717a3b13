"""Scores the files of a mini batch: for the batch endpoint, and for the parallel component.

Each row of the answer has the file's name, the row's number in it, and the model's prediction.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

log = logging.getLogger(__name__)
model: Any = None  # the runner calls init() once in each of its processes, then run() for each mini batch


def init() -> None:
    """Loads the model: of --model where a component names it, else of the deployment."""
    global model  # noqa: PLW0603 - the runner's protocol is two functions of a module
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="folder of an MLflow model")
    # The runner has arguments of its own on the same command line.
    folder = parser.parse_known_args()[0].model or Path(os.environ["AZUREML_MODEL_DIR"])
    found = sorted(folder.rglob("MLmodel"))
    if len(found) != 1:
        raise RuntimeError(f"{folder} · found: {len(found)} files MLmodel · needed: one")
    model = mlflow.sklearn.load_model(str(found[0].parent))
    log.info("loaded %s", found[0].parent)


def run(mini_batch: list[str]) -> pd.DataFrame:
    """The predictions for the rows of some CSV files; a file that lacks a column fails its mini batch."""
    answers = []
    for name in mini_batch:
        rows = pd.read_csv(name)
        needed = list(model.feature_names_in_)
        if missing := [column for column in needed if column not in rows.columns]:
            raise ValueError(f"{name} · missing columns: {missing} · needed: {needed}")
        features = rows[needed]
        answer = pd.DataFrame({"file": Path(name).name, "row": range(len(rows))})
        answer["prediction"] = model.predict(features)
        if hasattr(model, "predict_proba"):
            answer["probability"] = model.predict_proba(features)[:, 1].round(4)
        answers.append(answer)
    return pd.concat(answers, ignore_index=True)
