"""The command line of the sandbox: parses, calls, prints; every rule is elsewhere.

python -m sandbox [--name NAME] start | stop | status | reset | run | env | pulumi | token | faults
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox import reports, runner
from sandbox.errors import SandboxError
from sandbox.fault_commands import run_fault_command
from sandbox.folder import sandbox_folder, sandbox_home
from sandbox.pulumi_command import execute_pulumi
from sandbox.settings import Pace
from sandbox.supervisor import Supervisor

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)  # told without the file's name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 good, 1 an error that was printed, 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command_line = parser()
    known, rest = command_line.parse_known_args(_before_command(words))
    if rest and known.verb != "pulumi":
        command_line.error(f"unknown argument: {' '.join(rest)}")
    try:
        return _VERBS[known.verb](Supervisor(sandbox_folder(known.name)), known, words)
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.filename is None and error.errno not in _NO_ROOM:
            raise
        print(f"error: {_of_the_disk(error, sandbox_home())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _of_the_disk(error: OSError, home: Path) -> str:
    where = f"{error.filename}: " if error.filename is not None else ""
    return f"{where}{error.strerror}; the sandbox needs {home} to be writable and to have room"


def _start(supervisor: Supervisor, known: argparse.Namespace, _words: list[str]) -> int:
    latency = None if known.latency is None else known.latency / 1000
    settings, notices = supervisor.start(
        Pace(latency=latency, lro_scale=known.lro_scale, rbac_delay=known.rbac_delay)
    )
    for notice in notices:
        reports.note(notice)
    print(f"sandbox {supervisor.folder.name!r} is ready: proxy http://127.0.0.1:{settings.ports.proxy}")
    return 0


def _stop(supervisor: Supervisor, _known: argparse.Namespace, _words: list[str]) -> int:
    print(f"sandbox {supervisor.folder.name!r} {'stopped' if supervisor.stop() else 'was not running'}")
    return 0


def _reset(supervisor: Supervisor, _known: argparse.Namespace, _words: list[str]) -> int:
    supervisor.reset()
    print(f"sandbox {supervisor.folder.name!r} is empty: Azure's and Pulumi's state are gone")
    return 0


def _status(supervisor: Supervisor, known: argparse.Namespace, _words: list[str]) -> int:
    return reports.print_status(supervisor, as_json=known.json)


def _env(supervisor: Supervisor, known: argparse.Namespace, _words: list[str]) -> int:
    settings = supervisor.ensure_running(reports.note)
    runner.prepare(settings)
    reports.print_environment(runner.environment(settings, known.principal), as_json=known.json)
    return 0


def _run(supervisor: Supervisor, known: argparse.Namespace, words: list[str]) -> int:
    command = _command(words)
    if not command:
        raise SandboxError("no command given: python -m sandbox run -- COMMAND ARGUMENTS")
    runner.execute(supervisor.ensure_running(reports.note), known.principal, command)


def _pulumi(supervisor: Supervisor, known: argparse.Namespace, words: list[str]) -> int:
    execute_pulumi(supervisor, known.principal, _command(words))


def _token(supervisor: Supervisor, known: argparse.Namespace, _words: list[str]) -> int:
    settings = supervisor.ensure_running(reports.note)
    print(reports.outside_token(settings, known.subject, known.issuer, known.audience))
    return 0


def _faults(supervisor: Supervisor, known: argparse.Namespace, _words: list[str]) -> int:
    run_fault_command(supervisor, known)
    return 0


_VERBS: dict[str, Callable[[Supervisor, argparse.Namespace, list[str]], int]] = {
    "start": _start,
    "stop": _stop,
    "status": _status,
    "reset": _reset,
    "run": _run,
    "env": _env,
    "pulumi": _pulumi,
    "token": _token,
    "faults": _faults,
}


def parser() -> argparse.ArgumentParser:
    """The command line of `python -m sandbox`."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A local Azure for any command.")
    parser.add_argument("--name", help="which sandbox (default: AZURE_SANDBOX, else 'default')")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    start = verbs.add_parser("start", help="start it, or what is missing of it, and wait until it is ready")
    start.add_argument(
        "--latency", type=_number, metavar="MS", help="milliseconds that each Azure call takes longer"
    )
    start.add_argument(
        "--lro-scale", type=_number, metavar="X", help="0: long operations end at once, 1: usual time"
    )
    start.add_argument(
        "--rbac-delay", type=_number, metavar="S", help="seconds until a role assignment works"
    )
    verbs.add_parser("stop", help="stop it; its state stays")
    status = verbs.add_parser("status", help="show processes, ports, principals (exit status 3: not running)")
    status.add_argument("--json", action="store_true")
    verbs.add_parser("reset", help="forget Azure's and Pulumi's state; certificates and ports stay")
    run = verbs.add_parser("run", help="run -- COMMAND: run a command inside")
    environment = verbs.add_parser("env", help="print the environment of such a command as export lines")
    environment.add_argument("--json", action="store_true")
    pulumi = verbs.add_parser("pulumi", help="pulumi ARGUMENTS: run the engine inside, the stack made ready")
    for verb in (run, environment, pulumi):
        verb.add_argument(
            "--as", dest="principal", default="deployer", metavar="PRINCIPAL", help="sign in as this one"
        )
    token = verbs.add_parser("token", help="print a workflow's OIDC token, for federated sign-in")
    token.add_argument("--subject", default="repo:sandbox/platform:environment:dev")
    token.add_argument("--issuer", default="https://token.actions.githubusercontent.com")
    token.add_argument("--audience", default="api://AzureADTokenExchange")
    _add_faults(verbs.add_parser("faults", help="make Azure fail on purpose"))
    return parser


