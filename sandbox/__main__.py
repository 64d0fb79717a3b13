"""`python -m sandbox`."""

import signal
import sys


def _run() -> int:
    """Run the command line; a Python without the project's packages is the user's mistake, not a crash."""
    try:
        from sandbox.cli import main

        return main()
    except KeyboardInterrupt:  # while the command line is being loaded
        return 130
    except ModuleNotFoundError as error:
        if (error.name or "sandbox").startswith("sandbox"):
            raise
        print(
            f"error: {sys.executable} has no {error.name}: run `make setup`, then .venv/bin/python",
            file=sys.stderr,
        )
        return 1


if __name__ == "__main__":
    # As every command of a shell: `… | head` ends it silently, and wrapped commands inherit that.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    raise SystemExit(_run())
