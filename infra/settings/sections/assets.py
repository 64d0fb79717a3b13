"""Assets of the workspace: which files of ml_assets/assets a stack takes, and what it changes in them.

Only what can be told without the files is checked here; what the patterns and overrides meet is
checked by stage 2, which reads the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import Field

from infra.settings import types
from infra.settings.errors import Mistake, shown
from infra.settings.sections.base import Section, below


class RegistrySettings(Section):
    """An Azure ML registry that takes some of the assets instead of the workspace."""

    name: types.RegistryName = Field(description="Name of the registry, which exists already.")
    files: tuple[types.AssetPattern, ...] = Field(
        description="Patterns of the files, among those of `include`, that the registry takes: environments, "
        "components, data, models.",
        examples=[["environments/**"]],
    )
    must_exist: bool = Field(
        default=False,
        description="Promotion: the registry must hold each asset already, with the same content.",
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        if not self.files:
            yield Mistake(
                key="files",
                found="an empty list",
                allowed="one pattern or more",
                example='["environments/**"]',
            )
        yield from _repeated("files", self.files)


class AssetSettings(Section):
    """Files below `ml_assets/assets` that the stack registers, and how."""

    include: tuple[types.AssetPattern, ...] = Field(
        default=(),
        description="Patterns of the files that the stack takes; empty: the stack has no assets.",
        examples=[["**"]],
    )
    exclude: tuple[types.AssetPattern, ...] = Field(
        default=(),
        description="Patterns of files that `include` meets and the stack does not take.",
        examples=[["jobs/**"]],
    )
    overrides: dict[types.AssetFile, dict[str, Any]] = Field(
        default={},
        description="Changes to files, by file: maps are merged, other values replaced, `null` removes.",
    )
    when_replaced: Literal["keep", "archive"] = Field(
        default="keep", description="What becomes of a version that a newer one replaces, or whose file goes."
    )
    registry: RegistrySettings | None = Field(
        default=None, description="Registry that takes some of the assets instead of the workspace."
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        if not self.include:
            for name in sorted(self.model_fields_set - {"include"}):
                field = type(self).model_fields[name]
                value = getattr(self, name)
                yield Mistake(
                    key=field.alias or name,
                    found="a map" if isinstance(value, Section) else shown(value),
                    allowed="no such key while include is empty, since the stack then has no assets",
                    example='include: ["**"]',
                    involves=("include",),
                )
            return
        yield from _repeated("include", self.include)
        yield from _repeated("exclude", self.exclude)
        for file, changes in self.overrides.items():
            if not changes:
                yield Mistake(
                    key=f"overrides.{file}",
                    found="an empty map",
                    allowed="one change or more",
                    example="{instance_count: 2}",
                )
        if self.registry is not None:
            for mistake in self.registry.mistakes():
                yield below("registry", mistake)


def _repeated(key: str, patterns: Sequence[str]) -> Iterator[Mistake]:
    for index, pattern in enumerate(patterns):
        if pattern in patterns[:index]:
            yield Mistake(
                key=f"{key}[{index}]",
                found=f"'{pattern}' again",
                allowed="each pattern once",
                example="another pattern",
            )
