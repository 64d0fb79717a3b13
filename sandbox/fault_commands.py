"""`python -m sandbox faults …`: tells a running emulator what should go wrong."""

from __future__ import annotations

import argparse
import re
from typing import Any

from sandbox.arm.faults import Fault
from sandbox.children import local_request
from sandbox.errors import SandboxError
from sandbox.supervisor import Supervisor

# Options of `faults add`, one of which is given: option → (kind of fault, its field for the option's value).
KINDS = {
    "status": ("status", "status"),
    "delay": ("delay", "seconds"),
    "drop": ("drop", ""),
    "drop_after": ("drop_after", ""),
    "crash": ("crash", ""),
    "crash_after": ("crash_after", ""),
    "lro_fail": ("lro_fail", "code"),
    "lro_slow": ("lro_slow", "seconds"),
}


def run_fault_command(supervisor: Supervisor, known: argparse.Namespace) -> None:
    """Add, list or clear faults; they live in the emulator process and end with it."""
    settings = supervisor.running_settings()

    def request(method: str, content: object = None) -> dict[str, Any]:
        answer = local_request(settings.ports.local, settings.token, method, "/faults", content=content)
        if answer is None:
            raise SandboxError("the emulator does not answer; `python -m sandbox status` says more")
        return answer

    if known.action == "add":
        request("POST", fault_of(known))
    elif known.action == "clear":
        request("DELETE")
    left = [fault for fault in request("GET")["faults"] if not _used_up(fault)]
    for fault in left:
        print(describe(fault))
    if not left:
        print("no faults")


def fault_of(known: argparse.Namespace) -> dict[str, Any]:
    """The fault that the options of `faults add` describe; raises SandboxError for a wrong value."""
    method, path = _pattern(known.match)
    content: dict[str, Any] = {"method": method, "path": path, "count": known.times, "after": known.after}
    for option, (kind, field) in KINDS.items():
        value = getattr(known, option)
        if value is None or value is False:
            continue
        content["kind"] = kind
        if field:
            content[field] = value
    if known.retry_after is not None:
        content["retry_after"] = known.retry_after
    try:
        Fault(**content)
    except ValueError as error:
        raise SandboxError(str(error)) from None
    return content


def describe(fault: dict[str, Any]) -> str:
    """One line about a fault that is in force."""
    what = {
        "status": f"answer {fault['status']} {fault['code']}",
        "delay": f"wait {fault['seconds']:g} s",
        "drop": "close the connection, nothing done",
        "drop_after": "do the work, then close the connection",
        "crash": "crash before the work",
        "crash_after": "do the work, then crash",
        "lro_fail": f"let the long operation fail with {fault['code']}",
        "lro_slow": f"let the long operation take {fault['seconds']:g} s more",
    }[fault["kind"]]
    if fault["retry_after"] is not None:
        what += f", Retry-After {fault['retry_after']:g} s"
    left = fault["after"] + fault["count"] - fault["hits"]
    times = "every time" if not fault["count"] else f"{min(left, fault['count'])} more"
    return (
        f"{fault['method']} {fault['path']}: {what} ({times}, hit {max(0, fault['hits'] - fault['after'])})"
    )


def _used_up(fault: dict[str, Any]) -> bool:
    return bool(fault["count"]) and fault["hits"] >= fault["after"] + fault["count"]


def _pattern(match: str) -> tuple[str, str]:
    """Method and regular expression of the whole path, for "METHOD PATH" with * and ?."""
    method, separator, path = match.strip().partition(" ")
    if not separator or not re.fullmatch(r"\*|[A-Za-z]+", method):
        raise SandboxError(f"--match {match!r} is not 'METHOD PATH'; examples: 'PUT */workspaces/*', '* *'")
    words = {"*": ".*", "?": "."}
    return method.upper(), "^" + "".join(
        words.get(letter, re.escape(letter)) for letter in path.strip()
    ) + "$"
