"""`python -m sandbox.schemas`: compiles what the sandbox's declarations need, with a progress line."""

from __future__ import annotations

import sys
import time

from sandbox.arm.namespaces import ALL_RESOURCE_TYPES
from sandbox.schemas.catalogue import build, default_cache
from sandbox.schemas.packages import PackageMissingError


def main() -> int:
    """Exit code 1, with one line on stderr, when a package that is read is not installed."""
    modules = {declared.token.split(":")[1] for declared in ALL_RESOURCE_TYPES if declared.token}
    namespaces = {declared.type.partition("/")[0] for declared in ALL_RESOURCE_TYPES}
    total, started = len(modules) + len(namespaces), time.monotonic()
    ending = "\r" if sys.stderr.isatty() else "\n"
    try:
        for done, name in enumerate(build(modules, namespaces), start=1):
            print(f"schemas: {done}/{total} {name:<48}", end=ending, file=sys.stderr, flush=True)
    except PackageMissingError as missing:
        print(f"schemas: {missing}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - started
    kept = default_cache()
    print(f"schemas: {total} compiled or current in {seconds:.1f} s, kept in {kept}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
