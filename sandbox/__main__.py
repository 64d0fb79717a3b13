"""`python -m sandbox`."""

import signal

from sandbox.cli import main

if __name__ == "__main__":
    # As every command of a shell: `… | head` ends it silently, and wrapped commands inherit that.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    raise SystemExit(main())
