"""Makes models/churn-classifier anew, with the scripts of the components and the data of this folder.

Run it after a change of the data or of the training script: `python ml_assets/assets/models/train.py`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1]


def run(store: Path, script: str, *arguments: str) -> None:
    """Runs a component's script; its runs are logged to a folder that is thrown away."""
    command = [sys.executable, str(ASSETS / "components" / script), *arguments]
    variables = {"MLFLOW_TRACKING_URI": store.as_uri(), "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run(command, check=True, env={**os.environ, **variables})


def main() -> None:
    """Prepares the customers, trains a small model and puts it in the place of the former one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ASSETS / "models" / "churn-classifier")
    model = parser.parse_args().model
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train, test = str(folder / "train.csv"), str(folder / "test.csv")
        raw = ["--raw", str(ASSETS / "data" / "churn"), "--target", "churned", "--drop", "customer_id"]
        run(folder / "runs", "prep/src/prep.py", *raw, "--train-data", train, "--test-data", test)
        shutil.rmtree(model, ignore_errors=True)
        fit = ["--train-data", train, "--target", "churned", "--estimator", "logistic"]
        run(folder / "runs", "train-classifier/src/train.py", *fit, "--model", str(model))
    for file in model.iterdir():
        if file.suffix != ".pkl":  # MLflow leaves out the last newline, which every file here has
            file.write_text(file.read_text().rstrip("\n") + "\n", newline="\n")


if __name__ == "__main__":
    main()
