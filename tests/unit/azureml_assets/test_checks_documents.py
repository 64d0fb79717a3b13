"""Good documents of every kind have no mistake; wrong ones are told with line, what is allowed, spelling.

The documents are in `documents/*.yml`: good ones, and for each wrong one what is replaced in a good one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ml_assets.schemas import SCHEMAS, Kind
from tests.support.asset_checks import TABLES, Catalogue, changed

DOCUMENTS = [(table, name) for table, content in TABLES.items() for name in content["good"]]
WRONG = [
    pytest.param(table, wrong, id=f"{table}-{wrong['of']}-{wrong['by'].strip()[:40]}")
    for table, content in TABLES.items()
    for wrong in content["wrong"]
]


def catalogue(table: str, root: Path) -> Catalogue:
    return Catalogue(root, TABLES[table]["files"])


def test_the_documents_are_of_every_kind() -> None:
    kinds = {SCHEMAS[good["schema"]] for content in TABLES.values() for good in content["good"].values()}

    assert kinds == set(Kind)


@pytest.mark.parametrize(("table", "name"), DOCUMENTS)
def test_a_good_document_has_no_mistake(table: str, name: str, tmp_path: Path, no_network: None) -> None:
    good = TABLES[table]["good"][name]

    assert catalogue(table, tmp_path).said(good["schema"], good["text"]) == []


@pytest.mark.parametrize(("table", "wrong"), WRONG)
def test_a_wrong_document_is_told_exactly(
    table: str, wrong: dict[str, Any], tmp_path: Path, no_network: None
) -> None:
    good = TABLES[table]["good"][wrong["of"]]
    text = changed(good["text"], wrong["replace"], wrong["by"])

    assert catalogue(table, tmp_path).said(good["schema"], text) == wrong["says"]
