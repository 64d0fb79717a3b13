"""Cleans a table and splits it into rows to train with and rows to test with.

Rows that appear twice and rows without a target are dropped. The split is by chance, or by time when a
column of dates is named: then the newest rows are for testing, as a forecast would meet them.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import mlflow
import pandas as pd

log = logging.getLogger("prep")


def read(path: Path) -> pd.DataFrame:
    """A CSV file, or all CSV files of a folder in the order of their names."""
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise SystemExit(f"{path} · found: no .csv file · needed: at least one, with a header")
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def clean(table: pd.DataFrame, target: str, drop: list[str]) -> pd.DataFrame:
    """The table without repeated rows, rows that lack the target, and columns that nobody may learn from."""
    missing = sorted({target, *drop} - set(table.columns))
    if missing:
        raise SystemExit(f"columns {missing} · found: {list(table.columns)} · check target and drop")
    return table.drop_duplicates().dropna(subset=[target]).drop(columns=drop)


def split(
    table: pd.DataFrame, test_fraction: float, time_column: str | None, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to train with and the rows to test with."""
    if time_column:
        ordered = table.sort_values(time_column, kind="stable").reset_index(drop=True)
        border = ordered[time_column].iloc[int(len(ordered) * (1 - test_fraction))]
        # One point in time is on one side only, or the test would know its neighbours.
        return ordered[ordered[time_column] < border], ordered[ordered[time_column] >= border]
    test = table.sample(frac=test_fraction, random_state=seed)
    return table.drop(index=test.index), test


def main() -> None:
    """Reads, cleans, splits, writes two CSV files and logs how many rows there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="a CSV file, or a folder of them")
    parser.add_argument("--target", required=True, help="the column to predict")
    parser.add_argument("--drop", nargs="*", default=[], help="columns to leave out, such as identifiers")
    parser.add_argument("--test-fraction", type=float, default=0.2)
    parser.add_argument("--time-column", help="split by this column instead of by chance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train-data", type=Path, required=True, help="CSV file to write")
    parser.add_argument("--test-data", type=Path, required=True, help="CSV file to write")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    with mlflow.start_run():
        raw = read(arguments.raw)
        table = clean(raw, arguments.target, arguments.drop)
        train, test = split(table, arguments.test_fraction, arguments.time_column, arguments.seed)
        for path, rows in ((arguments.train_data, train), (arguments.test_data, test)):
            path.parent.mkdir(parents=True, exist_ok=True)
            rows.to_csv(path, index=False)
        mlflow.log_params({"target": arguments.target, "time_column": arguments.time_column or "none"})
        counts = {"raw": len(raw), "dropped": len(raw) - len(table), "train": len(train), "test": len(test)}
        mlflow.log_metrics({f"rows_{name}": count for name, count in counts.items()})
        log.info("rows: %s", counts)


if __name__ == "__main__":
    main()
