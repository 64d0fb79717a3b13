"""The longest chain of dependent operations in one update: what no engine could beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx  # the field's graph library; longest path is one call


def dependencies(deployment: Mapping[str, Any]) -> dict[str, set[str]]:
    """URN → URNs it waits for, from the `deployment` of `pulumi stack export`.

    A child waits for its parent only where it takes a value from it, so parents
    count through `dependencies` and `propertyDependencies` alone.
    """
    graph: dict[str, set[str]] = {}
    for resource in deployment.get("resources", []):
        waits = set(resource.get("dependencies", []))
        for urns in (resource.get("propertyDependencies") or {}).values():
            waits.update(urns or [])
        graph[resource["urn"]] = waits
    return graph


def critical_path(graph: Mapping[str, set[str]], seconds: Mapping[str, float]) -> tuple[float, list[str]]:
    """Length in seconds and URNs of the longest chain; a URN without a duration counts as 0."""
    digraph: nx.DiGraph[str] = nx.DiGraph()
    for urn, waits in graph.items():
        digraph.add_node(urn)
        for other in waits:
            digraph.add_edge(other, urn, seconds=seconds.get(other, 0.0))
    # The last operation's own duration lies on no edge, so each chain ends in one sink.
    for urn in list(digraph.nodes):
        digraph.add_edge(urn, "", seconds=seconds.get(urn, 0.0))
    path = nx.dag_longest_path(digraph, weight="seconds")
    length = nx.path_weight(digraph, path, weight="seconds")
    return float(length), [urn for urn in path if urn]
