"""The pack as the engine meets it: over gRPC, in the engine's order of calls."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from azureml_guard import host as hosting
from azureml_guard.catalogue import CATALOGUE
from azureml_guard.control import ResourceControl, StackControl
from azureml_guard.facts import Options, Resource
from azureml_guard.judge import Judge, Judgement
from azureml_guard.pack_controls import CONTROLS as PACK
from tests.support.policy_controls import broken_control, broken_stack_control, control, stack_control

TODAY = dt.date(2026, 11, 1)
TOKEN = "azure-native:storage/v20240101:StorageAccount"
URN = f"urn:pulumi:prod::platform::{TOKEN}::"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ADVISORY, MANDATORY = analyzer_pb2.ADVISORY, analyzer_pb2.MANDATORY
CANARY = "canary-7f3a-hush"
OWNED = {"tags": {"owner": "team"}}
OPEN = {"tags": UNKNOWN}


class Engine:
    """What the engine does, in its order."""

    def __init__(self, stub: Any) -> None:
        self.stub = stub

    def start(self, stack: str = "prod", override: Callable[[Any], None] | None = None) -> Any:
        """Tells the stack, asks for the controls and sends back their configuration."""
        self.stub.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack=stack, project="p"))
        info = self.stub.GetAnalyzerInfo(empty_pb2.Empty())
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, config in info.initialConfig.items():
            request.policyConfig[name].CopyFrom(config)
        if override:
            override(request)
        self.stub.Configure(request)
        return info

    def analyze(self, properties: Mapping[str, Any], name: str = "data", type: str = TOKEN) -> Any:
        """One resource by its inputs."""
        request = analyzer_pb2.AnalyzeRequest(type=type, urn=f"{URN}{name}", name=name)
        request.properties.update(properties)
        return self.stub.Analyze(request)

    def analyze_stack(self, **resources: Mapping[str, Any]) -> Any:
        """The whole, each resource by its outputs."""
        request = analyzer_pb2.AnalyzeStackRequest()
        for name, properties in resources.items():
            message = request.resources.add(type=TOKEN, urn=f"{URN}{name}", name=name)
            message.properties.update(properties)
        return self.stub.AnalyzeStack(request)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, level in (("dev", "advisory"), ("staging", "mandatory"), ("prod", "mandatory")):
        levels = {
            "AML-TAG-001": level,
            "AML-TAG-002": "disabled",
            "AML-TAG-003": level,
            "AML-PCK-001": level,
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(levels), encoding="utf-8")
    return tmp_path


@contextmanager
def served(host: hosting.Host) -> Iterator[Engine]:
    server, port = hosting.started(host)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Engine(analyzer_pb2_grpc.AnalyzerStub(channel))
    server.stop(None).wait()


@pytest.fixture
def real(folder: Path) -> Iterator[Engine]:
    with served(hosting.Host(folder, TODAY)) as engine:
        yield engine


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    """With three small controls in place of the catalogue."""
    controls = (control(1), control(2, remedy={"tags.owner": "team"}), stack_control(3), *PACK)
    with served(hosting.Host(folder, TODAY, controls)) as engine:
        yield engine


def said(response: Any) -> list[tuple[str, str, int]]:
    return [
        (each.policyName, each.message.splitlines()[1].split(" · ")[0], each.enforcementLevel)
        for each in response.diagnostics
    ]


# What the engine learns -----------------------------------------------------------------------


def test_the_engine_learns_every_control_of_the_catalogue(
    real: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in folder.iterdir():
        path.write_text("{}", encoding="utf-8")

    info = real.start()
    assert (info.name, info.version, info.supportsConfig) == ("azureml-guard", "1.0.0", True)
    assert [each.name for each in info.policies] == [control.id for control in CATALOGUE]
    kinds = {each.name: each.policy_type for each in info.policies}
    for each in CATALOGUE:
        if isinstance(each, ResourceControl):
            assert kinds[each.id] == analyzer_pb2.POLICY_TYPE_RESOURCE
        elif isinstance(each, StackControl):
            assert kinds[each.id] == analyzer_pb2.POLICY_TYPE_STACK
    assert all(each.displayName and each.description and each.remediation_steps for each in info.policies)


@pytest.mark.parametrize(
    ("stack", "level"),
    [("dev", ADVISORY), ("dev-ada", ADVISORY), ("prod-eu", MANDATORY), ("experiment", MANDATORY)],
)
def test_the_name_of_the_stack_chooses_the_levels(engine: Engine, stack: str, level: int) -> None:
    engine.start(stack)

    assert said(engine.analyze({})) == [("AML-TAG-001", "fail", level)]
    assert said(engine.analyze(OPEN)) == [("AML-TAG-001", "not evaluated", level)]


def test_an_override_of_the_engine_has_the_last_word(engine: Engine) -> None:
    def advise(request: Any) -> None:
        request.policyConfig["AML-TAG-001"].enforcementLevel = ADVISORY

    engine.start("prod", advise)
    assert said(engine.analyze({})) == [("AML-TAG-001", "fail", ADVISORY)]


def test_settings_and_exemptions_go_to_the_engine_and_come_back(engine: Engine, folder: Path) -> None:
    exemption = {"resource": "da*", "reason": "change 4711", "owner": "team", "expires": "2026-12-01"}
    levels = {"AML-TAG-001": {"exemptions": [exemption]}, "AML-TAG-002": "disabled"}
    (folder / "prod.json").write_text(json.dumps(levels), encoding="utf-8")

    engine.start()
    assert said(engine.analyze({})) == [("AML-TAG-001", "waived", ADVISORY)]
    assert said(engine.analyze({}, "other")) == [("AML-TAG-001", "fail", MANDATORY)]


def test_what_is_about_the_whole_stack_is_exempted_by_the_name_that_the_engine_shows(
    engine: Engine, folder: Path
) -> None:
    """A finding without a resource is shown at the stack's own one: PROJECT-STACK."""

    def said_of(resource: str) -> list[tuple[str, str, int]]:
        entry = {"resource": resource, "reason": "change 4711", "owner": "team", "expires": "2026-12-01"}
        levels = {"AML-TAG-001": "disabled", "AML-TAG-002": "disabled", "AML-PCK-003": "disabled"}
        content = {**levels, "AML-TAG-003": {"exemptions": [entry]}}
        (folder / "prod.json").write_text(json.dumps(content), encoding="utf-8")
        engine.start("prod-eu")
        return said(engine.analyze_stack())

    assert said_of("another") == [("AML-TAG-003", "fail", MANDATORY)]
    for resource in ("p-prod-eu", "p-*", "*"):
        assert said_of(resource) == [("AML-TAG-003", "waived", ADVISORY)]


