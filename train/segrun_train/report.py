"""Compare runs on one page: curves, figures, pictures side by side, the worst ones, calibration."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.errors import InputError
from segrun.model import Model
from segrun.pairs import Pair, find_pictures
from segrun.progress import Progress
from segrun_train.evaluate import EvaluateOptions, evaluate_pairs, open_model
from segrun_train.evaluate_choice import PictureChoice
from segrun_train.report_figures import curves, reliability
from segrun_train.report_folder import DATA, PAGE, check_folder, write_folder
from segrun_train.report_grids import comparison, worst
from segrun_train.report_page import page
from segrun_train.report_run import RunCourse, RunResult, read_runs, shared_pairs
from segrun_train.report_shown import (
    Shown,
    shown_pair,
    shown_picture,
    side_by_side,
    spread_evenly,
    worst_first,
)

# More would make a figure that no screen shows; predict writes masks for whole folders.
MOST_UNLABELLED = 20


@dataclass(frozen=True)
class ReportOptions:
    """What a report shows.

    Args:
        out: folder of the page and its figures.
        images: folders of pictures to measure on; empty takes those that the runs set aside.
        masks: as many folders of masks.
        pictures: folders of pictures without a truth; the first 20 are shown.
        rows: pictures in a grid at most.
    """

    out: Path = Path("report")
    images: tuple[Path, ...] = ()
    masks: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()
    rows: int = 5

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ValueError(f"rows must be at least 1. Received: {self.rows}.")


@dataclass(frozen=True)
class Report:
    """What was written.

    Args:
        out: the folder.
        results: the runs.
        files: names in the folder.
        notes: what the reader should know.
    """

    out: Path
    results: tuple[RunResult, ...]
    files: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return _data(self.results, self.notes) | {"out": str(self.out), "files": list(self.files)}


def report(
    runs: Sequence[Path], options: ReportOptions | None = None, progress: Progress | None = None
) -> Report:
    """Write figures and one self-contained page about finished runs.

    Args:
        runs: RUN folders.
        options: what to show; None takes the defaults.
        progress: told of each picture.
    Raises:
        InputError: no run, a folder that is none, or pictures that cannot be used.
        OutputError: ``out`` holds something else or cannot be written.
        MissingExtraError: keras or matplotlib is not installed.
    """
    options = options or ReportOptions()
    check_folder(options.out)
    courses = read_runs(runs)
    if not courses:
        raise InputError("a report needs a run. Received: none. Name folders that segrun train wrote.")
    chosen = _chosen(courses, options)
    results = [_measured(course, *which, progress) for course, which in zip(courses, chosen, strict=True)]
    common = shared_pairs([pairs for _, pairs in chosen])
    notes = _notes(results, common)
    figures = _figures(results, common, options, progress)
    version = importlib.metadata.version("segrun")
    text = page(results, figures, notes, version)
    data = json.dumps(_data(results, notes), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    files = {PAGE: text.encode(), DATA: data.encode(), **figures}
    write_folder(options.out, files)
    return Report(options.out, tuple(results), tuple(files), tuple(notes))


def _chosen(courses: Sequence[RunCourse], options: ReportOptions) -> list[tuple[str, list[Pair]]]:
    """Return for each run the pictures to measure, and in words which they are."""
    if options.images or options.masks:
        pairs = PictureChoice().of(options.images, options.masks)
        words = f"{', '.join(str(folder) for folder in options.images)} ({len(pairs)})"
        return [(words, pairs)] * len(courses)
    found = []
    for course in courses:
        part, pairs = course.unseen()
        here = [pair for pair in pairs if pair.image.exists() and pair.mask.exists()]
        name = "its held-out pictures" if part == "held_out" else "its validation pictures"
        found.append((f"{name} ({len(here)} of {len(pairs)} are here)", here))
    return found


def _measured(course: RunCourse, part: str, pairs: list[Pair], progress: Progress | None) -> RunResult:
    if not pairs:
        return RunResult(course, "nothing: none of its pictures is here", None)
    options = EvaluateOptions()
    with open_model(course.model, options) as model:
        return RunResult(course, part, evaluate_pairs(model, course.model, pairs, options, progress))


def _notes(results: Sequence[RunResult], common: Sequence[Pair]) -> list[str]:
    notes = [
        f"{result.course.label} was trained on {result.evaluation.trained} of the pictures it is measured on: "
        "its figures flatter."
        for result in results
        if result.evaluation is not None and result.evaluation.trained
    ]
    if len(results) > 1 and not common:
        notes.append(
            "No picture is unseen by every run, so none is shown side by side; figures are of each run's own."
        )
    return notes


def _figures(
    results: Sequence[RunResult], common: Sequence[Pair], options: ReportOptions, progress: Progress | None
) -> dict[str, bytes]:
    """Draw all figures that there is something to draw for, in the order of the page."""
    evaluations = [result.evaluation for result in results if result.evaluation is not None]
    ranked = worst_first(common, evaluations)
    # The worst as the worst, and a fair sample of good and bad ones for the grid.
    sample, low = spread_evenly(ranked, options.rows)[::-1], ranked[: options.rows]
    unlabelled = [path for folder in options.pictures for path in find_pictures(folder)][:MOST_UNLABELLED]
    by_model: list[tuple[list[Shown], list[Shown], list[Shown]]] = []
    for done, result in enumerate(results, start=1):
        with open_model(result.course.model, EvaluateOptions()) as model:
            by_model.append((
                _shown(result, model, sample), _shown(result, model, low),
                [shown_picture(result.course.label, model, path) for path in unlabelled],
            ))  # fmt: skip
        if progress is not None:
            progress("drawing", done, len(results))
    side, lowest, blind = (side_by_side([views[which] for views in by_model]) for which in range(3))
    drawn = {
        "curves.png": curves([result.course for result in results]),
        "comparison.png": comparison(side, "Scores and masks, from good to bad pictures") if side else None,
        "unlabelled.png": comparison(blind, "Scores and masks without a truth") if blind else None,
        "worst.png": worst(lowest, "Worst pictures") if lowest else None,
        "reliability.png": reliability(results),
    }
    return {name: content for name, content in drawn.items() if content is not None}


def _shown(result: RunResult, model: Model, pairs: Sequence[Pair]) -> list[Shown]:
    assert result.evaluation is not None or not pairs
    ious = {item.image: item.iou for item in result.evaluation.pictures} if result.evaluation else {}
    return [shown_pair(result.course.label, model, pair, ious.get(str(pair.image))) for pair in pairs]


def _data(results: Sequence[RunResult], notes: Sequence[str]) -> dict[str, Any]:
    runs = [
        {
            "run": str(result.course.folder),
            "label": result.course.label,
            "measured_on": result.part,
            "evaluation": result.evaluation.as_json() if result.evaluation else None,
        }
        for result in results
    ]
    return {"runs": runs, "notes": list(notes)}
