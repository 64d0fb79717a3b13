"""The program with some of its resources changed: what `mutations.json` beside it says.

A test links this as `__main__.py` in place of the program, so that the engine, the program and the policy
pack are the real ones, and only what is registered is wrong:

    {"set": {"storage-account": {"allowBlobPublicAccess": true}},    # null removes a property
     "options": {"workspace-workspace": {"protect": false}},
     "add": [{"name": "raw", "type": "storage:BlobContainer", "properties": {"containerName": "raw"}}]}

Resources are named as in tests/policies/mutations.yml: by logical name, or Type::name.
"""

from __future__ import annotations

import json
import runpy
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi

FOLDER = Path.cwd()
REPOSITORY = Path(__file__).resolve().parents[2]
NATIVE = pulumi.ResourceOptions(version=version("pulumi_azure_native"))


def with_secret(value: dict[str, Any]) -> Any:
    """`{"secret": VALUE}` is a value that the program marks as secret."""
    return pulumi.Output.secret(value["secret"]) if value.keys() == {"secret"} else value


MUTATIONS: dict[str, Any] = json.loads(
    (FOLDER / "mutations.json").read_text(encoding="utf-8"), object_hook=with_secret
)


def changed(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """The resource as it is to be registered."""
    values, options = _of(args, "set"), _of(args, "options")
    if not args.custom or not (values or options):
        return None
    props, opts = dict(args.props), args.opts
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
    for name, value in options.items():
        if name == "create_seconds":
            opts.custom_timeouts = pulumi.CustomTimeouts(create=f"{value}s")
        else:
            setattr(opts, name, value)
    return pulumi.ResourceTransformResult(props=props, opts=opts)


def _of(args: pulumi.ResourceTransformArgs, kind: str) -> dict[str, Any]:
    """What `mutations.json` has for a resource."""
    urn = f":{args.type_}::{args.name}"
    entries: dict[str, dict[str, Any]] = MUTATIONS[kind]
    return next((values for name, values in entries.items() if urn.endswith(f":{name}")), {})


pulumi.runtime.register_resource_transform(changed)
runpy.run_path(str(REPOSITORY / "__main__.py"), run_name="__main__")
for entry in MUTATIONS["add"]:  # at last, so that the options above hold for them too
    pulumi.CustomResource(f"azure-native:{entry['type']}", entry["name"], entry["properties"], NATIVE)
