"""The command line with real processes: start, stop, two side by side, and what can be wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.folder import REPOSITORY
from tests.support.sandbox import RunningSandbox

MakeSandbox = Callable[[], RunningSandbox]


def states(sandbox: RunningSandbox) -> dict[str, str]:
    return {entry["name"]: entry["state"] for entry in sandbox.status()["processes"]}


def test_start_status_stop(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox()
    assert states(sandbox) == {"emulator": "stopped", "azurite": "stopped"}
    assert sandbox.cli("status", check=False).returncode == 3

    sandbox.cli("start")
    assert states(sandbox) == {"emulator": "running", "azurite": "running"}
    assert "running" in sandbox.cli("status").stdout

    sandbox.cli("stop")
    assert states(sandbox) == {"emulator": "stopped", "azurite": "stopped"}
    assert "was not running" in sandbox.cli("stop").stdout


def test_second_start_changes_nothing(own_sandbox: RunningSandbox) -> None:
    before = own_sandbox.pid("emulator"), own_sandbox.settings
    own_sandbox.cli("start")
    assert (own_sandbox.pid("emulator"), own_sandbox.settings) == before


def test_ports_secrets_and_authority_survive_a_restart(own_sandbox: RunningSandbox) -> None:
    before = own_sandbox.settings, own_sandbox.folder.ca_certificate.read_bytes()
    own_sandbox.cli("stop")
    own_sandbox.cli("start")
    assert (own_sandbox.settings, own_sandbox.folder.ca_certificate.read_bytes()) == before


def test_new_pace_restarts_the_emulator_only(own_sandbox: RunningSandbox) -> None:
    emulator, azurite = own_sandbox.pid("emulator"), own_sandbox.pid("azurite")
    own_sandbox.cli("start", "--latency", "20", "--lro-scale", "1", "--rbac-delay", "3")
    assert own_sandbox.pid("azurite") == azurite
    assert own_sandbox.pid("emulator") != emulator
    settings = own_sandbox.settings
    assert (settings.latency, settings.lro_scale, settings.rbac_delay) == (0.02, 1.0, 3.0)


def test_two_sandboxes_side_by_side(make_sandbox: MakeSandbox) -> None:
    one, other = make_sandbox(), make_sandbox()
    starts = [
        subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--name", sandbox.name, "start"],
            cwd=REPOSITORY,
            env={**os.environ, "AZURE_SANDBOX_HOME": str(sandbox.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for sandbox in (one, other)
    ]
    assert [start.wait(60) for start in starts] == [0, 0]
    assert set(states(one).values()) == set(states(other).values()) == {"running"}
    assert not set(vars(one.settings.ports).values()) & set(vars(other.settings.ports).values())

    one.cli("stop")
    assert set(states(other).values()) == {"running"}


def test_starts_at_the_same_time_end_in_one_sandbox(make_sandbox: MakeSandbox) -> None:
    sandbox = make_sandbox()
    starts = [
        subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--name", sandbox.name, "start"],
            cwd=REPOSITORY,
            env={**os.environ, "AZURE_SANDBOX_HOME": str(sandbox.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    told = {start.communicate(timeout=60)[0] for start in starts}
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert len(told) == 1, "all three report the same proxy"


def test_crash_is_seen_and_mended_by_the_next_command(own_sandbox: RunningSandbox) -> None:
    os.kill(own_sandbox.pid("emulator"), signal.SIGKILL)
    _wait_for(lambda: states(own_sandbox)["emulator"] == "crashed")
    assert own_sandbox.cli("status", check=False).returncode == 3

    done = own_sandbox.cli("run", "--", sys.executable, "-c", "print('inside')")
    assert done.stdout == "inside\n"
    assert set(states(own_sandbox).values()) == {"running"}


def test_pid_of_another_process_is_left_alone(own_sandbox: RunningSandbox) -> None:
    own_sandbox.cli("stop")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        mark = json.dumps({"pid": bystander.pid, "started": "boot:1"})
        own_sandbox.folder.pid_file("emulator").write_text(mark)
        assert states(own_sandbox)["emulator"] == "crashed"
        own_sandbox.cli("stop")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_taken_port_is_named_and_replaced(own_sandbox: RunningSandbox) -> None:
    own_sandbox.cli("stop")
    taken = own_sandbox.settings.ports.proxy
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        done = own_sandbox.cli("start")
    assert f"port {taken} (proxy) is taken by" in done.stderr
    if sys.platform == "linux":
        assert f"process {os.getpid()} (" in done.stderr
    assert own_sandbox.settings.ports.proxy != taken
    assert set(states(own_sandbox).values()) == {"running"}


def test_a_port_that_is_replaced_is_told_by_every_command(own_sandbox: RunningSandbox) -> None:
    own_sandbox.cli("stop")
    taken = own_sandbox.settings.ports.proxy
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        done = own_sandbox.cli("run", "--", sys.executable, "-c", "print('inside')")
    assert done.stdout == "inside\n"
    assert f"note: port {taken} (proxy) is taken by" in done.stderr


def test_an_interrupt_while_the_command_line_loads_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "argparse.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "status"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}", "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, "")


def test_reset_empties_azure_and_pulumi_but_keeps_the_authority(own_sandbox: RunningSandbox) -> None:
    folder = own_sandbox.folder
    authority, ports = folder.ca_certificate.read_bytes(), own_sandbox.settings.ports
    state = folder.pulumi_state / ".pulumi" / "stacks" / "p" / "dev.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    folder.stack_copy("dev").write_text("config: {}\n")

    for _ in range(2):
        own_sandbox.cli("reset")
        assert set(states(own_sandbox).values()) == {"running"}
        assert not state.exists()
        assert not folder.stack_copy("dev").exists()
        assert folder.ca_certificate.read_bytes() == authority
        assert own_sandbox.settings.ports == ports


def test_private_files_are_private(own_sandbox: RunningSandbox) -> None:
    folder = own_sandbox.folder
    for file in (folder.config, folder.ca_key, folder.server_key, folder.signing_key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_run_keeps_the_exit_status_and_the_arguments(sandbox: RunningSandbox) -> None:
    program = "import sys; print(sys.argv[1:]); sys.exit(7)"
    done = sandbox.cli("run", "--", sys.executable, "-c", program, "--name", "--json", check=False)
    assert (done.returncode, done.stdout) == (7, "['--name', '--json']\n")


def test_run_ends_by_the_same_signal(sandbox: RunningSandbox) -> None:
    program = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"
    assert sandbox.cli("run", "--", sys.executable, "-c", program, check=False).returncode == -signal.SIGTERM


def test_env_is_what_run_gives(sandbox: RunningSandbox) -> None:
    lines = sandbox.cli("env", "--as", "reader").stdout
    shell = subprocess.run(
        ["sh", "-c", f'{lines}\nprintf "%s" "$AZURE_CLIENT_ID $HTTPS_PROXY"'],
        capture_output=True,
        text=True,
        check=True,
    )
    inside = sandbox.cli(
        "run", "--as", "reader", "--", "sh", "-c", 'printf "%s" "$AZURE_CLIENT_ID $HTTPS_PROXY"'
    )
    assert shell.stdout == inside.stdout
    assert json.loads(sandbox.cli("env", "--json").stdout)["ARM_SUBSCRIPTION_ID"] == sandbox.subscription_id


def test_users_own_azure_does_not_reach_inside(sandbox: RunningSandbox) -> None:
    own = {
        "AZURE_CLIENT_SECRET": "mine",
        "AZURE_AUTHORITY_HOST": "https://login.example.com",
        "ARM_USE_OIDC": "true",
        "ARM_CLOUD_METADATA_URL": "https://x",
        "PULUMI_ACCESS_TOKEN": "pul-1",
        "REQUESTS_CA_BUNDLE": "/nonexistent",
        "HTTPS_PROXY": "http://proxy.example.com:8080",
        "NO_PROXY": "management.azure.com",
        "ALL_PROXY": "socks5://proxy.example.com:1080",
        "all_proxy": "socks5://proxy.example.com:1080",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/nonexistent",
        "PULUMI_CONFIG_PASSPHRASE": "mine",
        "PULUMI_DIY_BACKEND_GZIP": "true",
    }
    program = "import json, os; print(json.dumps(dict(os.environ)))"
    inside = json.loads(sandbox.cli("run", "--", sys.executable, "-c", program, environment=own).stdout)
    assert not {
        "AZURE_AUTHORITY_HOST",
        "ARM_USE_OIDC",
        "ARM_CLOUD_METADATA_URL",
        "PULUMI_ACCESS_TOKEN",
        "ALL_PROXY",
        "all_proxy",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_DIY_BACKEND_GZIP",
    } & set(inside)
    assert inside["PULUMI_CONFIG_PASSPHRASE"] != "mine"
    assert inside["AZURE_CLIENT_SECRET"] == sandbox.settings.principal("deployer").secret
    assert inside["HTTPS_PROXY"].startswith("http://127.0.0.1:")
    assert "management.azure.com" not in inside["NO_PROXY"]
    assert inside["AZURE_SANDBOX"] == sandbox.name


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run",), "no command given"),
        (("run", "--", "no-such-program"), "no-such-program: no such program on PATH"),
        (("run", "--as", "ghost", "--", "true"), "no principal 'ghost'"),
        (("env", "--as", "ghost"), "there are: deployer, contributor, reader, nobody"),
        (("pulumi", "login"), "`pulumi login` is not for the sandbox"),
        (("pulumi", "stack", "init", "x"), "`pulumi stack init` is not for the sandbox"),
    ],
)
def test_mistakes_are_told_in_one_line(
    sandbox: RunningSandbox, arguments: tuple[str, ...], told: str
) -> None:
    done = sandbox.cli(*arguments, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["status", "start"])
def test_a_python_without_the_packages_is_told_in_one_line(verb: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "sandbox", verb],
        cwd=REPOSITORY,
        env={**os.environ, "AZURE_SANDBOX_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "run `make setup`, then .venv/bin/python" in done.stderr
    assert done.stderr.count("\n") == 1


def test_wrong_name_is_refused(make_sandbox: MakeSandbox) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "--name", "../x", "status"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "sandbox name '../x'" in done.stderr


def test_faults_need_a_running_sandbox(make_sandbox: MakeSandbox) -> None:
    done = make_sandbox().cli("faults", "list", check=False)
    assert done.returncode == 1
    assert "is not running; start it with" in done.stderr


def test_missing_azurite_says_what_to_do(make_sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox = make_sandbox()
    done = sandbox.cli("start", check=False, environment={"AZURE_SANDBOX_NODE_MODULES": str(tmp_path)})
    assert done.returncode == 1
    assert "run `make setup`" in done.stderr
    assert done.stderr.count("\n") == 1
    assert states(sandbox) == {"emulator": "stopped", "azurite": "stopped"}, "nothing is left half-started"


def test_only_loopback_is_listened_on(sandbox: RunningSandbox) -> None:
    for port in vars(sandbox.settings.ports).values():
        with socket.socket() as probe:
            # Another address of this machine: 127.0.0.2 is local to Linux, and no server has asked for it.
            assert probe.connect_ex(("127.0.0.2", port)) != 0, port


_GET_METADATA = "import urllib.request as r; print(r.urlopen('https://management.azure.com/metadata/endpoints?api-version=2022-09-01').status)"


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
