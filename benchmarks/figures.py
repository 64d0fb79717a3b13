"""The figures, each measured side by side with what it is compared to, in one run.

A figure is a ratio, or an absolute number where the promise is absolute; `limit` is
the promise. Nothing here decides about a test: machines differ, ratios much less.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.assets import assets
from benchmarks.critical_path import critical_path, dependencies
from benchmarks.figure import Figure
from benchmarks.policies import policies
from benchmarks.review_page import review_page
from benchmarks.workbench import ROOT, Workbench, resident_megabytes

TURNS = 5  # measured turns, after one that warms the caches
STARTS = 3
UP = ("up", "--yes", "--skip-preview")
DEV = ("--stack", "dev")  # with all its assets

EMPTY_PROGRAM = {
    "Pulumi.yaml": (
        "name: empty\nruntime: {{name: python, options: {{toolchain: pip, virtualenv: {venv}}}}}\n"
    ),
    "__main__.py": "",
}


def sandbox_start() -> Iterator[Figure]:
    """A sandbox that never was started before: certificates, processes, readiness; and its memory."""
    seconds, megabytes = [], []
    for _ in range(STARTS):
        bench = Workbench()
        started = time.perf_counter()
        with bench:
            seconds.append(time.perf_counter() - started)
            megabytes.append(resident_megabytes(bench.emulator_pid()))
    how = f"median of {STARTS} cold starts, whole `sandbox start` command"
    yield Figure("sandbox cold start", statistics.median(seconds), 3.0, "s", how)
    with Workbench() as bench:
        bench.sandbox("pulumi", *DEV, *UP)
        after = resident_megabytes(bench.emulator_pid())
    how = f"after `up` of dev with its assets; {statistics.median(megabytes):.0f} MB after the start"
    yield Figure("emulator resident memory", after, 200.0, "MB", how)


def preview_ratio() -> Iterator[Figure]:
    """No-change previews of stage 1, of all of dev, and of a program that does nothing, in turn."""
    with Workbench() as bench, TemporaryDirectory() as folder:
        empty = Path(folder)
        for name, content in EMPTY_PROGRAM.items():
            (empty / name).write_text(content.format(venv=ROOT / ".venv"))
        platform = bench.platform()
        for stack in (platform, DEV):
            bench.sandbox("pulumi", *stack, *UP)
        bench.sandbox("run", "--", "pulumi", "--cwd", folder, "stack", "init", "empty")
        previews = (
            (*platform, "preview", "--config-file", str(bench.folder / "Pulumi.platform.yaml")),
            (*DEV, "preview", "--config-file", str(bench.folder / "Pulumi.dev.yaml")),
            ("--cwd", folder, "--stack", "empty", "preview"),
        )
        turns = [[bench.engine(*words) for words in previews] for _ in range(TURNS + 1)][1:]
    medians = [statistics.median(column) for column in zip(*turns, strict=True)]
    for place, (what, limit) in enumerate((("the platform", 2.0), ("all of dev", 4.0))):
        ratio = statistics.median(turn[place] / turn[2] for turn in turns)
        how = f"no change, {medians[place]:.2f} s / empty program {medians[2]:.2f} s, median of {TURNS} turns"
        yield Figure(f"preview of {what} / empty preview", ratio, limit, "x", how)


def provider_share() -> Iterator[Figure]:
    """What the stand-in provider itself computes during `up`, as a share of the whole `up`."""
    with Workbench() as bench:
        timings = bench.folder / "timings.jsonl"
        up = ("pulumi", *bench.platform(), *UP)
        wall = bench.timed(*up, environment={"PROVIDER_TIMINGS": str(timings)})
        lines = _lines(timings)
    own = sum(line["cpu"] for line in lines if line["call"] == "process")
    how = f"its processor time {own:.2f} s / `up` of the platform {wall:.2f} s, no emulated latency"
    yield Figure("provider's own share of up", own / wall, 0.25, "x", how)


def critical_path_ratio() -> Iterator[Figure]:
    """Wall time of `up` with emulated durations against the longest chain of dependent operations."""
    with Workbench(options=("--lro-scale", "1")) as bench:
        timings = bench.folder / "timings.jsonl"
        platform = bench.platform()
        wall = bench.timed("pulumi", *platform, *UP, environment={"PROVIDER_TIMINGS": str(timings)})
        state = json.loads(bench.sandbox("pulumi", *platform, "stack", "export"))
        seconds = {line["urn"]: line["wall"] for line in _lines(timings) if line["call"] == "create"}
    length, chain = critical_path(dependencies(state["deployment"]), seconds)
    names = " → ".join(urn.rsplit("::", 1)[-1] for urn in chain if urn in seconds)
    how = f"`up` of the platform {wall:.1f} s / critical path {length:.1f} s ({names}), durations emulated"
    yield Figure("up / critical path", wall / length, 1.15, "x", how)


FIGURES: dict[str, Callable[[], Iterator[Figure]]] = {
    "sandbox": sandbox_start,
    "preview": preview_ratio,
    "provider": provider_share,
    "critical-path": critical_path_ratio,
    "assets": assets,
    "policies": policies,
    "review": review_page,
}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def available() -> bool:
    """Whether a measurement can run: the set-up has been done."""
    return (ROOT / ".venv").is_dir() and shutil.which("node") is not None
