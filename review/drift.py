"""`python -m review drift REFRESH`: what was changed in the cloud beside the program, as an issue's text.

The input is what `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1 pulumi refresh --preview-only --json` printed. Exit
status: 0 nothing, 5 drift, 2 for input that does not say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from review.changes import drift
from review.document import ResourceChange
from review.errors import BAD_INPUT, ReviewError
from review.events import read
from review.loading import text_of
from review.preview import Preview
from review.render.markdown import LARGEST
from review.render.sections import change_lines
from review.render.text import plain

DRIFT: Final = 5
_EXPLANATION: Final = (
    "Somebody or something changed in the cloud what this stack manages: each line says how the state knows "
    "it, and how it is. `pulumi up --refresh` takes it back; to keep it, write it into the program first. An "
    "update without `--refresh` does not see it."
)


def main(arguments: Sequence[str]) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m review drift", description=__doc__.splitlines()[0])
    parser.add_argument("refresh", type=Path, help="what the engine printed; - for standard input")
    parser.add_argument("--markdown", type=Path, help="write the issue here; else to standard output")
    options = parser.parse_args(arguments)
    try:
        refresh = _whole(options.refresh)
        found = tuple(drift(refresh))
        text = issue(refresh, found)
        if options.markdown:
            options.markdown.write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)
    except (ReviewError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    return DRIFT if found else 0


def _whole(path: Path) -> Preview:
    refresh = read(text_of(path))
    if refresh.complete:
        return refresh
    told = [each.message for each in refresh.diagnostics if each.severity == "error"]
    reason = "; ".join(told) or "no reason given"
    raise ReviewError(f"{path}: the refresh did not run to its end: {reason}")


def issue(refresh: Preview, found: Sequence[ResourceChange], largest: int = LARGEST) -> str:
    """The text of the issue, of `largest` bytes at most; its hidden first line is the same for every run."""
    place = f"{refresh.project}/{refresh.stack}".replace("--", "-").replace(">", "")
    resources = "1 resource differs" if len(found) == 1 else f"{len(found)} resources differ"
    head = [
        f"<!-- stack-drift:v1 {place} -->",
        f"## {plain(refresh.stack)}: {resources if found else 'nothing differs'}",
        "",
    ]
    if not found:
        return "\n".join([*head, "The cloud is as the state says.", ""])
    head += [_EXPLANATION, ""]
    lines: list[str] = []
    size = sum(len(each.encode()) + 1 for each in head) + 100
    for index, change in enumerate(found):
        told = list(change_lines(change))
        size += sum(len(each.encode()) + 1 for each in told)
        if size > largest:
            lines.append(f"- … and {len(found) - index} more")
            break
        lines += told
    return "\n".join([*head, *lines, ""])
