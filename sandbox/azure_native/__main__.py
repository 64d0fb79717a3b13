"""`python -m sandbox.azure_native ENGINE_ADDRESS`: started by the Pulumi engine as a plugin."""

import sys

from resource_provider.server import main
from sandbox.arm.namespaces import ALL_RESOURCE_TYPES
from sandbox.azure_native.provider import AzureNative

if __name__ == "__main__":
    sys.exit(main(AzureNative(ALL_RESOURCE_TYPES)))
