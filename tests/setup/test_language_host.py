"""The language host of a built engine, called as the engine calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from sandbox.engine.locate import Engine


@pytest.fixture(scope="module")
def host(engine: Engine) -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    if engine.installed:
        pytest.skip("an installed Pulumi brings its own language host")
    with subprocess.Popen(
        [str(engine.bin / "pulumi-language-python"), "-v=3", "--logtostderr"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = language_pb2_grpc.LanguageRuntimeStub(channel)
            yield stub
            stub.Cancel(empty_pb2.Empty())
        assert process.wait(timeout=10) == 0, "it must end when it is cancelled"


def _program(folder: Path, **options: str | float) -> language_pb2.ProgramInfo:
    info = language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point="."
    )
    info.options.update(options)
    return info


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The site-packages folder of a virtual environment .venv in tmp_path."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    folder = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def _install(packages: Path, name: str, version: str, plugin: dict[str, object] | None = None) -> None:
    (packages / f"{name}-{version}.dist-info").mkdir()
    (packages / name).mkdir()
    if plugin is not None:
        (packages / name / "pulumi-plugin.json").write_text(json.dumps(plugin), encoding="utf-8")


def test_it_tells_its_version(host: language_pb2_grpc.LanguageRuntimeStub, engine: Engine) -> None:
    assert host.GetPluginInfo(empty_pb2.Empty()).version == f"v{engine.version}"


def test_required_packages_are_those_with_a_plugin(
    host: language_pb2_grpc.LanguageRuntimeStub, packages: Path, tmp_path: Path
) -> None:
    _install(packages, "pulumi", "3.272.0")
    _install(packages, "pulumi_policy", "1.21.0")
    _install(packages, "pulumi_silent", "1.0.0", {"resource": False})
    _install(
        packages, "pulumi_described", "2.0.0", {"resource": True, "name": "told", "server": "https://x.test"}
    )
    _install(packages, "pulumi_derived", "3.1.4")
    _install(packages, "pulumi_early", "3.1.0a1700000000")
    _install(packages, "acme_things", "9.0.0", {"resource": True, "name": "acme", "version": "v8.7.6"})
    _install(packages, "unrelated", "1.0.0")
    base = {"name": "wrapped", "version": "1.2.3", "value": "aGVsbG8="}
    _install(packages, "pulumi_wrapped", "1.2.3", {"resource": True, "name": "base", "version": "0.1.0",
                                                   "parameterization": base})  # fmt: skip

    answer = host.GetRequiredPackages(
        language_pb2.GetRequiredPackagesRequest(info=_program(tmp_path, virtualenv=".venv"))
    )

    found = {(package.name, package.version, package.kind, package.server) for package in answer.packages}
    assert found == {
        ("acme", "v8.7.6", "resource", ""),
        ("base", "v0.1.0", "resource", ""),
        ("derived", "v3.1.4", "resource", ""),
        ("told", "v2.0.0", "resource", "https://x.test"),
    }
    parameters = [package.parameterization for package in answer.packages if package.name == "base"]
    assert [(each.name, each.version, each.value) for each in parameters] == [("wrapped", "1.2.3", b"hello")]


def test_a_damaged_plugin_file_is_named(
    host: language_pb2_grpc.LanguageRuntimeStub, packages: Path, tmp_path: Path
) -> None:
    _install(packages, "pulumi_broken", "1.0.0")
    broken = packages / "pulumi_broken" / "pulumi-plugin.json"
    broken.write_text("{", encoding="utf-8")

    with pytest.raises(grpc.RpcError, match="reading") as raised:
        host.GetRequiredPackages(
            language_pb2.GetRequiredPackagesRequest(info=_program(tmp_path, virtualenv=".venv"))
        )

    assert str(broken) in str(raised.value)


def test_all_wrong_options_are_reported_together(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    info = _program(tmp_path, toolchain="conda", typechecker="pyre", virtualenv=7)

    with pytest.raises(grpc.RpcError) as raised:
        host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=info))

    message = str(raised.value)
    assert "toolchain is" in message
    assert "allowed: pip, poetry, uv" in message
    assert "allowed: mypy, pyright" in message
    assert "virtualenv is 7, allowed: a path" in message


def test_a_folder_that_is_no_environment_is_told_from_a_missing_one(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(grpc.RpcError) as raised:
        host.GetRequiredPackages(
            language_pb2.GetRequiredPackagesRequest(info=_program(tmp_path, virtualenv="empty"))
        )

    assert "is not a virtual environment (it has no bin/python): run `pulumi install` in" in str(raised.value)


def test_about_names_the_python_of_the_environment(
    host: language_pb2_grpc.LanguageRuntimeStub,
) -> None:
    folder = Path(sys.prefix)

    answer = host.About(language_pb2.AboutRequest(info=_program(folder, virtualenv=".")))

    assert answer.executable == str(folder / "bin" / "python")
    assert answer.version == ".".join(map(str, sys.version_info[:3]))
    assert answer.metadata["toolchain"] == "pip"


def test_dependencies_are_what_is_installed(
    host: language_pb2_grpc.LanguageRuntimeStub,
) -> None:
    request = language_pb2.GetProgramDependenciesRequest(
        info=_program(Path(sys.prefix), virtualenv="."), transitiveDependencies=True
    )

    names = {dependency.name for dependency in host.GetProgramDependencies(request).dependencies}

    assert {"pulumi", "pulumi-azure-native", "pydantic"} <= names


def test_a_plugin_folder_without_code_is_refused(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    request = language_pb2.RunPluginRequest(
        info=_program(tmp_path, virtualenv=sys.prefix), pwd=str(tmp_path), kind="resource"
    )

    with pytest.raises(grpc.RpcError, match=r"neither a __main__\.py nor a pyproject\.toml"):
        list(host.RunPlugin(request))


def test_a_plugin_streams_its_output_and_exit_code(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1], os.environ['COLOUR'], os.environ['PATH'].split(':')[0])\n"
        "print('oh', file=sys.stderr)\n"
        "sys.exit(5)\n",
        encoding="utf-8",
    )
    request = language_pb2.RunPluginRequest(
        info=_program(tmp_path, virtualenv=sys.prefix),
        pwd=str(tmp_path),
        kind="resource",
        args=["127.0.0.1:1"],
        env=["COLOUR=red", "COLOUR=blue", "PATH=/usr/bin"],
    )

    answers = list(host.RunPlugin(request))

    assert b"".join(answer.stdout for answer in answers) == f"127.0.0.1:1 blue {sys.prefix}/bin\n".encode()
    assert b"".join(answer.stderr for answer in answers) == b"oh\n"
    assert answers[-1].exitcode == 5


def test_the_type_checker_of_the_project_stops_a_program(
    host: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    (tmp_path / "__main__.py").write_text("size: int = 'large'\n", encoding="utf-8")
    request = language_pb2.RunRequest(
        info=_program(tmp_path, virtualenv=sys.prefix, typechecker="mypy"), pwd=str(tmp_path), project="trial"
    )

    with pytest.raises(grpc.RpcError, match="typechecker: mypy failed"):
        host.Run(request)
