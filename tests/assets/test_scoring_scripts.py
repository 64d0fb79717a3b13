"""The scripts of the endpoints answer with the committed model, as Azure ML's servers call them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.components import ASSETS, environment

pytestmark = pytest.mark.slow  # each is a process that imports scikit-learn and MLflow

ONLINE = ASSETS / "endpoints" / "online" / "churn"
BATCH = ASSETS / "endpoints" / "batch" / "churn"


def ask(code: Path, variables: Mapping[str, str], calls: str, *arguments: str) -> list[object]:
    """What run() answers to some calls, after init(), as Azure ML's server calls them."""
    program = f"import json, sys\nfrom {code.stem} import init, run\ninit()\nanswers = {calls}\n"
    program += "sys.__stdout__.write(json.dumps(answers))"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=code.parent,
        env={**environment(code), "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[object] = json.loads(done.stdout)
    return answers


# What the inference server gives to scripts; it is part of its image only.
SERVER = """
def AMLResponse(message, status_code, json_str=False):
    return {"status": status_code, **message}
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    server = tmp_path_factory.mktemp("server")
    (server / "azureml_inference_server_http" / "api").mkdir(parents=True)
    (server / "azureml_inference_server_http" / "api" / "aml_response.py").write_text(SERVER)
    sample = json.loads((ONLINE / "sample-request.json").read_text())
    only = sample["rows"][1]
    bodies = [
        json.dumps(sample),
        json.dumps({"rows": [only]}),
        json.dumps({"rows": [{"tenure_months": 3}]}),
        json.dumps({"rows": [{**only, "data_gb": "much"}]}),
        json.dumps({"rows": []}),
        "not JSON",
    ]
    return ask(
        ONLINE / "code" / "score.py",
        # The model is the committed one; below AZUREML_MODEL_DIR it has a folder of its own.
        {"AZUREML_MODEL_DIR": str(ASSETS / "models"), "PYTHONPATH": str(server)},
        f"[run(body) for body in {bodies!r}]",
    )


class TestOnlineEndpoint:
    def test_it_answers_the_sample_request(self, answers: list[object]) -> None:
        answer = answers[0]

        assert isinstance(answer, dict)
        leaving, staying = answer["predictions"]
        assert leaving["churned"] is True
        assert staying["churned"] is False
        assert 0 <= staying["probability"] < 0.2
        assert 0.8 < leaving["probability"] <= 1

    def test_a_value_that_is_not_known_is_null(self, answers: list[object]) -> None:
        answer = answers[1]

        assert isinstance(answer, dict)
        assert answer["predictions"][0]["probability"] < 0.2

    @pytest.mark.parametrize(
        ("number", "said"),
        [
            (2, "rows[0] · missing: ['monthly_charge', 'support_calls', 'data_gb', 'contract', 'payment']"),
            (3, "much"),
            (4, "a list of one object or more"),
            (5, "body · allowed: JSON"),
        ],
    )
    def test_a_request_that_cannot_be_answered_is_refused(
        self, answers: list[object], number: int, said: str
    ) -> None:
        answer = answers[number]

        assert isinstance(answer, dict)
        assert answer["status"] == 400
        assert said in answer["error"]


class TestBatchScoring:
    def mini_batch(self, folder: Path) -> list[str]:
        lines = (ASSETS / "data" / "churn" / "customers.csv").read_text().splitlines()
        files = []
        for name, part in (("a.csv", lines[1:31]), ("b.csv", lines[31:41])):
            (folder / name).write_text("\n".join([lines[0], *part]) + "\n")
            files.append(str(folder / name))
        return files

    @pytest.mark.parametrize("by", ["endpoint", "component"])
    def test_a_mini_batch_gives_a_row_for_each_customer(self, by: str, tmp_path: Path) -> None:
        models = str(ASSETS / "models")
        variables = {"AZUREML_MODEL_DIR": models} if by == "endpoint" else {}
        arguments = ["--model", models, "--task_overhead_timeout", "600"] if by == "component" else []

        (answer,) = ask(
            BATCH / "code" / "batch_score.py",
            variables,
            f"[run({self.mini_batch(tmp_path)!r}).to_dict('records')]",
            *arguments,
        )

        assert isinstance(answer, list)
        assert [(row["file"], row["row"]) for row in answer[28:32]] == [
            ("a.csv", 28),
            ("a.csv", 29),
            ("b.csv", 0),
            ("b.csv", 1),
        ]
        assert len(answer) == 40
        assert all(row["prediction"] == (row["probability"] >= 0.5) for row in answer)
