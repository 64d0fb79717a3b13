"""Schedules hold their job: the file that `create_job` names is put in its place.

Azure ML keeps a job's definition within the schedule. Put in here, it has the stack's changes and
replaced references like any other file, and is checked and compared with the schedule.
"""

from __future__ import annotations

import copy
import posixpath
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from ml_assets.documents import DocumentPath
from ml_assets.entries import Entry
from ml_assets.references import References
from ml_assets.spots import Spot, spots

_T = TypeVar("_T")


def with_jobs(
    entry: Entry, references: References, of_jobs: Mapping[str, References]
) -> tuple[dict[str, Any], References]:
    """A document's data and references with its jobs put in; `of_jobs`: their references by file."""
    data, parts, clusters = entry.data, dict(references.parts), dict(references.clusters)
    for path, job in references.jobs.items():
        definition, of_job = _moved(job, entry), of_jobs[job.file]
        place = path
        if path[-1] == "job":  # create_job: {job: FILE, inputs: ...}: what stands beside it changes the job
            place = path[:-1]
            definition = _merged(definition, {k: v for k, v in _at(data, place).items() if k != "job"})
        data = _replaced(data, place, definition)
        unchanged = {each.path for each in spots(definition) if _had(job.data, each)}
        parts = {**_below(place, of_job.parts, unchanged), **parts}
        clusters = {**_below(place, of_job.clusters, unchanged), **clusters}
    return data, References(parts, clusters)


def _moved(job: Entry, schedule: Entry) -> dict[str, Any]:
    """The job's data with the paths of its local files as seen from the schedule."""
    here, there = posixpath.dirname(schedule.file), posixpath.dirname(job.file)
    data = copy.deepcopy(job.data)
    data.pop("$schema", None)
    for spot in spots(job.data):
        if spot.is_local_path:
            path = posixpath.relpath(posixpath.join(there, spot.text), here)
            data = _replaced(data, spot.path, path)
    return data


def _had(data: Any, spot: Spot) -> bool:
    """Whether data has the same text at the same place."""
    try:
        return bool(_at(data, spot.path) == spot.text)
    except (KeyError, IndexError, TypeError):
        return False


def _below(
    place: DocumentPath, found: Mapping[DocumentPath, _T], paths: Collection[DocumentPath]
) -> dict[DocumentPath, _T]:
    return {(*place, *path): each for path, each in found.items() if path in paths}


def _merged(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(data)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _replaced(data: Any, path: DocumentPath, value: Any) -> Any:
    """A copy of the data with another value at a path; what the path does not touch is shared."""
    if not path:
        return value
    first, *rest = path
    result = copy.copy(data)
    result[first] = _replaced(data[first], tuple(rest), value)
    return result


def _at(data: Any, path: DocumentPath) -> Any:
    for key in path:
        data = data[key]
    return data
