"""Local files that a document names: that they are there, and that they are what the document says."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from azureml_assets.checks import mltable
from azureml_assets.checks.local_files import files_below, is_dir, is_file, is_local, names_in
from azureml_assets.checks.subject import Subject, maps_at, value_at
from ml_assets.documents import DocumentError, DocumentPath, read
from ml_assets.mistakes import shown
from ml_assets.schemas import Kind

_FOLDERS: Final = ("code", "code_configuration.code", "trial.code")
_STEP_CODE: Final = ("code", "task.code", "trial.code", "component.code", "component.task.code")


def check(subject: Subject) -> None:
    """Records paths that lead nowhere, or to something else than what belongs there."""
    for path in _code_paths(subject):
        _code(subject, path)
    for path in _environments(subject):
        _environment(subject, path)
    for path in _references(subject):
        found_path(subject, path, wanted="file")
    if subject.kind is Kind.DATA:
        _data(subject)
    elif subject.kind is Kind.MODEL:
        _model(subject, ())
    elif subject.kind in (Kind.ONLINE_DEPLOYMENT, Kind.BATCH_DEPLOYMENT):
        _model(subject, ("model",))


def found_path(subject: Subject, path: DocumentPath, *, wanted: str) -> Path | None:
    """The file or folder that a path key names; records where there is none of the `wanted` sort."""
    value = subject.get(*path)
    local = subject.local(value)
    if local is None:
        if is_local(value):
            subject.wrong(
                path,
                found=f"{shown(value)}, which is outside of the project",
                allowed=f"a {wanted} of the project, relative to this file, so that every machine has it",
            )
        return None
    if not is_file(local) and not is_dir(local):
        subject.wrong(
            path,
            found=f"{shown(value)}, and there is no {shown(subject.shown_path(local)).strip(chr(39))}",
            allowed=f"a {wanted} that exists, relative to this file",
            suggestion=neighbour(local, str(value)),
        )
        return None
    if (wanted == "file" and is_dir(local)) or (wanted == "folder" and is_file(local)):
        is_kind = "folder" if is_dir(local) else "file"
        example = f"{Path(str(value)).parent.as_posix()}" if wanted == "folder" else None
        subject.wrong(path, found=f"the {is_kind} {shown(value)}", allowed=f"a {wanted}", example=example)
        return None
    return local


def neighbour(local: Path, value: str) -> str | None:
    """A name beside the missing one that was probably meant, written as the value was."""
    close = difflib.get_close_matches(local.name, names_in(local.parent), n=1)
    return (
        value.rstrip("/")[: -len(local.name)] + close[0]
        if close and value.rstrip("/").endswith(local.name)
        else None
    )


def _references(subject: Subject) -> Iterator[DocumentPath]:
    """Where another document may be named by its path."""
    places: list[DocumentPath] = [("create_job",), ("create_job", "job"), ("component",)]
    places += [("jobs", name, "component") for name, _ in maps_at(subject.spec, "jobs")]
    for path in places:
        value = subject.get(*path)
        if isinstance(value, str) and value.endswith((".yml", ".yaml")):
            yield path


def _code_paths(subject: Subject) -> Iterator[DocumentPath]:
    base: DocumentPath = ("create_job",) if subject.kind is Kind.SCHEDULE else ()
    for key in (*_FOLDERS, "task.code"):
        yield (*base, *key.split("."))
    for name, _ in maps_at(value_at(subject.spec, base), "jobs"):
        for key in _STEP_CODE:
            yield (*base, "jobs", name, *key.split("."))


def _code(subject: Subject, path: DocumentPath) -> None:
    folder = found_path(subject, path, wanted="folder")
    if folder is None:
        return
    if not files_below(folder):
        subject.wrong(
            path, found=f"the folder {shown(subject.get(*path))} without a file", allowed="a folder with code"
        )


def _environments(subject: Subject) -> Iterator[DocumentPath]:
    if subject.kind is Kind.ENVIRONMENT:
        yield ()
    base: DocumentPath = ("create_job",) if subject.kind is Kind.SCHEDULE else ()
    for key in ("environment", "trial.environment", "task.environment"):
        yield (*base, *key.split("."))
    for name, _ in maps_at(value_at(subject.spec, base), "jobs"):
        for key in ("environment", "trial.environment", "component.environment"):
            yield (*base, "jobs", name, *key.split("."))


def _environment(subject: Subject, path: DocumentPath) -> None:
    environment = subject.get(*path) if path else subject.spec
    if not isinstance(environment, dict):
        return
    for key in ("channels", "dependencies"):
        if key in environment:
            subject.wrong(
                (*path, key),
                found="a key of a conda file",
                allowed="conda_file, with the path of such a file or its content",
                example="conda_file: ./conda.yml",
            )
    conda_path = (*path, "conda_file")
    if isinstance(subject.get(*conda_path), str):
        conda = found_path(subject, conda_path, wanted="file")
        if conda is not None:
            _conda(subject, conda_path, conda)
    if isinstance(environment.get("build"), dict):
        _build(subject, (*path, "build"))
    given = [key for key in ("image", "build") if environment.get(key) is not None]
    conda_given = environment.get("conda_file") is not None
    if len(given) == 2:
        subject.wrong(
            (*path, "build"), found="image and build", allowed="one of them", example="leave image out"
        )
    elif not given and (conda_given or not path):
        subject.wrong(
            (*path, "image"),
            found="nothing, and one of image and build is required",
            allowed="the name of an image, or a build context",
            example="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04",
        )
    elif given == ["build"] and conda_given:
        subject.wrong(
            conda_path,
            found="conda_file and build",
            allowed="one of them",
            example="install it in the Dockerfile",
        )


def _conda(subject: Subject, path: DocumentPath, file: Path) -> None:
    try:
        content = read(file, subject.root).data
    except DocumentError as error:
        subject.wrong(
            path, found=f"a conda file with mistakes: {error.mistakes[0]}", allowed="a conda file in YAML"
        )
        return
    if not isinstance(content.get("dependencies"), list):
        subject.wrong(
            path,
            found=f"{subject.shown_path(file)} without a list of dependencies",
            allowed="a conda file with channels and dependencies",
            example="dependencies: [python=3.11, pip]",
        )


def _build(subject: Subject, path: DocumentPath) -> None:
    folder = found_path(subject, (*path, "path"), wanted="folder")
    name = subject.get(*path, "dockerfile_path") or "Dockerfile"
    if folder is None or not isinstance(name, str) or "\0" in name:
        return
    if not is_file(folder / name):
        key = "dockerfile_path" if subject.get(*path, "dockerfile_path") else "path"
        subject.wrong(
            (*path, key),
            found=f"{subject.shown_path(folder)} without a file {name}",
            allowed="a build context with its Dockerfile",
            suggestion=neighbour(folder / name, name),
        )


def _data(subject: Subject) -> None:
    kind = subject.get("type") or "uri_folder"
    if kind == "uri_file":
        found_path(subject, ("path",), wanted="file")
    elif kind in ("uri_folder", "mltable"):
        folder = found_path(subject, ("path",), wanted="folder")
        if folder is not None and kind == "mltable":
            mltable.check(subject, folder)


def _model(subject: Subject, path: DocumentPath) -> None:
    model = subject.get(*path) if path else subject.spec
    if not isinstance(model, dict):
        return
    kind = model.get("type") or "custom_model"
    wanted = "file or folder" if kind == "custom_model" else "folder"
    local = found_path(subject, (*path, "path"), wanted=wanted)
    if local is None:
        return
    if kind == "mlflow_model" and not is_file(local / "MLmodel"):
        subject.wrong(
            (*path, "path"),
            found=f"{subject.shown_path(local)} without a file MLmodel",
            allowed="an MLflow model",
        )
    elif kind == "triton_model" and not any(is_dir(local / name) for name in names_in(local)):
        subject.wrong(
            (*path, "path"),
            found=f"{subject.shown_path(local)} without a folder for a model",
            allowed="a Triton model repository",
            example="NAME/1/model.onnx in it",
        )
