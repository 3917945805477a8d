"""The command line behind `scripts/guide.py`, inside `.venv`."""

import sys

from study_guide.commands import main

sys.exit(main(sys.argv[1:]))
