"""Typst, run in a process of its own.

It keeps what it laid out for the next time, a gigabyte for a whole book, and
gives it back to nobody but the system.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path


class TypstMistake(Exception):
    """Typst refuses a source; `diagnostic` names file and line."""

    def __init__(self, message: str, diagnostic: str) -> None:
        super().__init__(message)
        self.message = message
        self.diagnostic = diagnostic


def typeset(
    main: Path,
    fonts: Sequence[Path],
    inputs: Mapping[str, str],
    day: date,
) -> bytes:
    """The PDF/UA-1 file of the Typst source `main`, dated `day`.

    Its folder is all that the source can see. Raises TypstMistake.
    """
    order = main.with_suffix(".json")
    output = main.with_suffix(".pdf")
    order.write_text(
        json.dumps(
            {
                "fonts": [str(one) for one in fonts],
                "inputs": dict(inputs),
                "day": day.isoformat(),
                "output": str(output),
            }
        ),
        encoding="utf-8",
    )
    scripts = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "study_guide.typesetting", str(main)],
        env={**os.environ, "PYTHONPATH": scripts, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode == 0:
        return output.read_bytes()
    try:
        mistake = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise TypstMistake(
            f"Typst ended with {done.returncode}", done.stderr
        ) from None
    raise TypstMistake(mistake["message"], mistake["diagnostic"])


def _run(main: Path) -> int:
    import typst

    order = json.loads(main.with_suffix(".json").read_text(encoding="utf-8"))
    day = date.fromisoformat(order["day"])
    try:
        typst.compile(
            main,
            output=Path(order["output"]),
            root=main.parent,
            font_paths=[Path(one) for one in order["fonts"]],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=order["inputs"],
            pdf_standards="ua-1",
            timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        message = " ".join([error.message, *error.hints])
        mistake = {"message": message, "diagnostic": error.diagnostic}
        print(json.dumps(mistake))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1])))
