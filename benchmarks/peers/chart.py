"""Bars of wall time against segrun, one for each contestant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.alternating import Ratio

OURS_COLOUR, THEIR_COLOUR = "#0072B2", "#999999"


def draw_bars(ratios: Sequence[tuple[str, Ratio]], base: str, title: str, path: Path) -> None:
    """Write a PNG of horizontal bars with their intervals.

    Args:
        ratios: name and ratio, from top to bottom.
        base: what 1 is.
        title: above the bars.
        path: of the PNG.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    names = [name for name, _ in ratios]
    values = [ratio.value for _, ratio in ratios]
    errors = [[r.value - r.low for _, r in ratios], [r.high - r.value for _, r in ratios]]
    colours = [OURS_COLOUR if name.startswith("segrun") else THEIR_COLOUR for name in names]
    figure, axes = plt.subplots(figsize=(9, 0.42 * len(names) + 1.3), layout="constrained")
    bars = axes.barh(names, values, xerr=errors, color=colours, height=0.62, ecolor="#333333", capsize=3)
    ends = [f"  {ratio.value:.2f}" for _, ratio in ratios]
    axes.bar_label(bars, labels=ends, padding=6)
    axes.axvline(1.0, color="#333333", linewidth=0.8)
    axes.set_xlim(0, 1.15 * max(ratio.high for _, ratio in ratios))
    axes.invert_yaxis()
    axes.set_xlabel(f"wall time / {base}, less is better")
    axes.set_title(title, loc="left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)
