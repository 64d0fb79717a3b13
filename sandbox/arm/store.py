"""Everything the emulator remembers, in one SQLite file.

Every request is one transaction. The file is in write-ahead mode: after a crash or a
kill, committed requests are there and half-done ones are not. Rules about resources
stand elsewhere; this module only keeps rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.arm.clock import timestamp
from sandbox.arm.ids import group_of, key_of, parent_key, subscription_of, type_of
from sandbox.arm.state import SCHEMA, SCHEMA_VERSION, DeletedResource, deleted_resource

JsonObject = dict[str, Any]

ROLE_ASSIGNMENTS = "microsoft.authorization/roleassignments"


class StoreError(Exception):
    """A state file that cannot be used: the message says which, why and what to do."""


class Store:
    """The open database. Used from one thread; `transaction` is not re-entrant."""

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self.assignments_version = 0  # grows with every change of a role assignment
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._prepare()
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{path} is not a usable state file ({error}); `python -m sandbox reset` starts with an "
                "empty one"
            ) from None

    def _prepare(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        elif version != SCHEMA_VERSION:
            raise StoreError(
                f"{self._path} was written by another version of the sandbox (state version {version}, this "
                "one "
                f"reads {SCHEMA_VERSION}); use that version, or `python -m sandbox reset` to start empty"
            )
        else:
            (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction: committed at the end, rolled back when an exception leaves the block."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield Transaction(self._db, self)
        except BaseException:
            self._db.execute("ROLLBACK")
            self.assignments_version += 1  # a cache may have seen what is now undone
            raise
        self._db.execute("COMMIT")

    def storage_account(self, name: str) -> JsonObject | None:
        """The body of the storage account with that (globally unique) name; None when there is none."""
        return self._named("Microsoft.Storage/storageAccounts", name)

    def registry(self, name: str) -> JsonObject | None:
        """The same for an Azure ML registry."""
        return self._named("Microsoft.MachineLearningServices/registries", name)

    def _named(self, type_name: str, name: str) -> JsonObject | None:
        with self.transaction() as transaction:
            return next(iter(transaction.named(type_name, name)), None)

    def close(self) -> None:
        """Close the file; the store cannot be used any more."""
        self._db.close()


class Transaction:
    """Reads and writes of one request. Bodies are fresh copies: change and write them back."""

    def __init__(self, db: sqlite3.Connection, store: Store) -> None:
        self._db = db
        self._store = store

    # resources ---------------------------------------------------------------------------

    def body(self, resource_id: str) -> JsonObject | None:
        """The body stored under an id; None when there is none."""
        row = self._db.execute("SELECT body FROM resources WHERE key = ?", (key_of(resource_id),)).fetchone()
        return _loads(row[0]) if row else None

    def exists(self, resource_id: str) -> bool:
        """Whether something is stored under an id."""
        query = "SELECT 1 FROM resources WHERE key = ?"
        return self._db.execute(query, (key_of(resource_id),)).fetchone() is not None

    def secrets(self, resource_id: str) -> dict[str, str]:
        """Private values kept with a resource; empty when it is not there."""
        row = self._db.execute(
            "SELECT secrets FROM resources WHERE key = ?", (key_of(resource_id),)
        ).fetchone()
        return _loads(row[0]) if row else {}

    def children(self, parent_id: str, type_name: str) -> list[JsonObject]:
        """Bodies of one type right below an id, by name."""
        query = "SELECT body FROM resources WHERE parent = ? AND type = ? ORDER BY name"
        return self._bodies(query, (key_of(parent_id), type_name.lower()))

    def below(self, resource_id: str) -> list[JsonObject]:
        """Bodies of all that lies below an id, extension resources included, by id."""
        key = key_of(resource_id)
        return self._bodies(
            "SELECT body FROM resources WHERE key > ? AND key < ? ORDER BY key", (f"{key}/", f"{key}0")
        )

    def below_of_type(self, resource_id: str, type_name: str, *, containing: str = "") -> list[JsonObject]:
        """Bodies of one type that lie anywhere below an id, by id; only those with that string."""
        key = key_of(resource_id)
        query = "SELECT body FROM resources WHERE type = ? AND subscription = ? AND key > ? AND key < ?"
        values = [type_name.lower(), subscription_of(key), f"{key}/", f"{key}0"]
        if containing:  # or a thousand bodies are parsed to find one
            query += " AND instr(body, ?)"
            values.append(_dumps(containing))
        return self._bodies(f"{query} ORDER BY key", tuple(values))

    def of_type(self, type_name: str, subscription: str = "", resource_group: str = "") -> list[JsonObject]:
        """Bodies of one type, in a subscription or group where named, by id."""
        query = "SELECT body FROM resources WHERE type = ?"
        values = [type_name.lower()]
        for column, value in (("subscription", subscription), ("resource_group", resource_group)):
            if value:
                query += f" AND {column} = ?"
                values.append(value.lower())
        return self._bodies(query + " ORDER BY key", tuple(values))

    def named(self, type_name: str, name: str) -> list[JsonObject]:
        """Bodies of one type with one name, anywhere."""
        query = "SELECT body FROM resources WHERE type = ? AND name = ?"
        return self._bodies(query, (type_name.lower(), name.lower()))

    def write(
        self,
        resource_id: str,
        body: JsonObject,
        *,
        now: datetime,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Store a body under an id, over what was there; secrets stay unless given."""
        key = key_of(resource_id)
        body = {
            "id": resource_id,
            "name": resource_id.rsplit("/", 1)[-1],
            "type": type_of(resource_id),
            **body,
        }
        type_name = type_of(key).lower()
        self._touched(type_name)
        kept = self.secrets(resource_id) if secrets is None else dict(secrets)
        self._db.execute(
            "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                parent_key(key),
                type_name,
                key.rsplit("/", 1)[-1],
                subscription_of(key),
                group_of(key),
                _dumps(body),
                _dumps(kept),
                timestamp(now),
            ),
        )

    def write_secrets(self, resource_id: str, secrets: Mapping[str, str]) -> None:
        """Replace the private values of a stored resource."""
        self._db.execute(
            "UPDATE resources SET secrets = ? WHERE key = ?", (_dumps(secrets), key_of(resource_id))
        )

    def remove(self, resource_id: str) -> bool:
        """Remove what is stored under an id and all below it; False when it was not there."""
        key = key_of(resource_id)
        existed = self.exists(key)
        self._store.assignments_version += 1
        self._db.execute(
            "DELETE FROM resources WHERE key = ? OR (key > ? AND key < ?)", (key, f"{key}/", f"{key}0")
        )
        return existed

    def _touched(self, type_name: str) -> None:
        if type_name == ROLE_ASSIGNMENTS:
            self._store.assignments_version += 1

    def _bodies(self, query: str, values: tuple[str, ...]) -> list[JsonObject]:
        return [_loads(row[0]) for row in self._db.execute(query, values)]

    # soft-deleted resources ----------------------------------------------------------------

    def keep_deleted(self, record: DeletedResource) -> None:
        """Remember a soft-deleted resource."""
        self._db.execute(
            "INSERT OR REPLACE INTO deleted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.key,
                record.type.lower(),
                record.name.lower(),
                record.location,
                record.subscription.lower(),
                _dumps(record.body),
                _dumps(record.secrets),
                _dumps(record.children),
                record.deleted,
                record.purge,
            ),
        )

    def deleted(
        self, type_name: str, *, key: str = "", name: str = "", subscription: str = ""
    ) -> list[DeletedResource]:
        """Soft-deleted resources of a type, by id, by name or in a subscription."""
        query, values = "SELECT * FROM deleted WHERE type = ?", [type_name.lower()]
        for column, value in (("key", key), ("name", name), ("subscription", subscription)):
            if value:
                query += f" AND {column} = ?"
                values.append(value.lower())
        return [deleted_resource(row) for row in self._db.execute(query + " ORDER BY key", tuple(values))]

    def purge(self, key: str) -> None:
        """Forget a soft-deleted resource."""
        self._db.execute("DELETE FROM deleted WHERE key = ?", (key_of(key),))

    def purge_expired(self, now: datetime) -> None:
        """Forget those whose retention is over."""
        self._db.execute("DELETE FROM deleted WHERE purge <= ?", (timestamp(now),))

    # long-running operations -----------------------------------------------------------------

    def write_operation(self, operation_id: str, status: str, ends: datetime, record: JsonObject) -> None:
        """Store an operation, over what was there."""
        self._db.execute(
            "INSERT OR REPLACE INTO operations VALUES (?, ?, ?, ?)",
            (operation_id.lower(), status, timestamp(ends), _dumps(record)),
        )

    def operation(self, operation_id: str) -> tuple[str, JsonObject] | None:
        """Status and record of an operation; None when there is none."""
        query = "SELECT status, record FROM operations WHERE id = ?"
        row = self._db.execute(query, (operation_id.lower(),)).fetchone()
        return (row[0], _loads(row[1])) if row else None

    def due_operations(self, now: datetime) -> list[JsonObject]:
        """Records of the running operations whose time is over, in the order of their ends."""
        query = "SELECT record FROM operations WHERE status = 'InProgress' AND ends <= ? ORDER BY ends"
        return self._bodies(query, (timestamp(now),))

    # principals and settings -------------------------------------------------------------------

    def add_principal(
        self, object_id: str, principal_type: str, display_name: str, application_id: str = ""
    ) -> None:
        """Make a principal known to the directory."""
        self._db.execute(
            "INSERT OR REPLACE INTO principals VALUES (?, ?, ?, ?)",
            (object_id.lower(), principal_type, display_name, application_id.lower()),
        )

    def remove_principal(self, object_id: str) -> None:
        """Take a principal out of the directory."""
        self._db.execute("DELETE FROM principals WHERE object_id = ?", (object_id.lower(),))

    def principal_type(self, object_id: str) -> str | None:
        """The directory's type of a principal; None when it is not known."""
        query = "SELECT type FROM principals WHERE object_id = ?"
        row = self._db.execute(query, (object_id.lower(),)).fetchone()
        return str(row[0]) if row else None

    def setting(self, name: str) -> str | None:
        """A remembered single value; None when it was never set."""
        row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def set_setting(self, name: str, value: str) -> None:
        """Remember a single value."""
        self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _loads(text: str) -> Any:
    return json.loads(text)
