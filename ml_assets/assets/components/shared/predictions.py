"""What a model says about rows; uploaded beside the scripts that list it under additional_includes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd


def read_rows(path: Path) -> pd.DataFrame:
    """The rows of a CSV file, or of all CSV files of a folder in the order of their names."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise SystemExit(f"{path} · found: no .csv file · needed: at least one, with a header")
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def predict(model: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """`prediction` for each row and, of a classifier, `probability` of the second class.

    Columns that the model was not trained with are left aside. Raises ValueError for missing ones.
    """
    needed = list(model.feature_names_in_)
    missing = [name for name in needed if name not in rows.columns]
    if missing:
        raise ValueError(f"columns missing: {missing} · found: {list(rows.columns)} · needed: {needed}")
    features = rows[needed]
    answer = pd.DataFrame({"prediction": model.predict(features)}, index=rows.index)
    if hasattr(model, "predict_proba"):
        answer["probability"] = model.predict_proba(features)[:, 1]
    return answer
