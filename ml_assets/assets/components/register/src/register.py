"""Registers a model that has passed its evaluation, with its metrics as tags; leaves out one that has not."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import mlflow

log = logging.getLogger("register")


def main() -> None:
    """Reads the report, registers the model if it passed, and writes registration.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder of an MLflow model")
    parser.add_argument("--report", type=Path, required=True, help="folder with metrics.json")
    parser.add_argument("--name", required=True, help="the name to register under")
    parser.add_argument("--registration", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    report = json.loads((arguments.report / "metrics.json").read_text())
    registration: dict[str, str | bool] = {"name": arguments.name, "registered": report["passed"]}
    with mlflow.start_run() as run:
        mlflow.set_tag("registered", str(report["passed"]).lower())
        if report["passed"]:
            # A model is registered from the run that holds it; a path on this machine would not outlive it.
            mlflow.log_artifacts(arguments.model, "model")
            version = mlflow.register_model(
                f"runs:/{run.info.run_id}/model",
                arguments.name,
                tags={name: f"{value:.4f}" for name, value in report["metrics"].items()},
            )
            registration["version"] = str(version.version)
            log.info("registered %s:%s", arguments.name, version.version)
        else:
            log.warning(
                "%s · not registered · found: %s · needed: %s",
                arguments.name,
                report["metrics"],
                report["needed"],
            )
    arguments.registration.mkdir(parents=True, exist_ok=True)
    (arguments.registration / "registration.json").write_text(json.dumps(registration, indent=2) + "\n")


if __name__ == "__main__":
    main()
