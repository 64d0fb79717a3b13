"""A version that stays the same while the content changes: refused before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azureml_assets.content import MUTABLE
from azureml_assets.kinds import AssetType
from azureml_assets.takeover import is_imported
from ml_assets.documents import DocumentPath
from resource_provider.diff import Kind, detailed_diff
from resource_provider.values import UNKNOWN

_WORDS = {Kind.ADD: "added", Kind.DELETE: "removed", Kind.UPDATE: "changed"}


@dataclass(frozen=True)
class WrongChange:
    """A change that Azure ML does not take: where it stands in the document, and what is to do."""

    path: DocumentPath
    text: str


def changed_under_one_version(
    asset: AssetType, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[WrongChange]:
    """One with the list of what changed; none where the version changes too."""
    if not asset.versioned or not old or UNKNOWN in (new.get("version"), new.get("contentHash")):
        return []
    same = all(old.get(key) == new.get(key) for key in ("version", "target")) and _name(old) == _name(new)
    if not same or old.get("contentHash") == new.get("contentHash"):
        return []
    if is_imported(old) and not old.get("contentHash"):
        return []  # others registered it: the update compares
    changes = ["it was registered with other content"]
    if not is_imported(old):
        changes = [*_spec_changes(old, new), *_file_changes(old, new)]
    text = (
        f"{_name(new)}:{new['version']} is registered, and a version cannot be changed; "
        f"{', '.join(changes)}. Give it another version, or `version: auto` for one that follows the content."
    )
    return [WrongChange(("version",), text)]


def _name(inputs: Mapping[str, Any]) -> Any:
    return inputs.get("spec", {}).get("name")


def _spec_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    changes = detailed_diff(old["spec"], new["spec"])
    return [f"{c.dotted} {_WORDS[c.kind]}" for c in changes if c.path[0] not in MUTABLE]


def _file_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before, now = old.get("content") or {}, new.get("content") or {}
    return [
        f"{name} {'added' if name not in before else 'removed' if name not in now else 'changed'}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
