"""`python -m sandbox.azure_native ENGINE_ADDRESS`: started by the Pulumi engine as a plugin."""

import gc
import sys

# A run of the engine waits for this start: no search for garbage among modules that all stay,
# and no httpx command line, for which its package would load rich and pygments.
gc.disable()
sys.modules["httpx._main"] = None  # type: ignore[assignment]

from resource_provider.server import main  # noqa: E402
from sandbox.arm.namespaces import ALL_RESOURCE_TYPES  # noqa: E402
from sandbox.azure_native.provider import AzureNative  # noqa: E402

if __name__ == "__main__":
    provider = AzureNative(ALL_RESOURCE_TYPES)
    gc.freeze()
    gc.enable()
    main(provider)
