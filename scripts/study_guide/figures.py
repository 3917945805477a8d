"""Recorded figures: an SVG file made fit to stand inside a page."""

import re
from html import escape
from pathlib import Path
from typing import Any

from lxml import etree

from study_guide.content_cache import ContentCache

_POINT = 4 / 3  # CSS pixels

# To be counted up when what is done to a recorded file changes.
_MADE_BY = "5"


def inline(path: Path, alternative: str, cache: ContentCache) -> str:
    """The SVG of `path` with `alternative` as its text for screen readers.

    Its ids get the file's name as a prefix, since ids of two figures on one
    page must not meet; the rules that matplotlib writes for every element of
    the document become properties of this picture alone. What is written
    down without being seen is left out: a page carries every figure twice.
    """
    text = path.read_text(encoding="utf-8")
    made_from = ("figure", _MADE_BY, path.name, alternative, text)
    return cache.get(made_from, lambda: _inline(text, path.name, alternative))


def _inline(text: str, name: str, alternative: str) -> str:
    root = etree.fromstring(text.encode())
    box = re.fullmatch(
        r"[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)", root.get("viewBox", "")
    )
    if not box:
        raise ValueError(f"{name} has no viewBox")
    width, height = (round(float(side) * _POINT) for side in box.groups())
    _slim(root)
    _prefix_ids(root, name.removesuffix(".svg").replace(".", "-"))
    _share(root)
    inside = "".join(
        etree.tostring(child, encoding="unicode") for child in root
    )
    inside = re.sub(r' xmlns(?::\w+)?="[^"]*"', "", inside)
    return (
        f'<svg class="plot" role="img" aria-label="{escape(alternative)}"'
        f' viewBox="{box[0]}" width="{width}" height="{height}"'
        f' style="stroke-linejoin:round;stroke-linecap:butt">{inside}</svg>'
    )


def narrow(path: Path) -> Path:
    """Where the same figure, recorded for phones, would stand."""
    return path.with_name(path.name.removesuffix(".svg") + ".narrow.svg")


# ── ids ────────────────────────────────────────────────────────────────────

