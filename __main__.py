"""The platform as code, in two steps: settings, then Azure resources. Run by `pulumi up`."""

import pulumi

from infra.naming import Names
from infra.platform import Platform, PlatformArgs
from infra.settings.load import load_settings

settings = load_settings()
platform = Platform("platform", PlatformArgs(settings=settings, names=Names(settings)))

for name, value in platform.outputs.as_exports().items():
    pulumi.export(name, value)
