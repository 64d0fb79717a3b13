"""The command line of the forges."""

import sys

from review.forge.cli import main

sys.exit(main())
