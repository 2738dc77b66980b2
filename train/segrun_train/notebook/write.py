"""The page and its figures on disk."""

from __future__ import annotations

from pathlib import Path

from segrun.atomic import write_bytes
from segrun.errors import OutputError
from segrun_train.notebook.experiments import Found
from segrun_train.notebook.page import ACCURACY_FIGURE, LABELS_FIGURE, MEAN_IOU_FIGURE, page
from segrun_train.notebook.plots import label_shares, mean_iou_against_iou, published_accuracy


def write_page(found: Found, out: Path) -> list[Path]:
    """Write ``notebook.md`` after its figures, each in one step.

    Raises:
        OutputError: ``out`` cannot be written.
    """
    named = [("the notebook's validation", found.validation), ("the notebook's training", found.training)]
    named += [(item.name, item.labels) for item in found.sets]
    files = {
        ACCURACY_FIGURE: published_accuracy(found.validation, found.training),
        MEAN_IOU_FIGURE: mean_iou_against_iou(found.blends),
        LABELS_FIGURE: label_shares(named),
        "notebook.md": page(found).encode(),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_bytes(out / name, content)
    except OSError as error:
        raise OutputError(
            f"cannot write the page. Received: {out} ({error.strerror}). Name a writable folder."
        ) from error
    return [out / name for name in files]
