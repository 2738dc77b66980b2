"""The figures of the notebook's page; no pixel of its pictures is in them."""

from __future__ import annotations

from collections.abc import Sequence

from segrun_train.notebook.published import ACCURACY, FOCAL, MEAN_IOU, Labels
from segrun_train.report_figures import COLOURS, figure, png

_BLUE, _RED, _GREEN = COLOURS[:3]


def published_accuracy(validation: Labels, training: Labels) -> bytes:
    """Draw the printed accuracies under the highest that grey labels leave."""
    drawn = figure(8.2, 4.4)
    axes = drawn.add_subplot()
    for history, colour in ((FOCAL, _BLUE), (ACCURACY, _RED)):
        for values, style, part in (
            (history.training, "--", "training"),
            (history.validation, "-", "validation"),
        ):
            axes.plot(range(1, len(values) + 1), values, style, color=colour, label=f"{history.name}, {part}")
    axes.axhline(
        training.cap, color="0.35", linestyle="--", label=f"cap of the training labels, {training.cap:.4f}"
    )
    axes.axhline(
        validation.cap,
        color="0.35",
        label=f"cap of the validation labels, {validation.cap:.4f}",
        linewidth=1.2,
    )
    axes.axhline(
        validation.black, color="0.35", linestyle=":", label=f"saying nothing at all, {validation.black:.4f}"
    )
    axes.set(
        title="The notebook's printed accuracy and its cap",
        xlabel="epoch",
        ylabel="accuracy",
        ylim=(0.72, 0.96),
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", loc="lower right")
    return png(drawn)


def mean_iou_against_iou(blends: Sequence[tuple[float, float, float]]) -> bytes:
    """Draw what both measures say of scores that go from noise to truth."""
    drawn = figure(6.6, 4.2)
    axes = drawn.add_subplot()
    shares = [share for share, _, _ in blends]
    axes.plot(shares, [iou for _, _, iou in blends], "o-", color=_BLUE, label="IoU of the roofs at 0.5")
    axes.plot(
        shares, [found for _, found, _ in blends], "s-", color=_RED, label="Keras MeanIoU(num_classes=2)"
    )
    axes.axhline(
        MEAN_IOU.validation[0],
        color="0.35",
        linestyle=":",
        label=f"the notebook's constant, {MEAN_IOU.validation[0]}",
    )
    axes.set(
        title="Scores from noise (0) to truth (1)",
        xlabel="share of truth in the scores",
        ylabel="value",
        ylim=(0, 1.02),
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", loc="upper left")
    return png(drawn)


def label_shares(named: Sequence[tuple[str, Labels]]) -> bytes:
    """Draw how labels are shared out, grey in the middle: grey ones are never met by an accuracy that compares."""
    drawn = figure(8.2, 0.55 * len(named) + 1.5)
    axes = drawn.add_subplot()
    names = [name for name, _ in named][::-1]
    black, grey, white = (
        [getattr(labels, part) for _, labels in named][::-1] for part in ("black", "grey", "white")
    )
    axes.barh(names, black, color="0.2", label="exactly 0")
    axes.barh(names, grey, left=black, color=COLOURS[4], label="grey: never met")
    axes.barh(
        names, white, left=[b + g for b, g in zip(black, grey, strict=True)], color="0.85", label="exactly 1"
    )
    for place, (b, g) in enumerate(zip(black, grey, strict=True)):
        axes.text(b - 0.004, place, f"{g:.1%} grey", ha="right", va="center", color="white", fontsize="small")
    axes.set(title="Labels of the masks", xlabel="share of all pixels (axis begins at 0.6)", xlim=(0.6, 1))
    drawn.legend(fontsize="small", loc="outside lower center", ncols=3)
    return png(drawn)
