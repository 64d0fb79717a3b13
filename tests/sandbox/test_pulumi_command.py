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


@pytest.mark.parametrize("name", ["Pulumi.dev.yaml", "Pulumi.dev.written"])
def test_a_damaged_copy_is_made_again(own_sandbox: RunningSandbox, project: Path, name: str) -> None:
    own_sandbox.cli("pulumi", "up", "--stack", "dev", "--yes", directory=project)
    salted = own_sandbox.folder.stack_copy("dev").read_text()
    (own_sandbox.folder.path / name).write_bytes(b"\xff\x00")
    own_sandbox.cli("pulumi", "preview", "--stack", "dev", directory=project)
    assert own_sandbox.folder.stack_copy("dev").read_text() == salted


def test_a_damaged_state_is_told_and_reset_mends_it(own_sandbox: RunningSandbox, project: Path) -> None:
    up = ("pulumi", "up", "--stack", "dev", "--yes")
    own_sandbox.cli(*up, directory=project)
    state = next(own_sandbox.folder.pulumi_state.rglob("stacks/**/dev.json"))
    state.write_bytes(state.read_bytes()[:100])
    done = own_sandbox.cli(*up, directory=project, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"{state} is damaged" in done.stderr
    assert "`python -m sandbox reset`" in done.stderr

    own_sandbox.cli("reset")
    own_sandbox.cli(*up, directory=project)


def test_first_commands_at_the_same_time_make_one_stack(own_sandbox: RunningSandbox, project: Path) -> None:
    commands = [_background(own_sandbox, project, "preview", "--stack", "dev") for _ in range(3)]
    told = [command.communicate(timeout=120)[0] for command in commands]
    assert [command.returncode for command in commands] == [0, 0, 0], told


def test_the_lock_of_a_killed_engine_is_taken_off(own_sandbox: RunningSandbox, project: Path) -> None:
    _pause(project)
    killed = _background(own_sandbox, project, "up", "--stack", "dev", "--yes", "--skip-preview")
    _wait_for(project / "started", killed)
    up = ("pulumi", "up", "--stack", "dev", "--yes")

    busy = own_sandbox.cli(*up, directory=project, check=False)
    assert (busy.returncode, busy.stdout, busy.stderr.count("\n")) == (1, "", 1)
    assert f"process {killed.pid} on " in busy.stderr

    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=60)
    (project / "__main__.py").write_text("import pulumi\npulumi.export('size', 1)\n")
    done = own_sandbox.cli(*up, directory=project)
    assert f"note: process {killed.pid}, which locked stack 'dev', is gone" in done.stderr
    assert "note:" not in own_sandbox.cli(*up, directory=project).stderr


@pytest.mark.parametrize(
    "own",
    [
        {"PULUMI_CONFIG_PASSPHRASE": "mine"},
        {"PULUMI_CONFIG_PASSPHRASE_FILE": "/nonexistent/passphrase"},
        {"PULUMI_DIY_BACKEND_GZIP": "true"},
    ],
)
def test_another_shells_settings_of_pulumi_do_not_matter(
    own_sandbox: RunningSandbox, project: Path, own: dict[str, str]
) -> None:
    up = ("pulumi", "up", "--stack", "dev", "--yes")
    own_sandbox.cli(*up, directory=project, environment=own)
    own_sandbox.cli(*up, directory=project)


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
        (("up", "--stack", "acme/dev"), "no stack 'acme/dev'"),
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


def test_a_stack_file_that_is_no_text_is_named(sandbox: RunningSandbox, project: Path) -> None:
    (project / "Pulumi.dev.yaml").write_bytes(b"\xff\x00")
    done = sandbox.cli("pulumi", "preview", "--stack", "dev", directory=project, check=False)
    assert done.stderr == f"error: {project / 'Pulumi.dev.yaml'} is not a text in UTF-8\n"


def test_no_project_is_told(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = sandbox.cli(
        "pulumi", "up", "--stack", "dev", directory=tmp_path_factory.mktemp("empty"), check=False
    )
    assert "no Pulumi.yaml in" in elsewhere.stderr
    assert elsewhere.stderr.count("\n") == 1


def test_failing_program_fails_the_command(own_sandbox: RunningSandbox, project: Path) -> None:
    (project / "__main__.py").write_text("raise SystemExit('told by the program')\n")
    done = own_sandbox.cli("pulumi", "preview", "--stack", "dev", directory=project, check=False)
    assert done.returncode == 1
    assert "told by the program" in done.stdout
    assert "1 errored" in done.stdout


def test_interrupt_reaches_the_engine(own_sandbox: RunningSandbox, project: Path) -> None:
    """Ctrl-C is a SIGINT to the process group; the command is the engine itself and ends in order."""
    _pause(project)
    process = _background(own_sandbox, project, "up", "--stack", "dev", "--yes", "--skip-preview")
    _wait_for(project / "started", process)
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode not in (0, -signal.SIGINT), "ended by itself, and says that it did not finish"
    assert "cancel" in told.lower()
    (project / "__main__.py").write_text("import pulumi\npulumi.export('size', 1)\n")
    own_sandbox.cli("pulumi", "up", "--stack", "dev", "--yes", directory=project)


def _pause(project: Path) -> None:
    """Give the project a program that says that it runs, and goes on running."""
    (project / "__main__.py").write_text(
        f"import pathlib, time\npathlib.Path({str(project / 'started')!r}).touch()\ntime.sleep(120)\n"
    )


def _background(sandbox: RunningSandbox, project: Path, *arguments: str) -> subprocess.Popen[str]:
    """`sandbox pulumi ARGUMENTS` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--name", sandbox.name, "pulumi", *arguments],
        cwd=project,
        env={**os.environ, "AZURE_SANDBOX_HOME": str(sandbox.home), "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _wait_for(file: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("arguments", "command", "stack"),
    [
        (["up", "--stack", "dev"], ("up", ""), "dev"),
        (["up", "--stack=dev", "--yes"], ("up", ""), "dev"),
        (["-C", "x", "--color", "never", "config", "set", "a", "b", "-sdev"], ("config", "set"), "dev"),
        (["stack", "output", "-s", "organization/p/dev"], ("stack", "output"), "dev"),
        (["stack", "output", "-s", "acme/p/dev"], ("stack", "output"), "acme/p/dev"),
        (["up", "--", "--stack", "x"], ("up", ""), ""),
    ],
)
def test_arguments_are_read_as_the_engine_reads_them(
    arguments: list[str], command: tuple[str, str], stack: str
) -> None:
    parsed = parse(arguments)
    assert ((parsed.command, parsed.subcommand), parsed.stack) == (command, stack)
