"""Changes of a recorded stack, told as the engine would tell them: one step event in place of another.

The base is the preview of a deployed stack in which nothing changes. An update has the inputs of before and
after and its difference by path; a new state has no outputs and no id, as in any preview.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from review.events import read
from review.preview import Preview
from review.values import keys
from tests.support.review_recordings import events

REMOVED: Final = object()  # in place of a value
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET: Final = "[secret]"


class Mutated:
    """A recorded stack with changes; each method makes one and returns the stack."""

    def __init__(self, recording: str = "prod-unchanged") -> None:
        """Nothing changes yet."""
        self._events = events(recording)
        (self._summary,) = (event["summaryEvent"] for event in self._events if "summaryEvent" in event)

    def update(self, name: str, values: Mapping[str, Any] | None = None, **state: Any) -> Mutated:
        """In place: path -> value, REMOVED to take one away; `state` may have protect and the like."""
        metadata = self._step(name)
        new = self._new(metadata, values or {})
        new.update(state)
        diff = {
            path: _difference(metadata["old"]["inputs"], path, value)
            for path, value in (values or {}).items()
        }
        op = "update" if values else "same"
        metadata.update(op=op, new=new, detailedDiff=diff or None, diffs=_tops(diff))
        return self

    def replace(
        self, name: str, values: Mapping[str, Any], *, deletes_first: bool = False, **old: Any
    ) -> Mutated:
        """A replacement that each of the paths forces."""
        index, event = self._event(name)
        metadata = event["resourcePreEvent"]["metadata"]
        metadata["old"].update(old)
        diff = {
            path: {
                "diffKind": f"{_difference(metadata['old']['inputs'], path, value)['diffKind']}-replace",
                "inputDiff": True,
            }
            for path, value in values.items()
        }
        told = {
            "new": self._new(metadata, values),
            "detailedDiff": diff,
            "diffs": _tops(diff),
            "keys": list(diff),
        }
        steps = [{**metadata, **told, "op": op} for op in ("create-replacement", "replace")]
        gone = {**metadata, "op": "delete-replaced", "new": None, "detailedDiff": None}
        order = [gone, *reversed(steps)] if deletes_first else [*steps, gone]
        self._events[index : index + 1] = [{"resourcePreEvent": {"metadata": each}} for each in order]
        return self

    def delete(self, name: str, **old: Any) -> Mutated:
        """A resource that goes."""
        metadata = self._step(name)
        metadata["old"].update(old)
        metadata.update(op="delete", new=None)
        return self

    def create(self, token: str, name: str, inputs: Mapping[str, Any], op: str = "create") -> Mutated:
        """A new resource, in the component of stage 1."""
        return self._add(op, token, name, None, inputs)

    def existing(self, token: str, name: str, inputs: Mapping[str, Any]) -> Mutated:
        """One that the stack has, so that it can change."""
        return self._add("same", token, name, inputs, inputs)

    def says(
        self, policy: str, message: str, name: str = "", level: str = "mandatory", severity: str = "high"
    ) -> Mutated:
        """A policy's result."""
        urn = self._step(name)["urn"] if name else ""
        body = {
            "resourceUrn": urn,
            "message": message,
            "policyName": policy,
            "policyPackName": "azureml-guard",
        }
        self._events.append({"policyEvent": {**body, "enforcementLevel": level, "severity": severity}})
        return self

    def without_policies(self) -> Mutated:
        """As if no pack had been given."""
        self._events = [event for event in self._events if not any(key.startswith("policy") for key in event)]
        return self

    def fails(self, message: str) -> Mutated:
        """An error that ends the preview."""
        self._events.append({"diagnosticEvent": {"severity": "error", "message": message}})
        self._summary["result"] = "failed"
        return self

    def inputs(self, name: str) -> dict[str, Any]:
        """A copy of a resource's inputs."""
        found: dict[str, Any] = copy.deepcopy(self._step(name)["old"]["inputs"])
        return found

    def text(self) -> str:
        """The events, one a line."""
        steps = {
            event["resourcePreEvent"]["metadata"]["urn"]: event["resourcePreEvent"]["metadata"]["op"]
            for event in self._events
            if "resourcePreEvent" in event
        }
        words = {"create-replacement": "replace", "delete-replaced": "replace"}
        self._summary["resourceChanges"] = dict(Counter(words.get(op, op) for op in steps.values()))
        numbered = ({**event, "sequence": number} for number, event in enumerate(self._events))
        return "\n".join(json.dumps(event) for event in numbered)

    @property
    def preview(self) -> Preview:
        """As the review reads it."""
        return read(self.text())

    def _event(self, name: str) -> tuple[int, dict[str, Any]]:
        for index, event in enumerate(self._events):
            metadata = event.get("resourcePreEvent", {}).get("metadata", {})
            is_resource = (metadata.get("new") or metadata.get("old") or {}).get("custom")
            if is_resource and f"{metadata['type']}::{metadata['urn'].split('::')[-1]}".endswith(f":{name}"):
                return index, event
        raise KeyError(name)

    def _step(self, name: str) -> dict[str, Any]:
        metadata: dict[str, Any] = self._event(name)[1]["resourcePreEvent"]["metadata"]
        return metadata

    def _new(self, metadata: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        new: dict[str, Any] = copy.deepcopy(metadata["old"])
        new.update(id="", outputs={})
        for path, value in values.items():
            _put(new["inputs"], keys(path), value)
        return new

    def _add(
        self, op: str, token: str, name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any]
    ) -> Mutated:
        stack, project = self._events_urn()
        urn = f"urn:pulumi:{stack}::{project}::azureml:infra:Platform${token}::{name}"
        parent = f"urn:pulumi:{stack}::{project}::azureml:infra:Platform::platform"
        state = {"type": token, "urn": urn, "custom": True, "parent": parent, "outputs": {}}
        told = {
            "old": {**state, "id": f"/known/{name}", "inputs": dict(old)} if old is not None else None,
            "new": {**state, "id": "" if op == "create" else f"/known/{name}", "inputs": dict(new)},
        }
        metadata = {"op": op, "urn": urn, "type": token, "detailedDiff": None, **told}
        last = max(index for index, event in enumerate(self._events) if "resourcePreEvent" in event)
        self._events.insert(last + 1, {"resourcePreEvent": {"metadata": metadata}})
        return self

    def _events_urn(self) -> tuple[str, str]:
        urn: str = next(
            event["resourcePreEvent"]["metadata"]["urn"]
            for event in self._events
            if "resourcePreEvent" in event
        )
        stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
        return stack, project


def _difference(inputs: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    there: Any = inputs
    for key in keys(path):
        there = there.get(key, REMOVED) if isinstance(there, dict) else REMOVED
    kind = "delete" if value is REMOVED else "add" if there is REMOVED else "update"
    return {"diffKind": kind, "inputDiff": True}


def _tops(diff: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(keys(path)[0] for path in diff))


def _put(inputs: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *above, last = path
    for key in above:
        inputs = inputs.setdefault(key, {})
    if value is REMOVED:
        inputs.pop(last, None)
    else:
        inputs[last] = value
