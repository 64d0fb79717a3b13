"""Datastores: what a storage account, a container, a share and a file system may be called.

Sources: "Naming rules and restrictions for Azure resources", Microsoft.Storage; "Naming and referencing
containers, blobs, and metadata", where the names of system containers stand, which begin with $.
"""

from __future__ import annotations

import re
from typing import Final

from azureml_assets.checks.subject import Subject
from ml_assets.mistakes import shown
from ml_assets.schemas import Kind

_CONTAINER: Final = (
    re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$(?:root|web|logs)"),
    "3 to 63 lower-case letters, digits and single hyphens, beginning and ending with a letter or digit",
)
_FORMS: Final = {
    "account_name": (re.compile(r"[a-z0-9]{3,24}"), "3 to 24 lower-case letters and digits"),
    "container_name": _CONTAINER,
    "file_share_name": _CONTAINER,
    "filesystem": _CONTAINER,
}


def check(subject: Subject) -> None:
    """Records names that no storage account can have."""
    if subject.kind is not Kind.DATASTORE:
        return
    for key, (form, allowed) in _FORMS.items():
        name = subject.get(key)
        if isinstance(name, str) and not form.fullmatch(name):
            meant = re.sub("[^a-z0-9]+", "" if key == "account_name" else "-", name.lower()).strip("-")
            suggestion = meant if form.fullmatch(meant) else None
            subject.wrong((key,), found=shown(name), allowed=allowed, suggestion=suggestion)
