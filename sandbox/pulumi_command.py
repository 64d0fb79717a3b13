"""`python -m sandbox pulumi ARGUMENTS`: the engine, in the sandbox, on a stack that is ready.

A stack's file in the repository stays as it is committed. The engine wants to write
its own lines into such a file (the salt of the stack's encryption, at the least), so
it works on a copy in the sandbox's folder, made anew before each command.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sandbox import runner
from sandbox.engine_path import engine
from sandbox.errors import SandboxError
from sandbox.reports import note
from sandbox.stack_file import Project, StackFile, find_project
from sandbox.stack_lock import release_dead
from sandbox.supervisor import Supervisor

# Commands that read the stack's configuration and know --config-file.
_WITH_CONFIGURATION = frozenset(
    {
        "up",
        "update",
        "preview",
        "pre",
        "refresh",
        "destroy",
        "down",
        "dn",
        "import",
        "config",
        "watch",
        "logs",
    }
)
_CHANGES_THE_STACK = frozenset({"up", "update", "refresh", "destroy", "down", "dn", "import", "watch"})
_CONFIG_WRITERS = frozenset({"set", "set-all", "rm", "rm-all", "cp", "refresh", "env"})
# What these do is to change or create files beside Pulumi.yaml, or to leave the sandbox's backend.
_REFUSED = {
    ("stack", "init"): "the sandbox makes a stack itself: python -m sandbox pulumi up --stack NAME",
    ("stack", "new"): "the sandbox makes a stack itself: python -m sandbox pulumi up --stack NAME",
    ("stack", "rename"): "a stack is named after its file, Pulumi.NAME.yaml",
    ("stack", "change-secrets-provider"): "the sandbox encrypts with its own passphrase only",
    ("new", ""): "the sandbox runs this project only",
    ("login", ""): "the sandbox has a backend of its own, and is signed in to it",
    ("logout", ""): "the sandbox has a backend of its own, and is signed in to it",
}
_VALUE_OPTIONS = frozenset(
    {
        "-C",
        "--cwd",
        "--color",
        "-s",
        "--stack",
        "--config-file",
        "-v",
        "--verbose",
        "--tracing",
        "--profiling",
    }
)


@dataclass(frozen=True)
class PulumiArguments:
    """What the sandbox has to know of an engine's command line; the rest is passed on as it is."""

    command: str
    subcommand: str
    stack: str
    directory: str
    own_config_file: bool
    asks_help: bool


def parse(arguments: Sequence[str]) -> PulumiArguments:
    """Read command, stack and directory out of the engine's arguments."""
    positional: list[str] = []
    values: dict[str, str] = {}
    index = 0
    while index < len(arguments) and arguments[index] != "--":
        name, equals, value = arguments[index].partition("=")
        if name in _VALUE_OPTIONS:
            if not equals and index + 1 < len(arguments):
                index += 1
                value = arguments[index]
            values[name] = value
        elif not name.startswith("-"):
            positional.append(arguments[index])
        elif name.startswith("-s") and len(name) > 2 and not name.startswith("--"):
            values["-s"] = name[2:]
        index += 1
    stack = values.get("--stack") or values.get("-s") or os.environ.get("PULUMI_STACK") or ""
    return PulumiArguments(
        command=positional[0] if positional else "",
        subcommand=positional[1] if len(positional) > 1 else "",
        stack=stack.rpartition("/")[2] if stack.startswith("organization/") else stack,
        directory=values.get("--cwd") or values.get("-C") or ".",
        own_config_file="--config-file" in values,
        asks_help=not positional or "--help" in arguments or "-h" in arguments,
    )


def execute_pulumi(supervisor: Supervisor, principal: str, arguments: Sequence[str]) -> NoReturn:
    """Become the engine. Does not return; raises SandboxError for what can't work."""
    parsed = parse(arguments)
    for refused in ((parsed.command, parsed.subcommand), (parsed.command, "")):
        if refused in _REFUSED:
            raise SandboxError(
                f"`pulumi {' '.join(refused).strip()}` is not for the sandbox: {_REFUSED[refused]}"
            )
    program = str(engine())
    words = list(arguments)
    stack = None
    if parsed.command in _WITH_CONFIGURATION and not parsed.asks_help:
        # Everything that can be wrong with the stack is told before any process is started.
        stack = _stack_file(supervisor, parsed)
    settings = supervisor.ensure_running(note)
    runner.prepare(settings)
    if stack is not None:
        environment = runner.environment(settings, principal)
        with supervisor.folder.locked():  # two first commands at once would both make the stack
            notices = [stack.refresh(program, environment)]
            if parsed.command in _CHANGES_THE_STACK:
                notices.append(release_dead(stack.locks, stack.stack))
        for notice in filter(None, notices):
            note(notice)
        if not parsed.own_config_file:
            words.insert(0, f"--config-file={stack.copy}")
        if parsed.command == "config" and parsed.subcommand in _CONFIG_WRITERS:
            note(
                "this changes the sandbox's copy only, until the next command; to keep it, edit "
                f"{stack.committed}"
            )
    elif parsed.command == "stack" and parsed.subcommand == "rm":
        words.append("--preserve-config")  # the engine would delete the committed stack file
    runner.execute(settings, principal, [program, *words])


def _stack_file(supervisor: Supervisor, parsed: PulumiArguments) -> StackFile:
    project = find_project(Path(parsed.directory))
    if not parsed.stack:
        raise SandboxError(f"which stack? add --stack with one of: {_listed(project)}")
    if parsed.stack not in project.stacks:
        raise SandboxError(
            f"no stack {parsed.stack!r}: there is no Pulumi.{parsed.stack}.yaml in {project.folder}; "
            f"there are: {_listed(project)}"
        )
    return StackFile(project, parsed.stack, supervisor.folder)


def _listed(project: Project) -> str:
    return ", ".join(project.stacks) or "none"
