"""The budget, and memory over two requests, from example.py."""

from example import CACHE, GIB, LOGITS, WEIGHTS, run
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "unit": "GiB",
        "rows": ["权重", "KV 缓存", "激活、logits", "合计"],
        "weights": "权重",
        "allocated": "已分配",
        "reserved": "已保留",
        "expandable": "已保留（可扩展段）",
        "pages": "可扩展段",
        "first": "请求 1",
        "second": "请求 2",
        "empty": "清缓存",
    },
    "en": {
        "unit": "GiB",
        "rows": ["weights", "KV cache", "act., logits", "sum"],
        "weights": "weights",
        "allocated": "allocated",
        "reserved": "reserved",
        "expandable": "reserved (expandable)",
        "pages": "expandable",
        "first": "request 1",
        "second": "request 2",
        "empty": "empty_cache",
    },
}


def draw(ax: Axes, label: dict[str, str], wide: bool) -> None:
    memory, trace = run(expandable=False)
    _, other = run(expandable=True)
    memory.empty_cache()
    # A pause after each request, then the cache is emptied.
    rows: list[tuple[int, int, int]] = []
    ends = []
    for (phase, live, held), (_, _, grown) in zip(trace, other, strict=True):
        rows += [(live, held, grown)] * (10 if phase == "finished" else 1)
        if phase in ("loaded", "finished"):
            ends.append(len(rows))
    rows += [(memory.allocated, memory.reserved, 0)] * 10
    x = range(len(rows))
    live = [row[0] / GIB for row in rows]
    held = [row[1] / GIB for row in rows]
    weights = trace[1][1] / GIB
    ax.fill_between(
        x, [min(weights, y) for y in live], color=BLUE, alpha=0.28, lw=0
    )
    ax.plot(x, live, color=BLUE, lw=1.8)
    ax.plot(x, held, color=ORANGE, lw=1.8)
    ax.plot(
        x[:-10],
        [row[2] / GIB for row in rows[:-10]],
        color=INK,
        lw=1.4,
        ls=(0, (2, 1.5)),
    )
    for end in ends:
        ax.axvline(end - 0.5, color=GRID, lw=1)
    ax.set(xlim=(0, len(rows) - 1), ylim=(0, 54), xticks=[])
    ax.set_yticks([0, 10, 20, 30, 40, 50])
    ax.grid(axis="y", color=GRID, lw=0.7)
    middle = (ends[0] + ends[1]) / 2
    for at, name in [
        (middle, label["first"]),
        ((ends[1] + ends[2]) / 2, label["second"]),
    ]:
        ax.text(at, -2.2, name, color=INK, fontsize=12, ha="center", va="top")
    ax.text(
        len(rows) - 1,
        51,
        label["empty"],
        color=INK,
        fontsize=12,
        ha="right",
    )
    ax.text(middle, 5.5, label["weights"], color=INK, fontsize=12, ha="center")
    ax.text(
        ends[1] + 0.31 * (ends[2] - ends[1]),
        13.8,
        label["allocated"],
        color=BLUE,
        fontsize=12,
    )
    ax.text(
        ends[0] + 4,
        21.5,
        label["reserved"],
        color=ORANGE,
        fontsize=12,
    )
    ax.text(
        ends[1] + (14 if wide else 2),
        23,
        label["expandable" if wide else "pages"],
        color=INK,
        fontsize=12,
    )
    bare_axes(ax, 11)
    ax.set_title(label["unit"], fontsize=12, color=INK, loc="left", pad=6)


def timeline(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 3.4))
    ax = figure.subplots()
    figure.subplots_adjust(0.055, 0.1, 0.985, 0.91)
    draw(ax, LABELS[language], wide=True)
    return figure


def timeline_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 3.6))
    ax = figure.subplots()
    figure.subplots_adjust(0.085, 0.1, 0.93, 0.92)
    draw(ax, LABELS[language], wide=False)
    return figure


def budget(language: str, width: float = 6.4) -> Figure:
    """One part begins where the one before it ends."""
    label = LABELS[language]
    figure = Figure(figsize=(width, 2.1))
    ax = figure.add_axes((1.12 / width, 0.01, 1 - 1.75 / width, 0.84))
    parts = [part / GIB for part in (WEIGHTS, CACHE, LOGITS)]
    colours = (BLUE, ORANGE, OCHRE)
    for card in (24, 48):
        ax.axvline(card, color=MUTED, lw=1, ls=(0, (3, 3)))
        ax.text(card, -0.75, str(card), color=INK, fontsize=11, ha="center")
    ax.text(-0.6, -0.75, label["unit"], color=MUTED, fontsize=11, ha="right")
    start = 0.0
    for y, (part, colour) in enumerate(zip(parts, colours, strict=True)):
        ax.barh(y, part, left=start, height=0.5, color=colour)
        ax.barh(3, part, left=start, height=0.5, color=colour)
        start += part
        text(ax, start, y, f"{part:.2f}", width)
    text(ax, start, 3, f"{start:.2f}", width)
    ax.set(xlim=(0, 49), ylim=(3.5, -0.6), xticks=[])
    ax.set_yticks(range(4), label["rows"])
    ax.tick_params(axis="y", colors=INK, labelsize=11.5, length=0)
    for name, side in ax.spines.items():
        side.set_visible(name == "left")
        side.set_color(MUTED)
    return figure


def text(ax: Axes, x: float, y: float, what: str, width: float) -> None:
    size = 11.5 if width > 5 else 10
    ax.text(x + 0.5, y, what, color=INK, fontsize=size, va="center")


def budget_narrow(language: str) -> Figure:
    return budget(language, 3.65)


FIGURES = {"budget": budget, "timeline": timeline}
NARROW = {"budget": budget_narrow, "timeline": timeline_narrow}
