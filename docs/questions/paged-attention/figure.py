"""Block tables of two samples, and the waste of the policies."""

from collections.abc import Callable

from example import POLICIES, Sequence, samples_of, simulate
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from study_guide.plots import BLUE, GRID, INK, MUTED, OCHRE, ORANGE, bare_axes

LABELS = {
    "zh": {
        "table": "{} 的块表",
        "pool": "物理块",
        "prompt": "提示",
        "own": "{} 自己的",
        "free": "空闲",
        "policies": [
            "每个请求 2,048",
            "预知最终长度",
            "块大小 256",
            "块大小 16",
            "块大小 16，留 5%",
        ],
        "batch": "平均 batch",
        "key": ["已存的 token", "将来会写", "永远不写", "没分出去"],
        "axis": "占 KV 池的 %",
    },
    "en": {
        "table": "table of {}",
        "pool": "physical blocks",
        "prompt": "prompt",
        "own": "{}'s own",
        "free": "free",
        "policies": [
            "2,048 a request",
            "final length known",
            "blocks of 256",
            "blocks of 16",
            "blocks of 16, 5% held back",
        ],
        "batch": "mean batch",
        "key": [
            "tokens held",
            "written later",
            "never written",
            "not allocated",
        ],
        "axis": "% of the KV pool",
    },
}

FREE = [5, 1, 6, 2, 0, 7, 3, 4]
PROMPT, NEW = 37, 20


def table(
    ax: Axes, x: float, name: str, sequence: Sequence, colour: str, title: str
) -> None:
    """Logical block numbers beside the physical ones that they map to."""
    ax.text(
        x + 0.75, -0.3, title.format(name), color=INK, fontsize=12, ha="center"
    )
    for i, block in enumerate(sequence.table):
        y = i * 0.85
        shared = sequence.pool.users[block] > 1
        ax.text(
            x + 0.25, y + 0.55, str(i), color=MUTED, fontsize=12, ha="center"
        )
        ax.add_patch(
            Rectangle(
                (x + 0.55, y + 0.05),
                0.8,
                0.75,
                facecolor="none",
                edgecolor=BLUE if shared else colour,
                lw=1.6,
            )
        )
        ax.text(
            x + 0.95, y + 0.57, str(block), color=INK, fontsize=13, ha="center"
        )


def pool_rows(
    ax: Axes,
    x: float,
    y: float,
    label: dict[str, str],
    samples: list[Sequence],
) -> None:
    """Sixteen cells a physical block, coloured by whose tokens they hold."""
    ax.text(x + 0.65, y - 0.3, label["pool"], color=INK, fontsize=12)
    side = 0.24
    for block in range(len(FREE)):
        top = y + 0.62 * block
        ax.text(
            x + 0.35,
            top + 0.36,
            str(block),
            color=INK,
            fontsize=12,
            ha="right",
        )
        users = [i for i, s in enumerate(samples) if block in s.table]
        for place in range(16):
            face = "none"
            if users:
                s = samples[users[0]]
                token = s.table.index(block) * 16 + place
                if token < PROMPT:
                    face = BLUE
                elif token < s.length:
                    face = ORANGE if users == [0] else OCHRE
            ax.add_patch(
                Rectangle(
                    (x + 0.6 + place * side, top + 0.1),
                    side * 0.84,
                    0.4,
                    facecolor=face,
                    edgecolor=MUTED if face == "none" else face,
                    lw=0.7,
                )
            )
        names = "、".join("AB"[i] for i in users)
        if label["pool"] != "物理块":
            names = names.replace("、", ", ")
        ax.text(
            x + 0.6 + 16 * side + 0.15,
            top + 0.36,
            names or label["free"],
            color=INK if names else MUTED,
            fontsize=12,
        )


def key(
    ax: Axes, x: float, y: float, label: dict[str, str], step: float
) -> None:
    for i, (colour, text) in enumerate(
        [
            (BLUE, label["prompt"]),
            (ORANGE, label["own"].format("A")),
            (OCHRE, label["own"].format("B")),
        ]
    ):
        ax.add_patch(
            Rectangle((x + i * step, y), 0.24, 0.3, facecolor=colour, lw=0)
        )
        ax.text(x + i * step + 0.4, y + 0.26, text, color=INK, fontsize=12)


