"""Registers a folder of assets, by a loop over azure-ai-ml or by the plugin: a process of its own for each.

`python -m benchmarks.asset_runs loop|plugin FOLDER TARGET [STATE]`, inside a sandbox; prints one JSON object.
TARGET is the plugin's input `target` as JSON. STATE keeps the plugin's inputs from one run for the next,
as the engine would.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc.aio
import yaml
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS, COMPONENTS = "environments", "components"
AT_ONCE = 32  # as `pulumi up --parallel 32`


def write_assets(folder: Path, prefix: str, count: int) -> None:
    """`count` environments and as many components, each with a code folder of three files of its own."""
    for index in range(count):
        environment = {
            "name": f"{prefix}-env-{index}",
            "version": "1",
            "image": f"mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:2024070{index % 10}.v1",
        }
        _write(folder / ENVIRONMENTS / f"{index}.yml", "environment", environment)
        component = {
            "type": "command",
            "name": f"{prefix}_component_{index}",
            "version": "1",
            "code": "./src",
            "command": "python main.py --rate ${{inputs.rate}}",
            "environment": f"azureml:{prefix}-env-{index}:1",
            "inputs": {"rate": {"type": "number", "default": 0.1}},
        }
        _write(folder / COMPONENTS / str(index) / "component.yml", "commandComponent", component)
        code = folder / COMPONENTS / str(index) / "src"
        code.mkdir()
        (code / "main.py").write_text(f"import util\n\nprint('{prefix} {index}')\n" + "# code\n" * 200)
        (code / "util.py").write_text(f"NUMBER = {index}\n" * 50)
        (code / "settings.json").write_text(json.dumps({"prefix": prefix, "index": index}))


def _write(path: Path, schema: str, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    url = f"https://azuremlschemas.azureedge.net/latest/{schema}.schema.json"
    path.write_text(yaml.safe_dump({"$schema": url, **data}, sort_keys=False))


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    components = sorted((folder / COMPONENTS).glob("*/component.yml"))
    return sorted((folder / ENVIRONMENTS).glob("*.yml")), components


def loop(folder: Path, target: dict[str, str]) -> dict[str, float]:
    """Seconds of the loop alone: the SDK is imported and the client made before the clock starts."""
    from azure.ai.ml import MLClient, load_component, load_environment
    from azure.identity import DefaultAzureCredential

    scope = (target["subscriptionId"], target["resourceGroupName"], target["workspaceName"])
    client = MLClient(DefaultAzureCredential(), *scope)
    environments, components = _files(folder)
    started = time.perf_counter()
    for path in environments:
        client.environments.create_or_update(load_environment(path))
    for path in components:
        client.components.create_or_update(load_component(path))
    return {"seconds": time.perf_counter() - started}


def plugin(folder: Path, target: dict[str, str], state: Path) -> dict[str, float]:
    """Seconds from the first Check to the last answer: with the SDK's import, without the process's start.

    Components come after all environments, as if each named every one.
    """
    before = time.perf_counter()
    command = [sys.executable, "-u", str(ROOT / "ml_assets/provider")]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the plugin has no output")
        port = process.stdout.readline().strip()
        start = time.perf_counter() - before
        old: dict[str, Any] = json.loads(state.read_text()) if state.exists() else {}
        environments, components = (
            [_Asset(kind, path, folder, target) for path in paths]
            for kind, paths in zip(("Environment", "Component"), _files(folder), strict=True)
        )
        seconds, new, writes = asyncio.run(_registered(port, (environments, components), old))
        memory = sum(map(_resident_megabytes, (process.pid, *_children(process.pid))))
        process.terminate()
    state.write_text(json.dumps(new))
    return {"seconds": seconds, "start": start, "writes": writes, "memory": memory}


class _Asset:
    """One asset as the engine asks the plugin about it."""

    def __init__(self, kind: str, path: Path, folder: Path, target: dict[str, str]) -> None:
        data = yaml.safe_load(path.read_text())
        del data["$schema"]
        self.file = path.relative_to(folder).as_posix()
        self.urn = f"urn:pulumi:bench::assets::azureml-assets:index:{kind}::{self.file}"
        self.inputs = {"file": self.file, "spec": data, "target": target, "whenReplaced": "keep"}


async def _registered(
    port: str, groups: Sequence[Sequence[_Asset]], old: dict[str, Any]
) -> tuple[float, dict[str, Any], int]:
    """Seconds, the checked inputs by file, and how many assets were written."""
    options = [("grpc.enable_http_proxy", 0)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
        await stub.Configure(provider_pb2.ConfigureRequest(acceptSecrets=True, acceptResources=True))
        new: dict[str, Any] = {}
        written: list[str] = []
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(asset: _Asset) -> None:
            async with slots:
                before = _struct(old[asset.file]) if asset.file in old else None
                checked = await stub.Check(
                    provider_pb2.CheckRequest(urn=asset.urn, olds=before, news=_struct(asset.inputs))
                )
                if checked.failures:
                    raise RuntimeError(str(checked.failures))
                if before is None or await _differs(stub, asset, before, checked.inputs):
                    written.append(asset.file)
                    await stub.Create(provider_pb2.CreateRequest(urn=asset.urn, properties=checked.inputs))
                new[asset.file] = MessageToDict(checked.inputs)

        started = time.perf_counter()
        for group in groups:
            await asyncio.gather(*(one(asset) for asset in group))
            print("phase", time.perf_counter() - started, file=sys.stderr)
        return time.perf_counter() - started, new, len(written)


async def _differs(stub: Any, asset: _Asset, before: Struct, after: Struct) -> bool:
    request = provider_pb2.DiffRequest(
        id=asset.file, urn=asset.urn, olds=before, news=after, old_inputs=before
    )
    return bool((await stub.Diff(request)).changes == provider_pb2.DiffResponse.DIFF_SOME)


def _struct(values: dict[str, Any]) -> Struct:
    made = Struct()
    made.update(values)
    return made


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"process {pid} has ended")


if __name__ == "__main__":
    how, where, what, *rest = sys.argv[1:]
    chosen = json.loads(what)
    folder = Path(where)
    print(json.dumps(loop(folder, chosen) if how == "loop" else plugin(folder, chosen, Path(rest[0]))))
