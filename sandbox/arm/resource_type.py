"""The declaration of one Azure resource type: all that the sandbox knows about it.

The emulator enforces a declaration, and the stand-in azure-native provider takes
its paths and replace rules from the same one, so adding a type is adding a
declaration. What a declaration gets wrong shows where a real Azure SDK reads the
resource back: those clients share nothing with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, Source

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

JsonObject = dict[str, Any]


class LroStyle(Enum):
    """How ARM answers a request that takes a while ("Track asynchronous Azure operations")."""

    NONE = "none"  # 200/201/204 with the final state
    ASYNC_OPERATION = "azure-async-operation"  # 201/202 with an Azure-AsyncOperation header
    LOCATION = "location"  # 202 with a Location header that answers 202 until done
    BODY = "body"  # 201 whose provisioningState is polled on the resource itself


@dataclass(frozen=True, kw_only=True)
class Lro:
    """Styles per verb, and the usual duration in seconds when durations are emulated."""

    create: LroStyle = LroStyle.NONE
    update: LroStyle = LroStyle.NONE
    delete: LroStyle = LroStyle.NONE
    create_seconds: float = 0.0
    update_seconds: float = 0.0
    delete_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """Alphabet and length of a name, as a pattern that must match fully, and its uniqueness.

    `unique="global"`: the core refuses a name that a resource of this type has anywhere else,
    with `taken(name)`; without `taken` the declaration's own `validate` does that.
    """

    pattern: str
    allowed: str  # completes "... must be": for the error message
    source: Source
    unique: Literal["parent", "global"] = "parent"
    error_code: str = "InvalidResourceName"
    error: Callable[[str], ArmError] | None = None  # the service's own error for a wrong name
    taken: Callable[[str], ArmError] | None = None


@dataclass(frozen=True, kw_only=True)
class Immutable:
    """A property (dotted wire path) that Azure refuses to change after creation.

    A request that leaves the property out does not change it.
    """

    path: str
    source: Source
    error_code: str = "PropertyChangeNotAllowed"
    message: str = ""  # Azure's own sentence; empty: ARM's general one
    error: Callable[[], ArmError] | None = None  # where code and message alone do not do
    same: Callable[[Any, Any], bool] | None = None  # compares before and after; None: by value


@dataclass(frozen=True, kw_only=True)
class SoftDelete:
    """A type whose deleted resources stay recoverable for a while.

    The core keeps the deleted body with its children until `retention_days` are over, refuses
    or recovers on a new PUT of that id (or, with a globally unique name, of that name), and
    serves `collection` when it has a name:

        GET  /subscriptions/S/providers/NS/{collection}
        GET  /subscriptions/S/providers/NS/locations/L/{collection}/NAME
        POST …/{collection}/NAME/purge     (202 with a Location header)
    """

    retention_days: Callable[[JsonObject], int]
    purge_protected: Callable[[JsonObject], bool] = lambda body: False
    on_conflict: Literal["refuse", "recover"] = "refuse"
    conflict: Callable[[str], ArmError] | None = None  # from the name; needed with "refuse"
    recover_requested: Callable[[JsonObject], bool] = lambda body: False  # from the PUT's body
    nothing_to_recover: Callable[[], ArmError] | None = None
    permanent: Callable[[RequestContext], bool] = lambda context: False  # DELETE that also purges
    collection: str = ""  # "deletedVaults"
    shown: Callable[[JsonObject, str, str], JsonObject] | None = None  # (body, deleted, purge) times
    not_found: Callable[[str], ArmError] | None = None
    purge_refused: Callable[[], ArmError] | None = None
    purge_seconds: float = 0.0
    source: Source


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an action or operation answers when "200 with a body" does not say it all.

    With `style` other than NONE the answer is a long-running operation of `seconds`: 202,
    and `body` is its result.
    """

    status: int = 200
    body: JsonObject | list[JsonObject] | None = None
    style: LroStyle = LroStyle.NONE
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


