"""Every kind of mistake is found, at its full path, and nothing that is right is refused."""

from typing import Any

import pytest

from sandbox.schemas.check import Problem, check
from sandbox.schemas.nodes import ObjectType, Schema

TYPES: dict[str, ObjectType] = {
    "Cluster": {
        "properties": {
            "name": "string",
            "nodes": "integer",
            "ratio": "number",
            "open": "boolean",
            "anything": "any",
            "tier": {"enum": ["Dedicated", "LowPriority"]},
            "labels": {"map": "string"},
            "zones": {"array": "string"},
            "disk": {"ref": "Disk"},
            "job": {"by": "kind", "variants": {"Sweep": "Sweep", "Command": "Command"}},
            "state": "string",
            "size": {"any_of": ["integer", {"ref": "Disk"}]},
            "store": {"ref": "Store"},
        },
        "required": ["name"],
        "read_only": ["state"],
    },
    "Disk": {"properties": {"sizeGb": "integer"}, "required": ["sizeGb"]},
    "Sweep": {"properties": {"kind": "string", "trials": "integer"}, "constants": {"kind": "Sweep"}},
    "Command": {"properties": {"kind": "string", "code": "string"}, "constants": {"kind": "Command"}},
    "Store": {"properties": {"type": "string"}, "by": "type", "variants": {"Blob": "Blob"}},
    "Blob": {"properties": {"type": "string", "container": "string"}, "constants": {"type": "Blob"}},
}
CLUSTER = Schema({"ref": "Cluster"}, TYPES)
UNKNOWN = object()


@pytest.mark.parametrize(
    "value",
    [
        {"name": "c"},
        {"name": "c", "nodes": 3, "ratio": 1, "open": False, "anything": {"a": [1]}, "tier": "LowPriority"},
        {"name": "c", "nodes": 3.0, "labels": {"x.y": "1"}, "zones": ["1", "2"], "disk": {"sizeGb": 1}},
        {"name": "c", "job": {"kind": "Sweep", "trials": 4}, "size": {"sizeGb": 3}},
        {"name": "c", "size": 4, "store": {"type": "Blob", "container": "x"}},
        {"name": "c", "nodes": None, "disk": None},
        {"name": "c", "state": 17},
    ],
)
def test_accepts(value: dict[str, Any]) -> None:
    assert check(value, CLUSTER) == []


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ({"name": "c", "Nodes": 1}, "Nodes", "is not a property here; did you mean nodes?"),
        ({"name": "c", "qqqq": 1}, "qqqq", "known are name, nodes, ratio"),
        ({}, "name", "is required and missing"),
        ({"name": None}, "name", "is required and missing"),
        ({"name": 3}, "name", "must be a string, found the number 3"),
        ({"name": "c", "nodes": "3"}, "nodes", 'must be a whole number, found the string "3"'),
        ({"name": "c", "nodes": 2.5}, "nodes", "must be a whole number, found the number 2.5"),
        ({"name": "c", "nodes": True}, "nodes", "found the boolean true"),
        ({"name": "c", "ratio": "x"}, "ratio", "must be a number"),
        ({"name": "c", "open": "yes"}, "open", "must be true or false"),
        ({"name": "c", "tier": "lowpriority"}, "tier", "did you mean LowPriority?"),
        ({"name": "c", "tier": 4}, "tier", "4 is not one of Dedicated, LowPriority"),
        ({"name": "c", "labels": ["a"]}, "labels", "must be an object (a map), found the list"),
        ({"name": "c", "labels": {"a": 1}}, "labels.a", "must be a string"),
        ({"name": "c", "zones": "1"}, "zones", "must be a list"),
        ({"name": "c", "zones": ["1", 2]}, "zones[1]", "must be a string"),
        ({"name": "c", "zones": [None]}, "zones[0]", "must be a value, found null"),
        ({"name": "c", "disk": "big"}, "disk", "must be an object"),
        ({"name": "c", "disk": {}}, "disk.sizeGb", "is required and missing"),
        ({"name": "c", "disk": {"sizeGB": 1, "sizeGb": 1}}, "disk.sizeGB", "did you mean sizeGb?"),
        ({"name": "c", "job": {"trials": 1}}, "job.kind", "is missing; it says which kind this is: Sweep"),
        ({"name": "c", "job": {"kind": "sweep"}}, "job.kind", "did you mean Sweep?"),
        ({"name": "c", "job": {"kind": "Sweep", "code": "x"}}, "job.code", "is not a property here"),
        ({"name": "c", "job": []}, "job", "must be an object"),
        ({"name": "c", "size": "big"}, "size", "must be a whole number"),
        ({"name": "c", "store": {"type": "File"}}, "store.type", '"File" is not one of Blob'),
        ({"name": "c", "store": {"type": "Blob", "x": 1}}, "store.x", "is not a property here"),
    ],
)
def test_refuses(value: dict[str, Any], path: str, words: str) -> None:
    (problem,) = check(value, CLUSTER)
    assert problem.path == path
    assert words in problem.message


def test_reports_all_mistakes_together() -> None:
    found = check({"nodes": "3", "tier": "x", "disk": {"y": 1}}, CLUSTER)
    assert [problem.path for problem in found] == ["nodes", "tier", "disk.y", "disk.sizeGb", "name"]


def test_unknown_values_are_accepted_only_as_the_given_sentinel() -> None:
    value = {"name": UNKNOWN, "nodes": UNKNOWN, "tier": UNKNOWN, "disk": UNKNOWN, "job": {"kind": UNKNOWN}}
    assert check(value, CLUSTER, unknown=UNKNOWN) == []
    assert {problem.path for problem in check(value, CLUSTER)} >= {"name", "nodes", "tier", "disk"}


def test_partial_leaves_out_required_but_nothing_else() -> None:
    assert check({"disk": {}}, CLUSTER, partial=True) == []
    assert [p.path for p in check({"disk": {"x": 1}}, CLUSTER, partial=True)] == ["disk.x"]


def test_a_wrong_constant_is_named() -> None:
    (problem,) = check({"kind": "Command"}, Schema({"ref": "Sweep"}, TYPES))
    assert problem == Problem("kind", 'must be "Sweep", found "Command"')


def test_a_path_prefix_is_kept() -> None:
    (problem,) = check({}, CLUSTER, path="body")
    assert str(problem) == "body.name: is required and missing"


def test_long_values_are_cut() -> None:
    (problem,) = check({"name": ["x" * 500]}, CLUSTER)
    assert len(problem.message) < 150
