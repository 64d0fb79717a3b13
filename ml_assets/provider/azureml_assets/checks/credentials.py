"""Secrets have no place in a file that is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from azureml_assets import secrets
from azureml_assets.checks.subject import Subject, texts, value_at
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import dotted

# Forms that only secrets have, wherever they stand.
_FORMS: Final = (
    (
        re.compile(r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}"),
        "a connection string with a key",
    ),
    (re.compile(r"[?&]sig=[A-Za-z0-9%+/]{20,}"), "a URL with a shared access signature"),
)
_FOLDER: Final = "ml_assets/assets/"
# A reference that is filled in later, not a secret itself.
_REFERENCE: Final = re.compile(r"\$\{.+\}|\$\{\{.+\}\}")


def check(subject: Subject) -> None:
    """Records secrets that the file holds, and those that its text or the stack's has where none belongs."""
    for path in _credentials(subject):
        subject.wrong(
            path,
            found="a secret in plain text",
            allowed=(
                "no secret in a file: leave credentials out, so that identities are used, or set the key "
                "as a secret of the stack, in assets.overrides of its settings"
            ),
            example=_command(subject, path),
        )
    hidden = set(secrets.paths_of(subject.kind, subject.spec))
    for path in hidden:
        if value_at(subject.spec, path) == "":
            subject.wrong(
                path,
                found="an empty secret",
                allowed="the secret, as one of the stack",
                example=_command(subject, path),
            )
    given = [each for each in texts(subject.spec) if each[0] not in hidden]  # with what the stack changes
    for path, text in [*texts(subject.document.data), *given]:
        for form, found in _FORMS:
            if form.search(text):
                subject.wrong(
                    path, found=found, allowed="no secret in a file", example="take it out and renew the key"
                )


def _command(subject: Subject, path: DocumentPath) -> str:
    """What gives the stack the secret."""
    file = subject.document.file.removeprefix(_FOLDER)
    option = f'azureml-platform:settings.assets.overrides["{file}"].{dotted(path)}'
    return f"pulumi config set --secret --path '{option}'"


def _credentials(subject: Subject) -> Iterator[DocumentPath]:
    data = subject.document.data
    for path in secrets.paths_of(subject.kind, data):
        value = value_at(data, path)
        text = value.strip() if isinstance(value, str) else ""
        if text and not _REFERENCE.fullmatch(text):
            yield path
