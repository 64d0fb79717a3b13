"""What stage 2 is going to declare: select files, follow references, put all in order.

Everything that can be wrong with the files and the section `assets` is found here, from the
files and the settings alone, so that a program can end with all mistakes before it has declared
any resource. What each document may contain is the plugin's to check.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

from ml_assets.documents import DocumentPath, Mistake
from ml_assets.entries import Entry
from ml_assets.index import Index, ResourceName
from ml_assets.inlined_jobs import with_jobs
from ml_assets.mistakes import dotted
from ml_assets.reference_errors import circle, unknown_deployment
from ml_assets.references import Part, References, Surroundings, Use, references_of
from ml_assets.schemas import Kind
from ml_assets.selection import Selection, Wanted, select
from ml_assets.stack_files import stack_file

# Where requests to an endpoint go, in its document: set after its deployments are there and healthy.
_ROUTES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ONLINE_ENDPOINT: ("traffic", "mirror_traffic"),
    Kind.BATCH_ENDPOINT: ("defaults",),
}


class CatalogError(Exception):
    """Files or settings that cannot be used: all mistakes, by file and line.

    `resources`: what would have been declared without them, as far as it can be told.
    """

    def __init__(self, mistakes: Sequence[Mistake], stack: str, resources: Sequence[Planned] = ()) -> None:
        self.resources = tuple(resources)
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: (mistake.file, mistake.line)))
        self.stack = stack
        super().__init__(mistakes, stack)

    def __str__(self) -> str:
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        lines = [f"the assets of stack '{self.stack}' have {count}; no resource was touched:"]
        lines += [f"  {mistake}" for mistake in self.mistakes]
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class PlanArgs:
    """What the plan of a stack is made of.

    Attributes:
        wanted: The section `assets` of the settings.
        stack: The stack's name.
        root: The project's folder.
        settings_key: The configuration key of the settings, to find their lines.
        outputs: The names of stage 1's outputs, which `${platform.NAME}` may name.
        values: Those of them that follow from the settings, with their values.
        clusters: The names of the stack's clusters.
    """

    wanted: Wanted
    stack: str
    root: Path
    settings_key: str
    outputs: Collection[str]
    values: Mapping[str, str]
    clusters: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One resource.

    Attributes:
        routes: Whether it is the part of an endpoint that says where requests go.
        spec: The document, with references as they are written.
        parts: What the texts of `spec` at these paths are put together from.
        after: Files whose resources come first, although no value is taken from them.
        clusters: Clusters that have to exist first.
        uploads: Whether local files are uploaded with the identity of whoever deploys.
        places: Where values stand that the stack's file gives, by their dotted path in `spec`.
    """

    kind: Kind
    name: ResourceName
    file: str
    spec: Mapping[str, Any]
    parts: Mapping[DocumentPath, tuple[Part, ...]]
    after: tuple[str, ...] = ()
    clusters: frozenset[str] = frozenset()
    registered: bool = False
    uploads: bool = False
    routes: bool = False
    places: Mapping[str, Mistake] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The resources of a stack, each after those that it refers to.

    `unused` and `nameless` are files that look forgotten: no stack takes them; nothing mentions them.
    """

    resources: tuple[Planned, ...]
    unused: tuple[str, ...]
    nameless: tuple[str, ...]
    when_replaced: str
    registry_name: str | None
    must_exist: bool


def make_plan(args: PlanArgs) -> Plan:
    """The plan of a stack. Raises CatalogError with all mistakes."""
    stack = stack_file(args.root, args.stack, args.settings_key)
    selection = select(args.wanted, stack, args.root, args.values)
    index = Index(selection.entries)
    around = Surroundings(selection, index, args.outputs, args.clusters)
    found = {entry.file: references_of(entry, around) for entry in selection.entries}
    mistakes = [
        *selection.mistakes,
        *index.mistakes(),
        *(mistake for references in found.values() for mistake in references.mistakes),
        *(mistake for entry in selection.entries for mistake in _shares(entry, index, selection)),
    ]
    whole = {entry.file: with_jobs(entry, found[entry.file], found) for entry in selection.entries}
    files, circles = _ordered(
        selection.entries, {file: references for file, (_, references) in whole.items()}
    )
    mistakes += circles
    resources = tuple(_resources(index, files, whole))
    if mistakes:
        raise CatalogError(mistakes, args.stack, resources)
    registry = args.wanted.registry
    return Plan(
        resources=resources,
        unused=selection.unused,
        nameless=selection.nameless,
        when_replaced=args.wanted.when_replaced,
        registry_name=registry.name if registry else None,
        must_exist=registry.must_exist if registry else False,
    )


def _shares(entry: Entry, index: Index, selection: Selection) -> Iterator[Mistake]:
    """Mistakes in what an endpoint says about its deployments."""
    named: list[tuple[DocumentPath, str]] = []
    if entry.kind is Kind.ONLINE_ENDPOINT:
        for key in _ROUTES[entry.kind]:
            shares = entry.data.get(key)
            named += [((key, name), name) for name in shares] if isinstance(shares, dict) else []
    elif entry.kind is Kind.BATCH_ENDPOINT:
        defaults = entry.data.get("defaults")
        default = defaults.get("deployment_name") if isinstance(defaults, dict) else None
        named += [(("defaults", "deployment_name"), default)] if isinstance(default, str) else []
    if not named:
        return
    known = [deployment.name for deployment in index.deployments(entry)]
    excused = selection.unreadable | set(index.strays())
    for path, name in named:
        if name not in known and name not in excused:
            yield entry.mistake(path, unknown_deployment(name, known))


def _ordered(entries: Sequence[Entry], found: Mapping[str, References]) -> tuple[list[str], list[Mistake]]:
    """Files in the order of their references, and the circles among them."""
    by_file = {entry.file: entry for entry in entries}
    ways = {
        file: {
            part.file: path
            for path, parts in references.parts.items()
            for part in parts
            if isinstance(part, Use)
        }
        for file, references in found.items()
    }
    mistakes: list[Mistake] = []
    while True:
        try:
            order = TopologicalSorter({file: sorted(targets) for file, targets in ways.items()})
            return list(order.static_order()), mistakes
        except CycleError as error:
            # Each file of the cycle is needed by the next one; read backwards, each refers to the next.
            files = list(reversed(error.args[1]))[:-1]
            first = files.index(min(files))
            files = files[first:] + files[:first]
            steps = list(zip(files, [*files[1:], files[0]], strict=True))
            lines = [f"{file}:{by_file[file].document.line(ways[file][to])}" for file, to in steps]
            path = ways[steps[0][0]][steps[0][1]]
            mistakes.append(by_file[files[0]].mistake(path, circle([*lines, files[0]])))
            del ways[steps[-1][0]][steps[-1][1]]


Whole = tuple[dict[str, Any], References]


def _resources(index: Index, files: Sequence[str], whole: Mapping[str, Whole]) -> Iterator[Planned]:
    routes = []
    for file in files:
        entry = index.at(file)
        assert entry is not None  # noqa: S101, references lead to files of the selection only
        planned = _resource(entry, index, *whole[file])
        if any(entry.data.get(key) for key in _ROUTES.get(entry.kind, ())):
            routes.append(_routes(entry, index, planned))
        yield planned
    yield from routes


def _resource(entry: Entry, index: Index, data: Mapping[str, Any], references: References) -> Planned:
    waits_for_nothing = entry.kind is Kind.JOB or entry.registered  # a mere check; no clusters there
    left_out = {"$schema", *_ROUTES.get(entry.kind, ())}
    spec = {key: value for key, value in data.items() if key not in left_out}
    if entry.version is not None:
        spec["version"] = entry.version  # as text: on its way through the engine 3 becomes 3.0
    return Planned(
        kind=entry.kind,
        name=index.resource_name(entry),
        file=entry.file,
        spec=spec,
        parts={path: parts for path, parts in references.parts.items() if path[0] not in left_out},
        clusters=frozenset() if waits_for_nothing else frozenset(references.clusters.values()),
        registered=entry.registered,
        uploads=not entry.registered and _uploads(entry),
        places=_places(entry),
    )


def _routes(entry: Entry, index: Index, endpoint: Planned) -> Planned:
    shares = {key: entry.data[key] for key in _ROUTES[entry.kind] if entry.data.get(key)}
    return Planned(
        kind=entry.kind,
        name=ResourceName(endpoint.name.name),
        file=entry.file,
        spec={"name": entry.name, **shares},
        parts={("name",): (Use(entry.file, "name"),)},
        after=tuple(deployment.file for deployment in index.deployments(entry)),
        routes=True,
        places=endpoint.places,
    )


def _places(entry: Entry) -> dict[str, Mistake]:
    return {dotted(path): entry.mistake(path, "") for path in entry.changed}


def _uploads(entry: Entry) -> bool:
    """Whether Azure ML's client writes blobs itself. Code goes by a signed address that Azure ML gives."""
    if entry.kind is Kind.ENVIRONMENT:
        return "build" in entry.data
    path = entry.data.get("path")
    if entry.kind is Kind.FEATURE_SET:
        specification = entry.data.get("specification")
        path = specification.get("path") if isinstance(specification, dict) else None
    elif entry.kind not in (Kind.DATA, Kind.MODEL):
        return False
    return isinstance(path, str) and "://" not in path and not path.startswith("azureml:")
