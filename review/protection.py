"""What stands between a mistake and a loss, and becomes weaker: protect, locks, recovery, encryption.

Sources: the reference pages of the resource types (Microsoft Learn, ARM templates).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from review.document import ProtectionChange
from review.preview import Op, Preview, State, Step, native_type
from review.values import ABSENT, is_unknown, keys, shown

_LOCKS: Final = (
    "authorization:ManagementLockByScope",
    "authorization:ManagementLockAtResourceGroupLevel",
    "authorization:ManagementLockAtResourceLevel",
    "authorization:ManagementLockAtSubscriptionLevel",
)


@dataclass(frozen=True)
class Guard:
    """A property that protects. With `order` its values go from weak to strong; without, more is stronger."""

    type: str
    path: str
    what: str
    order: tuple[str, ...] = ()


_ON: Final = ("false", "true")
GUARDS: Final[tuple[Guard, ...]] = (
    Guard("keyvault:Vault", "properties.enablePurgeProtection", "purge protection", _ON),
    Guard(
        "keyvault:Vault", "properties.softDeleteRetentionInDays", "days in which a deleted vault comes back"
    ),
    Guard("storage:BlobServiceProperties", "deleteRetentionPolicy.enabled", "soft delete of blobs", _ON),
    Guard(
        "storage:BlobServiceProperties", "deleteRetentionPolicy.days", "days in which deleted blobs come back"
    ),
    Guard(
        "storage:BlobServiceProperties",
        "containerDeleteRetentionPolicy.enabled",
        "soft delete of containers",
        _ON,
    ),
    Guard(
        "storage:BlobServiceProperties",
        "containerDeleteRetentionPolicy.days",
        "days in which deleted containers come back",
    ),
    Guard("storage:BlobServiceProperties", "isVersioningEnabled", "versions of blobs", _ON),
    Guard(
        "storage:FileServiceProperties", "shareDeleteRetentionPolicy.enabled", "soft delete of shares", _ON
    ),
    Guard(
        "storage:FileServiceProperties", "shareDeleteRetentionPolicy.days", "days in which shares come back"
    ),
    Guard(
        "storage:StorageAccount",
        "minimumTlsVersion",
        "the least version of TLS",
        ("tls1_0", "tls1_1", "tls1_2", "tls1_3"),
    ),
    Guard("storage:StorageAccount", "enableHttpsTrafficOnly", "HTTPS only", _ON),
    Guard(
        "storage:StorageAccount",
        "encryption.keySource",
        "keys of one's own",
        ("microsoft.storage", "microsoft.keyvault"),
    ),
    Guard(
        "machinelearningservices:Workspace", "encryption.status", "keys of one's own", ("disabled", "enabled")
    ),
    Guard("machinelearningservices:Workspace", "hbiWorkspace", "the mark of high business impact", _ON),
    Guard(
        "machinelearningservices:Workspace",
        "systemDatastoresAuthMode",
        "datastores without keys",
        ("accesskey", "userdelegationsas", "identity"),
    ),
    Guard("operationalinsights:Workspace", "retentionInDays", "days that logs are kept"),
    Guard(
        "storage:StorageAccount",
        "sku.name",
        "copies of the data in other zones and regions",
        (
            "standard_lrs",
            "standard_zrs",
            "standard_grs",
            "standard_ragrs",
            "standard_gzrs",
            "standard_ragzrs",
        ),
    ),
)


def protection_changes(preview: Preview) -> Iterator[ProtectionChange]:
    """Whatever becomes weaker, in the order of the preview; also of resources that stay the same."""
    for step in preview.steps:
        if step.old and step.new and step.op is not Op.REPLACE:
            if step.old.protect and not step.new.protect:
                yield _change(step, "loses Pulumi's protect: the next update may delete it")
            if step.old.retain_on_delete and not step.new.retain_on_delete:
                yield _change(step, "is no longer kept in Azure when it leaves the stack")
        kind = native_type(step.type)
        if kind in _LOCKS and step.op in (Op.DELETE, Op.FORGET):
            yield _change(step, f"goes: the lock against {_against(step.old)}")
        if kind in _LOCKS and step.op in (Op.UPDATE, Op.REPLACE) and step.old and step.new:
            was, now = (str(state.at("level")).lower() for state in (step.old, step.new))
            if (was, now) == ("readonly", "candelete") or now == "notspecified":
                yield _change(step, f"becomes a weaker lock: {was} → {now}")
        for guard in GUARDS:
            if guard.type == kind and step.op in (Op.UPDATE, Op.REPLACE) and step.old and step.new:
                yield from _weaker(step, guard, step.old, step.new)


def _against(old: State | None) -> str:
    level = str(old.at("level")).lower() if old else ""
    return "every change" if level == "readonly" else "deleting"


def _weaker(step: Step, guard: Guard, old: State, new: State) -> Iterator[ProtectionChange]:
    was, now = old.at(guard.path), new.given(guard.path)
    touched = any(_touches(change.path, guard.path) for change in step.changes)
    if was == now or (now is ABSENT and old.given(guard.path) is ABSENT and not touched):
        return  # what Azure chose by itself stays, and a preview does not repeat it
    if is_unknown(now):
        yield _change(step, f"may weaken {guard.what}: {_value(was)} → {_value(now)}")
        return
    before, after = _strength(guard, was), _strength(guard, now)
    if before is not None and after is not None and after < before:
        weakens = "weakens" if guard.order else "has fewer"
        yield _change(step, f"{weakens} {guard.what}: {_value(was)} → {_value(now)}")


def _value(value: Any) -> str:
    return "not set" if value is ABSENT or value is None else shown(value)


def _touches(changed: str, path: str) -> bool:
    """Whether one of two paths is the other, or leads to it."""
    return all(one == other for one, other in zip(keys(changed), keys(path), strict=False))


def _strength(guard: Guard, value: Any) -> float | None:
    if value is ABSENT or value is None:
        return -1
    if guard.order:
        word = str(value).lower()
        return guard.order.index(word) if word in guard.order else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _change(step: Step, text: str) -> ProtectionChange:
    return ProtectionChange(urn=step.urn, name=step.name, text=text)
