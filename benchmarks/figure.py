"""One measured number and what was promised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number: `value` ≤ `limit` is the promise; `how` says what was put beside what."""

    name: str
    value: float
    limit: float
    unit: str
    how: str

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit
