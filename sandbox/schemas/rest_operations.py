"""Finds the operations of an Azure SDK package: method, path, API version and models.

Read from the generated text: `build_*_request` functions hold the path, the HTTP method
and the default API version; the client methods hold the model of the body and the answer.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.schemas.python_source import PythonSource

_URL = re.compile(r"_url\s*=\s*(?:kwargs\.pop\(\s*\"template_url\",\s*|\(\s*)?\"([^\"]+)\"")
_METHOD = re.compile(r"HttpRequest\(\s*method=\"(\w+)\"")
_API_VERSION = re.compile(r"api_version[^\n]*\"(\d{4}-\d\d-\d\d(?:-\w+)?)\"")
_CLIENT_METHOD = re.compile(r"^    def (\w+)\(", re.MULTILINE)
_BUILDER_CALL = re.compile(r"= (build_\w+)\(")
_MODEL = re.compile(r"_models\.(\w+)")
_SIGNATURE_END = re.compile(r"\)\s*->\s*([^\n]+):\n")


@dataclass(frozen=True)
class Operation:
    """One REST operation. `type` is the ARM type ("Microsoft.Storage/storageAccounts")."""

    type: str
    method: str
    action: str  # the last segment of a POST, else ""
    api_version: str
    body: str  # model class of the request, or ""
    response: str  # model class of the answer, or ""


def operations(folder: Path, enums: Container[str]) -> Iterator[Operation]:
    """The operations of an `operations` folder that address one resource or an action on it.

    `enums` names the models that are no bodies: a parameter in the path may be typed by one.
    """
    for path in sorted(folder.glob("*operations.py")):
        source = PythonSource(path)
        builders = {name: source.segment(name) for name in source.function_names if name.startswith("build_")}
        for class_name in source.class_names:
            yield from _class_operations(source.segment(class_name), builders, enums)


def _class_operations(text: str, builders: dict[str, str], enums: Container[str]) -> Iterator[Operation]:
    starts = [(match.start(), match[1]) for match in _CLIENT_METHOD.finditer(text)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    for (start, _), end in zip(starts, ends, strict=True):
        block = text[start:end]
        call = _BUILDER_CALL.search(block)
        if call is None or call[1] not in builders:
            continue
        builder = builders[call[1]]
        url, method, version = _URL.search(builder), _METHOD.search(builder), _API_VERSION.search(builder)
        signature = _SIGNATURE_END.search(block)
        if not (url and method and signature):
            continue
        target = arm_type_of(url[1])
        if target is None:
            continue
        models = [name for name in _MODEL.findall(block[: signature.start()]) if name not in enums]
        answer = _MODEL.search(signature[1])
        yield Operation(
            type=target[0],
            method=method[1],
            action=target[1],
            api_version=version[1] if version else "",
            body=models[0] if models else "",
            response=answer[1] if answer else "",
        )


def arm_type_of(path: str) -> tuple[str, str] | None:
    """ARM type and action of a path template; None when it addresses a list or no resource.

    A name may be fixed in the template ("blobServices/default").
    """
    segments = path.strip("/").split("/")
    lowered = [segment.lower() for segment in segments]
    if "providers" not in lowered:
        if lowered[-2:-1] == ["resourcegroups"]:
            return "Microsoft.Resources/resourceGroups", ""
        return None
    tail = segments[len(lowered) - lowered[::-1].index("providers") :]
    if not tail or tail[0].startswith("{"):
        return None
    types, names = tail[1::2], tail[2::2]
    if any(part.startswith("{") for part in types):
        return None
    if len(types) == len(names):
        return "/".join([tail[0], *types]), ""
    return "/".join([tail[0], *types[:-1]]), types[-1]
