"""What the sandbox prints: its status, environments for shells, tokens."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import sys
from collections.abc import Mapping

from sandbox.settings import SandboxSettings, load_settings
from sandbox.supervisor import ChildStatus, Supervisor

NOT_RUNNING = 3  # exit status of `status`, as of init scripts


def note(text: str) -> None:
    """Tell what the person should know, beside the output of the command."""
    print(f"note: {text}", file=sys.stderr)


def print_status(supervisor: Supervisor, *, as_json: bool) -> int:
    """Print the state of the sandbox; the exit status tells scripts whether all of it runs."""
    statuses = supervisor.status()
    settings = load_settings(supervisor.folder)
    running = all(status.state == "running" for status in statuses)
    if as_json:
        print(json.dumps(_facts(supervisor, settings, statuses, running=running), indent=2))
    else:
        _print_table(supervisor, settings, statuses, running=running)
    return 0 if running else NOT_RUNNING


def print_environment(environment: Mapping[str, str], *, as_json: bool) -> None:
    """Print what a wrapped command's environment adds to, changes in or takes from this process's own."""
    changed = {name: value for name, value in sorted(environment.items()) if os.environ.get(name) != value}
    if as_json:
        print(json.dumps(changed, indent=2))
        return
    for name in sorted(os.environ):
        if name not in environment:
            print(f"unset {name}")
    for name, value in changed.items():
        print(f"export {name}={shlex.quote(value)}")


def outside_token(settings: SandboxSettings, subject: str, issuer: str, audience: str) -> str:
    """A workflow's OIDC token, signed with the sandbox's key."""
    from sandbox.tokens import TokenService  # cryptography takes a while to load

    return TokenService(settings.folder.signing_key, settings.tenant_id).outside_token(
        subject, issuer, audience
    )


def _facts(
    supervisor: Supervisor,
    settings: SandboxSettings | None,
    statuses: tuple[ChildStatus, ...],
    *,
    running: bool,
) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": supervisor.folder.name,
        "folder": str(supervisor.folder.path),
        "running": running,
    }
    facts["processes"] = [
        {
            "name": s.name,
            "state": s.state,
            "pid": s.pid,
            "ports": s.ports,
            "residentMegabytes": s.resident_megabytes,
        }
        for s in statuses
    ]
    if settings is not None:
        facts["subscriptionId"] = settings.subscription_id
        facts["tenantId"] = settings.tenant_id
        facts["ports"] = dataclasses.asdict(settings.ports)
        facts["latency"] = settings.latency
        facts["lroScale"] = settings.lro_scale
        facts["rbacDelay"] = settings.rbac_delay
        facts["principals"] = [
            {"name": p.name, "roles": p.roles, "clientId": p.application_id, "objectId": p.object_id}
            for p in settings.principals
        ]
    return facts


def _print_table(
    supervisor: Supervisor,
    settings: SandboxSettings | None,
    statuses: tuple[ChildStatus, ...],
    *,
    running: bool,
) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    table = Table(title=f"sandbox {supervisor.folder.name}", title_justify="left")
    for heading in ("process", "state", "pid", "ports", "memory"):
        table.add_column(heading)
    for status in statuses:
        colour = "green" if status.state == "running" else "red" if status.state == "crashed" else "yellow"
        ports = ", ".join(f"{name} {port}" for name, port in status.ports.items() if port)
        memory = f"{status.resident_megabytes:.0f} MB" if status.resident_megabytes is not None else ""
        table.add_row(status.name, f"[{colour}]{status.state}[/]", str(status.pid or ""), ports, memory)
    console.print(table)
    if settings is not None:
        console.print(f"subscription {settings.subscription_id}, tenant {settings.tenant_id}")
        names = ", ".join(f"{p.name} ({', '.join(p.roles) or 'no role'})" for p in settings.principals)
        console.print(f"principals   {names}")
    console.print(f"folder       {supervisor.folder.path}")
    crashed = [status.name for status in statuses if status.state in ("crashed", "not answering")]
    for name in crashed:
        console.print(f"{name} is gone or does not answer; its log is {supervisor.folder.log(name)}")
    if not running:
        console.print("start it with: python -m sandbox start")
