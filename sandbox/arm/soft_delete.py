"""Soft deletion: keeping a deleted resource aside, bringing it back, showing and purging it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.arm.call import Call
from sandbox.arm.clock import timestamp
from sandbox.arm.context import RequestContext
from sandbox.arm.ids import key_of, subscription_of
from sandbox.arm.regions import normalised
from sandbox.arm.registry import Registry
from sandbox.arm.resource_type import Answer, LroStyle, Operation, ResourceType, SoftDelete
from sandbox.arm.state import DeletedResource
from sandbox.arm.store import Transaction
from sandbox.arm.targets import GROUPS

JsonObject = dict[str, Any]


def recover(call: Call, context: RequestContext, content: JsonObject) -> JsonObject | None:
    """What a soft-deleted namesake means for a create: refused, or brought back as it was."""
    declared = call.target.type
    rule = declared.soft_delete
    if rule is None:
        return None
    wanted = rule.recover_requested(content)
    own = call.transaction.deleted(declared.type, key=key_of(context.id))
    others = (
        call.transaction.deleted(declared.type, name=context.name)
        if declared.name.unique == "global"
        else own
    )
    if own and (wanted or rule.on_conflict == "recover"):
        kept = own[0]
        call.transaction.purge(kept.key)
        call.transaction.write(str(kept.body["id"]), kept.body, now=call.now, secrets=kept.secrets)
        for child_id, child, secrets in kept.children:
            call.transaction.write(child_id, child, now=call.now, secrets=secrets)
        principal = (kept.body.get("identity") or {}).get("principalId")
        if principal:
            context.add_principal(principal, "ServicePrincipal", context.name)
        context.existing, context.secrets = kept.body, dict(kept.secrets)
        return kept.body
    if others and rule.conflict is not None:
        raise rule.conflict(context.name)
    if wanted and rule.nothing_to_recover is not None:
        raise rule.nothing_to_recover()
    return None


def take_away(
    transaction: Transaction, registry: Registry, resource_id: str, now: datetime, *, permanent: bool
) -> None:
    """Remove a resource and all below it; what is soft-deletable is kept aside unless `permanent`."""
    bodies = [
        body for body in (transaction.body(resource_id), *transaction.below(resource_id)) if body is not None
    ]
    kept: list[str] = []
    for body in bodies:
        declared = registry.find(str(body["type"]))
        own = key_of(str(body["id"])) == key_of(resource_id)
        if declared is None or declared.soft_delete is None or (own and permanent):
            continue
        if any(key_of(str(body["id"])).startswith(f"{outer}/") for outer in kept):
            continue
        kept.append(key_of(str(body["id"])))
        _keep(transaction, registry, declared, body, now)
    transaction.remove(resource_id)


def _keep(
    transaction: Transaction, registry: Registry, declared: ResourceType, body: JsonObject, now: datetime
) -> None:
    soft_delete, resource_id = declared.soft_delete, str(body["id"])
    if soft_delete is None:
        return
    body = {name: value for name, value in body.items() if name != "_operation"}
    if "provisioningState" in (body.get("properties") or {}):
        body["properties"]["provisioningState"] = "Succeeded"
    children = [
        (str(child["id"]), child, transaction.secrets(str(child["id"])))
        for child in transaction.below(resource_id)
        if _comes_back(registry, child)
    ]
    transaction.keep_deleted(
        DeletedResource(
            key=key_of(resource_id),
            type=declared.type,
            name=str(body["name"]),
            location=normalised(str(body.get("location", ""))),
            subscription=subscription_of(key_of(resource_id)),
            body=body,
            secrets=transaction.secrets(resource_id),
            children=children,
            deleted=timestamp(now),
            purge=timestamp(now + timedelta(days=soft_delete.retention_days(body))),
        )
    )


def _comes_back(registry: Registry, child: JsonObject) -> bool:
    """Role assignments and locks of a deleted resource are gone for good."""
    declared = registry.find(str(child["type"]))
    return declared is not None and declared.scope != "extension" and declared.type != GROUPS


def collection_operations(declared: ResourceType) -> tuple[Operation, ...]:
    """GET, list and purge of a type's soft-deleted resources; none when it shows no such collection."""
    rule = declared.soft_delete
    if rule is None or not rule.collection:
        return ()
    kept = _Collection(declared, rule)
    namespace, name = declared.namespace, rule.collection
    one = f"providers/{namespace}/locations/{{location}}/{name}/{{name}}"
    versions = declared.type
    return (
        Operation(
            method="GET", path=f"providers/{namespace}/{name}", handler=kept.list, api_versions_of=versions
        ),
        Operation(method="GET", path=one, handler=kept.get, api_versions_of=versions),
        Operation(method="POST", path=f"{one}/purge", handler=kept.purge, api_versions_of=versions),
    )


class _Collection:
    """The soft-deleted resources of one type, as requests see them."""

    def __init__(self, declared: ResourceType, rule: SoftDelete) -> None:
        if rule.shown is None or rule.not_found is None:
            raise ValueError(f"{declared.type}: a collection of deleted resources needs shown and not_found")
        self._type = declared.type
        self._rule = rule
        self._shown = rule.shown
        self._not_found = rule.not_found

    def get(self, context: RequestContext, _request: JsonObject) -> JsonObject:
        return self._show(self._find(context))

    def list(self, context: RequestContext, _request: JsonObject) -> JsonObject:
        kept = context.transaction.deleted(self._type, subscription=context.subscription_id)
        return {"value": [self._show(record) for record in kept]}

    def purge(self, context: RequestContext, _request: JsonObject) -> Answer:
        record = self._find(context)
        if self._rule.purge_protected(record.body) and self._rule.purge_refused is not None:
            raise self._rule.purge_refused()
        context.transaction.purge(record.key)
        return Answer(status=202, style=LroStyle.LOCATION, seconds=self._rule.purge_seconds)

    def _find(self, context: RequestContext) -> DeletedResource:
        name, place = context.query["name"], normalised(context.query["location"])
        kept = context.transaction.deleted(self._type, name=name, subscription=context.subscription_id)
        found = next((record for record in kept if record.location == place), None)
        if found is None:
            raise self._not_found(name)
        return found

    def _show(self, record: DeletedResource) -> JsonObject:
        return self._shown(record.body, record.deleted, record.purge)
