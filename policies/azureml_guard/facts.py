"""What a control reads: resources, and single facts about them, each known, absent or unknown.

A question about an unknown fact is answered by None, so a control never mistakes "not known yet"
for "wrong" or, worse, for "right".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from azureml_guard.values import ABSENT, UNKNOWN, Secret, reveal

Truth = bool | None  # None: cannot be told yet
_TOKEN: Final = re.compile(r"(?P<package>[^:/]+):(?P<module>[^:/]*)(?:/[^:]*)?:(?P<name>.+)")
_NATIVE: Final = "azure-native"
_ASSETS: Final = "azureml-assets"
# The input that names a resource, where it is not called like the type.
_OWN_NAME: Final = {
    "StorageAccount": "accountName",
    "BlobContainer": "containerName",
    "Component": "resourceName",
    "UserAssignedIdentity": "resourceName",
}


class Verdict(str, Enum):
    """What a control says of a resource."""

    PASS = "pass"
    FAIL = "fail"
    NOT_EVALUATED = "not evaluated"
    WAIVED = "waived"


@dataclass(frozen=True)
class Finding:
    """One requirement on one resource.

    Attributes:
        verdict: PASS, FAIL, or NOT_EVALUATED when it depends on values that are not known yet.
        path: The property, written with `*` for a name or position that the user chose.
        expectation: What is required of it, in the catalogue's words.
        urn: The resource; empty for the stack as a whole.
        error: Where the control itself failed: the type of what it raised. Its text may hold a value.
    """

    verdict: Verdict
    path: str
    expectation: str
    urn: str = ""
    error: str = ""


def both(*truths: Truth) -> Truth:
    """True if all are; False if one is False; else None."""
    if any(truth is False for truth in truths):
        return False
    return None if any(truth is None for truth in truths) else True


def either(*truths: Truth) -> Truth:
    """True if one is; False if all are False; else None."""
    if any(truth is True for truth in truths):
        return True
    return None if any(truth is None for truth in truths) else False


def negated(truth: Truth) -> Truth:
    """The opposite; None stays None."""
    return None if truth is None else not truth


@dataclass(frozen=True)
class Fact:
    """A property of a resource. `value` is ABSENT, UNKNOWN or what the property holds."""

    value: Any
    path: str
    urn: str
    is_secret: bool = False

    def at(self, path: str) -> Fact:
        """A property below this one: `a.b`. Below an absent or unknown one all is absent or unknown."""
        value, is_secret = _below(self.value, path)
        path = f"{self.path}.{path}" if self.path else path
        return Fact(value, path, self.urn, self.is_secret or is_secret)

    def each(self) -> Iterator[Fact]:
        """The items of a list, or the values of a map with names of the user's. None of an unknown one."""
        items: Iterable[Any] = ()
        if isinstance(self.value, list):
            items = self.value
        elif isinstance(self.value, Mapping):
            items = self.value.values()
        for item in items:
            secret = self.is_secret or isinstance(item, Secret)
            yield Fact(_present(item), f"{self.path}[*]", self.urn, secret)

    def keys(self) -> tuple[str, ...]:
        """The keys of a map; for decisions, never for messages."""
        return tuple(self.value) if isinstance(self.value, Mapping) else ()

    @property
    def is_unknown(self) -> bool:
        """Whether the value is known only after the update."""
        return self.value is UNKNOWN

    @property
    def is_absent(self) -> bool:
        """Whether the property is not there, or null."""
        return self.value is ABSENT

    def present(self) -> Truth:
        """Whether there is anything: not null, not an empty text, list or map."""
        return None if self.is_unknown else self.value is not ABSENT and self.value not in ("", [], {})

    def equals(self, *allowed: object, absent: bool = False) -> Truth:
        """Whether it is one of these values; texts in any case, as Azure compares its enum values.

        Args:
            allowed: Texts, numbers or booleans.
            absent: The answer for a property that is not there, that is: for Azure's default.
        """
        return self.test(lambda value: _plain(value) in {_plain(each) for each in allowed}, absent=absent)

    def test(self, question: Callable[[Any], bool], *, absent: bool = False) -> Truth:
        """The answer to a question about the value; False where it cannot be asked of such a value."""
        if self.is_unknown:
            return None
        if self.is_absent:
            return absent
        try:
            return bool(question(self.value))
        except (TypeError, ValueError, AttributeError, KeyError):
            return False

    def matches(self, pattern: str, *, absent: bool = False) -> Truth:
        """Whether the whole text matches a regular expression, in any case."""
        return self.test(lambda value: re.fullmatch(pattern, value, re.IGNORECASE) is not None, absent=absent)

    def must(self, truth: Truth, expectation: str) -> Finding:
        """The finding about this property."""
        return Finding(verdict_of(truth), self.path, expectation, self.urn)


def verdict_of(truth: Truth) -> Verdict:
    """PASS, FAIL or NOT_EVALUATED."""
    if truth is None:
        return Verdict.NOT_EVALUATED
    return Verdict.PASS if truth else Verdict.FAIL


