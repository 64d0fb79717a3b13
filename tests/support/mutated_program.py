"""The program with some of its resources changed: what `mutations.json` beside it says.

A test links this as `__main__.py` in place of the program, so that the engine, the program and the policy
pack are the real ones, and only what is registered is wrong:

    {"set": {"storage-account": {"allowBlobPublicAccess": true}},    # null removes a property
     "options": {"workspace-workspace": {"protect": false}},
     "without": ["workspace-lock"],
     "add": [{"name": "open", "type": "azure-native:network:NetworkSecurityGroup", "properties": {}}]}
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi

FOLDER = Path.cwd()
REPOSITORY = Path(__file__).resolve().parents[2]
MUTATIONS: dict[str, Any] = json.loads((FOLDER / "mutations.json").read_text(encoding="utf-8"))


def changed(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """The resource as it is to be registered."""
    values = MUTATIONS.get("set", {}).get(args.name, {})
    options = MUTATIONS.get("options", {}).get(args.name, {})
    if not args.custom or not (values or options):
        return None
    props = dict(args.props)
    for path, value in values.items():
        *parents, last = path.split(".")
        here: Any = props
        for key in parents:
            here[key] = dict(here.get(key) or {})
            here = here[key]
        if value is None:
            here.pop(last, None)
        else:
            here[last] = value
    opts = args.opts
    for name, value in options.items():
        setattr(opts, name, value)
    return pulumi.ResourceTransformResult(props=props, opts=opts)


def main() -> None:
    """Run the program, then add what is to be added."""
    pulumi.runtime.register_resource_transform(changed)
    runpy.run_path(str(REPOSITORY / "__main__.py"), run_name="__main__")
    for entry in MUTATIONS.get("add", ()):
        options = pulumi.ResourceOptions(version="3.29.0", **entry.get("options", {}))
        pulumi.CustomResource(entry["type"], entry["name"], entry["properties"], options)


main()
