"""The pack as others take it: the folder policies/ alone, with an environment of its own beside it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.host import VERSION
from tests.support.recorded_stack import ROOT

PACK = ROOT / "policies"
LINES = (PACK / "requirements.txt").read_text(encoding="utf-8").splitlines()
REQUIRED = {canonicalize_name(each.name): each for each in map(Requirement, LINES[1:])}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[grpc.Channel]:
    """A copy of the folder, started as the engine starts it, in the folder of somebody's program."""
    copy = shutil.copytree(PACK, tmp_path / "guard", ignore=shutil.ignore_patterns("__pycache__"))
    program = tmp_path / "program"
    program.mkdir()
    command = [sys.executable, "-I", str(copy)]  # -I: nothing of this project is on the path
    with subprocess.Popen(command, cwd=program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            yield channel
        process.kill()


def test_a_copy_starts_anywhere_and_offers_every_control(elsewhere: grpc.Channel) -> None:
    stub = analyzer_pb2_grpc.AnalyzerStub(elsewhere)
    stub.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", project="churn"))

    info = stub.GetAnalyzerInfo(empty_pb2.Empty())

    assert [each.name for each in info.policies] == [control.id for control in CATALOGUE]


def test_the_requirements_name_all_that_is_imported_and_allow_what_is_pinned() -> None:
    imported = {
        name.split(".")[0]
        for path in PACK.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in names(node)
    }
    by_module = packages_distributions()
    needed = {
        canonicalize_name(distribution)
        for module in imported - set(sys.stdlib_module_names) - {"azureml_guard", "google"}
        for distribution in by_module[module]
    }

    assert set(REQUIRED) == needed | {"protobuf"}  # google.protobuf; others share the name google
    assert all(each.specifier.contains(version(name)) for name, each in REQUIRED.items())


def names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_the_project_file_says_the_version_and_where_pulumi_install_makes_the_environment() -> None:
    project = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8"))

    assert project["version"] == VERSION
    assert project["runtime"]["options"] == {"toolchain": "pip", "virtualenv": "../.venv"}
