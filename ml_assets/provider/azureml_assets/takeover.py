"""A resource that was imported, and the file that takes it over: what the file really changes.

An import knows what Azure ML holds, and no file. Azure ML says the same in other words: ids in place of
names, text in place of numbers, and defaults that no file mentions. Keys and passwords it never tells,
so that those of a file count as a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from azureml_assets import content as contents
from azureml_assets.codes import code_name
from azureml_assets.content import MUTABLE, replaced
from azureml_assets.kinds import AssetType
from ml_assets.schemas import Kind
from resource_provider.diff import PropertyChange, detailed_diff

_ID: Final = re.compile(
    r"(?:azureml:)?/subscriptions/.+/workspaces/[^/]+/(?:\w+/)?(?P<name>[^/]+)(?:/versions/(?P<version>[^/]+))?",
    re.IGNORECASE,
)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)")
# What Azure ML adds to a resource; no file may have it.
_ADDED: Final = frozenset({"location", "scoring_uri", "openapi_uri", "kind", "properties"})
_ADDED_VARIABLES: Final = frozenset({"AML_APP_ROOT", "AZUREML_ENTRY_SCRIPT", "AZUREML_MODEL_DIR"})
# What holds where a file says nothing, by the last part of the path, in the words of `_plain`. "Datastores",
# "Online deployments", "Batch deployments": YAML schemas of the Azure ML CLI (v2).
_DEFAULTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "endpoint": ("core.windows.net",),
    "protocol": ("https",),
    "is_enabled": ("true",),
    "is_shared": ("true",),
    "public_network_access": ("enabled",),
    "egress_public_network_access": ("enabled",),
    "app_insights_enabled": ("false",),
    "type": ("managed", "model", "default"),
    "instance_count": (1,),
    "initial_delay": (10,),
    "period": (10,),
    "timeout": (2, 30),
    "success_threshold": (1,),
    "failure_threshold": (30,),
    "request_timeout_ms": (5,),
    "max_concurrent_requests_per_instance": (1,),
    "max_queue_wait_ms": (0,),
    "error_threshold": (-1,),
    "logging_level": ("info",),
    "max_concurrency_per_instance": (1,),
    "max_retries": (3,),
    "mini_batch_size": (10,),
    "output_action": ("append_row",),
    "output_file_name": ("predictions.csv",),
}


def is_imported(inputs: Mapping[str, Any]) -> bool:
    """Whether inputs are those of an import, which no file has changed yet."""
    return inputs.get("file") == ""


def changes(
    asset: AssetType, old: Mapping[str, Any], new: Mapping[str, Any], root: Path
) -> list[PropertyChange]:
    """What the file of `new` changes in an imported resource. `root`: what `file` is relative to."""
    found = detailed_diff({"target": old["target"]}, {"target": new["target"]})
    if asset.versioned:
        keys = ("version", "contentHash")
        found += detailed_diff({key: old.get(key) for key in keys}, {key: new.get(key) for key in keys})
        spec = [{key: each["spec"].get(key) for key in ("name", *MUTABLE)} for each in (old, new)]
        spec[0].pop("properties")  # Azure ML's own notes are among them
        spec[1].pop("properties")
    else:
        spec = [_plain(asset, dict(old["spec"])), _plain(asset, _with_codes(asset, new, root))]
        spec[0] = _without_defaults(spec[0], spec[1])
    return found + [
        PropertyChange(("spec", *change.path), change.kind) for change in detailed_diff(spec[0], spec[1])
    ]


def _with_codes(asset: AssetType, new: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The document with the name of the code asset that a local folder would be."""
    spec = dict(new["spec"])
    content = contents.read(asset.kind, spec, (root / str(new["file"])).parent, root)
    codes = {path.key: f"azureml:{code_name(path)}:1" for path in content.paths if path.is_code}
    return replaced(spec, codes)


def _plain(asset: AssetType, spec: dict[str, Any]) -> dict[str, Any]:
    """A document in the words that both Azure ML and files can be brought to."""
    if asset.kind is Kind.BATCH_DEPLOYMENT and spec.get("type") != "pipeline":
        settings = spec.pop("settings", {})  # Azure ML has those of a model's deployment beside the others
        spec = {"type": "model", **spec, **settings}
    if asset.routes:
        spec = {
            key: {name: share for name, share in value.items() if share} if isinstance(value, dict) else value
            for key, value in spec.items()
        }
    plain: dict[str, Any] = _value(spec)
    return plain


def _value(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        if str(value.get("path", "")).startswith("${{") and set(value) <= {"path", "type"}:
            return value["path"]
        return {name: _value(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, str):
        return _text(value, key)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        # azure-ai-ml 1.35 reads no part of a second: utils.from_iso_duration_format_ms
        return float(value // 1000) if key.endswith("_ms") else float(value)
    return value


def _text(value: str, key: str) -> Any:
    if (match := _ID.fullmatch(value)) and "ManagedIdentity" not in value:
        value = f"azureml:{match['name']}" + (f":{match['version']}" if match["version"] else "")
    if key in ("compute", "default_compute"):
        return value.removeprefix("azureml:").lower()
    if key in _DEFAULTS or value in ("True", "False"):
        return value.lower().removeprefix("batchlogginglevel.")  # an enum that azure-ai-ml writes as it is
    try:
        return float(value)
    except ValueError:
        return _TIME.sub(r"\1T\2", value)


def _without_defaults(state: dict[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """The state without what Azure ML has by itself where the file says nothing."""
    kept: dict[str, Any] = {}
    for key, value in state.items():
        wanted = spec.get(key)
        if key not in spec and _is_default(key, value):
            continue
        kept[key] = value
        if isinstance(value, dict) and isinstance(wanted, Mapping):
            kept[key] = _without_defaults(value, wanted)
    return kept


def _is_default(key: str, value: Any) -> bool:
    if key in _ADDED or key in _ADDED_VARIABLES:
        return True
    if isinstance(value, Mapping):
        return all(_is_default(name, item) for name, item in value.items())
    return value is None or value in ([], *_DEFAULTS.get(key, ()))
