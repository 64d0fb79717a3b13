"""Whatever stands in the files and settings, there is a plan, or every mistake with its place."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_assets.mistakes import Mistake
from ml_assets.plan import CatalogError
from tests.support.small_catalogue import FILES, Catalogue

TEXTS = st.sampled_from(
    [
        "azureml:",
        "azureml:training",
        "azureml:training@",
        "azureml:training:3",
        "azureml:train@latest",
        "azureml:whole@latest",
        "azureml:churn-dev:blue",
        "azureml://",
        "azureml://datastores/lake/paths/x",
        "azureml:/x",
        "ref:",
        "ref:../../../../x.yml",
        "file:whole.yml",
        "./component.yml",
        "../jobs/pipeline.yml",
        "${platform.environment}",
        "${platform.workspace_name}",
        "${platform.}",
        "${platform.x.y}",
        "${{parent.inputs.x}}",
        "serverless",
        "blue",
        "churn-dev",
        "",
        "\n",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-1, 1) | TEXTS | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(TEXTS | st.text(max_size=4), inner, max_size=2)
    ),
)
KEYS = st.sampled_from(
    [
        "name",
        "version",
        "type",
        "path",
        "environment",
        "component",
        "model",
        "compute",
        "inputs",
        "jobs",
        "tags",
        "traffic",
        "create_job",
        "job",
        "endpoint_name",
        "defaults",
        "settings",
        "specification",
    ]
)
PATTERNS = st.sampled_from(["**", "*/**", "jobs/*", "[", "[!]", "**/x/**", "a/**/b.yml"])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in below for place in places(item, (*path, key)))]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_change_of_a_file_gives_a_plan_or_mistakes(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Catalogue.small(Path(folder))
        for name in data.draw(st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=2, unique=True)):
            file = catalogue.root / "ml_assets" / "assets" / name
            document = yaml.safe_load(file.read_text(encoding="utf-8"))
            *parents, last = data.draw(st.sampled_from(places(document)[1:]))
            here = document
            for parent in parents:
                here = here[parent]
            here[last] = data.draw(VALUES)
            if isinstance(here, dict):
                here[data.draw(KEYS)] = data.draw(VALUES)
            file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
        accepted_or_told(catalogue)


@settings(max_examples=80, deadline=None)
@given(
    include=st.lists(PATTERNS, min_size=1),
    changes=st.dictionaries(KEYS, VALUES, min_size=1, max_size=3),
    name=st.sampled_from(sorted(FILES)),
)
def test_any_settings_give_a_plan_or_mistakes(include: list[str], changes: dict[str, Any], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Catalogue.small(Path(folder))
        catalogue.assets = {"include": include, "overrides": {name: changes}}
        accepted_or_told(catalogue)


def accepted_or_told(catalogue: Catalogue) -> None:
    said: tuple[Mistake, ...] = ()
    try:
        catalogue.plan()
    except CatalogError as error:
        said = error.mistakes
    for mistake in said:
        line = str(mistake)
        assert re.fullmatch(
            r"(ml_assets/assets/\S+|Pulumi\.dev\.yaml):\d+: .* · allowed: .*", line, re.DOTALL
        ), line
