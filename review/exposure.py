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
from review.values import ABSENT, is_secret, is_unknown, shown

Change = Literal["opens", "closes", "unclear"]
_CLOSED, _OPEN, _UNKNOWN = 0, 1, None
_ANY_SOURCE: Final = frozenset({"*", "internet", "any", "0.0.0.0/0", "::/0"})


@dataclass(frozen=True)
class Door:
    """A property that stands between a resource and others.

    Attributes:
        order: Values in lower case, from closed to open.
        absent: The value that counts where there is none.
        what: What it opens, for "opens …".
        grave: False where it opens less than a way to data or machines.
    """

    type: str
    path: str
    order: tuple[str, ...]
    absent: str
    what: str
    grave: bool = True


_ACCESS: Final = ("disabled", "securedbyperimeter", "enabled")
_PUBLIC: Final = "the public network"
_SIGN_IN: Final = ("aad_token", "aadtoken", "aml_token", "amltoken", "key")
_BY_KEY: Final = "calls with a key"
# Where it is not set, the managed network of the workspace decides.
_EGRESS: Final = (("disabled", "enabled"), "disabled", "the way out to the internet")
_PLUGIN: Final = "azureml-assets:index:"
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
    Door("machinelearningservices:OnlineEndpoint", "properties.authMode", _SIGN_IN, "key", _BY_KEY),
    Door("machinelearningservices:OnlineDeployment", "properties.egressPublicNetworkAccess", *_EGRESS),
    Door(f"{_PLUGIN}OnlineEndpoint", "spec.public_network_access", _ACCESS, "enabled", _PUBLIC),
    Door(f"{_PLUGIN}OnlineEndpoint", "spec.auth_mode", _SIGN_IN, "key", _BY_KEY),
    Door(f"{_PLUGIN}OnlineDeployment", "spec.egress_public_network_access", *_EGRESS),
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
    Door("storage:StorageAccount", "isLocalUserEnabled", ("false", "true"), "false", "local users with keys"),
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
    # Logs, for whoever signs in; anything else needs a private link scope of Azure Monitor.
    Door("operationalinsights:Workspace", "publicNetworkAccessForQuery", _ACCESS, "enabled", _PUBLIC, False),
    Door("applicationinsights:Component", "publicNetworkAccessForQuery", _ACCESS, "enabled", _PUBLIC, False),
    Door("network:Subnet", "defaultOutboundAccess", ("false", "true"), "true", "the way out to the internet"),
)
_WAY_OUT: Final = "a way out"
_MOST_ENTRIES: Final = 3  # of a list that are told
# What an entry of these lists is about, of the service that it is a list of.
_TARGETS: Final = ("destination", "iPAddressOrRange", "value", "resourceId")
# Lists of what is let through: each entry that comes opens, each that goes closes.
_LISTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("machinelearningservices:Workspace", "managedNetwork.outboundRules", _WAY_OUT),
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
            if door.type in (kind, step.type):
                yield from _door(step, door, before, after)
        for type_name, path, what in _LISTS:
            if type_name == kind:
                yield from _list(step, path, what, before, after)
        if kind in _RULE_TYPES:
            change: Change = "closes" if after is None else "opens"
            what = f"{_WAY_OUT}: {_entry((step.name, (after or before or State()).at('properties')))}"
            yield _change(step, change, "properties", what, grave=False)
        if kind == "network:SecurityRule":
            yield from _rules(step, "", [before.inputs] if before else [], [after.inputs] if after else [])
        if kind == "network:NetworkSecurityGroup":
            path = "securityRules"
            yield from _rules(step, path, _items(_value(before, path)), _items(_given(after, path)))
        if kind == "network:PrivateEndpoint" and step.op in (Op.DELETE, Op.REPLACE, Op.FORGET):
            yield _change(step, "closes", "privateLinkServiceConnections", "the private way in")


def _sides(step: Step) -> tuple[State | None, State | None]:
    before = step.old if step.op is not Op.CREATE else None
    return before, step.new if step.op not in (Op.DELETE, Op.FORGET) else None


def _value(state: State | None, path: str) -> Any:
    """What is there now, also where Azure chose it."""
    return state.at(path) if state else ABSENT


def _given(state: State | None, path: str) -> Any:
    """What will be there: a preview has no outputs yet."""
    return state.given(path) if state else ABSENT


def _door(step: Step, door: Door, before: State | None, after: State | None) -> Iterator[ExposureChange]:
    if before and after and _given(before, door.path) is ABSENT and _given(after, door.path) is ABSENT:
        return  # what Azure chose by itself stays
    was, now = _value(before, door.path), _given(after, door.path)
    was_open, now_open = _openness(door, before, was), _openness(door, after, now)
    if was_open == now_open:
        return
    values = f"{_shown(was, door)} → {_shown(now, door)}" if before and after else _shown(now, door)
    what = f"{door.what}: {values}"
    if was_open is None or now_open is None:
        yield _change(step, "unclear", door.path, what, grave=door.grave)
    elif now_open > was_open:
        yield _change(step, "opens", door.path, what, grave=door.grave)
    elif before is not None and after is not None:  # what is deleted closes nothing that anybody relied on
        yield _change(step, "closes", door.path, what, grave=door.grave)


