"""Makes a preview without changes quick; nothing here decides what the platform is.

Three waits are taken out, each measured with `python -m benchmarks preview`:

- The engine starts the azure-native provider when the program first needs it, which is after
  all imports. A question that the program asks anyway, sent first, lets both go on together.
- The SDK gives each resource aliases: the same type at older API versions, for stacks of earlier
  versions of the provider. This program never used those; working out some five hundred URNs
  that nothing has takes as long as registering the resources.
- The process ends in seconds: looking for garbage meanwhile, and once more at its end, is a
  fifth of its time.
"""

from __future__ import annotations

import contextlib
import gc
import re
import threading
from importlib.metadata import version
from typing import Any, Final

import grpc
import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

_OLDER_TOKEN: Final = re.compile(r"azure-native:[a-z]+(/v\d{8}(preview)?)?:")


def begin() -> None:
    """To be called before the SDK's services are imported."""
    gc.disable()
    gc.freeze()
    monitor = get_monitor()
    if not isinstance(monitor, MockMonitor):  # a test's program has no engine behind it
        threading.Thread(target=_start_provider, args=(monitor,), name="start-provider", daemon=True).start()
    pulumi.runtime.register_stack_transformation(_without_sdk_aliases)


def end() -> None:
    """To be called when all resources have been declared: spares the last search for garbage."""
    gc.freeze()


def _start_provider(monitor: Any) -> None:
    """The answer is thrown away; what stands in its way, the same question in earnest reports."""
    request = resource_pb2.ResourceInvokeRequest(
        tok="azure-native:authorization:getClientConfig",
        version=version("pulumi_azure_native"),
        acceptResources=True,
    )
    with contextlib.suppress(grpc.RpcError):
        monitor.Invoke(request)


def _without_sdk_aliases(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    if not args.opts.aliases:
        return None
    args.opts.aliases = [alias for alias in args.opts.aliases if not _is_sdk_alias(alias)]
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _is_sdk_alias(alias: object) -> bool:
    """Whether an alias names another azure-native type and nothing else."""
    if not isinstance(alias, pulumi.Alias) or not isinstance(alias.type_, str):
        return False
    others: tuple[object, ...] = (alias.name, alias.parent, alias.stack, alias.project)
    return bool(_OLDER_TOKEN.match(alias.type_)) and all(other is ... for other in others)
