"""Which deployed state a preview was made against: a hash of what the state says, and its number.

`pulumi stack export` has no serial: its `version` is that of the file's format, and its time of writing
changes by an `up` that changes nothing. Such an `up` also writes resources and dependencies in another order
(seen with Pulumi 3.259). So the hash is over the resources, sorted, without when and from which line they
were written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from review.errors import ReviewError
from review.untrusted import as_list, as_mapping, as_text

_OF_THE_WRITING: Final = frozenset({"created", "modified", "sourcePosition", "stackTrace"})
_PROJECT: Final = "project:///"  # how a position in the project's own folder begins
_SETS: Final = frozenset({"dependencies", "propertyDependencies"})  # lists whose order says nothing


@dataclass(frozen=True)
class DeployedState:
    """A state of a stack.

    Attributes:
        serial: How many updates the stack has had: the backend's number, or its count of the history.
            None where no history was given.
        hash: SHA-256, hexadecimal, of all resources and of operations that a killed update left behind.
    """

    serial: int | None
    hash: str

    def __str__(self) -> str:
        number = "" if self.serial is None else f"{self.serial}, "
        return f"{number}sha256 {self.hash[:12]}"


def deployed_state(export: Path, history: Path | None = None) -> DeployedState:
    """The state in a file of `pulumi stack export`, numbered by one of `pulumi stack history --json`.

    Raises:
        ReviewError: a file is not what those commands print.
    """
    deployment = as_mapping(_json(export, "pulumi stack export").get("deployment"))
    if not {"manifest", "resources"} & deployment.keys():  # a stack without resources has a manifest only
        raise ReviewError(f"{export}: no deployment in it; allowed: what `pulumi stack export` prints")
    lines = [_canonical("resource", each) for each in deployment.get("resources") or ()]
    lines += [_canonical("pending", each) for each in deployment.get("pending_operations") or ()]
    digest = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    return DeployedState(None if history is None else _serial(history), digest)


def deployed_resources(export: Path) -> list[Mapping[str, Any]]:
    """The resources as they are written there, from a file that `deployed_state` accepts."""
    deployment = as_mapping(_json(export, "pulumi stack export").get("deployment"))
    return [as_mapping(each) for each in as_list(deployment.get("resources"))]


def sources(resources: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Where the program declares each, by URN: `infra/storage.py:52` for `project:///infra/storage.py#52`."""
    found = {as_text(each.get("urn")): as_text(each.get("sourcePosition")) for each in resources}
    return {
        urn: position.removeprefix(_PROJECT).replace("#", ":")
        for urn, position in found.items()
        if position.startswith(_PROJECT)
    }


def _serial(history: Path) -> int:
    """The newest version; backends of files number none, there it is the count."""
    updates = _json(history, "pulumi stack history --json").get("")
    if not isinstance(updates, list):
        raise ReviewError(f"{history}: no list; allowed: what `pulumi stack history --json` prints")
    versions = [update.get("version") for update in updates if isinstance(update, dict)]
    return max([each for each in versions if isinstance(each, int) and each > 0], default=len(updates))


def _canonical(kind: str, entry: object) -> str:
    kept = {key: value for key, value in as_mapping(entry).items() if key not in _OF_THE_WRITING}
    ordered = {key: _sorted(value) if key in _SETS else value for key, value in kept.items()}
    return f"{kind} {json.dumps(ordered, sort_keys=True)}"


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(each) for key, each in value.items()}
    return sorted(value, key=str) if isinstance(value, list) else value


def _json(path: Path, command: str) -> dict[str, Any]:
    """The object in a file; a list is found under the empty key."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise ReviewError(f"{path}: {error}; allowed: what `{command}` prints") from error
    return found if isinstance(found, dict) else {"": found}
