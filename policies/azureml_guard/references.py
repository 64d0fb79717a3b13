"""Which resource of a stack a value means, also while a preview does not know the value yet.

`Stack.refers` answers for one pair. This looks a value up among many resources, by whatever others write to
mean them: a resource id, a name, a principal's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from azureml_guard.facts import Fact, Resource
from azureml_guard.values import UNKNOWN, Unknown

USER_ASSIGNED_IDENTITY: Final = "managedidentity:UserAssignedIdentity"
_PHYSICAL_NAMES: Final = (
    "name",
    "resourceName",
    "accountName",
    "registryName",
    "vaultName",
    "workspaceName",
    "computeName",
    "endpointName",
    "resourceGroupName",
)


class Meant:
    """Resources by what means them."""

    def __init__(self, resources: Iterable[Resource], *keys: str) -> None:
        """`keys`: the properties whose values mean a resource (`id`, `principalId`)."""
        self._by_urn = {resource.urn: resource for resource in resources}
        self._by_text: dict[str, Resource] = {}
        self._by_name: dict[str, Resource] = {}  # the physical name: of those whose id is not known yet
        self._known: set[str] = set()
        for resource in self._by_urn.values():
            for key in keys:
                value = resource.at(key).value
                if isinstance(value, str):
                    self._by_text[_plain(value)] = resource
                    self._known.add(resource.urn)
                elif key == "id" and (name := physical_name(resource)):
                    self._by_name[name] = resource

    def of(self, fact: Fact, holder: Resource) -> Resource | Unknown | None:
        """What `fact`, a property of `holder`, means; None if none of these, UNKNOWN if it can't be told yet.

        A value that can't be compared is told by the one resource among these that it comes from; one that
        comes from other resources only means none of these.
        """
        origins = list(self.origins(fact, holder))
        if isinstance(fact.value, str):
            text = _plain(fact.value)
            silent = [each for each in origins if each.urn not in self._known]
            found = self._by_text.get(text) or self._by_name.get(text.rsplit("/", 1)[-1])
            return found or (silent[0] if len(silent) == 1 else None)
        if not fact.is_unknown:
            return None
        if len(origins) == 1:
            return origins[0]
        return UNKNOWN if origins or not sources_of(fact, holder) else None

    def origins(self, fact: Fact, holder: Resource) -> Iterator[Resource]:
        """Those of the resources that the value comes from."""
        return (self._by_urn[urn] for urn in sources_of(fact, holder) if urn in self._by_urn)


def sources_of(fact: Fact, holder: Resource) -> tuple[str, ...]:
    """The URNs that a property of `holder` comes from, by its top-level property."""
    return holder.sources.get(fact.path.split(".", 1)[0].split("[", 1)[0], ())


def physical_name(resource: Resource) -> str:
    """The name in Azure in lower case; empty if it is not known."""
    for key in _PHYSICAL_NAMES:
        value = resource.at(key).value
        if isinstance(value, str):
            return value.lower()
    return ""


def assigned_identities(resource: Resource, identities: Meant) -> tuple[frozenset[str], bool]:
    """The user-assigned identities that a resource acts with, and whether these are all.

    An identity of the stack is its URN, any other one its id in lower case. As input they are a list of ids,
    in outputs the keys of a map; in a document of the CLI v2 a list of objects.
    """
    found: set[str] = set()
    complete = True
    for fact in _identity_facts(resource):
        meant = identities.of(fact, resource)
        if isinstance(meant, Resource):
            found.add(meant.urn)
        elif meant is UNKNOWN:
            origins = {origin.urn for origin in identities.origins(fact, resource)}
            found |= origins
            complete = complete and bool(origins)
        elif isinstance(fact.value, str):
            found.add(_plain(fact.value))
    return frozenset(found), complete


def _identity_facts(resource: Resource) -> Iterator[Fact]:
    listed = resource.at("identity.userAssignedIdentities")
    if listed.is_unknown:
        yield listed
    elif keys := listed.keys():
        yield from (Fact(key, f"{listed.path}[*]", listed.urn) for key in keys)
    else:
        yield from listed.each()
    documented = resource.at("spec.identity.user_assigned_identities")
    if documented.is_unknown:
        yield documented
    yield from (item.at("resource_id") for item in documented.each())


def _plain(text: str) -> str:
    return text.rstrip("/").lower()