@dataclass(frozen=True)
class Options:
    """The options of a resource that controls look at; seconds of 0 are Pulumi's defaults."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    create_seconds: float = 0
    update_seconds: float = 0
    delete_seconds: float = 0


@dataclass(frozen=True)
class Resource:
    """A resource as the engine registers it.

    Attributes:
        type: Module and name without version: `storage:StorageAccount` for every azure-native package,
            `azureml-assets:Environment` for an asset, the whole token for anything else.
        is_azure: Whether it is a resource of an azure-native package.
        properties: Inputs; in a whole stack completed by outputs.
        sources: In a whole stack, by top-level property: the URNs that its value comes from.
    """

    type: str
    urn: str
    properties: Mapping[str, Any]
    is_azure: bool = True
    options: Options = Options()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rsplit("::", 1)[-1]

    def at(self, path: str) -> Fact:
        """A property: `properties.properties.vmSize`."""
        value, is_secret = _below(self.properties, path)
        return Fact(value, path, self.urn, is_secret)

    def must(self, truth: Truth, expectation: str) -> Finding:
        """A finding about the resource as a whole."""
        return Finding(verdict_of(truth), "", expectation, self.urn)

    def option(self, truth: Truth, option: str, expectation: str) -> Finding:
        """A finding about a resource option such as `protect`."""
        return Finding(verdict_of(truth), f"options.{option}", expectation, self.urn)


def type_of(token: str) -> tuple[str, bool]:
    """The type of a token, and whether it is azure-native's.

    `azure-native:storage/v20240101:StorageAccount` -> `storage:StorageAccount`; a package made for one
    API version has the same types.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        return token, False
    package, module, name = match["package"], match["module"], match["name"]
    if package == _NATIVE or package.startswith((f"{_NATIVE}_", "azure_native_")):
        return f"{module}:{name}", name != "Provider"
    return (f"{package}:{name}" if package == _ASSETS else token), False


@dataclass(frozen=True)
class Stack:
    """All resources of a stack, after the program has registered them."""

    resources: tuple[Resource, ...]

    def of(self, *types: str) -> tuple[Resource, ...]:
        """The resources of some types."""
        return tuple(resource for resource in self.resources if resource.type in types)

    def refers(self, fact: Fact, holder: Resource, target: Resource) -> Truth:
        """Whether a property of `holder` names `target` by its resource id.

        An id that is not known yet is told by what the value comes from; None where that leaves it open.
        """
        its_id = target.at("id")
        if isinstance(fact.value, str) and isinstance(its_id.value, str):
            return fact.value.rstrip("/").lower() == its_id.value.rstrip("/").lower()
        if isinstance(fact.value, str) or fact.is_absent:
            return False if fact.is_absent else _ends_with_name(fact.value, target)
        return self.comes_from(fact, holder, target)

    def comes_from(self, fact: Fact, holder: Resource, target: Resource) -> Truth:
        """Whether the unknown value of a property of `holder` is an output of `target`.

        Pulumi records what a whole top-level property comes from, so that two of a kind leave it open.
        """
        sources = set(holder.sources.get(re.split(r"[.\[]", fact.path, maxsplit=1)[0], ()))
        if target.urn not in sources:
            return False if sources else None
        same_type = {resource.urn for resource in self.of(target.type)}
        return True if sources & same_type == {target.urn} else None

    def must(self, truth: Truth, path: str, expectation: str) -> Finding:
        """A finding about the stack as a whole."""
        return Finding(verdict_of(truth), path, expectation)


def _ends_with_name(its_id: str, target: Resource) -> Truth:
    """A known id beside a resource whose id is not known: another one, unless type and name fit.

    `Microsoft.Storage/storageAccounts/x` is no `keyvault:Vault`; where the namespace is not called like the
    module (`applicationinsights` is Microsoft.Insights) it stays open.
    """
    parts = its_id.rstrip("/").lower().split("/")
    module, _, kind = target.type.partition(":")
    keys = ("name", _OWN_NAME.get(kind) or f"{kind[:1].lower()}{kind[1:]}Name")
    known = [name.value.lower() for name in map(target.at, keys) if isinstance(name.value, str)]
    if not known:
        return None
    if parts[-1] not in known:
        return False
    return True if f"microsoft.{module}" in parts else None


def _below(value: Any, path: str) -> tuple[Any, bool]:
    """What is at a path, and whether there is a secret on the way. No control does anything more often."""
    is_secret = False
    for key in path.split("."):
        if value is UNKNOWN:
            break
        if not isinstance(value, (dict, Mapping)):  # dict first: the abstract class takes ten times as long
            return ABSENT, is_secret
        value = value.get(key)
        if isinstance(value, Secret):
            is_secret, value = True, reveal(value)
        if value is None:
            return ABSENT, is_secret
    return value, is_secret


def _present(value: object) -> Any:
    """Without a Secret around it; null is nothing, as it is for Azure."""
    value = reveal(value)
    return ABSENT if value is None else value


def _plain(value: object) -> object:
    return value.lower() if isinstance(value, str) else value
