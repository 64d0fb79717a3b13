"""What opens or closes a way in, or a way out: doors and lists of doors.py, and rules of networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from review.document import ExposureChange
from review.doors import DOORS, LISTS, WAY_OUT, Door
from review.preview import Op, Preview, State, Step, native_type
from review.values import ABSENT, is_secret, is_unknown, shown

Change = Literal["opens", "closes", "unclear"]
_CLOSED, _OPEN, _UNKNOWN = 0, 1, None
_ANY_SOURCE: Final = frozenset({"*", "internet", "any", "0.0.0.0/0", "::/0"})


_MOST_ENTRIES: Final = 3  # of a list that are told
# What an entry of these lists is about, of the service that it is a list of.
_TARGETS: Final = ("destination", "iPAddressOrRange", "value", "resourceId")
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
        for type_name, path, what in LISTS:
            if type_name == kind:
                yield from _list(step, path, what, before, after)
        if kind in _RULE_TYPES:
            change: Change = "closes" if after is None else "opens"
            what = f"{WAY_OUT}: {_entry((step.name, (after or before or State()).at('properties')))}"
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
    grave = what != WAY_OUT
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
