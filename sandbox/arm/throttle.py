"""ARM's request quotas: token buckets for each subscription, principal and kind of request.

Source: "Understand how Azure Resource Manager throttles requests", sizes and refill rates
for a subscription and principal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from sandbox.arm.caller import Caller
from sandbox.arm.errors import too_many_requests

_QUOTAS = {"reads": (250, 25.0), "deletes": (200, 10.0), "writes": (200, 10.0)}  # size, refill a second
_KINDS = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}


@dataclass
class _Bucket:
    level: float
    filled: datetime


class Quotas:
    """The buckets. They live in memory and are always counted; `enforced` decides about refusing."""

    def __init__(self, *, enforced: bool) -> None:
        self._enforced = enforced
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, method: str, subscription: str, caller: Caller, now: datetime) -> dict[str, str]:
        """Count one request; gives the header with what is left. ArmError 429 when nothing is."""
        kind = _KINDS.get(method, "writes")
        size, rate = _QUOTAS[kind]
        bucket = self._buckets.setdefault((subscription, caller.object_id, kind), _Bucket(size, now))
        bucket.level = min(size, bucket.level + max(0.0, (now - bucket.filled).total_seconds()) * rate)
        bucket.filled = now
        if bucket.level < 1 and self._enforced:
            wait = max(1, math.ceil((1 - bucket.level) / rate))
            raise too_many_requests(subscription, caller.object_id, kind[:-1], wait)
        bucket.level = max(0.0, bucket.level - 1)
        return {f"x-ms-ratelimit-remaining-subscription-{kind}": str(int(bucket.level))}
