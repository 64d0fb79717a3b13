"""What azure-ai-ml itself says of a document: its schema, and then the rules of its object.

Both are asked without a client, so nothing leaves this machine.
"""

from __future__ import annotations

import copy
import functools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from azure.ai.ml.constants._common import BASE_PATH_CONTEXT_KEY, PARAMS_OVERRIDE_KEY
from azure.ai.ml.entities import Component
from marshmallow import Schema, ValidationError

from azureml_assets.checks import names
from azureml_assets.checks.local_files import is_local
from azureml_assets.checks.schema_errors import (
    UNKNOWN_FIELD,
    Wrong,
    explained,
    missing_arguments,
    narrowed,
    plain,
    sentence,
)
from azureml_assets.checks.sdk_schemas import (
    AUTOML_TASKS,
    BY_TYPE,
    DEFAULT_TYPES,
    entity_class,
    schema_class,
)
from azureml_assets.checks.subject import Subject, as_map, known, maps_at, unknown_paths, value_at
from azureml_assets.sdk import LOCK, undisturbed
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import nearest, one_of, shown
from ml_assets.schemas import VERSIONED, Kind
from resource_provider.values import UNKNOWN

# In the place of what is not known yet; most of that are references. Errors there are no mistakes.
_PLACEHOLDER: Final = "azureml:not-known-yet:1"


def check(subject: Subject) -> None:
    """Records what the SDK refuses."""
    expected = names.expected_type(subject)
    if not _type_is_known(subject) and expected is None:
        return
    data = _prepared(subject)
    if expected is not None:  # what is wrong with the type is told already; the rest is checked as meant
        data["type"] = expected
    unknown = set(unknown_paths(subject.spec)) | _told_already(subject, data)
    _spare_files(subject, data)
    for error in _refused(subject, data):
        of_placeholder = _covers(error.path, unknown) or "not-known-yet" in f"{error.found} {error.allowed}"
        if not of_placeholder and not _is_explained(subject, error.path):
            subject.wrong(
                error.path,
                found=error.found,
                allowed=error.allowed,
                suggestion=error.suggestion,
                example=error.example,
            )


def _type_is_known(subject: Subject) -> bool:
    by_type = BY_TYPE.get(subject.kind)
    if by_type is None:
        return True
    given = subject.get("type")
    if given is None and "type" not in subject.spec and subject.kind in DEFAULT_TYPES:
        given = DEFAULT_TYPES[subject.kind]
    if not isinstance(given, str) or given not in by_type:
        _unknown_choice(subject, "type", given, list(by_type))
        return False
    if subject.kind is Kind.JOB and given == "automl" and subject.get("task") not in list(AUTOML_TASKS):
        _unknown_choice(subject, "task", subject.get("task"), list(AUTOML_TASKS))
        return False
    return True


def _unknown_choice(subject: Subject, key: str, given: Any, choices: list[str]) -> None:
    if given is UNKNOWN or subject.has_mistake_at((key,)):
        return
    meant = nearest(given, choices) if isinstance(given, str) else None
    found = shown(given) if given is not None else "nothing, and it is required"
    subject.wrong((key,), found=found, allowed=one_of(choices), suggestion=meant, example=meant or choices[0])


def _prepared(subject: Subject) -> dict[str, Any]:
    data: dict[str, Any] = known(subject.spec, _PLACEHOLDER)
    if subject.kind in VERSIONED:
        data["version"] = "1"  # its forms are checked by `names`; the SDK takes anything
    return data


def _told_already(subject: Subject, data: dict[str, Any]) -> set[DocumentPath]:
    """Texts that our own rules refuse; the SDK would only do so in other words, or follow a path anywhere."""
    paths = {path for path in subject.mistakes if path and isinstance(value_at(data, path), str)} - {
        ("type",)
    }
    for path in paths:
        value_at(data, path[:-1])[path[-1]] = _PLACEHOLDER
    return paths


def _spare_files(subject: Subject, data: dict[str, Any]) -> None:
    """Keeps the SDK from hashing: it reads all bytes of models and build contexts that have no name."""
    for holder in (data, *(step for _, step in maps_at(data, "jobs"))):
        for around in (holder, as_map(holder.get("trial")), as_map(holder.get("task"))):
            build = as_map(as_map(around.get("environment")).get("build"))
            if is_local(build.get("path")):
                build["path"] = "https://not-known-yet.invalid/"
    if subject.kind in (Kind.ONLINE_DEPLOYMENT, Kind.BATCH_DEPLOYMENT) and isinstance(
        data.get("model"), dict
    ):
        data["model"].setdefault("name", "not-known-yet")


