"""What opens or closes a way in, or a way out: properties of azure-native with an order from closed to open.

Each line of the table has the values from the most closed to the most open; `absent` is what Azure does where
the property is not set. Sources: the reference pages of the resource types (Microsoft Learn, ARM templates).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from review.document import ExposureChange
from review.preview import Op, Preview, State, Step, native_type
from review.values import ABSENT, is_unknown

_CLOSED, _OPEN, _UNKNOWN = 0, 1, None
_ANY_SOURCE: Final = frozenset({"*", "internet", "any", "0.0.0.0/0", "::/0"})


@dataclass(frozen=True)
class Door:
    """A property that stands between a resource and others.

    Attributes:
        order: Values in lower case, from closed to open.
        absent: The value that counts where there is none.
        what: What it opens, for "opens …".
    """

    type: str
    path: str
    order: tuple[str, ...]
    absent: str
    what: str


_ACCESS: Final = ("disabled", "securedbyperimeter", "enabled")
_PUBLIC: Final = "the public network"
DOORS: Final[tuple[Door, ...]] = (
    Door("machinelearningservices:Workspace", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "machinelearningservices:Workspace",
        "managedNetwork.isolationMode",
        ("allowonlyapprovedoutbound", "allowinternetoutbound", "disabled"),
        "disabled",
        "the way out to the internet",
    ),
    Door(
        "machinelearningservices:Workspace",
        "allowPublicAccessWhenBehindVnet",
        ("false", "true"),
        "false",
        _PUBLIC,
    ),
    Door("machinelearningservices:Registry", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "machinelearningservices:OnlineEndpoint",
        "properties.publicNetworkAccess",
        _ACCESS,
        "enabled",
        _PUBLIC,
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.properties.enableNodePublicIp",
        ("false", "true"),
        "true",
        "public addresses of its nodes",
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.properties.remoteLoginPortPublicAccess",
        ("disabled", "notspecified", "enabled"),
        "notspecified",
        "SSH from the public network",
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.properties.sshSettings.sshPublicAccess",
        ("disabled", "enabled"),
        "disabled",
        "SSH from the public network",
    ),
    Door(
        "machinelearningservices:Compute",
        "properties.disableLocalAuth",
        ("true", "false"),
        "false",
        "sign-in without Entra ID",
    ),
    Door("storage:StorageAccount", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "storage:StorageAccount", "networkRuleSet.defaultAction", ("deny", "allow"), "allow", "every network"
    ),
    Door(
        "storage:StorageAccount", "allowBlobPublicAccess", ("false", "true"), "false", "blobs without sign-in"
    ),
    Door(
        "storage:StorageAccount", "allowSharedKeyAccess", ("false", "true"), "true", "sign-in by account key"
    ),
    Door("storage:StorageAccount", "isSftpEnabled", ("false", "true"), "false", "SFTP"),
    Door(
        "storage:StorageAccount",
        "allowCrossTenantReplication",
        ("false", "true"),
        "false",
        "replication to other tenants",
    ),
    Door(
        "storage:BlobContainer",
        "publicAccess",
        ("none", "blob", "container"),
        "none",
        "blobs without sign-in",
    ),
    Door("keyvault:Vault", "properties.publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door(
        "keyvault:Vault", "properties.networkAcls.defaultAction", ("deny", "allow"), "allow", "every network"
    ),
    Door(
        "keyvault:Vault",
        "properties.enableRbacAuthorization",
        ("true", "false"),
        "false",
        "access policies in place of roles",
    ),
    Door("containerregistry:Registry", "publicNetworkAccess", _ACCESS, "enabled", _PUBLIC),
    Door("containerregistry:Registry", "adminUserEnabled", ("false", "true"), "false", "the admin user"),
    Door(
        "containerregistry:Registry",
        "anonymousPullEnabled",
        ("false", "true"),
        "false",
        "pulls without sign-in",
    ),
    Door("operationalinsights:Workspace", "publicNetworkAccessForQuery", _ACCESS, "enabled", _PUBLIC),
    Door("applicationinsights:Component", "publicNetworkAccessForQuery", _ACCESS, "enabled", _PUBLIC),
    Door("network:Subnet", "defaultOutboundAccess", ("false", "true"), "true", "the way out to the internet"),
)
# Lists of what is let through: each entry that comes opens, each that goes closes.
_LISTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("machinelearningservices:Workspace", "managedNetwork.outboundRules", "a way out"),
    ("machinelearningservices:Workspace", "ipAllowlist", "the public network for an address range"),
    ("storage:StorageAccount", "networkRuleSet.ipRules", "the public network for an address range"),
    ("storage:StorageAccount", "networkRuleSet.resourceAccessRules", "another resource's way in"),
    ("keyvault:Vault", "properties.networkAcls.ipRules", "the public network for an address range"),
    ("containerregistry:Registry", "networkRuleSet.ipRules", "the public network for an address range"),
)
_RULE_TYPES: Final = (
    "machinelearningservices:ManagedNetworkSettingsRule",
    "machinelearningservices:OutboundRule",
)


def exposure_changes(preview: Preview) -> Iterator[ExposureChange]:
    """All of them, in the order of the preview."""
    for step in preview.changing():
        kind = native_type(step.type)
        before, after = _sides(step)
        for door in DOORS:
            if door.type == kind:
                yield from _door(step, door, before, after)
        for type_name, path, what in _LISTS:
            if type_name == kind:
                yield from _list(step, path, what, before, after)
        if kind in _RULE_TYPES and step.op in (Op.CREATE, Op.DELETE, Op.REPLACE, Op.UPDATE):
            change: Literal["opens", "closes"] = "closes" if step.op is Op.DELETE else "opens"
            yield _change(step, change, "properties", "a way out")
        if kind == "network:SecurityRule":
            yield from _rules(step, "", [before.inputs] if before else [], [after.inputs] if after else [])
        if kind == "network:NetworkSecurityGroup":
            yield from _rules(
                step, "securityRules", _items(before, "securityRules"), _items(after, "securityRules")
            )
        if kind == "network:PrivateEndpoint" and step.op in (Op.DELETE, Op.REPLACE):
            yield _change(step, "closes", "privateLinkServiceConnections", "the private way in")


def _sides(step: Step) -> tuple[State | None, State | None]:
    before = step.old if step.op is not Op.CREATE else None
    return before, step.new if step.op is not Op.DELETE else None


def _door(step: Step, door: Door, before: State | None, after: State | None) -> Iterator[ExposureChange]:
    was, now = _openness(door, before), _openness(door, after)
    if was == now:
        return
    if was is None or now is None:
        yield _change(step, "unclear", door.path, door.what)
    elif now > was:
        yield _change(step, "opens", door.path, door.what)
    elif before is not None and after is not None:  # what is deleted closes nothing that anybody relied on
        yield _change(step, "closes", door.path, door.what)


def _openness(door: Door, state: State | None) -> int | None:
    """0 for closed, and for a resource that is not there; None where it is not known."""
    if state is None:
        return _CLOSED
    value = state.at(door.path)
    if is_unknown(value) or any(is_unknown(state.at(path)) for path in _parents(door.path)):
        return _UNKNOWN
    word = door.absent if value is ABSENT or value is None else str(value).lower()
    return door.order.index(word) if word in door.order else len(door.order)


def _parents(path: str) -> Iterator[str]:
    parts = path.split(".")
    for length in range(1, len(parts)):
        yield ".".join(parts[:length])


def _list(
    step: Step, path: str, what: str, before: State | None, after: State | None
) -> Iterator[ExposureChange]:
    if after is not None and is_unknown(after.at(path)):
        yield _change(step, "unclear", path, what)
        return
    was, now = _items(before, path), _items(after, path)
    more = sum(each not in was for each in now)
    fewer = sum(each not in now for each in was)
    if more:
        yield _change(step, "opens", path, _several(what, more))
    if fewer and after is not None:
        yield _change(step, "closes", path, _several(what, fewer))


def _rules(step: Step, path: str, before: list[Any], after: list[Any]) -> Iterator[ExposureChange]:
    was = sum(_lets_anybody_in(rule) for rule in before)
    now = sum(_lets_anybody_in(rule) for rule in after)
    if now > was:
        yield _change(step, "opens", path or "sourceAddressPrefix", "inbound traffic from anywhere")
    elif now < was and after:
        yield _change(step, "closes", path or "sourceAddressPrefix", "inbound traffic from anywhere")


def _lets_anybody_in(rule: object) -> bool:
    if not isinstance(rule, Mapping):
        return False
    sources = [rule.get("sourceAddressPrefix"), *(rule.get("sourceAddressPrefixes") or ())]
    inbound = str(rule.get("direction")).lower() == "inbound" and str(rule.get("access")).lower() == "allow"
    return inbound and any(str(source).lower() in _ANY_SOURCE for source in sources)


def _items(state: State | None, path: str) -> list[Any]:
    value = state.at(path) if state else ABSENT
    if isinstance(value, Mapping):
        return list(value.items())
    return value if isinstance(value, list) else []


def _several(what: str, count: int) -> str:
    return what if count == 1 else f"{what}, {count} times"


def _change(
    step: Step, change: Literal["opens", "closes", "unclear"], path: str, what: str
) -> ExposureChange:
    text = f"may open {what}" if change == "unclear" else f"{change} {what}"
    return ExposureChange(urn=step.urn, name=step.name, change=change, text=text, path=path)
