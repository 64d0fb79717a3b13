"""The command line: `settings STACK`, `up STACK` and `gone STACK` (notices), `left-over NUMBER…`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ephemeral import notice
from ephemeral.left_over import left_over
from ephemeral.settings import EphemeralError, write

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run one command; its exit status: 0, or 1 with one line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "settings":
            write(options.stack, ROOT, environment.get("PULUMI_SECRETS_PROVIDER", ""))
        elif options.command == "up":
            sys.stdout.write(notice.up(options.stack, json.load(sys.stdin)))
        elif options.command == "gone":
            sys.stdout.write(notice.gone(options.stack))
        else:
            print(*left_over(json.load(sys.stdin), options.wanted), sep="\n")
    except (EphemeralError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ephemeral", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in {
        "settings": "write the stack's file",
        "up": "print where it is, from `pulumi stack output --json` on standard input",
        "gone": "print that it is taken down",
    }.items():
        commands.add_parser(name, help=does).add_argument("stack")
    rest = commands.add_parser("left-over", help="print the stacks of `pulumi stack ls --json` nobody wants")
    rest.add_argument("wanted", type=int, nargs="*", help="numbers of the pull requests that want theirs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