def _refused(subject: Subject, data: dict[str, Any]) -> list[Wrong]:
    """The errors of one load; the schema is asked for its messages only where the load has failed."""
    with LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # experimental classes, ignored names
        try:
            load = entity_class(subject.kind, data)._load  # noqa: SLF001  # what the loaders call
            path = str(subject.document.path)
            entity = undisturbed(lambda: load(data=copy.deepcopy(data), yaml_path=path))
        except RecursionError:
            return [Wrong((), "too many levels", "a document of fewer levels")]
        except Exception as error:  # noqa: BLE001  # hooks of the SDK fail in any way on data of another kind
            errors = list(_schema_errors(subject, data)) or list(missing_arguments(error))
            return errors or [_told((), data, plain(error))]
        return [*_dropped_keys(subject, data), *_entity_errors(entity, data)]


def _schema_errors(subject: Subject, data: dict[str, Any]) -> Iterator[Wrong]:
    context = {BASE_PATH_CONTEXT_KEY: subject.folder, PARAMS_OVERRIDE_KEY: []}
    try:
        chosen = schema_class(subject.kind, data)
        if chosen is None:
            return
        schema: Schema = chosen(context=context)
    except Exception as error:  # noqa: BLE001  # as above
        yield _told((), data, plain(error))
        return
    try:
        schema.load(copy.deepcopy(data))
    except ValidationError as error:
        context[BASE_PATH_CONTEXT_KEY] = subject.folder
        try:
            yield from explained(schema, data, error.messages)
        except Exception:  # noqa: BLE001  # the errors are told all the same, if less well
            yield _told((), data, sentence(error.messages))
    except Exception as error:  # noqa: BLE001  # as above
        context[BASE_PATH_CONTEXT_KEY] = subject.folder
        errors = list(narrowed(schema, data)) or list(missing_arguments(error))
        yield from errors or [_told((), data, plain(error))]


def _dropped_keys(subject: Subject, data: dict[str, Any]) -> Iterator[Wrong]:
    """Keys of a component that the SDK does not know: its loader takes them, and drops them."""
    chosen = schema_class(subject.kind, data) if subject.kind is Kind.COMPONENT else None
    if chosen is None:
        return
    messages = {key: [UNKNOWN_FIELD] for key in data if key not in _known_keys(chosen)}
    if messages:
        yield from explained(chosen(context={BASE_PATH_CONTEXT_KEY: subject.folder}), data, messages)


@functools.cache  # making a schema takes milliseconds
def _known_keys(chosen: type[Schema]) -> frozenset[str]:
    schema = chosen(context={BASE_PATH_CONTEXT_KEY: Path()})
    return frozenset(field.data_key or name for name, field in schema.fields.items())


def _told(path: DocumentPath, data: dict[str, Any], text: str) -> Wrong:
    """An error of which only the SDK's own sentence is known."""
    value = value_at(data, path)
    found = shown(value) if path and value is not None else "values that azure-ai-ml refuses"
    return Wrong(path, found, f"what azure-ai-ml says: {text[:300]}")


def _entity_errors(entity: Any, data: dict[str, Any]) -> Iterator[Wrong]:
    # A component's `_validate` writes it out and reads it again by the schema that has just read it.
    component = getattr(entity, "_customized_validate", None) if isinstance(entity, Component) else None
    validate = component or getattr(entity, "_validate", None)
    try:
        result = undisturbed(validate) if callable(validate) else None
    except Exception as error:  # noqa: BLE001  # as above
        yield _told((), data, plain(error))
        return
    for key, message in getattr(result, "error_messages", {}).items():
        yield _told(_path_of(key), data, " ".join(str(message).split()))


def _path_of(key: str) -> DocumentPath:
    if key in ("*", ""):
        return ()
    return tuple(int(part) if part.isdigit() else part for part in key.split("."))


def _covers(path: DocumentPath, unknown: set[DocumentPath]) -> bool:
    """Whether an error may come from a placeholder: it is at one, below one, or around one."""
    return any(path[: len(each)] == each or each[: len(path)] == path for each in unknown)


def _is_explained(subject: Subject, path: DocumentPath) -> bool:
    """Whether our own rules have said it better: at the place itself, below it, or at the value around it."""
    return subject.has_mistake_at(path) or any(
        path[:length] in subject.mistakes for length in range(1, len(path))
    )
