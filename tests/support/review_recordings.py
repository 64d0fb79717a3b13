"""Previews of the example stacks as the real engine told them, kept in tests/unit/review/recorded/.

Each was recorded in a sandbox in which the stack was up, with the change that its name says:

    PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 .venv/bin/python -m sandbox pulumi preview --stack prod --json \\
        --policy-pack policies > /tmp/preview.jsonl
    .venv/bin/python -m tests.support.review_recordings NAME /tmp/preview.jsonl

Debug messages and the configuration are left out: a review does not read them.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[1] / "unit" / "review" / "recorded"


@cache
def recorded(name: str) -> str:
    """The events of a recording, one a line."""
    return gzip.decompress((FOLDER / f"{name}.jsonl.gz").read_bytes()).decode()


def events(name: str) -> list[dict[str, Any]]:
    """The same, read; each call gives objects of its own."""
    return [json.loads(line) for line in recorded(name).splitlines()]


def _kept(text: str) -> Iterator[str]:
    for line in text.splitlines():
        event = json.loads(line)
        if event.get("diagnosticEvent", {}).get("severity") == "debug":
            continue
        operation = event.get("resOutputsEvent", {}).get("metadata", {}).get("op")
        if operation is not None and operation != "refresh":
            continue
        event.pop("timestamp", None)
        event.get("preludeEvent", {}).pop("config", None)
        for step in (event.get("resourcePreEvent"), event.get("resOutputsEvent")):
            for state in (step or {}).get("metadata", {}).values():
                if isinstance(state, dict):
                    state.pop("provider", None)
        yield json.dumps(event, separators=(",", ":"))


def keep(name: str, preview: Path) -> None:
    """Keep a preview under a name."""
    text = "\n".join(_kept(preview.read_text(encoding="utf-8"))) + "\n"
    (FOLDER / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
