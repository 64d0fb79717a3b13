"""Values that several Azure services write in the same way: times, keys, identifiers, paths.

Pure functions of their arguments, without a rule of any one service in them.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

JsonObject = dict[str, Any]


def timestamp(moment: datetime) -> str:
    """A moment as Azure writes it: UTC, seven decimals, `Z`."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def new_guid() -> str:
    """A random identifier, for what Azure draws once and keeps."""
    return str(uuid.uuid4())


def stable_guid(*parts: str) -> str:
    """An identifier that follows from its parts, without regard to case."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(part.lower() for part in parts)))


def stable_hex(*parts: str, length: int = 32) -> str:
    """Lower-case hexadecimal digits that follow from the parts."""
    return hashlib.sha256("/".join(part.lower() for part in parts).encode()).hexdigest()[:length]


def account_key(size: int = 64) -> str:
    """A random key in base 64, as storage accounts and workspaces hand out."""
    return base64.b64encode(secrets.token_bytes(size)).decode()


def value_at(body: Mapping[str, Any] | None, path: str) -> Any:
    """The value at a dotted path, or None where any step is missing."""
    found: Any = body
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def object_at(body: Mapping[str, Any] | None, path: str) -> JsonObject:
    """The object at a dotted path, or an empty one: a missing section reads as one without settings."""
    found = value_at(body, path)
    return dict(found) if isinstance(found, Mapping) else {}


def without_nulls(pairs: Mapping[str, Any]) -> JsonObject:
    """The pairs whose value is not None: many services leave those out of an answer."""
    return {key: value for key, value in pairs.items() if value is not None}


def same_id(left: str | None, right: str | None) -> bool:
    """Whether two resource ids name one resource: ARM compares them without regard to case."""
    return (left or "").rstrip("/").lower() == (right or "").rstrip("/").lower()


def same_setting(before: Any, after: Any) -> bool:
    """Whether two values of a setting say the same: text without case, and "off" however it is written.

    Azure writes VM sizes back in capitals and spells providers in its own way; null, false
    and an absent property are one thing to it.
    """
    if isinstance(before, str) and isinstance(after, str):
        return before.rstrip("/").lower() == after.rstrip("/").lower()
    return bool(before == after or (not before and not after))


def type_of(resource_id: str) -> str:
    """The resource type in an id, in lower case: "microsoft.keyvault/vaults"; empty when it names none."""
    match = re.search(r"/providers/([^/]+)/(.+)$", resource_id, flags=re.IGNORECASE)
    if match is None:
        return ""
    steps = match.group(2).strip("/").split("/")
    return "/".join([match.group(1), *steps[0::2]]).lower()


def parent_of(resource_id: str) -> str:
    """The id of the resource that holds a child resource."""
    return resource_id.rstrip("/").rsplit("/", 2)[0]


def seconds_of(duration: str) -> float | None:
    """Seconds of an ISO 8601 duration (`PT15M`, `P1DT2H`); None when it is not one."""
    match = re.fullmatch(
        r"P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?", duration
    )
    if match is None or duration in ("P", "PT") or duration.endswith("T"):
        return None
    parts = {name: float(text or 0) for name, text in match.groupdict().items()}
    return parts["d"] * 86400 + parts["h"] * 3600 + parts["m"] * 60 + parts["s"]


def first(items: Iterable[Any]) -> Any:
    """The first item, or None."""
    return next(iter(items), None)
