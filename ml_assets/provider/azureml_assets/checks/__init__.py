"""What can be said of a document without Azure: by azure-ai-ml's own schemas, and by rules beyond.

Importing this package imports azure-ai-ml, which takes a second; sdk_process has a process for that.
No function here opens a connection.

The rules of our own come first, since they know more of the cause: "the folder ./src does not
exist" instead of "not a valid URL". A rule that fails on data it was not written for is a defect
of ours; the property tests of this package look for such data.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from azureml_assets.checks import (
    automl,
    bindings,
    credentials,
    features,
    interface,
    names,
    paths,
    readable,
    schedules,
    scripts,
    sdk_rules,
    serving,
    stores,
    sweeps,
    uploads,
)
from azureml_assets.checks.subject import Subject
from ml_assets.documents import Document, Mistake
from ml_assets.schemas import Kind

_RULES: Final[tuple[Callable[[Subject], None], ...]] = (
    names.check,
    credentials.check,
    paths.check,
    readable.check,
    scripts.check,
    features.check,
    interface.check,
    bindings.check,
    sweeps.check,
    automl.check,
    schedules.check,
    serving.check,
    stores.check,
    sdk_rules.check,  # last: what is known better already is not told again
)
_WARNINGS: Final[tuple[Callable[[Subject], None], ...]] = (
    interface.warn,
    scripts.warn,
    uploads.warn,
    names.warn,
)


def check(document: Document, spec: dict[str, Any], kind: Kind, root: Path) -> list[Mistake]:
    """Every mistake of a document, in the order of its lines; an empty list for a good one.

    Args:
        document: The file as read.
        spec: Its values with references replaced and overrides merged in; UNKNOWN fits everywhere.
        kind: What it describes.
        root: The project's root.
    """
    return _applied(_RULES, document, spec, kind, root)


def warnings(document: Document, spec: dict[str, Any], kind: Kind, root: Path) -> list[Mistake]:
    """What works, but is probably not meant. Never stops anything."""
    return _applied(_WARNINGS, document, spec, kind, root)


def check_traffic(document: Document, spec: dict[str, Any], root: Path) -> list[Mistake]:
    """Mistakes in the `traffic` and `mirror_traffic` of an online endpoint."""
    return _applied((serving.check_traffic,), document, spec, Kind.ONLINE_ENDPOINT, root)


def _applied(
    rules: tuple[Callable[[Subject], None], ...],
    document: Document,
    spec: dict[str, Any],
    kind: Kind,
    root: Path,
) -> list[Mistake]:
    subject = Subject.of(document, spec, kind, root)
    for rule in rules:
        rule(subject)
    return subject.sorted_mistakes()
