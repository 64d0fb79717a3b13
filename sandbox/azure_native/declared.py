"""One resource type as the provider sees it: its declaration, its schemas, its paths."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from resource_provider.provider import ProviderError
from resource_provider.values import UNKNOWN, PropertyPath
from sandbox.arm.resource_type import ResourceType
from sandbox.azure_native.shape import InputShape, OutputShape, wire_path
from sandbox.schemas.catalogue import Catalogue, PulumiResource
from sandbox.schemas.nodes import Schema

# Inputs that are query parameters of the PUT, input -> parameter: "Datastores - Create Or Update" and
# "File Shares - Create" of the REST reference.
_QUERY_INPUTS: Mapping[str, str] = {"skipValidation": "skipValidation", "expand": "$expand"}


class Declared:
    """A declared type together with the class that `pulumi_azure_native` has for it."""

    def __init__(
        self, arm: ResourceType, pulumi: PulumiResource, catalogue: Catalogue, parent_names: Sequence[str]
    ) -> None:
        """`parent_names` holds the fixed name, or "", of each parent, outermost first."""
        self.arm = arm
        self.pulumi = pulumi
        self._catalogue = catalogue
        self._parent_names = parent_names

    @property
    def api_version(self) -> str:
        """The version that the class was generated for, and that every request uses."""
        return self.pulumi.api_version

    @cached_property
    def path_inputs(self) -> tuple[str, ...]:
        """The inputs that make up the resource's path."""
        scope = {"resourceGroup": ("resourceGroupName",), "subscription": (), "extension": ("scope",)}
        own = () if self.arm.singleton and not self.arm.name_input else (self.arm.name_input,)
        return (*scope[self.arm.scope], *self.arm.parent_inputs, *own)

    @cached_property
    def query_inputs(self) -> tuple[str, ...]:
        """The inputs that are query parameters."""
        return tuple(name for name in _QUERY_INPUTS if name in self._input_properties)

    @cached_property
    def body_shape(self) -> InputShape:
        """Inputs -> request body."""
        arm_type = self.arm.schema_type or self.arm.type
        rest = self._catalogue.body(arm_type, self.api_version)
        skipped = {*self.path_inputs, *self.query_inputs}
        return InputShape(self.pulumi.inputs, rest, flattened=self._flattened, skipped=skipped)

    @cached_property
    def output_shape(self) -> OutputShape:
        """Answer -> outputs."""
        arm_type = self.arm.schema_type or self.arm.type
        rest = self._catalogue.response(arm_type, self.api_version) or self._rest_body
        return OutputShape(self.pulumi.outputs, rest, flattened=self._flattened)

    @cached_property
    def _rest_body(self) -> Schema | None:
        return self._catalogue.body(self.arm.schema_type or self.arm.type, self.api_version)

    @cached_property
    def _input_properties(self) -> Mapping[str, Any]:
        return self.pulumi.inputs.object_type()["properties"]

    @property
    def _flattened(self) -> bool:
        return self.arm.flattened and "properties" not in self._input_properties

    @property
    def has_location(self) -> bool:
        """Whether `location` is an input that Azure needs."""
        return self.arm.tracked and "location" in self._input_properties

    def id(self, inputs: Mapping[str, Any], subscription: str) -> str:
        """The resource id that the inputs make. "" while one of them is unknown."""
        if any(inputs.get(name) is UNKNOWN for name in self.path_inputs):
            return ""
        names = self._names(inputs)
        if self.arm.type == "Microsoft.Resources/resourceGroups":
            return f"/subscriptions/{subscription}/resourceGroups/{names[0]}"
        group = inputs.get("resourceGroupName")
        prefix = {
            "resourceGroup": f"/subscriptions/{subscription}/resourceGroups/{group}",
            "subscription": f"/subscriptions/{subscription}",
            "extension": "/" + str(inputs.get("scope", "")).strip("/"),
        }[self.arm.scope]
        tail = "/".join(f"{kind}/{name}" for kind, name in zip(self.arm.segments, names, strict=True))
        return f"{prefix}/providers/{self.arm.namespace}/{tail}"

    def inputs_of_id(self, id: str) -> dict[str, str]:
        """The inputs that stand in an id. ProviderError, with the expected form, for another type's id."""
        example = self.id({name: "{" + name + "}" for name in self.path_inputs}, "{subscription}")
        if self.arm.scope == "extension":
            # Everything before the last "/providers/" is the scope, which holds any resource's id.
            scope, _, tail = id.rpartition("/providers/")
            pattern, given = example.rpartition("/providers/")[2].split("/"), tail.split("/")
            values = {"scope": scope}
        else:
            pattern, given, values = example.strip("/").split("/"), id.strip("/").split("/"), {}
        if len(pattern) != len(given):
            raise ProviderError(f"{id!r} is no id of {self.arm.type}; it has the form {example}")
        for expected, part in zip(pattern, given, strict=True):
            if expected.startswith("{"):
                values[expected.strip("{}")] = part
            elif expected.lower() != part.lower():
                raise ProviderError(f"{id!r} is no id of {self.arm.type}; it has the form {example}")
        values.pop("subscription", None)
        return values

    def body(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The request body that the inputs make."""
        return self.body_shape.to_wire(inputs)

    def query(self, inputs: Mapping[str, Any]) -> dict[str, str]:
        """The query parameters that the inputs make."""
        return {
            _QUERY_INPUTS[name]: json.dumps(inputs[name]).strip('"')
            for name in self.query_inputs
            if inputs.get(name) is not None
        }

    def replaces(self, path: PropertyPath) -> bool:
        """Whether Azure cannot change that property of an existing resource."""
        top = str(path[0])
        if top in self.path_inputs or (top == "location" and self.arm.tracked):
            return True
        wire, create_only = self.body_shape.locate(path)
        return create_only or any(_within(wire, rule.path) for rule in self.arm.immutable)

    def immutable_inside(self, path: PropertyPath, old: Any, new: Any) -> bool:
        """Whether an object that was added, removed or exchanged holds an immutable property that differs."""
        wire, _ = self.body_shape.locate(path)
        for rule in self.arm.immutable:
            if rule.path.startswith(wire + "."):
                below = rule.path[len(wire) + 1 :]
                if new is not None and wire_path(old, below) != wire_path(new, below):
                    return True
        return False

    def _names(self, inputs: Mapping[str, Any]) -> list[str]:
        """One name per segment of the type; parents that exist once have a fixed one."""
        given = (str(inputs.get(name, "")) for name in self.arm.parent_inputs)
        names = [fixed or next(given) for fixed in self._parent_names]
        own = inputs.get(self.arm.name_input) if self.arm.name_input else None
        return [*names, str(own or self.arm.singleton)]


class Registry:
    """The declared types by Pulumi token, made on first use."""

    def __init__(self, catalogue: Catalogue, declarations: Iterable[ResourceType]) -> None:
        self._catalogue = catalogue
        self._by_type = {arm.type.lower(): arm for arm in declarations}
        self._by_token = {arm.token: arm for arm in self._by_type.values() if arm.token}
        self._known: dict[str, Declared] = {}

    def find(self, token: str) -> Declared:
        """ProviderError, with what to do, for a token that the sandbox does not declare."""
        if token not in self._known:
            arm = self._by_token.get(token)
            pulumi = self._catalogue.resource(token)
            if pulumi is None:
                raise ProviderError(
                    f"{token} is no resource of the installed pulumi_azure_native"
                    + ("; the sandbox has the default API versions only" if "/" in token else "")
                )
            if arm is None:
                raise ProviderError(
                    f"{token} is not part of the sandbox, whose azure-native stands in for "
                    f"{_listed(self._by_token)}. Add a declaration under sandbox/arm/namespaces, or deploy "
                    "this resource to Azure"
                )
            self._known[token] = Declared(arm, pulumi, self._catalogue, self._parent_names(arm))
        return self._known[token]

    def _parent_names(self, arm: ResourceType) -> list[str]:
        """The fixed names of parents that exist once ("default"); "" for those with a name of their own."""
        types = ["/".join([arm.namespace, *arm.segments[:depth]]) for depth in range(1, len(arm.segments))]
        parents = [self._by_type.get(parent.lower()) for parent in types]
        return [parent.singleton if parent else "" for parent in parents]


def _within(path: str, rule: str) -> bool:
    return path == rule or path.startswith((rule + ".", rule + "["))


def _listed(tokens: Iterable[str]) -> str:
    return ", ".join(sorted(token.removeprefix("azure-native:") for token in tokens))
