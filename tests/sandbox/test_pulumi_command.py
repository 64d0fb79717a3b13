"""`python -m sandbox pulumi` with the real engine, on a project small enough to need no Azure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sandbox.folder import REPOSITORY
from sandbox.pulumi_command import parse
from tests.support.sandbox import RunningSandbox

COMMITTED = "# as committed\nconfig:\n  trial:size: 3\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    program = """
        import pulumi

        pulumi.export("size", pulumi.Config().require_int("size"))
        pulumi.export("hidden", pulumi.Output.secret("x"))
    """
    (tmp_path / "Pulumi.yaml").write_text(
        f"name: trial\nruntime:\n  name: python\n  options: {{toolchain: pip, virtualenv: {sys.prefix}}}\n"
    )
    (tmp_path / "Pulumi.dev.yaml").write_text(COMMITTED)
    (tmp_path / "Pulumi.prod.yaml").write_text(COMMITTED)
    (tmp_path / "__main__.py").write_text(textwrap.dedent(program))
    return tmp_path


def outputs(sandbox: RunningSandbox, project: Path, *options: str) -> dict[str, object]:
    done = sandbox.cli("pulumi", "stack", "output", "--stack", "dev", "--json", *options, directory=project)
    content: dict[str, object] = json.loads(done.stdout)
    return content


def test_up_makes_the_stack_and_leaves_the_committed_file_alone(
    own_sandbox: RunningSandbox, project: Path
) -> None:
    own_sandbox.cli("pulumi", "up", "--stack", "dev", "--yes", directory=project)
    assert outputs(own_sandbox, project, "--show-secrets") == {"hidden": "x", "size": 3}
    assert (project / "Pulumi.dev.yaml").read_text() == COMMITTED
    assert sorted(path.name for path in project.glob("Pulumi*")) == [
        "Pulumi.dev.yaml",
        "Pulumi.prod.yaml",
        "Pulumi.yaml",
    ]

    (project / "Pulumi.dev.yaml").write_text(COMMITTED.replace("3", "4"))
    own_sandbox.cli("pulumi", "up", "-s", "dev", "--yes", "--cwd", str(project))
    assert outputs(own_sandbox, project, "--show-secrets") == {"hidden": "x", "size": 4}, "the salt was kept"


def test_lost_copy_takes_its_salt_from_the_state(own_sandbox: RunningSandbox, project: Path) -> None:
    own_sandbox.cli("pulumi", "up", "--stack", "dev", "--yes", directory=project)
    salted = own_sandbox.folder.stack_copy("dev").read_text()
    own_sandbox.folder.stack_copy("dev").unlink()
    own_sandbox.cli("pulumi", "preview", "--stack", "dev", directory=project)
    assert own_sandbox.folder.stack_copy("dev").read_text() == salted


def test_changed_configuration_is_told_and_does_not_stay(own_sandbox: RunningSandbox, project: Path) -> None:
    told = own_sandbox.cli("pulumi", "config", "set", "size", "9", "--stack", "dev", directory=project)
    assert "changes the sandbox's copy only" in told.stderr
    later = own_sandbox.cli("pulumi", "config", "get", "size", "--stack", "dev", directory=project)
    assert later.stdout.strip() == "3"
    assert "a command had changed the sandbox's copy" in later.stderr
    again = own_sandbox.cli("pulumi", "config", "get", "size", "--stack", "dev", directory=project)
    assert again.stderr == ""


def test_stack_is_removed_without_its_committed_file(own_sandbox: RunningSandbox, project: Path) -> None:
    own_sandbox.cli("pulumi", "up", "--stack", "dev", "--yes", directory=project)
    own_sandbox.cli("pulumi", "destroy", "--stack", "dev", "--yes", directory=project)
    own_sandbox.cli("pulumi", "stack", "rm", "dev", "--yes", directory=project)
    assert (project / "Pulumi.dev.yaml").read_text() == COMMITTED
    own_sandbox.cli("pulumi", "up", "--stack", "dev", "--yes", directory=project)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("up", "--stack", "test"), "no stack 'test'"),
        (("up", "--stack", "test"), "there are: dev, prod"),
        (("preview",), "which stack? add --stack with one of: dev, prod"),
        (("new", "python"), "`pulumi new` is not for the sandbox"),
        (("stack", "rename", "x"), "`pulumi stack rename` is not for the sandbox"),
    ],
)
def test_what_can_not_work_is_told_in_one_line(
    sandbox: RunningSandbox, project: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = sandbox.cli("pulumi", *arguments, directory=project, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("config: [\n  trial:size: 3\n", "Pulumi.dev.yaml:3:1 is not YAML: "),
        ("config:\n  trial:size: \x07\n", "Pulumi.dev.yaml is not YAML: "),
    ],
)
def test_a_stack_file_that_is_not_yaml_is_named_with_the_line(
    sandbox: RunningSandbox, project: Path, written: str, told: str
) -> None:
    (project / "Pulumi.dev.yaml").write_text(written)
    done = sandbox.cli("pulumi", "preview", "--stack", "dev", directory=project, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_encrypted_values_of_elsewhere_are_refused(sandbox: RunningSandbox, project: Path) -> None:
    (project / "Pulumi.prod.yaml").write_text("config:\n  trial:size:\n    secure: AAABAJ\n")
    done = sandbox.cli("pulumi", "up", "--stack", "prod", directory=project, check=False)
    assert done.returncode == 1
    assert "holds encrypted values (`secure:`)" in done.stderr


def test_no_project_and_no_passphrase_file_are_told(
    sandbox: RunningSandbox, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = sandbox.cli(
        "pulumi", "up", "--stack", "dev", directory=tmp_path_factory.mktemp("empty"), check=False
    )
    assert "no Pulumi.yaml in" in elsewhere.stderr
    missing = {"PULUMI_CONFIG_PASSPHRASE_FILE": "/nonexistent/passphrase"}
    done = sandbox.cli("pulumi", "up", "--stack", "dev", directory=project, check=False, environment=missing)
    assert "PULUMI_CONFIG_PASSPHRASE_FILE names /nonexistent/passphrase" in done.stderr
    assert done.stderr.count("\n") == 1


def test_failing_program_fails_the_command(own_sandbox: RunningSandbox, project: Path) -> None:
    (project / "__main__.py").write_text("raise SystemExit('told by the program')\n")
    done = own_sandbox.cli("pulumi", "preview", "--stack", "dev", directory=project, check=False)
    assert done.returncode == 1
    assert "told by the program" in done.stdout
    assert "1 errored" in done.stdout


def test_interrupt_reaches_the_engine(own_sandbox: RunningSandbox, project: Path) -> None:
    """Ctrl-C is a SIGINT to the process group; the command is the engine itself and ends in order."""
    started = project / "started"
    (project / "__main__.py").write_text(
        f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(120)\n"
    )
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sandbox",
            "--name",
            own_sandbox.name,
            "pulumi",
            "up",
            "--stack",
            "dev",
            "--yes",
            "--skip-preview",
        ],
        cwd=project,
        env={**os.environ, "AZURE_SANDBOX_HOME": str(own_sandbox.home), "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not started.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode not in (0, -signal.SIGINT), "ended by itself, and says that it did not finish"
    assert "cancel" in told.lower()
    (project / "__main__.py").write_text("import pulumi\npulumi.export('size', 1)\n")
    own_sandbox.cli("pulumi", "up", "--stack", "dev", "--yes", directory=project)


@pytest.mark.parametrize(
    ("arguments", "command", "stack"),
    [
        (["up", "--stack", "dev"], ("up", ""), "dev"),
        (["up", "--stack=dev", "--yes"], ("up", ""), "dev"),
        (["-C", "x", "--color", "never", "config", "set", "a", "b", "-sdev"], ("config", "set"), "dev"),
        (["stack", "output", "-s", "organization/p/dev"], ("stack", "output"), "dev"),
        (["up", "--", "--stack", "x"], ("up", ""), ""),
    ],
)
def test_arguments_are_read_as_the_engine_reads_them(
    arguments: list[str], command: tuple[str, str], stack: str
) -> None:
    parsed = parse(arguments)
    assert ((parsed.command, parsed.subcommand), parsed.stack) == (command, stack)
