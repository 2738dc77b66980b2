"""Print the five folds as a Markdown table: python train/dida/table.py WORK METHOD... (see folds.sh)."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

COLUMNS = ("fold", "IoU", "IoU at 0.5", "F1", "outlines' F1 (3 px)", "epochs", "minutes")


def fold_row(run: Path) -> tuple[float, ...]:
    """Return the figures of one fold, in the order of ``COLUMNS`` without its first.

    Raises:
        FileNotFoundError: the fold was not run.
    """
    own, half = (json.loads(run.with_suffix(end).read_text()) for end in (".json", ".half.json"))
    record = json.loads((run / "run.json").read_text())
    everywhere: dict[str, Any] = own["all_pixels"][0]
    return (
        everywhere["at_threshold"]["iou"], half["all_pixels"][0]["at_threshold"]["iou"],
        everywhere["at_threshold"]["f1"], everywhere["boundary"]["f1"],
        record["metrics"]["epochs"], record["environment"]["seconds"] / 60,
    )  # fmt: skip


def table(work: Path, method: str, folds: range = range(5)) -> str:
    """Return the table of one method, with its mean."""
    rows = {str(fold): fold_row(work / f"{method}-{fold}") for fold in folds}
    rows["mean"] = tuple(statistics.fmean(column) for column in zip(*rows.values(), strict=True))
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for name, (*shares, epochs, minutes) in rows.items():
        lines.append(
            f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} | {epochs:.0f} | {minutes:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    for wanted in sys.argv[2:]:
        print(f"{wanted}\n\n{table(Path(sys.argv[1]), wanted)}\n")
