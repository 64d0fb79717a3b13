"""gRPC messages of the engine <-> the calls of a ResourceProvider."""

from __future__ import annotations

import json
import os
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import grpc
import grpc.aio
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from resource_provider import provider as api
from resource_provider.diff import Kind
from resource_provider.values import from_struct, to_struct

Context = grpc.aio.ServicerContext[Any, Any]
Answer = TypeVar("Answer")
_KINDS = {
    (Kind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Kind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Kind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Kind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Kind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Kind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def _reported(
    method: Callable[[Any, Any, Context], Awaitable[Answer]],
) -> Callable[[Any, Any, Context], Awaitable[Answer]]:
    """Turns errors into what the engine shows: a user's mistake as its text, a defect as one line."""

    @wraps(method)
    async def call(self: Servicer, request: Any, context: Context) -> Answer:
        try:
            return await method(self, request, context)
        except api.InitializationError as failed:
            await _abort_partial(context, failed)
        except api.ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except grpc.aio.AbortError:
            raise
        except Exception as defect:  # noqa: BLE001  # the edge: whatever it is, it becomes a message
            place = _write_report(self.provider, method.__name__, defect)
            what = f"{type(defect).__name__} in {method.__name__}"
            await context.abort(
                grpc.StatusCode.INTERNAL,
                f"{self.provider.name} {self.provider.version} has a defect ({what}). Details: {place}; "
                "please open an issue with that file, after a look at it: it may hold property values.",
            )
        raise AssertionError("abort returned")

    return call


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One method per request of the engine; those that are missing answer "unimplemented"."""

    def __init__(self, provider: api.ResourceProvider) -> None:
        self.provider = provider

    async def Handshake(self, request: Any, context: Context) -> provider_pb2.ProviderHandshakeResponse:
        """Says what the plugin can take."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=False, accept_outputs=False,
            supports_autonaming_configuration=True,
        )  # fmt: skip

    async def GetPluginInfo(self, request: Any, context: Context) -> plugin_pb2.PluginInfo:
        """The package's version."""
        return plugin_pb2.PluginInfo(version=self.provider.version)

    async def Attach(self, request: Any, context: Context) -> empty_pb2.Empty:
        """Nothing to do: the engine's address came as an argument."""
        return empty_pb2.Empty()

    @_reported
    async def GetSchema(self, request: Any, context: Context) -> provider_pb2.GetSchemaResponse:
        """See `ResourceProvider.schema`."""
        return provider_pb2.GetSchemaResponse(schema=await self.provider.schema())

    @_reported
    async def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        """See `ResourceProvider.check_config`; the configuration goes back in the engine's own encoding."""
        checked = await self.provider.check_config(_config(request.news), _config(request.olds))
        return _check_response(api.Checked(from_struct(request.news), checked.failures))

    @_reported
    async def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        """See `ResourceProvider.diff_config`."""
        return _diff_response(
            await self.provider.diff_config(_config(request.old_inputs), _config(request.news))
        )

    @_reported
    async def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        """See `ResourceProvider.configure`."""
        await self.provider.configure(_config(request.args))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False,
            supports_autonaming_configuration=True,
        )  # fmt: skip

    @_reported
    async def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """See `ResourceProvider.check`."""
        naming = request.autonaming if request.HasField("autonaming") else None
        modes = provider_pb2.CheckRequest.AutonamingOptions
        checked = await self.provider.check(
            api.Check(
                resource=_resource(request),
                old_inputs=from_struct(request.olds),
                inputs=from_struct(request.news),
                seed=request.randomSeed,
                proposed_name=naming.proposed_name if naming else "",
                name_required=naming is not None and naming.mode == modes.ENFORCE,
                autonaming_disabled=naming is not None and naming.mode == modes.DISABLE,
            )
        )
        return _check_response(checked)

    @_reported
    async def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """See `ResourceProvider.diff`."""
        return _diff_response(
            await self.provider.diff(
                api.Diff(
                    resource=_resource(request),
                    old_inputs=from_struct(request.old_inputs),
                    old_outputs=from_struct(request.olds),
                    inputs=from_struct(request.news),
                    ignore_changes=tuple(request.ignoreChanges),
                )
            )
        )

    @_reported
    async def Create(
        self, request: provider_pb2.CreateRequest, context: Context
    ) -> provider_pb2.CreateResponse:
        """See `ResourceProvider.create`."""
        created = await self.provider.create(
            api.Create(
                resource=_resource(request),
                inputs=from_struct(request.properties),
                timeout=request.timeout,
                preview=request.preview,
            )
        )
        return provider_pb2.CreateResponse(id=created.id, properties=to_struct(created.outputs))

    @_reported
    async def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """See `ResourceProvider.read`."""
        result = await self.provider.read(
            api.Read(
                resource=_resource(request),
                inputs=from_struct(request.inputs),
                outputs=from_struct(request.properties),
            )
        )
        return provider_pb2.ReadResponse(
            id=result.id, inputs=to_struct(result.inputs), properties=to_struct(result.outputs)
        )

    @_reported
    async def Update(
        self, request: provider_pb2.UpdateRequest, context: Context
    ) -> provider_pb2.UpdateResponse:
        """See `ResourceProvider.update`."""
        outputs = await self.provider.update(
            api.Update(
                resource=_resource(request),
                old_inputs=from_struct(request.old_inputs),
                old_outputs=from_struct(request.olds),
                inputs=from_struct(request.news),
                timeout=request.timeout,
                preview=request.preview,
                ignore_changes=tuple(request.ignoreChanges),
            )
        )
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    @_reported
    async def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """See `ResourceProvider.delete`."""
        await self.provider.delete(
            api.Delete(
                resource=_resource(request),
                inputs=from_struct(request.old_inputs),
                outputs=from_struct(request.properties),
                timeout=request.timeout,
            )
        )
        return empty_pb2.Empty()

    @_reported
    async def Invoke(
        self, request: provider_pb2.InvokeRequest, context: Context
    ) -> provider_pb2.InvokeResponse:
        """See `ResourceProvider.invoke`."""
        invoked = await self.provider.invoke(request.tok, from_struct(request.args), preview=request.preview)
        response = provider_pb2.InvokeResponse(failures=_failures(invoked.failures))
        getattr(response, "return").CopyFrom(to_struct(invoked.result))  # a keyword in Python
        return response

    @_reported
    async def Cancel(self, request: Any, context: Context) -> empty_pb2.Empty:
        """See `ResourceProvider.cancel`."""
        await self.provider.cancel()
        return empty_pb2.Empty()


