"""Figures of stage 2: the plugin beside a loop over azure-ai-ml, each call taking 50 ms."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.asset_runs import write_assets
from benchmarks.figure import Figure
from benchmarks.workbench import Workbench

PAIRS, MANY = 100, 1000  # environments, and as many components
LATENCY = "50"
STACK = "dev"


def assets() -> Iterator[Figure]:
    """First and unchanged runs against the loop's first and second; start; memory; growth."""
    with Workbench(options=("--latency", LATENCY)) as bench, TemporaryDirectory() as temporary:
        bench.sandbox("pulumi", "up", "--stack", STACK, "--yes", "--skip-preview")
        outputs = json.loads(bench.sandbox("pulumi", "stack", "output", "--stack", STACK, "--json"))
        target = {name: outputs[name] for name in ("subscriptionId", "resourceGroupName", "workspaceName")}
        folder = Path(temporary)

        def run(how: str, name: str) -> dict[str, Any]:
            words = [how, str(folder / name), json.dumps(target), str(folder / f"{name}.json")]
            printed = bench.sandbox("run", "--", sys.executable, "-m", "benchmarks.asset_runs", *words)
            result: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
            return result

        for name, count in (("loop", PAIRS), ("plugin", PAIRS), ("many", MANY)):
            write_assets(folder / name, name, count)
        first, again = run("plugin", "plugin"), run("plugin", "plugin")
        loop_first, loop_again = run("loop", "loop"), run("loop", "loop")
        run("plugin", "many")
        many = run("plugin", "many")
    what = f"{PAIRS} environments and {PAIRS} components with code, {LATENCY} ms a call"
    how = f"plugin {first['seconds']:.1f} s / loop {loop_first['seconds']:.1f} s, {what}"
    yield Figure("first registration / loop", first["seconds"] / loop_first["seconds"], 0.1, "x", how)
    how = f"plugin {again['seconds']:.2f} s, {again['writes']} writes / loop {loop_again['seconds']:.1f} s"
    yield Figure("unchanged / loop", again["seconds"] / loop_again["seconds"], 0.01, "x", how)
    each, each_of_many = again["seconds"] / PAIRS, many["seconds"] / MANY
    how = f"unchanged, {2 * MANY} assets against {2 * PAIRS}, {each_of_many * 500:.2f} ms an asset"
    yield Figure("cost of an asset, many / few", each_of_many / each, 1.2, "x", how)
    yield Figure("start of the assets plugin", first["start"], 1.5, "s", "until its port is known")
    yield Figure("memory of the assets plugin", first["memory"], 250.0, "MB", "after the first registration")
