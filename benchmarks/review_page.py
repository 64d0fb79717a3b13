"""Figures of a review: the whole command for a preview of a thousand resources, and its page in a browser."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figure import Figure
from benchmarks.workbench import ROOT

RESOURCES = 1000
ROUNDS = 5  # after one that warms the caches
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


def review_page() -> Iterator[Figure]:
    """All of a thousand resources change: half are updated, a quarter replaced, a quarter created."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        preview, page, empty = (folder / name for name in ("preview.jsonl", "review.html", "empty.html"))
        preview.write_text("".join(json.dumps(event) + "\n" for event in _events()))
        empty.write_text("<!doctype html><title>empty</title>")
        rounds = [_reviewed(preview, page) for _ in range(ROUNDS + 1)][1:]
        seconds, megabytes = (statistics.median(column) for column in zip(*rounds, strict=True))
        size = page.stat().st_size / 1e6
        how = f"{RESOURCES} changing resources, page of {size:.1f} MB, {ROUNDS} runs of `python -m review`"
        yield Figure("review of 1,000 resources", seconds, 2.0, "s", f"median of {how}")
        yield Figure("memory of that review", megabytes, 200.0, "MB", f"median of {how}")
        if browser := next(filter(None, map(shutil.which, BROWSERS)), None):
            pairs = [(_opened(browser, page), _opened(browser, empty)) for _ in range(ROUNDS + 1)][1:]
            opened = statistics.median(mine - other for mine, other in pairs)
            mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
            how = f"headless, {mine:.2f} s / an empty page {other:.2f} s, median of {ROUNDS} pairs"
            yield Figure("that page in Chromium", opened, 2.0, "s", how)


def _reviewed(preview: Path, page: Path) -> tuple[float, float]:
    """Seconds and megabytes."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "review", str(preview), "--html", str(page)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"`python -m review` ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def _opened(browser: str, page: Path) -> float:
    """Seconds of a browser from its start until it has printed a page that it had loaded."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=60)
        return time.perf_counter() - started


def _events() -> Iterator[dict[str, Any]]:
    root = "urn:pulumi:prod::bulk::pulumi:pulumi:Stack::bulk-prod"
    for index in range(RESOURCES // 20):
        part = f"urn:pulumi:prod::bulk::acme:infra:Part::part-{index}"
        yield _event(part, "acme:infra:Part", "same", {"parent": root})
    for index in range(RESOURCES):
        urn = f"urn:pulumi:prod::bulk::acme:infra:Part$azure-native:storage:StorageAccount::account-{index}"
        op = ("update", "update", "replace", "create")[index % 4]
        place = f"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st{index}"
        state = {
            "parent": f"urn:pulumi:prod::bulk::acme:infra:Part::part-{index // 20}",
            "custom": True,
            "id": place,
        }
        yield _event(urn, "azure-native:storage:StorageAccount", op, state, index)
    yield {"sequence": RESOURCES * 2, "summaryEvent": {"resourceChanges": {"update": RESOURCES}}}


def _event(urn: str, token: str, op: str, state: dict[str, Any], index: int = 0) -> dict[str, Any]:
    before = {
        "accountName": f"st{index}",
        "location": "westeurope",
        "rules": [f"10.0.{index % 250}.0/24"] * 5,
    }
    after = {**before, "rules": [f"10.1.{index % 250}.0/24"] * 5, "source": f"st{max(0, index - 1)}"}
    paths = [f"rules[{number}]" for number in range(5)]
    kind = "update-replace" if op == "replace" else "update"
    metadata = {
        "op": op,
        "urn": urn,
        "type": token,
        "old": {**state, "inputs": before} if op != "create" else None,
        "new": {**state, "inputs": after},
        "keys": paths[:1] if op == "replace" else [],
        "detailedDiff": {path: {"diffKind": kind, "inputDiff": True} for path in paths},
    }
    return {"sequence": index + 1, "resourcePreEvent": {"metadata": metadata}}
