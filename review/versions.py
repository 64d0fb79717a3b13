"""Which resources of the stack another provider manages, or another version of Azure's API.

The program may say the same of a resource, and Azure is asked for something else: a new version brings other
defaults, and other properties that force a replacement. Sources: a default provider is named by its version
(Pulumi, `ProviderRequest.DefaultName`: `default_3_29_0`); an API version stands in the type token of
azure-native, from its version 3 on in the package (`azure-native_storage_v20240101:storage:StorageAccount`),
before that in the module (`azure-native:storage/v20240101:StorageAccount`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from review.document import VersionChange
from review.preview import Op, Preview, Step, native_type
from review.values import shown

_PROVIDERS: Final = "pulumi:providers:"
_DEFAULT: Final = re.compile(r"default_(\d+)_(\d+)_(\d+)(\w*)")
_API: Final = re.compile(r"[_/](v\d{8}\w*)")
_OWN_API: Final = "the provider's own"


def version_changes(preview: Preview, providers: Mapping[str, str]) -> tuple[VersionChange, ...]:
    """All of them. `providers`: of the deployed resources by URN, as its state names them."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for step in preview.steps:
        for what in (*_of_provider(step, providers), *_of_api(step), *_of_settings(step)):
            found.setdefault(what, []).append(step.name)
    return tuple(
        VersionChange(what=what, before=before, after=after, resources=tuple(names))
        for (what, before, after), names in found.items()
    )


def _of_provider(step: Step, providers: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    before, after = providers.get(step.urn, ""), step.provider
    if not (before and after and step.old and step.new):
        return
    (package, was), (other, now) = _named(before), _named(after)
    if (package, was) != (other, now):
        yield f"provider {other}", was if package == other else f"{package} {was}", now


def _named(reference: str) -> tuple[str, str]:
    """Package of a provider, with its version where its name tells it, or else its name."""
    *_, token, name, _ = reference.split("::") if reference.count("::") >= 4 else ("", "", "", reference, "")
    found = _DEFAULT.fullmatch(name)
    version = ".".join(found.groups()[:3]) + found[4].replace("_", "-", 1) if found else name
    return token.rsplit("$", 1)[-1].removeprefix(_PROVIDERS), version


def _of_api(step: Step) -> Iterator[tuple[str, str, str]]:
    if step.old and step.new and step.old.type and native_type(step.type):
        was, now = _api(step.old.type), _api(step.type)
        if was != now:
            yield f"API of {native_type(step.type)}", was, now


def _api(token: str) -> str:
    found = _API.search(token)
    return found[1] if found else _OWN_API


def _of_settings(step: Step) -> Iterator[tuple[str, str, str]]:
    """What a provider that the program makes is given: subscription, sign-in, version."""
    if step.type.startswith(_PROVIDERS) and step.op in (Op.UPDATE, Op.REPLACE):
        for change in step.changes:
            what = f"{change.path} of the provider {step.name}"
            yield what, shown(change.before), shown(change.after)
