"""The plugin's process as the engine sees it: port, calls, errors, its end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from resource_provider.values import UNKNOWN, Secret, from_struct, to_struct

REPOSITORY = Path(__file__).parents[3]
URN = "urn:pulumi:dev::project::my:component:Type$toy:index:Thing::thing1"
TOY = """
import asyncio, sys
from resource_provider import provider as api
from resource_provider.diff import detailed_diff
from resource_provider.server import main

class Toy(api.ResourceProvider):
    name, version = "toy", "1.2.3"

    async def check(self, request):
        assert request.resource.token == "toy:index:Thing" and request.resource.name == "thing1"
        failures = [api.CheckFailure("a.b", "is wrong")] if request.inputs.get("bad") else []
        return api.Checked({**request.inputs, "name": request.proposed_name or "made-up"}, failures)

    async def diff(self, request):
        changes = detailed_diff(request.old_inputs, request.inputs, lambda path: path[0] == "size")
        return api.Difference(changes=changes, delete_before_replace=True)

    async def create(self, request):
        mode = request.inputs.get("mode")
        if mode == "refuse":
            raise api.ProviderError("Azure says no")
        if mode == "half":
            outputs, inputs = {"state": "Failed"}, request.inputs
            raise api.InitializationError(["not ready"], id="id1", outputs=outputs, inputs=inputs)
        if mode == "defect":
            return 1 / 0
        if mode == "slow":
            await asyncio.sleep(30)
        return api.Created("" if request.preview else "id1", request.inputs)

    async def delete(self, request):
        await self.log.warning("going", request.resource.urn)

    async def invoke(self, token, arguments, *, preview):
        return api.Invoked({"token": token, **arguments})

sys.exit(main(Toy()))
"""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    running = _start(tmp_path_factory.mktemp("toy"))
    yield running
    running.terminate()
    assert running.wait(10) == 0
    running.stdout.close()  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def plugin(process: subprocess.Popen[str]) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)


def _start(folder: Path) -> subprocess.Popen[str]:
    script = folder / "toy.py"
    script.write_text(TOY, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder)}
    return subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment)


def _create(plugin: provider_pb2_grpc.ResourceProviderStub, mode: str) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct({"mode": mode})))
    return caught.value


def test_handshake_and_version(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    answer = plugin.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert answer.accept_secrets
    assert not answer.accept_outputs
    assert plugin.GetPluginInfo(Empty()).version == "1.2.3"


def test_check_gets_token_and_name_from_the_urn(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    good = plugin.Check(provider_pb2.CheckRequest(urn=URN, news=to_struct({"a": Secret("s"), "b": UNKNOWN})))
    assert from_struct(good.inputs) == {"a": Secret("s"), "b": UNKNOWN, "name": "made-up"}
    bad = plugin.Check(provider_pb2.CheckRequest(urn=URN, news=to_struct({"bad": True})))
    assert [(failure.property, failure.reason) for failure in bad.failures] == [("a.b", "is wrong")]


def test_check_gets_the_name_that_the_stack_configures(
    plugin: provider_pb2_grpc.ResourceProviderStub,
) -> None:
    naming = provider_pb2.CheckRequest.AutonamingOptions(proposed_name="configured")
    checked = plugin.Check(provider_pb2.CheckRequest(urn=URN, autonaming=naming))
    assert from_struct(checked.inputs) == {"name": "configured"}


def test_diff_is_detailed(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    old, new = to_struct({"size": 1, "tags": {"a": "1"}}), to_struct({"size": 2, "tags": {}, "new": 1})
    answer = plugin.Diff(provider_pb2.DiffRequest(id="id1", urn=URN, old_inputs=old, news=new))
    kinds = {path: entry.kind for path, entry in answer.detailedDiff.items()}
    diff = provider_pb2.PropertyDiff
    assert kinds == {"size": diff.UPDATE_REPLACE, "tags.a": diff.DELETE, "new": diff.ADD}
    assert list(answer.replaces) == ["size"]
    assert answer.deleteBeforeReplace
    same = plugin.Diff(provider_pb2.DiffRequest(id="id1", urn=URN, old_inputs=old, news=old))
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_error_is_its_message_alone(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    error = _create(plugin, "refuse")
    assert error.code() is grpc.StatusCode.UNKNOWN
    assert error.details() == "Azure says no"


def test_a_half_made_resource_is_reported_with_its_state(
    plugin: provider_pb2_grpc.ResourceProviderStub,
) -> None:
    error = _create(plugin, "half")
    (detail,) = (item.value for item in error.trailing_metadata() if item.key == "grpc-status-details-bin")
    assert isinstance(detail, bytes)
    status = status_pb2.Status.FromString(detail)
    partial = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(partial)
    assert (status.code, partial.id, list(partial.reasons)) == (2, "id1", ["not ready"])
    assert from_struct(partial.properties) == {"state": "Failed"}
    assert from_struct(partial.inputs) == {"mode": "half"}


def test_a_defect_is_one_line_and_a_file(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    details = _create(plugin, "defect").details() or ""
    assert "\n" not in details
    assert "toy 1.2.3 has a defect (ZeroDivisionError in Create)" in details
    file = Path(details.split("Details: ")[1].split(";")[0])
    assert "Traceback" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0


def test_unsupported_operations_are_named(plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Read(provider_pb2.ReadRequest(urn=URN, id="x"))
    assert caught.value.details() == (
        "toy cannot read toy:index:Thing: it knows no such resource or function"
    )


def test_invoke_and_delete_without_an_engine_to_log_to(
    plugin: provider_pb2_grpc.ResourceProviderStub,
) -> None:
    answer = plugin.Invoke(provider_pb2.InvokeRequest(tok="toy:index:f", args=to_struct({"x": 1})))
    assert from_struct(getattr(answer, "return")) == {"token": "toy:index:f", "x": 1}
    plugin.Delete(provider_pb2.DeleteRequest(urn=URN, id="id1"))


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_on_the_engines_signals(tmp_path: Path, ending: signal.Signals) -> None:
    running = _start(tmp_path)
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(ending)
    assert running.wait(10) == 0
    running.stdout.close()


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(TOY, encoding="utf-8")
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, {str(tmp_path / 'toy.py')!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\nprint(child.pid, flush=True)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", parent],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 15
    while _runs(pid):
        assert time.monotonic() < deadline, "the plugin outlived its parent"
        time.sleep(0.2)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # its new parent may not have collected it yet
