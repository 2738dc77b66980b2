"""``index.html`` of a report: everything on one page that needs no other file, readable in the light and in the dark."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence

from segrun_train.evaluate_report import EvaluationReport
from segrun_train.report_run import RunResult
from segrun_train.score_histogram import Figures

# Figures are drawn on white, so they stand on a white card in the dark as well.
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5a6270; --line: #d5dae1; --page: #fafbfc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #a2acb9; --line: #3a424d; --page: #15181d; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 76rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.4rem; }
p, figcaption { color: var(--soft); max-width: 52rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
figure { margin: 1rem 0; } figure img { max-width: 100%; height: auto; background: #fff; border-radius: 6px; padding: 4px; }
"""
_CAPTIONS = {
    "curves.png": "Dashed: training. Solid: validation, which chose the epoch and the threshold. "
    "Losses of different names cannot be compared with each other.",
    "comparison.png": "Grey is the score as the model gives it, black 0 and white 1; "
    "the mask is what reaches the threshold.",
    "worst.png": "The pictures with the lowest IoU, mean over the models, the worst first.",
    "unlabelled.png": "Pictures without a truth.",
    "reliability.png": "Where a curve lies below the dots the scores promise too much, above them too little. "
    "Below: how many pixels have that score.",
}
_HEADINGS = {
    "curves.png": "Course of training",
    "comparison.png": "Side by side",
    "worst.png": "Worst pictures first",
    "unlabelled.png": "Pictures without a truth",
    "reliability.png": "Can the scores be read as probabilities?",
}


def page(results: Sequence[RunResult], figures: dict[str, bytes], notes: Sequence[str], version: str) -> str:
    """Return the page.

    Args:
        results: the runs.
        figures: PNG bytes by file name, in the order of the page.
        notes: what the reader should know, one sentence each.
        version: of segrun.
    """
    return "\n".join(_parts(results, figures, notes, version)) + "\n"


def _parts(
    results: Sequence[RunResult], figures: dict[str, bytes], notes: Sequence[str], version: str
) -> Iterator[str]:
    title = _escaped("Report: " + ", ".join(result.course.label for result in results))
    yield "<!doctype html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
    for note in notes:
        yield f"<p>{_escaped(note)}</p>"
    yield "<h2>Runs</h2>"
    yield from _table(_run_head(), [_run_row(result) for result in results])
    measured = [(result, result.evaluation) for result in results if result.evaluation is not None]
    if measured:
        yield "<h2>Figures</h2>"
        yield (
            "<p>Over all pixels; “without gaps” leaves out pixels that the picture does not show (alpha 0). "
            "“At its best” takes the threshold with the highest IoU on these very pictures, so it flatters. "
            "Edge F1: outlines may lie 3 pixels apart. ECE: expected calibration error.</p>"
        )
        yield from _table(
            _figure_head(), [row for result, found in measured for row in _figure_rows(result, found)]
        )
    for name, content in figures.items():
        data = base64.b64encode(content).decode()
        yield f"<h2>{_HEADINGS[name]}</h2><figure><img alt='{_HEADINGS[name]}' src='data:image/png;base64,{data}'>"
        yield f"<figcaption>{_CAPTIONS[name]}</figcaption></figure>"
    for result, found in measured:
        yield f"<h2>Picture by picture: {_escaped(result.course.label)}</h2>"
        yield from _table(("picture", "IoU", "pixels wrong"), _picture_rows(found))
        for failure in found.failures:
            yield f"<p>Not measured: {_escaped(failure.reason)}</p>"
    yield f"<p>Written by segrun {_escaped(version)}.</p></body></html>"


def _run_head() -> tuple[str, ...]:
    return (
        "run",
        "network",
        "recipe",
        "loss",
        "epochs",
        "best epoch",
        "seed",
        "minutes",
        "on",
        "measured on",
    )


def _run_row(result: RunResult) -> tuple[str, ...]:
    record = result.course.record
    best = record.metrics.get("best_epoch")
    seconds = record.environment.get("seconds")
    return (
        result.course.label, record.network, str(record.recipe.get("recipe", "?")), str(record.recipe.get("loss", "?")),
        str(record.metrics.get("epochs", "?")), "?" if best is None else str(best + 1), str(record.recipe.get("seed", "?")),
        "?" if seconds is None else f"{seconds / 60:.1f}", str(record.environment.get("device", "?")), result.part,
    )  # fmt: skip


def _figure_head() -> tuple[str, ...]:
    return ("run", "class", "pixels", "threshold", "IoU", "F1", "precision", "recall", "edge F1", "ECE")


def _figure_rows(result: RunResult, found: EvaluationReport) -> Iterator[tuple[str, ...]]:
    label = result.course.label
    for which, classes in (("all", found.all_pixels), ("without gaps", found.valid_pixels)):
        for item in classes:
            own = (f"{item.boundary.f1:.3f}", f"{item.reliability.ece:.3f}")
            yield (label, item.name, which, f"{item.threshold:.2f}", *_numbers(item.at_threshold), *own)
            best = f"{item.best_threshold:.2f} (its best)"
            yield (label, item.name, which, best, *_numbers(item.at_best), "", "")


def _picture_rows(found: EvaluationReport) -> Iterator[tuple[str, ...]]:
    for picture in found.pictures:
        iou = "nothing there" if picture.iou is None else f"{picture.iou:.3f}"
        yield (picture.stem, iou, f"{picture.wrong:.1%}")


def _numbers(figures: Figures) -> tuple[str, ...]:
    return tuple(f"{value:.3f}" for value in (figures.iou, figures.f1, figures.precision, figures.recall))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]] | Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield '<div class="wide"><table><thead><tr>' + "".join(f"<th>{_escaped(cell)}</th>" for cell in head)
    yield "</tr></thead><tbody>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_escaped(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table></div>"


def _escaped(text: str) -> str:
    return html.escape(text)
