"""The platform as code, in two steps: settings, then Azure resources. Run by `pulumi up`."""

import pulumi

from infra import start_up

start_up.begin()

from infra.naming import Names  # noqa: E402  # the SDK loads while the engine starts its provider
from infra.platform import Platform, PlatformArgs  # noqa: E402
from infra.settings.load import load_settings  # noqa: E402

settings = load_settings()
platform = Platform("platform", PlatformArgs(settings=settings, names=Names(settings)))

for name, value in platform.outputs.as_exports().items():
    pulumi.export(name, value)
start_up.end()
