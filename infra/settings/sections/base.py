"""What all sections share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from infra.settings.errors import Mistake


class Section(BaseModel):
    """Base of all settings: unknown keys are refused, values are not converted, nothing changes later."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True
    )

    def mistakes(self) -> Iterator[Mistake]:
        """What is wrong across the keys of this section; keys are relative to it."""
        return iter(())


Switch = Literal["Enabled", "Disabled"]


def below(prefix: str, mistake: Mistake) -> Mistake:
    """The same mistake, with its keys below `prefix`."""
    return Mistake(
        key=f"{prefix}.{mistake.key}",
        found=mistake.found,
        allowed=mistake.allowed,
        example=mistake.example,
        involves=tuple(f"{prefix}.{key}" for key in mistake.involves),
    )
