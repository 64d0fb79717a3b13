"""The `$schema` decides the kind, and a wrong one is told with the right spelling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ml_assets.documents import Document, DocumentError
from ml_assets.schemas import SCHEMAS, VERSIONED, Kind, kind_of, schema_name

URL = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"


def document(data: dict[str, Any]) -> Document:
    return Document("assets/a.yml", Path("a.yml"), data, {("$schema",): 4})


@pytest.mark.parametrize(("name", "kind"), SCHEMAS.items())
def test_each_name_has_its_kind(name: str, kind: Kind) -> None:
    assert kind_of(document({"$schema": URL.format(name)})) is kind


def test_every_kind_has_a_schema() -> None:
    assert set(SCHEMAS.values()) == set(Kind)
    assert set(Kind) >= VERSIONED


def test_a_kind_is_written_as_its_value() -> None:
    assert f"{Kind.FEATURE_SET}" == "feature_set"


def test_a_missing_schema_is_an_error() -> None:
    with pytest.raises(
        DocumentError, match=r"^assets/a.yml:4: \$schema · found: nothing, and it is required"
    ):
        kind_of(document({}))


@pytest.mark.parametrize(
    ("url", "shown", "meant"),
    [
        (URL.format("enviroment"), "enviroment", "environment"),
        (URL.format("commandcomponent"), "commandcomponent", "commandComponent"),
        ("http://azureml/sdk-2-0/CommandComponent.json", "", "commandComponent"),
        ("https://example.com/pipelineJob.schema.json", "", "pipelineJob"),
    ],
)
def test_an_unknown_schema_is_told_with_the_nearest_one(url: str, shown: str, meant: str) -> None:
    with pytest.raises(DocumentError) as caught:
        kind_of(document({"$schema": url}))

    text = str(caught.value)
    assert f"found: '{shown or url}' · allowed: {URL.format('NAME')}, NAME being azureBlob, azureFile" in text
    assert text.endswith(f"; did you mean '{meant}'? · example: {URL.format(meant)}")


@pytest.mark.parametrize("url", [7, ["x"], None])
def test_a_schema_that_is_no_text_is_an_error(url: object) -> None:
    with pytest.raises(DocumentError, match=r"\$schema · found: "):
        kind_of(document({"$schema": url}))


def test_the_name_of_a_schema_is_told_whether_known_or_not() -> None:
    assert schema_name({"$schema": URL.format("amlCompute")}) == "amlCompute"
    assert schema_name({"$schema": "https://json-schema.org/draft"}) is None
    assert schema_name({"name": "a"}) is None


def test_what_cannot_be_checked_before_it_is_deployed_is_refused_with_the_reason() -> None:
    with pytest.raises(DocumentError) as caught:
        kind_of(document({"$schema": URL.format("serverlessEndpoint")}))

    said = str(caught.value)
    assert "found: 'serverlessEndpoint', which azure-ai-ml has no schema for" in said
    assert "did you mean" not in said
