"""The arithmetic of an explorable, and the page's example that it has to
agree with."""

import importlib.util
import json
import math
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import quickjs
from conftest import ROOT

SCRIPTS = ROOT / "docs" / "assets" / "scripts" / "explorables"


def example(slug: str) -> ModuleType:
    """`example.py` of a question, as a module; nothing of it is run."""
    path = ROOT / "docs" / "questions" / slug / "example.py"
    name = f"example_of_{slug.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def arithmetic(name: str) -> Callable[..., Any]:
    """Calls a function of the explorable `name`: `call("softmax", [1, 2])`.

    Arguments and results are what JSON knows, infinities and NaN besides.
    """
    context = _context(name)

    def call(function: str, *arguments: Any) -> Any:
        text = json.dumps(_sent(list(arguments)))
        made = context.eval(
            f"call({json.dumps(function)}, {json.dumps(text)})"
        )
        return json.loads(made, object_hook=_received) if made else None

    return call


def expressions(name: str) -> Callable[[str], Any]:
    """Evaluates JavaScript in which `a` is the arithmetic of `name`, for
    functions that take functions or what another one gives."""
    context = _context(name)

    def value(expression: str) -> Any:
        made = context.eval(f"(a => written({expression}))(defined)")
        return json.loads(made, object_hook=_received) if made else None

    return value


def _context(name: str) -> quickjs.Context:
    context = quickjs.Context()
    context.eval(_STAND_IN)
    context.eval((SCRIPTS / f"{name}.js").read_text(encoding="utf-8"))
    return context


# What a file of an explorable needs while it is read in: define(), and what
# little its arithmetic takes from the frame, which is the frame's own.
_FRAME = (SCRIPTS / "frame.js").read_text(encoding="utf-8")


def _function(name: str) -> str:
    """The text of a top-level function of the frame."""
    start = _FRAME.index(f"  function {name}(")
    return _FRAME[start : _FRAME.index("\n  }\n", start) + 4]


_STAND_IN = f"""
globalThis.defined = {{}};
const sent = (key, value) =>
  ArrayBuffer.isView(value) ? Array.from(value) : typeof value === "number" && !Number.isFinite(value)
    ? {{ number: String(value) }} : value;
const received = (key, value) =>
  value && typeof value.number === "string" ? Number(value.number) : value;
globalThis.explorables = {{
  define: (name, spec) => Object.assign(defined, spec.arithmetic),
  clamp: (value, min, max) => Math.min(max, Math.max(min, value)),
  randomly: (() => {{ {_function("randomly")}; return randomly; }})(),
}};
globalThis.written = (value) => JSON.stringify(value, sent);
globalThis.call = (name, given) =>
  written(defined[name](...JSON.parse(given, received)));
"""


def _sent(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": "NaN" if math.isnan(value) else _infinity(value)}
    if isinstance(value, list | tuple):
        return [_sent(one) for one in value]
    if isinstance(value, dict):
        return {key: _sent(one) for key, one in value.items()}
    return value


def _infinity(value: float) -> str:
    return "Infinity" if value > 0 else "-Infinity"


def _received(value: dict[str, Any]) -> Any:
    if set(value) == {"number"}:
        return float(value["number"].replace("Infinity", "inf"))
    return value
