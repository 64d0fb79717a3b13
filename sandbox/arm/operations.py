"""Long-running operations: how they start, how they are polled, what they do when they end.

An operation is a row with an end time. Whatever request comes first after that time ends it,
so nothing runs in the background and a restart loses nothing. Durations are the declared
seconds times a scale; with scale 0 the work is done at once and only the wire looks
long-running ("Track asynchronous Azure operations").
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sandbox.arm import resource_errors
from sandbox.arm.clock import parse, timestamp
from sandbox.arm.errors import ArmError
from sandbox.arm.resource_type import LroStyle
from sandbox.arm.store import Transaction

JsonObject = dict[str, Any]
MAX_RETRY_AFTER = 15


@dataclass
class OperationRecord:
    """One operation. `verb` says what its end means for the resource."""

    id: str
    verb: Literal["PUT", "DELETE", "POST"]
    resource_id: str
    style: str
    url_base: str  # /subscriptions/S/providers/NS/locations/L
    api_version: str
    started: str
    ends: str
    status: Literal["InProgress", "Succeeded", "Failed"] = "InProgress"
    failure: JsonObject | None = None  # {code, message}: how it will end
    result: Any = None  # of a POST
    permanent: bool = False  # a DELETE that leaves nothing recoverable


Finish = Callable[[Transaction, OperationRecord], None]


def start(
    transaction: Transaction,
    *,
    verb: Literal["PUT", "DELETE", "POST"],
    resource_id: str,
    style: LroStyle,
    url_base: str,
    api_version: str,
    now: datetime,
    seconds: float,
    failure: JsonObject | None = None,
    result: Any = None,
    permanent: bool = False,
) -> OperationRecord:
    """Store a new operation that ends `seconds` from now."""
    record = OperationRecord(
        id=str(uuid.uuid4()),
        verb=verb,
        resource_id=resource_id,
        style=style.value,
        url_base=url_base,
        api_version=api_version,
        started=timestamp(now),
        ends=timestamp(now + timedelta(seconds=seconds)),
        failure=failure,
        result=result,
        permanent=permanent,
    )
    save(transaction, record)
    return record


def save(transaction: Transaction, record: OperationRecord) -> None:
    """Store an operation's record."""
    transaction.write_operation(record.id, record.status, parse(record.ends), asdict(record))


def settle(transaction: Transaction, now: datetime, finish: Finish) -> None:
    """End all operations whose time is over."""
    for row in transaction.due_operations(now):
        record = OperationRecord(**row)
        finish(transaction, record)
        record.status = "Failed" if record.failure else "Succeeded"
        save(transaction, record)


def find(transaction: Transaction, operation_id: str) -> OperationRecord:
    """The operation with that id; ArmError OperationNotFound when there is none."""
    found = transaction.operation(operation_id)
    if found is None:
        raise resource_errors.operation_not_found(operation_id)
    return OperationRecord(**found[1])


def polling_headers(record: OperationRecord, base_url: str, now: datetime) -> dict[str, str]:
    """Where and when to ask next. Below a second the wait is in milliseconds, which azure-core knows."""
    query = f"?api-version={record.api_version}"
    status = f"{base_url}{record.url_base}/operationStatuses/{record.id}{query}"
    result = f"{base_url}{record.url_base}/operationResults/{record.id}{query}"
    headers = retry_headers(record, now)
    if record.style == LroStyle.ASYNC_OPERATION.value:
        headers["Azure-AsyncOperation"] = status
        if record.verb == "POST":
            headers["Location"] = result
    elif record.style == LroStyle.LOCATION.value:
        headers["Location"] = result
    return headers


def retry_headers(record: OperationRecord, now: datetime) -> dict[str, str]:
    """How long to wait before the next poll."""
    remaining = (parse(record.ends) - now).total_seconds()
    if remaining < 1:
        return {"x-ms-retry-after-ms": str(max(1, math.ceil(remaining * 1000)))}
    return {"Retry-After": str(min(MAX_RETRY_AFTER, math.ceil(remaining)))}


def status_body(record: OperationRecord) -> JsonObject:
    """What the Azure-AsyncOperation URL answers."""
    body: JsonObject = {
        "id": f"{record.url_base}/operationStatuses/{record.id}",
        "name": record.id,
        "status": record.status,
        "startTime": record.started,
    }
    if record.status == "InProgress":
        return {**body, "percentComplete": 0}
    body |= {"endTime": record.ends, "percentComplete": 100}
    if record.failure:
        body["error"] = record.failure
    elif record.result is not None:
        body["properties"] = {"output": record.result}
    return body


def failure_of(record: OperationRecord) -> ArmError:
    """The error that the Location URL of a failed operation answers with."""
    failure = record.failure or {}
    return ArmError(409, str(failure.get("code")), str(failure.get("message")))
