#!/usr/bin/env python3
"""The one door of the study guide.

    python3 scripts/guide.py serve               show the site while writing
    python3 scripts/guide.py build               build it into site/
    python3 scripts/guide.py check [SLUG …]      look for mistakes
    python3 scripts/guide.py test                run all tests
    python3 scripts/guide.py new SLUG            begin a question
    python3 scripts/guide.py record [SLUG …]     run examples, draw figures
    python3 scripts/guide.py bench WHAT          measure

Needs Python 3.11.5 or newer and nothing else: the first call makes `.venv`
and installs there what the command needs.
"""

import sys

if sys.version_info < (3, 11, 5):
    sys.exit(
        "The guide needs Python 3.11.5 or newer; this is "
        + ".".join(map(str, sys.version_info[:3]))
        + ". Install one from https://www.python.org/downloads/ and call "
        "scripts/guide.py with it."
    )

from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from study_guide.environment import run_inside

if __name__ == "__main__":
    sys.exit(run_inside(sys.argv[1:]))