def _resource(request: Any) -> api.Resource:
    """Old engines send no name and type: both stand in the URN, `urn:pulumi:STACK::PROJECT::TYPES::NAME`."""
    parts = request.urn.split("::", 3)
    token = request.type or (parts[2].rsplit("$", 1)[-1] if len(parts) == 4 else "")
    name = request.name or (parts[3] if len(parts) == 4 else "")
    return api.Resource(urn=request.urn, token=token, name=name, id=getattr(request, "id", ""))


def _config(struct: struct_pb2.Struct) -> api.Properties:
    """Provider configuration: values that are not strings arrive as JSON text in strings."""
    return {key: _decoded(value) for key, value in from_struct(struct).items()}


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and (value[:1] in ("{", "[", '"') or value in ("true", "false", "null")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _check_response(checked: api.Checked) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs), failures=_failures(checked.failures))


def _failures(failures: Any) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in failures]


def _diff_response(difference: api.Difference) -> provider_pb2.DiffResponse:
    changes = difference.changes
    detailed: Mapping[str, provider_pb2.PropertyDiff] = {
        change.dotted: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=True)
        for change in changes
    }
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(dict.fromkeys(str(change.path[0]) for change in changes)),
        replaces=list(dict.fromkeys(change.dotted for change in changes if change.replaces)),
        stables=list(difference.stable),
        deleteBeforeReplace=difference.delete_before_replace,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


async def _abort_partial(context: Context, failed: api.InitializationError) -> NoReturn:
    """Reports a resource that exists but is not ready, in the way that the engine knows."""
    partial = provider_pb2.ErrorResourceInitFailed(
        id=failed.id,
        properties=to_struct(failed.outputs),
        inputs=to_struct(failed.inputs),
        reasons=list(failed.reasons),
    )
    detail = any_pb2.Any()
    detail.Pack(partial)
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=str(failed), details=[detail])
    trailer = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, str(failed), trailing_metadata=trailer)
    raise AssertionError("abort returned")


def _write_report(provider: api.ResourceProvider, operation: str, defect: Exception) -> Path:
    """Writes the traceback of a defect to a file that only the user can read."""
    handle, name = tempfile.mkstemp(prefix=f"pulumi-resource-{provider.name}-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{provider.name} {provider.version}: {operation} at {time.ctime()}\n\n")
        file.write("".join(traceback.format_exception(type(defect), defect, defect.__traceback__)))
    return Path(name)
