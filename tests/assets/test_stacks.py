"""What the three environments take of the example product, as their files are checked in."""

from __future__ import annotations

import functools
import logging
from pathlib import Path

import pytest

from azureml_assets import content
from ml_assets.resources import OF_KIND
from ml_assets.schemas import Kind
from ml_assets.selection import FOLDER, catalogue_files
from tests.support.asset_outputs import PACKAGE
from tests.support.recorded_stack import ROOT, Recorded, record

KINDS = {f"{PACKAGE}{make.__name__}": kind for kind, make in OF_KIND.items()}


@functools.cache
def assets(stack: str) -> list[Recorded]:
    """The assets of a stack, without the routes of endpoints, which are part of another's document."""
    return [each for each in record(stack).resources if each.type in KINDS]


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_nothing_is_to_be_warned_of(stack: str, caplog: pytest.LogCaptureFixture) -> None:
    record(stack)

    assert [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.WARNING] == []


def test_dev_takes_all_but_what_needs_a_feature_store() -> None:
    names, _ = catalogue_files(ROOT)

    taken = {each.inputs["file"] for each in assets("dev")}

    assert taken == {f"{FOLDER}/{name}" for name in names if not name.startswith("feature-store/")}


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_closed_environments_take_nothing_that_is_uploaded(stack: str) -> None:
    """Their storage accounts are reached from inside their networks only."""
    # A job's code is uploaded when the job is submitted.
    taken = [each for each in assets(stack) if KINDS[each.type] is not Kind.JOB]
    local = {
        (each.name, path.key[-1])
        for each in taken
        for path in content.read(
            KINDS[each.type], each.inputs["spec"], Path(ROOT / each.inputs["file"]).parent, ROOT
        ).paths
    }

    assert taken
    assert local == {("training-sklearn", "conda_file")}  # whose text is part of the request
