"""Builds the engine's events of a preview, in the shape that `pulumi preview --json` streams them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from review.events import read
from review.preview import Preview

STACK = "dev"
PROJECT = "platform"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ML = "azure-native:machinelearningservices:"
ASSETS = "azureml-assets:index:"


def urn(token: str, name: str) -> str:
    """The URN of a resource of the stack."""
    return f"urn:pulumi:{STACK}::{PROJECT}::{token}::{name}"


class Events:
    """A preview in the making: one call a resource, then `preview` or `text`."""

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []

    def step(
        self,
        op: str,
        token: str,
        name: str,
        *,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
        its_id: str = "",
        parent: str = "",
        diff: Mapping[str, str] | None = None,
        old_type: str = "",
        provider: str = "",
        **state: Any,
    ) -> Events:
        """A resource with its inputs before and after; `diff`: path -> kind, as `update-replace`."""

        def whole(inputs: Mapping[str, Any] | None, its_type: str = token) -> dict[str, Any] | None:
            if inputs is None:
                return None
            known = {
                "type": its_type,
                "urn": urn(token, name),
                "custom": True,
                "id": its_id,
                "parent": parent,
            }
            return {**known, "inputs": dict(inputs), "outputs": {}, **state}

        detailed = {path: {"diffKind": kind, "inputDiff": True} for path, kind in (diff or {}).items()}
        metadata = {
            "op": op,
            "urn": urn(token, name),
            "type": token,
            "old": whole(old, old_type or token),
            "new": whole(new),
            "detailedDiff": detailed or None,
            "keys": [path for path, kind in (diff or {}).items() if kind.endswith("-replace")],
            "diffs": list(diff or {}),
            "provider": provider,
        }
        self._events.append({"resourcePreEvent": {"metadata": metadata}})
        return self

    def create(self, token: str, name: str, inputs: Mapping[str, Any], **more: Any) -> Events:
        """A new resource."""
        return self.step("create", token, name, new=inputs, **more)

    def same(self, token: str, name: str, inputs: Mapping[str, Any], **more: Any) -> Events:
        """A resource that stays as it is."""
        return self.step("same", token, name, old=inputs, new=inputs, **more)

    def update(
        self, token: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], *paths: str, **more: Any
    ) -> Events:
        """A resource that changes in place, at these paths."""
        return self.step("update", token, name, old=old, new=new, diff=dict.fromkeys(paths, "update"), **more)

    def replace(
        self, token: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], *paths: str, **more: Any
    ) -> Events:
        """A resource that is replaced, the new one first, because of these paths."""
        diff = dict.fromkeys(paths, "update-replace")
        self.step("create-replacement", token, name, old=old, new=new, diff=diff, **more)
        self.step("replace", token, name, old=old, new=new, diff=diff, **more)
        return self.step("delete-replaced", token, name, old=old, new=None, **more)

    def delete(self, token: str, name: str, inputs: Mapping[str, Any], **more: Any) -> Events:
        """A resource that goes."""
        return self.step("delete", token, name, old=inputs, **more)

    def text(self) -> str:
        """The stream: one event a line, ended by the summary."""
        events = [*self._events, {"summaryEvent": {"resourceChanges": {}, "result": "succeeded"}}]
        return "\n".join(json.dumps({"sequence": i, **event}) for i, event in enumerate(events))

    @property
    def preview(self) -> Preview:
        """The preview, read as the review reads it."""
        return read(self.text())
