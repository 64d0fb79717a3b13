"""`python -m benchmarks [FIGURE …]`: measure, print a table, exit 1 when a promise is broken."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure
from benchmarks.figures import FIGURES, available
from benchmarks.workbench import BenchmarkError


def main() -> int:
    """Run the chosen figures, or all; the exit status says whether all promises are kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("figure", nargs="*", help=f"which to measure (default all): {', '.join(FIGURES)}")
    chosen = parser.parse_args().figure or list(FIGURES)
    unknown = [name for name in chosen if name not in FIGURES]
    if unknown:
        parser.error(f"no figure {', '.join(unknown)}; there are: {', '.join(FIGURES)}")
    if not available():
        print("error: nothing is set up yet: run `make setup` first", file=sys.stderr)
        return 1
    measured: list[Figure] = []
    for name in chosen:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            measured.extend(FIGURES[name]())
        except BenchmarkError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    _print(measured)
    return 0 if all(figure.kept for figure in measured) else 1


def _print(figures: list[Figure]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("figure", "measured", "promised", "", "how"):
        table.add_column(
            heading, justify="right" if heading in ("measured", "promised") else "left", overflow="fold"
        )
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.value:.2f} {figure.unit}",
            f"≤ {figure.limit:g} {figure.unit}",
            "kept" if figure.kept else "BROKEN",
            figure.how,
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


if __name__ == "__main__":
    sys.exit(main())
