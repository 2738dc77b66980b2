"""The figures of a report that are pictures, as PNG: the notebook's comparison grid, and the worst pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrun.colours import class_colours
from segrun_train.report_figures import figure, png
from segrun_train.report_shown import Answer, Shown

_CELL_IN = 2.15
# Hit, missed, invented: told apart by colour-blind people too.
HIT, MISSED, INVENTED = (0, 158, 115), (230, 159, 0), (204, 60, 190)
Cell = tuple[str, Callable[[Any], None], str]


def comparison(shown: Sequence[Shown], title: str) -> bytes:
    """Draw one picture a row: the picture, its truth, and each model's grey score and mask.

    Args:
        shown: at least one; all with a truth or none.
        title: of the figure.
    """
    rows = []
    for view in shown:
        cells: list[Cell] = [("picture", _drawer(view.pixels), "")]
        if view.truth is not None:
            cells.append(("truth", _drawer(_classes(view.truth, view.classes)), ""))
        for answer in view.answers:
            cells.append((f"{answer.label}\nscore", _drawer(answer.score), ""))
            cells.append(
                (f"{answer.label}\nmask", _drawer(_classes(answer.mask, view.classes)), _iou(answer))
            )
        rows.append((view.name, cells))
    return _grid(rows, title)


def worst(shown: Sequence[Shown], title: str) -> bytes:
    """Draw one picture a row: the picture, its truth, and what each model hit, missed and invented."""
    rows = []
    for view in shown:
        assert view.truth is not None
        cells: list[Cell] = [
            ("picture", _drawer(view.pixels), ""),
            ("truth", _drawer(_classes(view.truth, view.classes)), ""),
        ]
        cells += [(a.label, _drawer(errors(view.pixels, view.truth, a.mask)), _iou(a)) for a in view.answers]
        rows.append((view.name, cells))
    legend = {"hit": HIT, "missed": MISSED, "invented, or of another class": INVENTED}
    return _grid(rows, title, legend)


def errors(pixels: NDArray[np.uint8], truth: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture in grey with what was hit, missed and invented in colour, uint8 ``[h, w, 3]``."""
    grey = np.repeat(pixels.mean(axis=-1, keepdims=True), 3, axis=-1)
    said, true = mask > 0, truth > 0
    for where, colour in (
        (said & (mask == truth), HIT),
        (true & ~said, MISSED),
        (said & (mask != truth), INVENTED),
    ):
        grey[where] = 0.35 * grey[where] + 0.65 * np.array(colour)
    return np.asarray(grey, np.uint8)


def _grid(
    rows: Sequence[tuple[str, Sequence[Cell]]], title: str, legend: dict[str, tuple[int, int, int]] | None = None
) -> bytes:  # fmt: skip
    width = len(rows[0][1])
    drawn = figure(_CELL_IN * width + 0.4, (_CELL_IN + 0.22) * len(rows) + (1.4 if legend else 1.0))
    drawn.suptitle(title, fontsize="large")
    for place, (name, cells) in enumerate(rows):
        for col, (heading, draw, below) in enumerate(cells):
            axes = drawn.add_subplot(len(rows), width, place * width + col + 1)
            draw(axes)
            axes.set(xticks=[], yticks=[])
            if place == 0:
                axes.set_title(_short(heading), fontsize="medium")
            if col == 0:
                axes.set_ylabel(name[-24:], fontsize="medium")
            if below:
                axes.set_xlabel(below, fontsize="small")
    if legend:
        from matplotlib.patches import Patch

        patches = [Patch(color=np.array(colour) / 255, label=label) for label, colour in legend.items()]
        drawn.legend(handles=patches, loc="outside lower center", ncols=len(legend))
    return png(drawn)


def _drawer(content: NDArray[Any]) -> Callable[[Any], None]:
    """Return what draws an array: grey where it has two axes, else RGB."""

    def draw(axes: Any) -> None:
        if content.ndim == 2:
            axes.imshow(content, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        else:
            axes.imshow(content, interpolation="nearest")

    return draw


def _classes(mask: NDArray[np.uint8], classes: int) -> NDArray[Any]:
    """Return a mask to show: one class in black and white, several in their colours."""
    return mask if classes == 1 else class_colours(classes)[mask]


def _iou(answer: Answer) -> str:
    return "" if answer.iou is None else f"IoU {answer.iou:.2f}"


def _short(heading: str) -> str:
    return "\n".join(line if len(line) <= 22 else line[:21] + "…" for line in heading.split("\n"))
