"""Personas: who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field
from pydantic.alias_generators import to_camel

from infra.settings import types
from infra.settings.errors import Mistake
from infra.settings.sections.base import Section


class Principal(Section):
    """Somebody in Entra ID who gets the roles of a persona."""

    object_id: types.Guid = Field(description="Object id of the group, service principal or user.")
    principal_type: Literal["Group", "ServicePrincipal", "User"] = Field(
        description="What the object id is; users only in dev."
    )
    display_name: types.Label = Field(description="Name for readers; stands in the assignment's description.")


class AccessSettings(Section):
    """Who may do what, by persona. Roles of each persona: `infra/roles.py`."""

    owner: tuple[Principal, ...] = Field(
        default=(), description="Owner of the resource group, without the right to give privileged roles."
    )
    contributor: tuple[Principal, ...] = Field(default=(), description="Contributor on the resource group.")
    reader: tuple[Principal, ...] = Field(default=(), description="Reader on the resource group.")
    data_scientist: tuple[Principal, ...] = Field(
        default=(), description="Runs jobs and registers assets; writes to the workspace's storage."
    )
    data_reader: tuple[Principal, ...] = Field(
        default=(), description="Sees jobs, assets and data and changes nothing: data scientists in prod."
    )
    compute_operator: tuple[Principal, ...] = Field(
        default=(), description="Creates, starts, stops and deletes compute; no data."
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        personas = self.by_persona()
        for persona, principals in personas.items():
            for index, principal in enumerate(principals):
                if principal.object_id in {earlier.object_id for earlier in principals[:index]}:
                    yield Mistake(
                        key=f"{persona}[{index}].objectId",
                        found=f"'{principal.object_id}' again",
                        allowed="each principal once per persona; Azure refuses a second equal assignment",
                        example="another object id",
                    )
                for wider in _INCLUDED_IN.get(persona, ()):
                    if principal.object_id in {other.object_id for other in personas[wider]}:
                        yield Mistake(
                            key=f"{persona}[{index}].objectId",
                            found=f"'{principal.object_id}', which is in {wider} too",
                            allowed=f"principals that are not in {wider}, whose roles include these",
                            example="another object id",
                            involves=(wider,),
                        )

    def by_persona(self) -> dict[str, tuple[Principal, ...]]:
        """The principals of each persona, by the persona's key."""
        return {to_camel(name): getattr(self, name) for name in type(self).model_fields}


# Whoever has a persona on the right would gain nothing by the one on the left.
_INCLUDED_IN: Final[dict[str, tuple[str, ...]]] = {
    "contributor": ("owner",),
    "reader": ("contributor", "owner"),
    "dataReader": ("dataScientist",),
}
