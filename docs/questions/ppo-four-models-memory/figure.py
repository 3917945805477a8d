"""The figure of this page, drawn from what example.py computes."""

from example import ledger, moved
from matplotlib.figure import Figure
from study_guide.plots import BLUE, GREEN, GRID, INK, MUTED, OCHRE, ORANGE

COLOURS = {
    "actor": BLUE,
    "critic": ORANGE,
    "RM": OCHRE,
    "ref": GREEN,
    "base": MUTED,
}
LABELS = {
    "zh": {
        "actor": "actor 112",
        "critic": "critic 112",
        "frozen": "RM、参考各 14",
        "removed": "删掉或共用：总量变小",
        "moved": "搬走：总量仍是 252，单卡峰值",
        "PPO": "PPO",
        "GRPO": "GRPO",
        "GRPO, rule reward": "GRPO，规则奖励",
        "GRPO, rule, beta = 0": "再去掉参考",
        "DPO": "DPO",
        "PPO, shared base": "PPO，共用底座 + LoRA",
        "the same, 4-bit base": "底座再压到 4 比特",
        "ZeRO-3 over 8 GPUs": "ZeRO-3，8 卡",
        "RM and ref offloaded": "卸载 RM 与参考",
        "one at a time": "轮流上卡",
    },
    "en": {
        "actor": "actor 112",
        "critic": "critic 112",
        "frozen": "RM, reference: 14 each",
        "removed": "removed or shared: less in all",
        "moved": "moved: still 252, peak of a GPU",
        "PPO": "PPO",
        "GRPO": "GRPO",
        "GRPO, rule reward": "GRPO, rule reward",
        "GRPO, rule, beta = 0": "and no reference",
        "DPO": "DPO",
        "PPO, shared base": "PPO, shared base + LoRA",
        "the same, 4-bit base": "the base in 4 bits",
        "ZeRO-3 over 8 GPUs": "ZeRO-3, 8 GPUs",
        "RM and ref offloaded": "RM, reference offloaded",
        "one at a time": "one model at a time",
    },
}


def draw(language: str, width: float, height: float, size: float) -> Figure:
    """Bars under their names, so that long names fit a narrow screen."""
    label = LABELS[language]
    figure = Figure(figsize=(width, height))
    ax = figure.subplots()
    figure.subplots_adjust(0.01, 0.005, 0.99, 0.995)
    y = 0.0
    ax.text(0, y, label["removed"], color=INK, size=size, weight="bold")
    for name, parts in ledger().items():
        y += 1.15 if name == "PPO" else 1
        ax.text(0, y - 0.33, label[name], color=INK, size=size, va="center")
        left = 0.0
        for part, value in parts.items():
            ax.barh(
                y + 0.08,
                value,
                left=left,
                height=0.3,
                color=COLOURS[part],
                edgecolor="none",
            )
            left += value
        ax.text(
            left + 3,
            y + 0.08,
            f"{left:.2f}".rstrip("0").rstrip("."),
            color=INK,
            size=size,
            va="center",
        )
        if name == "PPO":
            for at, key, colour in (
                (42, "actor", BLUE),
                (118, "critic", ORANGE),
            ):
                ax.text(
                    at,
                    y - 0.33,
                    label[key],
                    color=colour,
                    size=size,
                    va="center",
                )
            ax.text(
                252,
                y + 0.55,
                label["frozen"],
                color=INK,
                size=size,
                ha="right",
                va="center",
            )
    y += 1.25
    ax.text(0, y, label["moved"], color=INK, size=size, weight="bold")
    for index, (name, value) in enumerate(moved().items()):
        y += 1.15 if index == 0 else 1
        ax.text(0, y - 0.33, label[name], color=INK, size=size, va="center")
        ax.barh(y + 0.08, 252, height=0.3, color=GRID)
        ax.barh(y + 0.08, value, height=0.3, color=MUTED)
        at = 255
        ax.text(at, y + 0.08, f"{value:g}", color=INK, size=size, va="center")
    ax.set(xlim=(0, 285), ylim=(y + 0.5, -0.6))
    ax.axis("off")
    return figure


def memory(language: str) -> Figure:
    return draw(language, 6.4, 5.6, 12)


def memory_narrow(language: str) -> Figure:
    return draw(language, 3.65, 6.4, 11.5)


FIGURES = {"memory": memory}
NARROW = {"memory": memory_narrow}
