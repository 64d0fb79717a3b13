"""Azure's built-in roles by GUID: what their holder can do, in plain words. The table is data/roles.json.

Source: "Azure built-in roles" (Microsoft Learn, role-based access control). `privileged` marks roles that can
grant roles or change everything ("Privileged built-in roles" there).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).parent / "data" / "roles.json"


@dataclass(frozen=True)
class Role:
    """A built-in role."""

    name: str
    can: str
    privileged: bool

    @property
    def grants(self) -> bool:
        """Whether it can grant roles."""
        return "grant roles" in self.can


def role_of(definition_id: str) -> Role | None:
    """The built-in role of a role definition's id or GUID; None for any other role."""
    return _built_in().get(definition_id.rstrip("/").rsplit("/", 1)[-1].lower())


@cache
def _built_in() -> Mapping[str, Role]:
    rows = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {row["id"]: Role(row["name"], row["can"], row["privileged"]) for row in rows}
