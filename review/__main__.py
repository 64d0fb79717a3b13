"""The command line of the review."""

import sys

from review.cli import main

sys.exit(main())