# Mistakes -------------------------------------------------------------------------------------


def refused(call: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error: Any = caught.value
    return error.code(), error.details()


@pytest.mark.parametrize("content", ["{", '{"AML-TAG-009": "advisory"}', '{"AML-TAG-001": {"colour": 1}}'])
def test_a_mistake_in_a_file_stops_the_preview_with_the_file_and_the_mistake(
    engine: Engine, folder: Path, content: str
) -> None:
    (folder / "prod.json").write_text(content, encoding="utf-8")

    code, text = refused(engine.start)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert text.startswith(f"{folder / 'prod.json'}:\n  ")
    assert "Traceback" not in text


def test_a_mistake_in_an_override_stops_the_preview(engine: Engine) -> None:
    def mistake(request: Any) -> None:
        request.policyConfig["AML-TAG-001"].properties.update({"exemptions": "all"})
        request.policyConfig["AML-XYZ-001"].enforcementLevel = ADVISORY

    code, text = refused(lambda: engine.start("prod", mistake))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert text.splitlines()[0] == "the policy pack's configuration:"
    assert [line.split(" · ")[0] for line in text.splitlines()[1:]] == [
        "  AML-XYZ-001",
        "  AML-TAG-001: exemptions",
    ]


def test_nothing_is_judged_before_the_pack_is_configured(engine: Engine) -> None:
    for call in (lambda: engine.analyze({}), engine.analyze_stack):
        assert refused(call)[0] is grpc.StatusCode.FAILED_PRECONDITION


# Judging --------------------------------------------------------------------------------------


def test_what_passes_is_not_told_and_what_does_not_apply_is(engine: Engine) -> None:
    engine.start()

    assert said(engine.analyze(OWNED)) == []
    vault = engine.analyze({}, type="azure-native:keyvault:Vault")
    assert said(vault) == []
    assert [each.policy_name for each in vault.not_applicable] == ["AML-TAG-001", "AML-TAG-002"]


def test_each_answer_is_about_its_own_resource(engine: Engine) -> None:
    engine.start()

    answers = [engine.analyze(properties) for properties in ({}, OWNED, {}, OPEN, OWNED)]
    fail, open_ = ("AML-TAG-001", "fail", MANDATORY), ("AML-TAG-001", "not evaluated", MANDATORY)
    assert [said(answer) for answer in answers] == [[fail], [], [fail], [open_], []]
    for answer in answers:
        assert [each.policy_name for each in answer.not_applicable] == ["AML-TAG-002"]


def test_secrets_are_judged_by_their_values_and_not_shown(engine: Engine) -> None:
    engine.start()

    (found,) = engine.analyze({"tags": {"owner": {**SECRET, "value": ""}, "x": "hush"}}).diagnostics
    assert "hush" not in str(found)
    assert said(engine.analyze({"tags": {**SECRET, "value": {"owner": "hush"}}})) == []


def test_a_control_that_raises_is_told_by_the_type_of_the_error_only(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The engine would show the text of the error, and the text may hold a secret."""
    secret = {**SECRET, "value": {"owner": "team", "key": CANARY}}
    controls = (broken_control(1), control(2), broken_stack_control(3), *PACK)
    with served(hosting.Host(folder, TODAY, controls)) as engine:
        engine.start()
        response = engine.analyze({"tags": secret})
        whole = engine.analyze_stack(data={})

    assert said(response) == [("AML-TAG-001", "not evaluated", MANDATORY)]
    assert said(whole) == [("AML-TAG-003", "not evaluated", MANDATORY)]
    (found,) = response.diagnostics
    assert found.urn == f"{URN}data"
    assert "not evaluated · the control itself failed: ValueError" in found.message
    assert CANARY not in f"{response}{whole}{capfd.readouterr()}"


def test_a_failure_outside_the_controls_tells_no_value_either(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(judgement: Judgement) -> str:
        raise ValueError(CANARY)

    engine.start()
    monkeypatch.setattr(hosting, "message_of", fail)

    code, text = refused(lambda: engine.analyze({}))
    assert code is grpc.StatusCode.INTERNAL
    assert "Analyze" in text
    assert "ValueError" in text
    assert CANARY not in text + str(capfd.readouterr())


def test_a_stack_is_judged_by_inputs_that_outputs_complete(engine: Engine) -> None:
    engine.start()
    engine.analyze({}, "free")
    engine.analyze(OWNED, "owned")
    engine.analyze(OPEN, "open")

    preview = {"id": UNKNOWN, "tags": UNKNOWN}
    response = engine.analyze_stack(free=preview, owned=preview, open=preview)
    assert [(each.urn, each.enforcementLevel) for each in response.diagnostics] == [
        (f"{URN}free", MANDATORY),
        (f"{URN}open", MANDATORY),
    ]
    assert [verdict for _, verdict, _ in said(response)] == ["fail", "not evaluated"]

    known = engine.analyze_stack(free={}, owned={}, open=OWNED)
    assert said(known) == [("AML-TAG-003", "fail", MANDATORY)]


def test_options_reach_the_controls(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Resource] = []

    def judged(self: Judge, resource: Resource) -> list[Judgement]:
        seen.append(resource)
        return []

    monkeypatch.setattr(Judge, "resource", judged)
    engine.start()
    request = analyzer_pb2.AnalyzeRequest(type=TOKEN, urn=f"{URN}data")
    request.options.protect = True
    request.options.ignoreChanges.append("tags")
    request.options.customTimeouts.create = 1800
    engine.stub.Analyze(request)

    (resource,) = seen
    assert (resource.type, resource.is_azure, resource.name) == ("storage:StorageAccount", True, "data")
    assert resource.options == Options(True, ("tags",), 1800)


def test_a_remedy_changes_what_it_names_and_keeps_secrets_and_unknown_values(engine: Engine) -> None:
    def mend(request: Any) -> None:
        request.policyConfig["AML-TAG-002"].enforcementLevel = analyzer_pb2.REMEDIATE

    engine.start("prod", mend)
    request = analyzer_pb2.AnalyzeRequest(type=TOKEN, urn=f"{URN}data")
    kept: dict[str, Any] = {"key": {**SECRET, "value": "hush"}, "kind": UNKNOWN, "tags": {"team": "a"}}
    request.properties.update(kept)

    (mended,) = engine.stub.Remediate(request).remediations
    expected = analyzer_pb2.AnalyzeRequest()
    expected.properties.update({**kept, "tags": {"team": "a", "owner": "team"}})
    assert mended.properties == expected.properties
    assert mended.policyName == "AML-TAG-002"
    request.properties.update(OWNED)
    assert not engine.stub.Remediate(request).remediations


def test_where_nothing_is_to_be_mended_no_control_counts_as_having_looked(engine: Engine) -> None:
    engine.start()

    answer = engine.stub.Remediate(analyzer_pb2.AnalyzeRequest(type=TOKEN, urn=f"{URN}data"))
    assert not answer.remediations
    assert [each.policy_name for each in answer.not_applicable] == ["AML-TAG-001", "AML-TAG-002"]


def test_a_remedy_reaches_into_a_secret(engine: Engine) -> None:
    def mend(request: Any) -> None:
        request.policyConfig["AML-TAG-002"].enforcementLevel = analyzer_pb2.REMEDIATE

    engine.start("prod", mend)
    request = analyzer_pb2.AnalyzeRequest(type=TOKEN, urn=f"{URN}data")
    request.properties.update({"tags": {**SECRET, "value": {"team": "a"}}})

    (mended,) = engine.stub.Remediate(request).remediations
    expected = analyzer_pb2.AnalyzeRequest()
    expected.properties.update({"tags": {**SECRET, "value": {"team": "a", "owner": "team"}}})
    assert mended.properties == expected.properties
