"""Set-ups that others have published, as Pulumi programs would declare them, and what the pack finds.

A file of tests/policies/setups/ has `about`, `resources` in the form of tests/support/policy_cases.py, and
what a reviewer expects: `finds`, and `open` for what a preview cannot tell yet; each by control the names of
the resources, or `stack`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from azureml_guard.facts import Resource
from azureml_guard.values import UNKNOWN
from tests.support.policy_cases import Output, load, resources_of, unknown_output

FOLDER: Final = Path(__file__).parent.parent / "policies" / "setups"
STACK: Final = "stack"
_GROUP: Final = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers"
_KEYS: Final = frozenset({"about", "resources", "finds", "open"})


@dataclass(frozen=True)
class Setup:
    """One set-up: what it declares, in the preview of its first deployment and after it."""

    name: str
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The resources as the file has them."""
        return list(self.data["resources"])

    def expected(self, key: str) -> dict[str, set[str]]:
        """`finds` or `open`: by control the names of resources."""
        return {control: set(names) for control, names in (self.data.get(key) or {}).items()}

    def previewed(self, *, with_outputs: bool) -> tuple[Resource, ...]:
        """The resources while nothing exists yet: every output is unknown."""
        outputs = {"id": UNKNOWN, "name": UNKNOWN}
        entries = [{**entry, "outputs": {**outputs, **entry.get("outputs", {})}} for entry in self.entries]
        return resources_of(entries, with_outputs=with_outputs, value_of=unknown_output)

    def deployed(self, *, with_outputs: bool) -> tuple[Resource, ...]:
        """The resources after the update: every output is known."""
        entries = [
            {**entry, "outputs": {"id": self._ids[entry["name"]], **entry.get("outputs", {})}}
            for entry in self.entries
        ]
        return resources_of(entries, with_outputs=with_outputs, value_of=self._value_of)

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {
            entry["name"]: f"{_GROUP}/{entry['type'].replace(':', '/')}/{entry['name']}"
            for entry in self.entries
        }

    def _value_of(self, output: Output) -> str:
        if output.path == "id":
            return self._ids[output.resource]
        if output.path == "name":
            return output.resource
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{output.resource}.{output.path}"))


def setups() -> Iterator[Setup]:
    """All set-ups."""
    for path in sorted(FOLDER.glob("*.yml")):
        content = load(path)
        wrong = set(content) - _KEYS
        assert not wrong, f"{path.name}: {wrong} is no key of a set-up; allowed: {sorted(_KEYS)}"
        yield Setup(path.stem, content)
