"""Starts set-up with a Python that is new enough.

This file alone must be readable by every Python 3, so that an old one can say what is wrong instead of
failing on a line it does not understand.
"""

import os
import sys

OLDEST = (3, 10)
NEWER = ("python3.13", "python3.12", "python3.11", "python3.10")


def main():  # type: () -> int
    """Run set-up here, or with a newer Python on PATH, or say that there is none."""
    if sys.version_info < OLDEST:
        import shutil  # here, because whatever is loaded up there can be interrupted with a traceback

        for name in NEWER:
            path = shutil.which(name)
            if path is not None:
                os.execv(path, [path, "-m", "bootstrap"] + sys.argv[1:])
        sys.stderr.write(
            "error: Python {}.{} or newer is needed, and this is {}.{} ({}).\n"
            "  Install a newer one (https://www.python.org/downloads/ or apt install python3 python3-venv),\n"
            "  or name one that you have: make setup PYTHON=/path/to/python3.12\n".format(
                OLDEST[0], OLDEST[1], sys.version_info[0], sys.version_info[1], sys.executable
            )
        )
        return 1
    try:
        from bootstrap.setup import main as set_up

        return set_up(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("\nset-up was interrupted; run it again to go on where it stopped\n")
        return 130


sys.exit(main())