def _add_faults(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="the next matching requests fail")
    add.add_argument(
        "--match", default="* *", metavar="PATTERN", help="'METHOD PATH', with * and ? (default: all)"
    )
    add.add_argument(
        "--times", type=int, default=1, metavar="N", help="how many requests, 0 for all (default 1)"
    )
    add.add_argument(
        "--after", type=int, default=0, metavar="N", help="let so many matching requests through first"
    )
    add.add_argument(
        "--retry-after", type=_number, metavar="S", help="the answer's Retry-After header, with --status"
    )
    kind = add.add_mutually_exclusive_group(required=True)
    kind.add_argument("--status", type=int, metavar="CODE", help="answer with this status, 400 to 599")
    kind.add_argument("--delay", type=_number, metavar="S", help="wait so many seconds first")
    kind.add_argument(
        "--drop", action="store_true", help="close the connection without an answer, nothing done"
    )
    kind.add_argument("--drop-after", action="store_true", help="do the work, then close the connection")
    kind.add_argument(
        "--crash", action="store_true", help="end the emulator before the work, as kill -9 would"
    )
    kind.add_argument("--crash-after", action="store_true", help="do the work, then end the emulator")
    kind.add_argument(
        "--lro-fail", metavar="CODE", help="the long operation that begins then fails with this code"
    )
    kind.add_argument("--lro-slow", type=_number, metavar="S", help="it takes so many seconds more")
    actions.add_parser("list", help="show the faults that are still to come")
    actions.add_parser("clear", help="forget them")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1000000")
    return number


def _before_command(words: list[str]) -> list[str]:
    """The words that are the sandbox's own: `run`'s and `pulumi`'s command belongs to somebody else."""
    return words[: _command_start(words)]


def _command(words: list[str]) -> list[str]:
    command = words[_command_start(words) :]
    return command[1:] if command[:1] == ["--"] else command


def _command_start(words: list[str]) -> int:
    """Where the wrapped command begins: after the verb and the verb's own options."""
    index = 0
    verb = ""
    while index < len(words):
        word = words[index]
        if word in ("--name", "--as"):
            index += 2
        elif word.startswith(("--name=", "--as=")) or word in ("-h", "--help"):
            index += 1
        elif not verb and not word.startswith("-"):
            verb = word
            if verb not in ("run", "pulumi"):
                return len(words)
            index += 1
        elif verb:
            return index
        else:
            return len(words)
    return len(words)
