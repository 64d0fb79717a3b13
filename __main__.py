"""The platform as code, in two steps: settings, then Azure resources. Run by `pulumi up`."""

import gc

import pulumi

from infra.naming import Names
from infra.platform import Platform, PlatformArgs
from infra.settings.load import load_settings

# The process ends in seconds: looking for garbage while the SDK loads is a fifth of its time.
gc.disable()

settings = load_settings()
platform = Platform("platform", PlatformArgs(settings=settings, names=Names(settings)))

for name, value in platform.outputs.as_exports().items():
    pulumi.export(name, value)
