"""The figures of a report that are curves, as PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from segrun.errors import MissingExtraError
from segrun_train.report_run import RunCourse, RunResult

# Source: Okabe and Ito, Color Universal Design (2008); the two light ones are left out, they vanish on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DPI = 110
_NOT_DRAWN = {"epoch", "seconds"}
_TITLES = {
    "loss": "Loss", "accuracy": "Pixel accuracy", "iou": "IoU at 0.5", "mean_io_u": "Keras MeanIoU (scores cast to 0)",
    "learning_rate": "Learning rate",
}  # fmt: skip


def figure(width: float, height: float) -> Any:
    """Return an empty matplotlib figure that needs no display.

    Args:
        width: inches.
        height: inches.
    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing a report", "train") from error
    drawn = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(drawn)
    return drawn


def png(drawn: Any) -> bytes:
    """Return a figure as PNG bytes, without a date in it: equal figures give equal bytes."""
    target = io.BytesIO()
    drawn.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def curves(runs: Sequence[RunCourse]) -> bytes | None:
    """Draw loss, metrics and learning rate against epochs; None where no run has a history."""
    names = list(
        dict.fromkeys(
            name.removeprefix("val_") for run in runs for name in run.history if name not in _NOT_DRAWN
        )
    )
    if not names:
        return None
    names.sort(key=lambda name: (name != "loss", name == "learning_rate"))
    rows = (len(names) + 1) // 2
    drawn = figure(11, 3.4 * rows + 0.3)
    for place, name in enumerate(names):
        axes = drawn.add_subplot(rows, 2, place + 1)
        for index, run in enumerate(runs):
            _course(axes, run, name, COLOURS[index % len(COLOURS)])
        axes.set(title=_TITLES.get(name, name), xlabel="epoch", ylabel=_TITLES.get(name, name).split(" (")[0])
        axes.grid(alpha=0.3)
        axes.set_xlim(0.5, max(len(column) for run in runs for column in run.history.values()) + 0.5)
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        if name == "learning_rate":
            axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
        if axes.lines:
            axes.legend(fontsize="small")
    return png(drawn)


def reliability(results: Sequence[RunResult]) -> bytes | None:
    """Draw the share of pixels that are of a class against their score, one panel a class; None without a measured run."""
    measured = [result for result in results if result.evaluation is not None]
    names = list(dict.fromkeys(item.name for r in measured for item in r.evaluation.all_pixels))  # type: ignore[union-attr]
    if not names:
        return None
    drawn = figure(max(5.2 * len(names), 6.5), 6.6)
    grid = drawn.add_gridspec(2, len(names), height_ratios=(3, 1))
    for place, name in enumerate(names):
        above, below = drawn.add_subplot(grid[0, place]), drawn.add_subplot(grid[1, place])
        above.plot([0, 1], [0, 1], color="0.6", linestyle=":", label="perfect")
        for index, result in enumerate(measured):
            assert result.evaluation is not None
            for item in result.evaluation.all_pixels:
                if item.name != name:
                    continue
                colour = COLOURS[index % len(COLOURS)]
                filled = [b for b in item.reliability.bins if b.pixels]
                label = f"{result.course.label} (ECE {item.reliability.ece:.3f})"
                above.plot(
                    [b.score for b in filled],
                    [b.share for b in filled],
                    "o-",
                    color=colour,
                    label=label,
                    ms=4,
                )
                below.plot([b.score for b in filled], [b.pixels for b in filled], "o-", color=colour, ms=3)
        above.set(
            title=f"Reliability: {name}", ylabel=f"share of pixels that are {name}", xlim=(0, 1), ylim=(0, 1)
        )
        below.set(xlabel="score", ylabel="pixels", yscale="log", xlim=(0, 1))
        above.legend(fontsize="small", loc="upper left")
        above.grid(alpha=0.3)
        below.grid(alpha=0.3)
    return png(drawn)


def _course(axes: Any, run: RunCourse, name: str, colour: str) -> None:
    for column, style, part in ((name, "--", "training"), (f"val_{name}", "-", "validation")):
        values = run.history.get(column, ())
        if not any(value is not None for value in values):
            continue
        epochs = [epoch + 1 for epoch, value in enumerate(values) if value is not None]
        known = [value for value in values if value is not None]
        single = "x" if part == "training" else "o"
        marker = single if len(known) == 1 else None
        if name == "learning_rate":
            axes.plot(epochs, known, color=colour, label=run.label, marker=marker)
            continue
        width = 1.1 if part == "training" else 1.8
        axes.plot(
            epochs, known, style, color=colour, label=f"{run.label}, {part}", marker=marker, linewidth=width
        )
