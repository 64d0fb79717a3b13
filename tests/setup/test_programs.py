"""Programs run by the real engine behave as with an installed Pulumi: configuration, messages, exit codes,
output.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.pulumi_project import VIRTUALENV, Project

PRINT_CONFIGURATION = """
    import os

    print("config", os.environ["PULUMI_CONFIG"], "secrets", os.environ["PULUMI_CONFIG_SECRET_KEYS"])
"""


def test_a_stack_without_configuration_gives_empty_json(project: Project) -> None:
    project.write({"__main__.py": PRINT_CONFIGURATION})

    preview = project.pulumi("preview")

    assert "config {} secrets []" in preview.output


def test_configuration_and_secrets_reach_the_program_and_its_outputs(project: Project) -> None:
    project.write(
        {
            "__main__.py": """
            import pulumi

            config = pulumi.Config()
            pulumi.export("size", config.require_int("size"))
            pulumi.export("word", config.require_secret("word"))
            pulumi.export("nested", config.require_object("nested"))
            pulumi.export("where", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
            """
        }
    )
    project.pulumi("config", "set", "size", "3")
    project.pulumi("config", "set", "word", "hush-hush", "--secret")
    project.pulumi("config", "set", "nested.list[0]", "one", "--path")

    up = project.pulumi("up", "--yes", "--skip-preview")
    shown = json.loads(project.pulumi("stack", "output", "--json", "--show-secrets").output)

    assert "hush-hush" not in up.output
    assert shown == {
        "size": 3,
        "word": "hush-hush",
        "nested": {"list": ["one"]},
        "where": ["trial", "dev", "organization"],
    }
    state = next(Path(project.environment["PULUMI_BACKEND_URL"].removeprefix("file://")).rglob("dev.json"))
    assert "hush-hush" not in state.read_text(encoding="utf-8")


def test_an_exception_shows_the_users_frames_only(project: Project) -> None:
    project.write(
        {
            "helper.py": """
            def divide(by: int) -> float:
                return 1 / by
            """,
            "__main__.py": """
            import helper

            helper.divide(0)
            """,
        }
    )

    preview = project.pulumi("preview", code=None)

    assert preview.code != 0
    frames = [Path(file) for file in re.findall(r'File "([^"]+)"', preview.output)]
    assert frames == [project.folder / "__main__.py", project.folder / "helper.py"]
    assert "ZeroDivisionError: division by zero" in preview.output
    assert "non-zero exit code" not in preview.output


def test_an_error_for_the_user_comes_without_a_traceback(project: Project) -> None:
    project.write(
        {
            "__main__.py": """
            import pulumi

            raise pulumi.RunError("settings: vmSize is 'huge', allowed: Standard_DS3_v2")
            """
        }
    )

    preview = project.pulumi("preview", code=None)

    assert preview.code != 0
    assert "error: settings: vmSize is 'huge', allowed: Standard_DS3_v2" in preview.output
    assert "Traceback" not in preview.output


def test_a_program_that_has_shown_its_error_ends_without_another_line(project: Project) -> None:
    """How the platform's program ends when its settings are wrong, see infra/settings/load.py."""
    project.write(
        {
            "__main__.py": """
            import pulumi

            pulumi.log.error("vmSize is 'huge'")
            raise SystemExit(32)
            """
        }
    )

    preview = project.pulumi("preview", code=None)

    assert preview.code != 0
    assert "error: vmSize is 'huge'" in preview.output
    assert "unhandled" not in preview.output


def test_a_program_that_exits_by_itself_is_reported_with_its_code(project: Project) -> None:
    project.write({"__main__.py": "import sys\n\nsys.exit(7)\n"})

    preview = project.pulumi("preview", code=None)

    assert preview.code != 0
    assert "exited with non-zero exit code: 7" in preview.output


def test_a_missing_virtual_environment_is_answered_with_the_command_that_makes_it(
    project: Project,
) -> None:
    manifest = project.folder / "Pulumi.yaml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace(str(VIRTUALENV), ".gone"), encoding="utf-8"
    )
    project.write({"__main__.py": "", "Makefile": "setup:\n"})
    if project.engine.installed:
        pytest.skip("an installed Pulumi makes the environment by itself")

    preview = project.pulumi("preview", code=None)

    assert preview.code != 0
    assert (
        f'virtualenv is ".gone", but {project.folder}/.gone does not exist: '
        f"run `make setup` in {project.folder} to create it"
    ) in preview.output


def test_output_is_shown_while_the_program_runs(project: Project) -> None:
    project.write(
        {
            "__main__.py": """
            import pathlib
            import time

            print("the first line")
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and not pathlib.Path("seen").exists():
                time.sleep(0.05)
            print("the last line, seen:", pathlib.Path("seen").exists())
            """
        }
    )

    lines = []
    with subprocess.Popen(
        project.command("preview"),
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if "the first line" in line:
                (project.folder / "seen").touch()

    assert process.returncode == 0
    assert any("the last line, seen: True" in line for line in lines), lines


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_no_process_outlives_the_engine(project: Project, stop: signal.Signals) -> None:
    project.write(
        {
            "__main__.py": """
            import os
            import pathlib
            import subprocess
            import time

            child = subprocess.Popen(["sleep", "600"])
            pathlib.Path("pids.partial").write_text(f"{os.getpid()} {child.pid}")
            os.replace("pids.partial", "pids")
            time.sleep(600)
            """
        }
    )
    pids = project.folder / "pids"
    with subprocess.Popen(
        project.command("preview"),
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        _wait_until(pids.exists, 30)
        process.send_signal(stop)
        if stop is signal.SIGINT:
            # The first interrupt asks the program to end, which it never does here; the second ends it.
            time.sleep(1)
            process.send_signal(stop)
        output, _ = process.communicate(timeout=30)

    assert process.returncode != 0
    assert "Traceback" not in output
    program, child = map(int, pids.read_text(encoding="utf-8").split())
    _wait_until(lambda: not _runs(program) and not _runs(child), 20)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z")


def _wait_until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)
