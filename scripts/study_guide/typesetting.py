"""Typst, run in a process of its own.

It keeps what it laid out for the next time, a gigabyte for a whole book, and
gives it back to nobody but the system.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any


class TypstMistake(Exception):
    """Typst refuses a source; `diagnostic` names file and line."""

    def __init__(self, message: str, diagnostic: str) -> None:
        super().__init__(message)
        self.message = message
        self.diagnostic = diagnostic


@dataclass(frozen=True)
class Typeset:
    """A PDF/UA-1 file, and what its source tells in metadata that are
    labelled `<told>`."""

    pdf: bytes
    told: Sequence[Any]


def typeset(
    main: Path,
    fonts: Sequence[Path],
    inputs: Mapping[str, str],
    day: date,
) -> Typeset:
    """The Typst source `main` set, dated `day`.

    Its folder is all that the source can see. Raises TypstMistake.
    """
    told = _in_a_process(main, fonts, inputs, day)
    return Typeset(main.with_suffix(".pdf").read_bytes(), told)


def told(
    main: Path, fonts: Sequence[Path], inputs: Mapping[str, str]
) -> Sequence[Any]:
    """What `typeset` would tell, in half the time: no file is made. Raises
    TypstMistake."""
    return _in_a_process(main, fonts, inputs, None)


def _in_a_process(
    main: Path,
    fonts: Sequence[Path],
    inputs: Mapping[str, str],
    day: date | None,
) -> Sequence[Any]:
    order = main.with_suffix(".json")
    order.write_text(
        json.dumps(
            {
                "fonts": [str(one) for one in fonts],
                "inputs": dict(inputs),
                "day": day and day.isoformat(),
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
        return list(json.loads(done.stdout))
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
    try:
        compiler = typst.Compiler(
            main,
            root=main.parent,
            font_paths=[Path(one) for one in order["fonts"]],
            ignore_system_fonts=True,
            sys_inputs=order["inputs"],
        )
        if order["day"]:
            day = date.fromisoformat(order["day"])
            compiler.compile(
                output=main.with_suffix(".pdf"),
                format="pdf",
                pdf_standards="ua-1",
                timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
            )
        print(compiler.query("<told>", field="value"))
    except typst.TypstError as error:
        message = " ".join([error.message, *error.hints])
        mistake = {"message": message, "diagnostic": error.diagnostic}
        print(json.dumps(mistake))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1])))
