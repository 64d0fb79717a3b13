"""Which engine is used, and how one is built: whole or not at all, and once."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from sandbox.engine import build as building
from sandbox.engine import locate
from sandbox.engine.build import build, describe_build, required_go
from sandbox.engine.locate import Engine, EngineError, Rejected, built_engine, find_installed, parse_version
from tests.support.pulumi_project import ROOT


def _program(path: Path, answer: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho called >> {path}.calls\necho '{answer}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A user without any engine."""
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_without_any_engine_the_error_says_what_makes_one(environment: dict[str, str]) -> None:
    with pytest.raises(EngineError, match="no Pulumi engine is here: run `make setup`, which builds one"):
        locate.locate(environment)


def test_an_installed_one_is_used_and_asked_once(environment: dict[str, str], tmp_path: Path) -> None:
    pulumi = _program(tmp_path / "bin" / "pulumi", "v3.200.1")
    _program(tmp_path / "bin" / "pulumi-language-python", "")

    found = [locate.locate(environment) for _ in range(3)]

    assert found == [Engine(tmp_path / "bin", "3.200.1", installed=True)] * 3
    assert Path(f"{pulumi}.calls").read_text(encoding="utf-8") == "called\n"


def test_an_upgraded_one_is_asked_again(environment: dict[str, str], tmp_path: Path) -> None:
    _program(tmp_path / "bin" / "pulumi-language-python", "")
    _program(tmp_path / "bin" / "pulumi", "v3.200.1")
    locate.locate(environment)
    _program(tmp_path / "bin" / "pulumi", "v3.201.10")

    assert locate.locate(environment).version == "3.201.10"


@pytest.mark.parametrize(
    ("version", "host", "reason"),
    [
        ("v3.199.9", True, "is 3.199.9, older than 3.200"),
        ("v2.25.0", True, "is 2.25.0, older than 3.200"),
        ("v3.210.0", False, "has no pulumi-language-python beside it"),
        ("command not found", True, "does not answer `pulumi version`"),
    ],
)
def test_an_installed_one_that_will_not_do_is_named_with_the_reason(
    environment: dict[str, str], tmp_path: Path, version: str, host: bool, reason: str
) -> None:
    pulumi = _program(tmp_path / "bin" / "pulumi", version)
    if host:
        _program(tmp_path / "bin" / "pulumi-language-python", "")

    assert find_installed(environment) == Rejected(pulumi, reason)
    with pytest.raises(EngineError, match="run `make setup`") as raised:
        locate.locate(environment)
    assert f"({pulumi} {reason})" in str(raised.value)


def test_a_built_one_on_path_is_not_taken_for_an_installed_one(environment: dict[str, str]) -> None:
    built = built_engine(environment)
    _program(built.pulumi, f"v{built.version}")
    _program(built.bin / "pulumi-language-python", "")
    environment["PATH"] = str(built.bin)

    assert find_installed(environment) is None
    assert locate.locate(environment) == built


def test_the_folder_is_named_by_version_and_inputs(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = built_engine(environment).bin.parent
    monkeypatch.setattr("platform.machine", lambda: "another")

    second = built_engine(environment).bin.parent

    assert first.parent == second.parent == Path(environment["XDG_CACHE_HOME"]) / "azureml-platform"
    assert first.name.startswith(f"engine-{locate.cli_version()}-")
    assert first != second


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}])
def test_without_home_the_cache_is_where_the_system_says(environment: dict[str, str]) -> None:
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)

    assert locate.cache_folder(environment) == home / ".cache" / "azureml-platform"


def test_a_user_without_any_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 5)

    with pytest.raises(EngineError, match="neither HOME nor XDG_CACHE_HOME"):
        locate.cache_folder({})


def test_versions_compare_by_number() -> None:
    assert parse_version("go1.26.8") == (1, 26, 8)
    assert parse_version("v3.200.0-rc.1") == (3, 200, 0)
    assert parse_version("devel") == ()
    assert parse_version("3.99") < locate.MINIMUM_INSTALLED


def test_go_must_be_as_new_as_the_newer_of_both_modules() -> None:
    assert required_go() >= (1, 25)


def test_progress_counts_modules_and_packages() -> None:
    assert describe_build(["go: downloading a v1", "github.com/a", "github.com/b"]) == (
        "1 modules fetched, 2 packages compiled"
    )
    assert describe_build(["github.com/a"]) == "1 packages compiled"


