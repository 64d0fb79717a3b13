"""What goes wrong on the way: throttling, server faults, interruption, a crash; and the way back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from sandbox.folder import REPOSITORY
from tests.support.stack import PulumiStack, without_assets

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-recovery")]

MakeStack = Callable[[str], PulumiStack]


def sandbox_command(stack: PulumiStack) -> list[str]:
    return [sys.executable, "-m", "sandbox", "--name", stack.sandbox.name, "pulumi"]


def sandbox_variables(stack: PulumiStack) -> dict[str, str]:
    return {**os.environ, "AZURE_SANDBOX_HOME": str(stack.sandbox.home), "PYTHONPATH": str(REPOSITORY)}


def test_throttling_and_server_faults_are_waited_out(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(without_assets)
    for status in ("429", "503"):
        stack.sandbox.cli(
            "faults", "add", "--match", "PUT *", "--status", status, "--times", "3", "--retry-after", "1"
        )

    counts = stack.up()

    assert counts["create"] == len(stack.resources()) - 1  # the default provider is no creation of Azure's
    assert stack.preview().changes() == {}


def test_a_refusal_of_azure_is_shown_with_code_and_message(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(without_assets)

    done = subprocess.run(
        [*sandbox_command(stack), "--as", "reader", "up", "--stack", "dev", "--yes", "--skip-preview"],
        cwd=stack.folder,
        env=sandbox_variables(stack),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "AuthorizationFailed" in output
    assert "microsoft.resources/subscriptions/resourcegroups/write" in output.lower()
    assert "Traceback" not in output


def test_an_interrupted_up_is_completed_by_the_next(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(without_assets)
    stack.sandbox.cli("stop")
    stack.sandbox.cli("start", "--lro-scale", "0.3")
    process = subprocess.Popen(
        [*sandbox_command(stack), "up", "--stack", "dev", "--yes", "--skip-preview", "--color", "never"],
        cwd=stack.folder,
        env=sandbox_variables(stack),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if "created" in line and "azure-native" in line:
            break
    os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
    seen += process.communicate(timeout=120)[0]
    assert process.returncode != 0, seen
    assert "Traceback" not in seen

    stack.sandbox.cli("stop")
    stack.sandbox.cli("start", "--lro-scale", "0")
    stack.up()

    assert stack.preview().changes() == {}
    assert set(stack.refresh()) == {"same"}


def test_a_crash_of_azure_in_the_middle_loses_nothing(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("dev")
    stack.change_settings(without_assets)
    stack.sandbox.cli(
        "faults",
        "add",
        "--match",
        "PUT */Microsoft.MachineLearningServices/workspaces/*",
        "--crash",
        "--times",
        "1",
    )
    failed = stack.pulumi("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stdout + failed.stderr
    time.sleep(0.2)

    stack.sandbox.start()
    stack.up()

    assert stack.preview().changes() == {}