Action = Callable[["RequestContext", JsonObject], "JsonObject | Answer"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A request that is about no stored resource: name availability, quotas, deleted resources.

    `path` is what follows the scope, with {placeholders} for single segments, which arrive in
    `context.query` under their names in lower case, e.g.
    "providers/Microsoft.MachineLearningServices/locations/{location}/vmSizes".
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Action
    scope: Literal["tenant", "subscription", "resourceGroup"] = "subscription"
    permission: str = ""  # RBAC action; empty: derived from the path
    permission_below: str = ""  # where it is needed, below the scope; with {placeholders} as in `path`
    api_versions_of: str = ""  # the type whose API versions count: "Microsoft.KeyVault/vaults"
    api_versions: tuple[str, ...] = ()  # or the versions themselves


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One resource type.

    `defaults` returns what Azure fills in where the request is silent; `computed`
    returns what Azure writes itself, whatever the request says; both in wire shape,
    merged deeply (lists and null replace). Order on a PUT: schema, `immutable`, then
    `defaults` under the request, `validate` on the result, `computed` over it, store,
    and `created` or `updated`. `validate` raises an ArmError for a rule across properties.
    `created`, `updated` and `deleted` run inside the same transaction and may write
    children; `deleted` runs before anything is removed and may refuse.
    """

    type: str  # "Microsoft.KeyVault/vaults"
    token: str = ""  # "azure-native:keyvault:Vault"; empty where azure-native has none
    scope: Literal["subscription", "resourceGroup", "extension"] = "resourceGroup"
    name: NameRule
    name_input: str = ""  # azure-native's input property of the last name: "vaultName"
    parent_inputs: tuple[str, ...] = ()  # and of the parents' names, outermost first
    singleton: str = ""  # fixed name of a child that always exists ("default"): made with its parent
    flattened: bool = True  # azure-native lifts `properties.*` to the top level
    extra_api_versions: tuple[str, ...] = ()  # beyond those that pulumi_azure_native lists
    tracked: bool = True  # has location and tags
    provisioning_state: bool = True  # body shows properties.provisioningState
    system_data: bool = True  # body shows systemData
    created_status: int = 201  # some services answer 200 to a create
    delete_answers_body: bool = False  # a DELETE shows what was deleted
    put_keeps_omitted: bool = False  # a PUT over an existing one keeps what it leaves out
    coerces: bool = False  # enum values in any case; in a map of texts, numbers and booleans as texts
    verbs: frozenset[str] = frozenset({"PUT", "PATCH", "GET", "DELETE", "LIST"})
    immutable: tuple[Immutable, ...] = ()
    write_only: tuple[str, ...] = ()  # wire paths never given back
    lro: Lro = field(default_factory=Lro)
    soft_delete: SoftDelete | None = None
    actions: Mapping[str, Action] = field(default_factory=dict)  # POST {id}/NAME; "GET NAME" for a GET
    early_actions: frozenset[str] = frozenset()  # those that also work before the resource is there
    parent_optional: bool = False  # may be asked for, and made, while its parent is not there
    permissions_of: str = ""  # type whose RBAC actions count, where it is another
    page_parameter: str = "$skiptoken"  # query parameter in a list's nextLink
    operations: tuple[Operation, ...] = ()  # requests that belong to the namespace
    not_found: Callable[[RequestContext], ArmError] | None = None  # in place of ResourceNotFound
    unstored: Callable[[RequestContext], JsonObject | None] | None = None  # GET of what is not stored
    # What GET and LIST show of a stored body, where that is not the body itself: a state that moves on.
    presented: Callable[[RequestContext, JsonObject], JsonObject] | None = None
    as_read: Callable[[JsonObject], JsonObject] | None = None  # a request's body as the service takes it
    defaults: Callable[[RequestContext, JsonObject], JsonObject] | None = None
    computed: Callable[[RequestContext, JsonObject], JsonObject] | None = None
    validate: Callable[[RequestContext, JsonObject, JsonObject | None], None] | None = None
    created: Callable[[RequestContext, JsonObject], None] | None = None
    updated: Callable[[RequestContext, JsonObject], None] | None = None
    deleted: Callable[[RequestContext, JsonObject], None] | None = None
    # Gets the resources of a LIST and gives those to show; context.id is the scope or parent that was asked.
    list_filter: Callable[[RequestContext, list[JsonObject]], list[JsonObject]] | None = None
    schema_type: str = ""  # type whose REST model describes the body, where it is another
    facts: tuple[Fact, ...] = ()

    @property
    def namespace(self) -> str:
        """The provider's namespace: "Microsoft.KeyVault"."""
        return self.type.partition("/")[0]

    @property
    def segments(self) -> tuple[str, ...]:
        """The type names below the namespace: ("storageAccounts", "blobServices")."""
        return tuple(self.type.split("/")[1:])

    @property
    def parent_type(self) -> str:
        """The type that holds this one; empty for a top-level type."""
        return self.type.rpartition("/")[0] if len(self.segments) > 1 else ""
