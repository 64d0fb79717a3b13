"""The platform as code: settings, then Azure resources, then the assets in them. Run by `pulumi up`."""

from pathlib import Path

import pulumi

from infra import start_up

start_up.begin()

from infra.naming import Names  # noqa: E402  # the SDK loads while the engine starts its provider
from infra.outputs import PlatformOutputs  # noqa: E402
from infra.platform import Platform, PlatformArgs  # noqa: E402
from infra.settings.load import FULL_KEY, ending_by, load_settings  # noqa: E402

settings, stack, plan = load_settings(), pulumi.get_stack(), None
if settings.assets.include:  # else stage 2 is not even imported
    from ml_assets.announcement import CatalogError, PlanArgs, checked_plan

    with ending_by(CatalogError):  # before the first resource
        plan_args = PlanArgs(
            wanted=settings.assets,
            stack=stack,
            root=Path(__file__).parent,
            settings_key=FULL_KEY,
            outputs=[*PlatformOutputs.names(), "stack"],
            values={"environment": settings.environment, "location": settings.location, "stack": stack},
            clusters=settings.compute.clusters,
        )
        plan = checked_plan(plan_args)
platform = Platform("platform", PlatformArgs(settings=settings, names=Names(settings)))
exports = platform.outputs.as_exports()
if plan is not None:
    from ml_assets.catalog import Catalog, CatalogArgs
    from ml_assets.workspace_ref import WorkspaceRef

    exports |= Catalog("catalog", CatalogArgs(plan=plan, workspace=WorkspaceRef.of(platform))).as_exports()
for name, value in exports.items():
    pulumi.export(name, value)
start_up.end()