_HREF = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def _prefix_ids(root: Any, prefix: str) -> None:
    """Ids that something refers to, made unlike those of other figures."""
    used: set[str] = set()
    for element in root.iter(etree.Element):
        if link := element.attrib.pop(_HREF, element.get("href")):
            used.add(link.removeprefix("#"))
            element.set("href", f"#{prefix}-{link.removeprefix('#')}")
        for key, value in element.attrib.items():
            if found := _REFERENCE.findall(value):
                used.update(found)
                element.set(key, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
    for element in root.iter(etree.Element):
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", f"{prefix}-{name}")
        elif element.tag.endswith("}g") and not element.attrib:
            _unwrap(element)


def _unwrap(element: Any) -> None:
    parent = element.getparent()
    at = parent.index(element)
    parent[at : at + 1] = list(element)


_LEAST_SHARED = 3
_OPACITY = re.compile(r"(?:^|;)opacity:([\d.]+)")


def _share(root: Any) -> None:
    """Style and clip of neighbours that have the same, said once for all."""
    for parent in list(root.iter("{*}svg", "{*}g")):
        run: list[Any] = []
        for child in [*parent, None]:
            if run and (child is None or _shared(child) != _shared(run[0])):
                if len(run) >= _LEAST_SHARED:
                    _group(run)
                run = []
            if child is not None and _shared(child):
                run.append(child)


def _shared(element: Any) -> tuple[str, str] | None:
    """What an element may have in common with its neighbours."""
    if not isinstance(element.tag, str) or element.get("transform"):
        return None
    if not element.tag.endswith(("}path", "}use")):
        return None
    style = _OPACITY.sub("", element.get("style", ""))
    return style, element.get("clip-path", "")


def painted(style: str) -> str:
    """`fill-` or `stroke-` where a shape of this `style` is only filled or
    only drawn round, else nothing: put before `opacity` it looks the same, and
    a PDF needs no group for it. `style` has no space behind its colons."""
    filled = "fill:none" not in style
    drawn = "stroke:" in style and "stroke:none" not in style
    if filled == drawn:
        return ""
    return "fill-" if filled else "stroke-"


def _group(run: list[Any]) -> None:
    style, clip = _shared(run[0]) or ("", "")
    parent = run[0].getparent()
    around = etree.Element(run[0].tag.rpartition("}")[0] + "}g")
    if style:
        around.set("style", style)
    if clip:
        around.set("clip-path", clip)
    parent.insert(parent.index(run[0]), around)
    for one in run:
        opacity = _OPACITY.search(one.attrib.pop("style", ""))
        if opacity:
            value = _digits(float(opacity[1]), 2)
            one.set(f"{painted(style)}opacity", value)
        one.attrib.pop("clip-path", None)
        around.append(one)


# ── what nobody sees ───────────────────────────────────────────────────────

# A tenth of a point; in a small mark, whose shape it would change, a
# hundredth. In points of the picture.
_SMALL = 5.0
_NUMBER = re.compile(r"-?\d+\.\d+")
_NO_TURN = re.compile(r"rotate\(-?0(?: [^)]*)?\)")


def _slim(root: Any) -> None:
    etree.strip_elements(
        root, etree.Comment, "{*}metadata", "{*}style", with_tail=False
    )
    for element in list(root.iter(etree.Element)):
        if element.tail:
            element.tail = element.tail.strip() or None
        if element.text and not element.tag.endswith(("}text", "}tspan")):
            element.text = element.text.strip() or None
        if style := element.get("style"):
            element.set("style", re.sub(r"([:;,])\s+", r"\1", style))
        if _NO_TURN.fullmatch(element.get("transform", "")):
            del element.attrib["transform"]
        for key in "x", "y":
            if key in element.attrib:
                element.set(key, _rounded(element.get(key)))
        if path := element.get("d"):
            element.set("d", short_path(path))
    for element in list(root.iter("{*}path")):
        style = element.get("style", "")
        if "fill:none" in style and "stroke" not in style:
            element.getparent().remove(element)
    for element in reversed(list(root.iter("{*}g", "{*}defs"))):
        if not len(element):
            element.getparent().remove(element)


def _rounded(attribute: str) -> str:
    return _NUMBER.sub(lambda found: _digits(float(found[0]), 1), attribute)


def _digits(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = re.sub(r"^(-?)0\.", r"\1.", text)
    return "0" if text in ("-0", "-", "") else text


_STEP = re.compile(r"([A-Za-z])|(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "Z": 0}


def short_path(path: str) -> str:
    """A path of absolute commands (M L H V C Q Z, as matplotlib writes them)
    in relative ones, rounded; one with other commands as it is.

    Each point is rounded where it stands, so that errors do not add up.
    """
    steps = list(_steps(path))
    if not steps:
        return path
    places = 2 if _extent(steps) < _SMALL else 1
    x = y = start_x = start_y = 0.0
    written: list[str] = []
    last = ""
    for command, values in steps:
        values = [round(value, places) for value in values]
        if command == "Z":
            x, y = start_x, start_y
            written.append("z")
            last = ""
            continue
        if command == "L" and values[1] == y:
            command, values = "H", values[:1]
        elif command == "L" and values[0] == x:
            command, values = "V", values[1:]
        if command == "M":
            small = "M" if not written else "m"
            origin = (0.0, 0.0) if not written else (x, y)
        else:
            small, origin = command.lower(), (x, y)
        axis = {"H": (0,), "V": (1,)}.get(command, (0, 1))
        deltas = [
            _digits(value - origin[axis[at % len(axis)]], places)
            for at, value in enumerate(values)
        ]
        # Behind a command, the same one needs no letter (l after m is one).
        repeated = small == last or (small == "l" and last in ("m",))
        written.append(_joined("" if repeated else small, deltas))
        last = small
        if command == "H":
            x = values[0]
        elif command == "V":
            y = values[0]
        else:
            x, y = values[-2:]
        if command == "M":
            start_x, start_y = x, y
    return "".join(written)


def _extent(steps: list[tuple[str, list[float]]]) -> float:
    """The longer side of a path, control points and all."""
    across = [x for kind, all_ in steps if kind != "V" for x in all_[::2]]
    down = [y for kind, all_ in steps if kind not in "HV" for y in all_[1::2]]
    down += [y for kind, all_ in steps if kind == "V" for y in all_]
    return max(
        max(side, default=0) - min(side, default=0) for side in (across, down)
    )


def _joined(letter: str, numbers: list[str]) -> str:
    """Numbers behind a letter, or behind other numbers, set apart where
    nothing else does."""
    text = letter
    for number in numbers:
        if number.startswith("-") or text == letter != "":
            text += number
        else:
            text += f" {number}"
    return text


def _steps(path: str) -> list[tuple[str, list[float]]]:
    """Commands with their numbers; empty where one is not absolute."""
    steps: list[tuple[str, list[float]]] = []
    command, numbers = "", list[float]()
    for letter, number in _STEP.findall(path):
        if letter:
            if numbers:
                return []
            command = letter.upper() if letter in "zZ" else letter
            if command not in _ARGUMENTS:
                return []
            if command == "Z":
                steps.append(("Z", []))
        elif not command or command == "Z":
            return []
        else:
            numbers.append(float(number))
            if len(numbers) == _ARGUMENTS[command]:
                steps.append((command, numbers))
                numbers = []
                if command == "M":
                    command = "L"
    return steps if not numbers else []