class FakeGo:
    """Stands for `go build`: writes a program that answers with a version."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.built: list[str] = []
        self.fails_in = ""
        self.hold = threading.Event()
        self.hold.set()

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        describe: Callable[[Sequence[str]], str],
    ) -> None:
        assert self.hold.wait(10)
        target = Path(arguments[arguments.index("-o") + 1])
        self.built.append(target.name)
        if self.fails_in == target.name:
            raise EngineError("go build failed")
        assert environment["GOTOOLCHAIN"] == "local"
        assert directory.name in {"cli", "language_host"}
        assert describe([]) == "0 packages compiled"
        _program(target, self.answer)


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeGo:
    sdk = tmp_path / "sdk"
    for script in building._SDK_SCRIPTS:
        _program(sdk / script, "")
    real = building._output

    def output(arguments: Sequence[str], *, directory: Path, environment: Mapping[str, str]) -> str:
        return (
            str(sdk)
            if arguments[0] == "go"
            else real(arguments, directory=directory, environment=environment)
        )

    monkeypatch.setattr(building, "_output", output)
    return FakeGo(f"v{locate.cli_version()}")


def test_a_build_is_done_once(environment: dict[str, str], go: FakeGo) -> None:
    said: list[str] = []

    first = build(go, said.append, environment)
    second = build(go, said.append, environment)

    assert first == second == locate.locate(environment)
    assert go.built == ["pulumi", "pulumi-language-python"]
    assert sorted(path.name for path in first.bin.iterdir() if path.suffix != ".calls") == [
        "pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python",
    ]  # fmt: skip
    assert len(said) == 1
    assert "building Pulumi" in said[0]


def test_another_language_host_takes_the_command_line_over(
    environment: dict[str, str], go: FakeGo, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(go, lambda _: None, environment)
    monkeypatch.setattr(locate, "build_key", lambda: "0123456789ab")

    second = build(go, lambda _: None, environment)

    assert second.bin != first.bin
    assert go.built == ["pulumi", "pulumi-language-python", "pulumi-language-python"]
    assert second.pulumi.stat().st_ino == first.pulumi.stat().st_ino


@pytest.mark.parametrize("step", ["pulumi", "pulumi-language-python"])
def test_a_failed_build_leaves_nothing_and_can_be_repeated(
    environment: dict[str, str], go: FakeGo, step: str
) -> None:
    go.fails_in = step
    with pytest.raises(EngineError, match="go build failed"):
        build(go, lambda _: None, environment)
    left = [path.name for path in locate.cache_folder(environment).iterdir()]

    go.fails_in = ""
    engine = build(go, lambda _: None, environment)

    assert left == ["engine.lock"]
    assert engine.pulumi.exists()


def test_what_a_killed_build_left_is_removed(environment: dict[str, str], go: FakeGo) -> None:
    folder = built_engine(environment).bin.parent
    leftover = folder.with_name(f"{folder.name}.partial-abc")
    (leftover / "bin").mkdir(parents=True)

    build(go, lambda _: None, environment)

    assert not leftover.exists()


def test_an_engine_that_calls_itself_something_else_is_refused(
    environment: dict[str, str], go: FakeGo
) -> None:
    go.answer = "v3.0.0-dev"

    with pytest.raises(EngineError, match=r"calls itself v3.0.0-dev, not v"):
        build(go, lambda _: None, environment)

    assert not built_engine(environment).bin.exists()


def test_two_builds_at_once_become_one(environment: dict[str, str], go: FakeGo) -> None:
    go.hold.clear()
    said: list[str] = []
    threads = [threading.Thread(target=build, args=(go, said.append, environment)) for _ in range(2)]
    for thread in threads:
        thread.start()
    while len(said) < 2:
        assert all(thread.is_alive() for thread in threads)
    go.hold.set()
    for thread in threads:
        thread.join(timeout=10)

    assert go.built == ["pulumi", "pulumi-language-python"]
    assert any("another set-up is building the engine" in line for line in said)


def test_the_real_engine_has_all_its_programs(engine: Engine) -> None:
    version = subprocess.run(
        [engine.pulumi, "version"], capture_output=True, text=True, check=True
    ).stdout.strip()

    assert version == f"v{engine.version}"
    assert parse_version(version) >= locate.MINIMUM_INSTALLED


def test_locating_prints_the_folder_for_scripts(engine: Engine) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.engine.locate"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == str(engine.bin)
