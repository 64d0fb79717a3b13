"""Tags of every resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field

from infra.settings import types
from infra.settings.errors import Mistake, one_of, shown
from infra.settings.sections.base import Section


class TagSettings(Section):
    """Tags that every resource carries, beside `environment`, `workload` and `managed-by`."""

    owner: types.Label = Field(description="Team that answers for the platform; becomes the tag `owner`.")
    cost_centre: types.Label = Field(
        description="Cost centre that is charged; becomes the tag `cost-centre`."
    )
    data_class: Literal["public", "internal", "confidential", "restricted"] = Field(
        description="Most sensitive class of data kept here; becomes the tag `data-class`."
    )
    additional: dict[types.TagName, types.Label] = Field(
        default={}, max_length=40, description="Further tags, name to value."
    )

    def mistakes(self) -> Iterator[Mistake]:
        """Source: "Use tags to organize your Azure resources": names have no letter case."""
        seen = {name: name for name in RESERVED_TAGS}
        for name in self.additional:
            other = seen.setdefault(name.casefold(), name)
            if other != name:
                yield Mistake(
                    key=f"additional.{name}",
                    found=f"the tag '{name}' beside '{other}'",
                    allowed="names that differ in more than letter case",
                    example="project",
                )
            elif name in RESERVED_TAGS:
                yield Mistake(
                    key=f"additional.{name}",
                    found=shown(self.additional[name]),
                    allowed=f"any name but {one_of(RESERVED_TAGS)}, which other keys set",
                    example="project",
                )


RESERVED_TAGS: Final = ("owner", "cost-centre", "data-class", "environment", "workload", "managed-by")