def _openness(door: Door, state: State | None, value: Any) -> int | None:
    """0 for closed, and for a resource that is not there; None where it is not known."""
    if state is None:
        return _CLOSED
    if (
        is_secret(value)
        or is_unknown(value)
        or any(is_unknown(state.at(path)) for path in _parents(door.path))
    ):
        return _UNKNOWN
    word = door.absent if value is ABSENT or value is None else str(value).lower()
    return door.order.index(word) if word in door.order else len(door.order)


def _shown(value: Any, door: Door) -> str:
    return f"not set, so {door.absent}" if value is ABSENT or value is None else shown(value)


def _parents(path: str) -> Iterator[str]:
    parts = path.split(".")
    for length in range(1, len(parts)):
        yield ".".join(parts[:length])


def _list(
    step: Step, path: str, what: str, before: State | None, after: State | None
) -> Iterator[ExposureChange]:
    if before and after and _given(before, path) is ABSENT and _given(after, path) is ABSENT:
        return
    grave = what != _WAY_OUT
    if is_unknown(_given(after, path)):
        yield _change(step, "unclear", path, what, grave=grave)
        return
    was, now = _items(_value(before, path)), _items(_given(after, path))
    more = [_entry(each) for each in now if each not in was]
    fewer = [_entry(each) for each in was if each not in now]
    if more:
        yield _change(step, "opens", path, f"{what}: {_several(more)}", grave=grave)
    if fewer and after is not None:
        yield _change(step, "closes", path, f"{what}: {_several(fewer)}", grave=grave)


def _rules(step: Step, path: str, before: list[Any], after: list[Any]) -> Iterator[ExposureChange]:
    """Rules of a security group, by what they let in from anywhere, and by what they keep out."""
    where = path or "sourceAddressPrefix"
    was = [_inbound(rule) for rule in before if _is_from_anywhere(rule, "allow")]
    now = [_inbound(rule) for rule in after if _is_from_anywhere(rule, "allow")]
    if more := [each for each in now if each not in was]:
        yield _change(step, "opens", where, f"inbound traffic from anywhere: {_several(more)}")
    elif was and not now and after:
        yield _change(step, "closes", where, f"inbound traffic from anywhere: {_several(was)}")
    kept = [_inbound(rule) for rule in after if _is_from_anywhere(rule, "deny")]
    gone = [_inbound(rule) for rule in before if _is_from_anywhere(rule, "deny")]
    if gone := [each for each in gone if each not in kept]:
        yield _change(step, "unclear", where, f"what a rule kept out: {_several(gone)}")


def _is_from_anywhere(rule: object, access: str) -> bool:
    if not isinstance(rule, Mapping):
        return False
    sources = [rule.get("sourceAddressPrefix"), *_items(rule.get("sourceAddressPrefixes"))]
    inbound = str(rule.get("direction")).lower() == "inbound" and str(rule.get("access")).lower() == access
    return inbound and any(str(source).lower() in _ANY_SOURCE for source in sources)


def _inbound(rule: Mapping[str, Any]) -> str:
    """A rule by what it is about: `to port 22 (Tcp)`."""
    ports = [rule.get("destinationPortRange"), *_items(rule.get("destinationPortRanges"))]
    told = ", ".join(shown(port) for port in ports if port) or "*"
    return f"to port {told} ({shown(rule.get('protocol', '*'))})"


def _items(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.items())
    return value if isinstance(value, list) else []


def _entry(entry: Any) -> str:
    """An entry of a list in one word or two: its name, its destination or its range."""
    name, rule = entry if isinstance(entry, tuple) else ("", entry)
    if not isinstance(rule, Mapping) or is_secret(rule):
        return f"{name} {shown(rule)}".strip()
    target = next((rule[key] for key in _TARGETS if key in rule), ABSENT)
    if target is ABSENT:
        return name or shown(rule)
    return f"{name} ({shown(target)})" if name else shown(target)


def _several(entries: list[str]) -> str:
    more = len(entries) - _MOST_ENTRIES
    return ", ".join([*entries[:_MOST_ENTRIES], *([f"and {more} more"] if more > 0 else [])])


def _change(step: Step, change: Change, path: str, what: str, *, grave: bool = True) -> ExposureChange:
    text = f"may open {what}" if change == "unclear" else f"{change} {what}"
    return ExposureChange(urn=step.urn, name=step.name, change=change, text=text, path=path, grave=grave)
