"""Whatever a document says, it is accepted or told what is wrong; never does a check fail itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azureml_assets import checks
from ml_assets.documents import Document, DocumentError, Mistake, read
from ml_assets.schemas import Kind, kind_of
from resource_provider.values import UNKNOWN
from tests.support.asset_checks import FILES, GOOD, URL, Catalogue, paths, put

QUICK = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # one example of a pipeline takes a tenth of a second


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return Catalogue(tmp_path_factory.mktemp("catalogue"), FILES)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["${{parent.inputs.x}}", "${{inputs.}}", "${{}}", "azureml:x:1", "azureml:", "./src", "..", "/"]
    )
    | st.sampled_from(["file:./src", "azureml://registries/r/models/m/versions/1", "git+x", "\0", "a" * 5000])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "path", "name", "inputs", "jobs", "code", "value"])
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
CHANGES = VALUES | st.just(...) | st.just(UNKNOWN)


def judged(document: Document, spec: dict[str, Any], kind: Kind, root: Path) -> None:
    for mistake in [*checks.check(document, spec, kind, root), *checks.warnings(document, spec, kind, root)]:
        assert isinstance(mistake, Mistake)
        assert mistake.file == document.file
        assert mistake.line >= 1
        assert mistake.text.startswith("found: ")
        assert "\n" not in str(mistake)
        assert "Traceback" not in mistake.text


@QUICK
@given(data=st.data())
@pytest.mark.parametrize("name", GOOD)
def test_a_document_with_anything_anywhere_is_accepted_or_told(
    name: str, data: st.DataObject, catalogue: Catalogue
) -> None:
    document = catalogue.good(name)
    spec = document.data
    for _ in range(data.draw(st.integers(1, 3))):
        places = [path for path in paths(spec) if path != ("$schema",)]
        if not places:
            return
        spec = put(spec, data.draw(st.sampled_from(places)), data.draw(CHANGES))
    judged(document, spec, kind_of(document), catalogue.root)


@QUICK
@given(kind=st.sampled_from(list(Kind)), spec=st.dictionaries(st.text(max_size=8), VALUES, max_size=5))
def test_any_values_of_any_kind_are_accepted_or_told(
    kind: Kind, spec: dict[str, Any], catalogue: Catalogue
) -> None:
    judged(
        Document("assets/asset.yml", catalogue.root / "assets/asset.yml", spec, {}),
        spec,
        kind,
        catalogue.root,
    )


@QUICK
@given(data=st.data())
def test_a_file_with_characters_changed_is_accepted_or_told(
    data: st.DataObject, catalogue: Catalogue
) -> None:
    name = data.draw(st.sampled_from(list(GOOD)))
    text = f"$schema: {URL.format(GOOD[name]['schema'])}\n{GOOD[name]['text']}"
    at = data.draw(st.integers(0, len(text) - 1))
    cut = data.draw(st.integers(0, 12))
    path = catalogue.root / "assets" / "mutated.yml"
    path.write_text(text[:at] + data.draw(st.text(max_size=6)) + text[at + cut :], encoding="utf-8")
    try:
        document = read(path, catalogue.root)
        kind = kind_of(document)
    except DocumentError:
        return
    judged(document, document.data, kind, catalogue.root)