def blocks(language: str) -> Figure:
    label = LABELS[language]
    samples, _ = samples_of(PROMPT, 2, NEW, FREE)
    figure = Figure(figsize=(6.4, 3.7))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set(xlim=(-0.1, 9.9), ylim=(5.75, -0.7))
    ax.axis("off")
    table(ax, 0.0, "A", samples[0], ORANGE, label["table"])
    table(ax, 8.2, "B", samples[1], OCHRE, label["table"])
    pool_rows(ax, 2.0, 0.0, label, samples)
    key(ax, 2.6, 5.3, label, 1.95)
    return figure


def blocks_narrow(language: str) -> Figure:
    label = LABELS[language]
    samples, _ = samples_of(PROMPT, 2, NEW, FREE)
    figure = Figure(figsize=(3.65, 6.1))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set(xlim=(-0.1, 5.6), ylim=(10.1, -0.7))
    ax.axis("off")
    table(ax, 0.5, "A", samples[0], ORANGE, label["table"])
    table(ax, 3.3, "B", samples[1], OCHRE, label["table"])
    pool_rows(ax, -0.1, 4.3, label, samples)
    key(ax, 0.1, 9.55, label, 1.85)
    return figure


def draw_waste(ax: Axes, label: dict[str, list[str]]) -> None:
    colours = [BLUE, OCHRE, ORANGE, GRID]
    for y, (_, policy, size, back) in enumerate(POLICIES):
        r = simulate(policy, size, back)
        left = 0.0
        for share, colour in zip(
            (r.tokens, r.later, r.never, r.unallocated), colours, strict=True
        ):
            ax.barh(y, 100 * share, left=left, height=0.42, color=colour)
            left += 100 * share
        ax.text(0, y - 0.31, label["policies"][y], color=INK, fontsize=12)
        ax.text(
            100, y - 0.31, f"{r.batch:.1f}", color=INK, fontsize=12, ha="right"
        )
    ax.text(100, -0.78, label["batch"], color=INK, fontsize=12, ha="right")
    ax.set(xlim=(0, 100), ylim=(4.4, -1.0))
    ax.set_yticks([])
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.set_axisbelow(True)
    bare_axes(ax, 11)
    ax.set_xlabel(label["axis"], fontsize=12, color=INK, loc="right")


def waste_key(
    figure: Figure, label: dict[str, list[str]], at: list[tuple[float, float]]
) -> None:
    height = 0.16 / figure.get_figheight()
    width = 0.16 / figure.get_figwidth()
    colours = [BLUE, OCHRE, ORANGE, GRID]
    for (x, y), colour, text in zip(at, colours, label["key"], strict=True):
        figure.add_artist(
            Rectangle((x, y), width, height, facecolor=colour, lw=0)
        )
        figure.text(x + 1.6 * width, y + 0.01, text, color=INK, fontsize=12)


def waste(language: str) -> Figure:
    figure = Figure(figsize=(6.4, 4.3))
    ax = figure.subplots()
    figure.subplots_adjust(0.02, 0.13, 0.97, 0.92)
    draw_waste(ax, LABELS[language])
    waste_key(
        figure,
        LABELS[language],
        [(0.02, 0.94), (0.25, 0.94), (0.48, 0.94), (0.73, 0.94)],
    )
    return figure


def waste_narrow(language: str) -> Figure:
    figure = Figure(figsize=(3.65, 4.7))
    ax = figure.subplots()
    figure.subplots_adjust(0.03, 0.12, 0.95, 0.87)
    draw_waste(ax, LABELS[language])
    waste_key(
        figure,
        LABELS[language],
        [(0.03, 0.95), (0.5, 0.95), (0.03, 0.895), (0.5, 0.895)],
    )
    return figure


Draw = Callable[[str], Figure]
FIGURES: dict[str, Draw] = {"blocks": blocks, "waste": waste}
NARROW: dict[str, Draw] = {"blocks": blocks_narrow, "waste": waste_narrow}
