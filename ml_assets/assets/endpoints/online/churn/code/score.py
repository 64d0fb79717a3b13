"""Answers the online endpoint: rows of customers in, the probability to leave out.

Request: {"rows": [{"tenure_months": 3, "contract": "monthly", ...}, ...]}.
Answer: {"predictions": [{"churned": true, "probability": 0.83}, ...]} in the order of the rows.
A request that cannot be answered gets status 400 and a text that says what is missing.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

THRESHOLD = 0.5  # from this probability on, a customer counts as leaving

log = logging.getLogger(__name__)
model: Any = None  # the server calls init() once in each of its processes, then run() for each request


def init() -> None:
    """Loads the model from where Azure ML has put it."""
    global model  # noqa: PLW0603 - the server's protocol is two functions of a module
    folder = Path(os.environ["AZUREML_MODEL_DIR"])
    # The folder that was registered is somewhere below, under its own name.
    found = sorted(folder.rglob("MLmodel"))
    if len(found) != 1:
        raise RuntimeError(f"{folder} · found: {len(found)} files MLmodel · needed: one")
    model = mlflow.sklearn.load_model(str(found[0].parent))
    log.info("loaded %s", found[0].parent)


def run(raw: str) -> Any:
    """The predictions for a request."""
    try:
        rows = table(raw)
        probabilities = model.predict_proba(rows)[:, 1]
    except ValueError as error:  # the model's own is about a value, such as a word in a column of numbers
        return refused(str(error))
    log.info("%d rows", len(rows))
    return {
        "predictions": [
            {"churned": bool(value >= THRESHOLD), "probability": round(float(value), 4)}
            for value in probabilities
        ]
    }


def table(raw: str) -> pd.DataFrame:
    """The rows of a request, with the model's columns. Raises ValueError for any other request."""
    try:
        rows = json.loads(raw)["rows"]
    except (json.JSONDecodeError, KeyError, TypeError):
        raise ValueError('body · allowed: JSON, {"rows": [{COLUMN: VALUE, ...}, ...]}') from None
    needed = list(model.feature_names_in_)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"rows · allowed: a list of one object or more, with the keys {needed}")
    for number, row in enumerate(rows):
        if missing := [name for name in needed if name not in row]:
            raise ValueError(f"rows[{number}] · missing: {missing} · needed: {needed}; null if not known")
    # null in a column of numbers is a missing value, as in training.
    return pd.DataFrame(rows)[needed].infer_objects()


def refused(text: str) -> Any:
    """An answer with status 400."""
    from azureml_inference_server_http.api.aml_response import AMLResponse  # the server's own package

    return AMLResponse({"error": text}, 400, json_str=True)
