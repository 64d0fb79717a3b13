"""The provider: what happens to a resource in each of the engine's calls."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from resource_provider import provider as api
from resource_provider.arm_client import Answer, ArmClient
from resource_provider.arm_errors import RefusedError
from resource_provider.diff import PropertyChange, detailed_diff
from resource_provider.http import Http
from resource_provider.timing import Timings
from resource_provider.values import UNKNOWN, Secret, conceal, reveal, secret_paths
from sandbox.arm.resource_type import ResourceType
from sandbox.azure_native import configuration as settings
from sandbox.azure_native.credentials import Credentials
from sandbox.azure_native.declared import Declared, Registry
from sandbox.azure_native.naming import default_name
from sandbox.azure_native.planning import difference, previewed, previewed_update
from sandbox.azure_native.shape import carry_over, inputs_of_outputs
from sandbox.schemas.catalogue import load
from sandbox.schemas.check import check as check_schema
from sandbox.schemas.packages import pulumi_azure_native_version

_GROUP_TOKEN = "azure-native:resources:ResourceGroup"
_CONNECTIONS = 64


class AzureNative(api.ResourceProvider):
    """Serves every declared type of `azure-native`. ARM's errors reach the user with code and message."""

    name = "azure-native"

    def __init__(
        self, declarations: Iterable[ResourceType], transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`transport` replaces the network in tests."""
        self.version = pulumi_azure_native_version()
        self._registry = Registry(load(), declarations)
        self._transport = transport
        self._timings = Timings(os.environ.get("PROVIDER_TIMINGS", ""))
        self._settings = settings.configuration({})
        self._group_locations: dict[str, str] = {}

    async def start(self) -> None:
        """Opens the connection pool; proxy and certificates come from the environment."""
        self._http = Http(_CONNECTIONS, self._transport)
        self._connect()

    async def stop(self) -> None:
        """Closes the connections."""
        await self._http.close()
        self._timings.finish()

    async def check_config(self, config: api.Properties, old: api.Properties) -> api.Checked:
        """Refuses unknown settings."""
        return api.Checked(config, [api.CheckFailure(*problem) for problem in settings.problems(config)])

    async def diff_config(self, old: api.Properties, new: api.Properties) -> api.Difference:
        """Another subscription or tenant replaces everything that the provider made."""
        ids = ("subscriptionId", "tenantId")
        changed = [change for change in detailed_diff(old, new) if change.path[0] in ids]
        return api.Difference(changes=[PropertyChange(c.path, c.kind, replaces=True) for c in changed])

    async def configure(self, config: api.Properties) -> None:
        """Takes the settings over."""
        self._settings = settings.configuration(config)
        self._connect()

    async def cancel(self) -> None:
        """Ends retries, polls and pauses; see `_partial` for what becomes of half-made resources."""
        self._arm.cancelled.set()

    async def check(self, request: api.Check) -> api.Checked:
        """Strict types; fills in a name and a location where azure-native does."""
        declared = self._registry.find(request.resource.token)
        with self._timings.call("check", request.resource.token, request.resource.urn):
            inputs = dict(request.inputs)
            await self._fill_in(declared, request, inputs)
            found = check_schema(reveal(inputs), declared.pulumi.inputs, unknown=UNKNOWN)
            return api.Checked(inputs, [api.CheckFailure(problem.path, problem.message) for problem in found])

    async def diff(self, request: api.Diff) -> api.Difference:
        """Compares inputs; what Azure cannot change needs a new resource."""
        declared = self._registry.find(request.resource.token)
        with self._timings.call("diff", request.resource.token, request.resource.urn):
            return difference(declared, request)

    async def create(self, request: api.Create) -> api.Created:
        """PUT, unless the resource exists already, and wait for the operation."""
        declared, resource = self._registry.find(request.resource.token), request.resource
        with self._timings.call("preview" if request.preview else "create", resource.token, resource.urn):
            if request.preview:
                return api.Created("", previewed(declared, request.inputs))
            new_id = declared.id(reveal(request.inputs), self._settings.subscription_id)
            if not declared.arm.singleton and await self._arm.get(new_id, declared.api_version) is not None:
                raise api.ProviderError(f"cannot create already existing resource '{new_id}'")
            return api.Created(new_id, await self._put(declared, new_id, request.inputs, request.timeout))

    async def update(self, request: api.Update) -> api.Properties:
        """PUT of the whole body, and wait for the operation."""
        declared, resource = self._registry.find(request.resource.token), request.resource
        with self._timings.call("preview" if request.preview else "update", resource.token, resource.urn):
            if request.preview:
                return previewed_update(declared, request)
            return await self._put(declared, resource.id, request.inputs, request.timeout)

    async def read(self, request: api.Read) -> api.ReadResult:
        """Refresh: the inputs change only where the resource did. Import: all that can be an input."""
        declared, resource = self._registry.find(request.resource.token), request.resource
        with self._timings.call("read", resource.token, resource.urn):
            path_inputs = declared.inputs_of_id(resource.id)
            answer = await self._arm.get(resource.id, declared.api_version)
            if answer is None:
                return api.ReadResult()
            outputs = self._outputs(declared, answer)
            schema = declared.pulumi.inputs
            now = inputs_of_outputs(outputs, schema)
            for name in declared.path_inputs:
                now.pop(name, None)
            if not request.inputs:
                return api.ReadResult(resource.id, {**path_inputs, **now}, outputs)
            before = inputs_of_outputs(reveal(request.outputs), schema)
            for name in declared.path_inputs:
                before.pop(name, None)
            inputs = carry_over(reveal(request.inputs), before, now)
            secrets = secret_paths(request.inputs)
            return api.ReadResult(resource.id, conceal(inputs, secrets), conceal(outputs, secrets))

    async def delete(self, request: api.Delete) -> None:
        """DELETE, and wait. What exists as long as its parent does (blobServices/default) stays."""
        declared, resource = self._registry.find(request.resource.token), request.resource
        with self._timings.call("delete", resource.token, resource.urn):
            if "DELETE" in declared.arm.verbs and not declared.arm.singleton:
                await self._arm.delete(resource.id, declared.api_version)

    async def invoke(self, token: str, arguments: api.Properties, *, preview: bool) -> api.Invoked:
        """getClientConfig, getClientToken, and get* of every declared type."""
        with self._timings.call("invoke", token, ""):
            if token == "azure-native:authorization:getClientConfig":
                return api.Invoked(await self._client_config())
            if token == "azure-native:authorization:getClientToken":
                endpoint = str(reveal(arguments.get("endpoint")) or self._settings.cloud.resource_manager)
                text = await self._credentials.token(endpoint.rstrip("/") + "/.default")
                return api.Invoked({"token": Secret(text)})
            return await self._get(token, reveal(arguments))

    async def _client_config(self) -> api.Properties:
        claims = await self._credentials.claims()
        return {
            "clientId": str(claims.get("appid") or claims.get("azp") or self._settings.get("clientId")),
            "objectId": str(claims.get("oid", "")),
            "subscriptionId": self._settings.subscription_id,
            "tenantId": str(claims.get("tid") or self._settings.tenant_id),
        }

    async def _get(self, token: str, arguments: api.Properties) -> api.Invoked:
        """`azure-native:storage:getStorageAccount`: reads a resource that the program does not own."""
        module, _, function = token.rpartition(":")
        if not function.startswith("get"):
            raise api.ProviderError(f"{token} is not part of the sandbox's stand-in for azure-native")
        declared = self._registry.find(f"{module}:{function.removeprefix('get')}")
        missing = [name for name in declared.path_inputs if not arguments.get(name)]
        unknown = [name for name in arguments if name not in declared.path_inputs]
        failures = [api.CheckFailure(name, "is required and missing") for name in missing]
        failures += [
            api.CheckFailure(name, f"is not an argument; known are {', '.join(declared.path_inputs)}")
            for name in unknown
        ]
        if failures:
            return api.Invoked({}, failures)
        wanted = declared.id(arguments, self._settings.subscription_id)
        answer = (await self._arm.request("GET", wanted, declared.api_version)).body
        return api.Invoked({"id": answer.get("id", wanted), **self._outputs(declared, answer)})

    async def _put(
        self, declared: Declared, id: str, inputs: api.Properties, timeout: float
    ) -> api.Properties:
        """PUT and wait. `timeout` in seconds (the program's customTimeouts), 0 = none."""
        version, plain = declared.api_version, reveal(inputs)
        try:
            started = await self._arm.put(id, version, declared.body(plain), declared.query(plain))
            answer = await asyncio.wait_for(self._finish(declared, id, started), timeout or None)
        except RefusedError:
            raise
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            late = api.ProviderError(f"{id} was not ready after {timeout:g} s (customTimeouts)")
            await self._partial(declared, id, inputs, late)
            raise late from None
        except api.ProviderError as error:  # the operation failed, was stopped, or an answer was lost
            await self._partial(declared, id, inputs, error)
            raise
        return self._concealed(declared, answer, inputs)

    async def _finish(self, declared: Declared, id: str, started: Answer) -> dict[str, Any]:
        await self._arm.wait(started)
        answer = await self._arm.get(id, declared.api_version) or started.body
        return await self._arm.settled(id, declared.api_version, answer)

    async def _partial(
        self, declared: Declared, id: str, inputs: api.Properties, error: api.ProviderError
    ) -> None:
        """Keeps a resource in the state that exists although its operation failed or was cancelled."""
        was_cancelled = self._arm.cancelled.is_set()
        self._arm.cancelled.clear()  # one more look, which must not be refused
        try:
            answer = await self._arm.get(id, declared.api_version)
        except api.ProviderError:
            answer = None
        finally:
            if was_cancelled:
                self._arm.cancelled.set()
        if answer is not None:
            outputs = self._concealed(declared, answer, inputs)
            raise api.InitializationError([str(error)], id=id, outputs=outputs, inputs=inputs) from error

    async def _fill_in(self, declared: Declared, request: api.Check, inputs: api.Properties) -> None:
        arm = declared.arm
        if arm.name_input and not arm.singleton and inputs.get(arm.name_input) is None:
            name = default_name(arm, request)
            if name is not None:
                inputs[arm.name_input] = name
        if arm.singleton and arm.name_input and inputs.get(arm.name_input) is None:
            inputs[arm.name_input] = arm.singleton
        if declared.has_location and inputs.get("location") is None:
            location = await self._default_location(declared, request)
            if location:
                inputs["location"] = location

    async def _default_location(self, declared: Declared, request: api.Check) -> str:
        """The old location, the provider's, or the resource group's if that exists already."""
        old = request.old_inputs.get("location")
        if isinstance(old, str):
            return old
        if self._settings.get("location"):
            return self._settings.get("location")
        group = reveal(request.inputs.get("resourceGroupName"))
        if not isinstance(group, str) or declared.pulumi.token == _GROUP_TOKEN:
            return ""
        if group not in self._group_locations:
            found = self._registry.find(_GROUP_TOKEN)
            group_id = found.id({"resourceGroupName": group}, self._settings.subscription_id)
            answer = await self._arm.get(group_id, found.api_version)
            if answer is None:
                return ""
            self._group_locations[group] = str(answer.get("location", ""))
        return self._group_locations[group]

    def _connect(self) -> None:
        self._credentials = Credentials(self._settings, self._http)
        self._arm = ArmClient(self._http, self._settings.cloud.resource_manager, self._credentials)

    def _outputs(self, declared: Declared, answer: Mapping[str, Any]) -> api.Properties:
        return {**declared.output_shape.from_wire(answer), "azureApiVersion": declared.api_version}

    def _concealed(
        self, declared: Declared, answer: Mapping[str, Any], inputs: api.Properties
    ) -> api.Properties:
        concealed: api.Properties = conceal(self._outputs(declared, answer), secret_paths(inputs))
        return concealed
