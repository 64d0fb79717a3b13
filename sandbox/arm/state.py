"""The tables of the state file, and the record of a soft-deleted resource."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]

SCHEMA_VERSION = 1  # grows with every change below: a file of another version is refused
SCHEMA = """
CREATE TABLE resources (
    key TEXT PRIMARY KEY, parent TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
    subscription TEXT NOT NULL, resource_group TEXT NOT NULL, body TEXT NOT NULL,
    secrets TEXT NOT NULL, written TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX resources_by_parent ON resources (parent, type, name);
CREATE INDEX resources_by_type ON resources (type, subscription, resource_group, key);
CREATE INDEX resources_by_name ON resources (type, name);
CREATE TABLE deleted (
    key TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL, location TEXT NOT NULL,
    subscription TEXT NOT NULL, body TEXT NOT NULL, secrets TEXT NOT NULL, children TEXT NOT NULL,
    deleted TEXT NOT NULL, purge TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX deleted_by_name ON deleted (type, name);
CREATE TABLE operations (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, ends TEXT NOT NULL, record TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX operations_running ON operations (status, ends);
CREATE TABLE principals (
    object_id TEXT PRIMARY KEY, type TEXT NOT NULL, display_name TEXT NOT NULL, application_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class DeletedResource:
    """A soft-deleted resource; `children` are (id, body, secrets) of what was below it."""

    key: str
    type: str
    name: str
    location: str
    subscription: str
    body: JsonObject
    secrets: dict[str, str]
    children: list[tuple[str, JsonObject, dict[str, str]]]
    deleted: str
    purge: str


def deleted_resource(row: tuple[str, ...]) -> DeletedResource:
    """The record in a row of the table `deleted`."""
    key, type_name, name, location, subscription, body, secrets, children, deleted, purge = row
    return DeletedResource(
        key=key,
        type=type_name,
        name=name,
        location=location,
        subscription=subscription,
        body=json.loads(body),
        secrets=json.loads(secrets),
        children=[(child[0], child[1], child[2]) for child in json.loads(children)],
        deleted=deleted,
        purge=purge,
    )
