"""What a user reads about a reference that leads nowhere: one function per mistake.

Each text names the other end as well: the file and line of what was meant, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ml_assets.entries import Entry
from ml_assets.mistakes import nearest, one_of, shown, wording

_FORMS: Final = "azureml:NAME:VERSION, azureml:NAME@latest, or a full id, azureml:/subscriptions/…"
_FOREIGN: Final = "one from elsewhere by its full id, azureml:/subscriptions/…"


class WrongReferenceError(Exception):
    """A reference that cannot be followed; the message is the text of the mistake."""


def described(entry: Entry) -> str:
    """'a component (FILE:LINE)'."""
    what = str(entry.kind).replace("_", " ")
    article = "an" if what[0] in "aeiou" else "a"
    return f"{article} {what} ({entry.where()})"


def cluster(written: str, name: str, known: Sequence[str]) -> WrongReferenceError:
    """Compute that the stack does not have."""
    allowed = f"a cluster of the stack's compute.clusters, or serverless ({one_of(known)})"
    return _wrong(written, allowed, suggestion=nearest(name, known))


def unknown(written: str, name: str, noun: str, known: Sequence[str]) -> WrongReferenceError:
    """A name that nothing in the catalogue has."""
    listed = one_of(known) or "there is none"
    return _wrong(written, f"{noun} of the catalogue ({listed}); {_FOREIGN}", suggestion=nearest(name, known))


def unknown_endpoint(written: str, noun: str, known: Sequence[str]) -> WrongReferenceError:
    """An endpoint, or a deployment of one, that is not in the catalogue."""
    listed = one_of(known) or "there is none"
    return _wrong(written, f"{noun} of the catalogue ({listed})", suggestion=nearest(written, known))


def other_kind(written: str, target: Entry, noun: str) -> WrongReferenceError:
    """The name, or the file, of something else."""
    return _wrong(written, noun, f", {described(target)}")


def left_out(written: str, where: str) -> WrongReferenceError:
    """An asset of the catalogue that the stack does not take."""
    allowed = f"assets that the stack takes; assets.include does not meet {where}, or assets.exclude does"
    return _wrong(written, allowed, ", which the stack does not take")


def file_left_out(written: str, pattern: str) -> WrongReferenceError:
    """A file of the catalogue that the stack does not take."""
    allowed = f"files that the stack takes; add '{pattern}' to assets.include for this one"
    return _wrong(written, allowed, ", which the stack does not take")


def file_of_no_asset(written: str, folder: str) -> WrongReferenceError:
    """A file that is there, but describes nothing."""
    return _wrong(written, f"YAML files with a $schema below {folder}", ", which is no file of the catalogue")


def file_missing(written: str, file: str, suggestion: str | None) -> WrongReferenceError:
    """A file that is not there."""
    allowed = "files of the catalogue, relative to this one"
    return _wrong(written, allowed, f", but there is no {file}", suggestion=suggestion)


def job_as_asset(written: str, target: Entry) -> WrongReferenceError:
    """A job where an asset belongs."""
    return _wrong(written, "a file of an asset; only schedules name jobs", f", {described(target)}")


def uri_owner(written: str, owner: str, known: Sequence[str]) -> WrongReferenceError:
    """`azureml://` with something unknown behind it."""
    example = "azureml://datastores/workspaceblobstore/paths/churn/"
    allowed = f"azureml://OWNER/…, OWNER being {one_of(known)}"
    return _wrong(written, allowed, suggestion=nearest(owner, known), example=example)


def datastore_uri(written: str) -> WrongReferenceError:
    """A datastore's URI without a path."""
    example = "azureml://datastores/workspaceblobstore/paths/churn/"
    return _wrong(written, "azureml://datastores/NAME/paths/PATH", example=example)


def form(written: str, example: str | None = None) -> WrongReferenceError:
    """`azureml:` with something behind it that is no reference."""
    return _wrong(written, _FORMS, example=example)


def no_versions(written: str, target: Entry) -> WrongReferenceError:
    """A version of something that has none."""
    return _wrong(written, f"azureml:{target.name}; {described(target)} has no versions")


def other_version(written: str, found: Sequence[Entry]) -> WrongReferenceError:
    """A version that no file of that name has."""
    name = found[0].name
    if len(found) == 1 and found[0].version == "auto":
        allowed = f"azureml:{name}@latest, since {found[0].where('version')} has version auto"
    else:
        have = one_of(f"{each.version} ({each.where('version')})" for each in found)
        allowed = f"the version that the catalogue has, {have}, or azureml:{name}@latest"
    return _wrong(written, allowed)


def latest_unclear(written: str, found: Sequence[Entry]) -> WrongReferenceError:
    """`@latest` of several versions that are no numbers."""
    have = one_of(f"{each.version} ({each.where('version')})" for each in found)
    allowed = f"azureml:{found[0].name}:VERSION, since nothing says which is the latest of {have}"
    return _wrong(written, allowed)


def itself(written: str, noun: str) -> WrongReferenceError:
    """A file that refers to itself."""
    return _wrong(written, f"{noun} of another file", ", which is this file itself")


def of_the_workspace(written: str, target: Entry) -> WrongReferenceError:
    """An asset of the workspace in an asset of the registry."""
    allowed = "in an asset of the registry only such assets; assets.registry.files names them"
    return _wrong(written, allowed, f", {described(target)} of the workspace")


def datastore_in_registry(written: str) -> WrongReferenceError:
    """A datastore in an asset of the registry."""
    return _wrong(written, "in an asset of the registry no datastore; registries have none")


def data_type(written: str, wanted: object, target: Entry) -> WrongReferenceError:
    """Data of another type than the one it is taken as."""
    allowed = f"type {target.data.get('type')}, which the data has ({target.where('type')})"
    return _wrong(written, allowed, f" as {wanted}")


def unknown_deployment(name: str, known: Iterable[str]) -> str:
    """The text of the mistake that traffic goes to a deployment that is not in the catalogue."""
    names = list(known)
    allowed = f"a deployment of this endpoint ({one_of(names) or 'there is none'})"
    return wording(found=shown(name), allowed=allowed, suggestion=nearest(name, names))


def circle(ways: Sequence[str]) -> str:
    """The text of the mistake that assets refer to each other in a circle. `ways`: FILE:LINE of each step."""
    return wording(found=f"a circle, {' -> '.join(ways)}", allowed="references that do not come back")


def _wrong(
    written: str, allowed: str, more: str = "", *, suggestion: str | None = None, example: str | None = None
) -> WrongReferenceError:
    found = f"{shown(written)}{more}"
    return WrongReferenceError(wording(found=found, allowed=allowed, suggestion=suggestion, example=example))
