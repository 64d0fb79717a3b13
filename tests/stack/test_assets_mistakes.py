"""Mistakes of a catalogue, as the real engine shows them: all of all files in one preview, and no secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.asset_stack import ASSETS, take
from tests.support.stack import PulumiStack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-assets-mistakes")]

MakeStack = Callable[[str], PulumiStack]
KEY = "Zm9yIHRlc3RzIG9ubHksIG5vdCBhIGtleQ=="
# File -> what is made wrong in it, by what, and where that is told: line and key.
WRONG = {
    "components/prep/component.yml": ("command: >-", "comand: >-", "comand"),
    "components/evaluate/component.yml": ("code: src", "code: sorce", "code"),
    "environments/training-sklearn.yml": ("sklearn/conda.yml", "sklearn/cnda.yml", "conda_file"),
    "data/churn-table.yml": ("path: churn", "path: churn/customers.csv", "path"),
    "data/demand-table.yml": ("type: mltable", "type: mltabel", "type"),
    "datastores/product-blob.yml": ("container_name: product", "container_name: Product", "container_name"),
}
# The program tells these by itself, before it declares anything.
WRONG_REFERENCES = {
    "components/score/component.yml": ("training-sklearn@latest", "training-skl@latest", "environment"),
    "jobs/train.yml": ("azureml:cpu-cluster", "azureml:cpu-clustr", "compute"),
}


def break_files(assets: Path, wrong: dict[str, tuple[str, str, str]]) -> set[str]:
    """Makes files wrong; "FILE:LINE: KEY" of each."""
    places = set()
    for file, (old, new, key) in wrong.items():
        path = assets / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, file
        path.write_text(text.replace(old, new), encoding="utf-8")
        line = text[: text.index(old)].count("\n") + 1
        places.add(f"{ASSETS}/{file}:{line}: {key}")
    return places


def told(stack: PulumiStack) -> tuple[set[str], str]:
    """Places of all mistakes that a preview tells, and all that it prints."""
    done = stack.pulumi("preview", "--diff", check=False)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in output
    assert "defect" not in output
    places = re.findall(r"^ +((?:ml_assets|Pulumi)\S+:\d+: [\w./\[\]-]+) · ", output, re.MULTILINE)
    assert len(places) == len(set(places))
    return set(places), output


def test_all_mistakes_of_all_files_are_told_in_one_preview(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    assets = stack.own_assets()
    places = break_files(assets, WRONG)
    stack.change_settings(
        take(["**"], exclude=["feature-store/**"], overrides={"models/churn-scorecard.yml": {"tags": 3}})
    )

    found, output = told(stack)

    (override,) = found - places
    assert re.fullmatch(
        r"Pulumi\.dev\.yaml:\d+: assets\.overrides\.models/churn-scorecard\.yml\.tags", override
    )
    assert places <= found
    assert "did you mean 'command'?" in output
    assert "map[" not in output  # the engine prints the value of a property that a failure names

    more = break_files(assets, WRONG_REFERENCES)
    assert told(stack)[0] == found | more


def test_a_key_in_the_stack_s_file_is_refused_and_not_printed(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    store = stack.own_assets() / "datastores/product-blob.yml"
    store.write_text(store.read_text(encoding="utf-8") + 'credentials: {account_key: ""}\ncolour: blue\n')
    key = {"datastores/product-blob.yml": {"credentials": {"account_key": KEY}}}
    stack.change_settings(take(["datastores/*"], overrides=key))

    found, output = told(stack)

    assert {place.rpartition(".")[2] for place in found} == {"account_key", "yml:9: colour"}
    assert "pulumi config set --secret --path" in output
    assert KEY not in output
