"""Masks for files: plan the inputs, drive them through an engine, write what comes out."""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segrun.errors import EngineError, InputError
from segrun.frame_job import MaskRule
from segrun.grid import Blend
from segrun.journal import Done, RunJournal, fingerprint
from segrun.memory import frame_mib, peak_mib, resident_mib
from segrun.model_file import ModelFile
from segrun.outputs import PANEL_WIDTH_PX, Output, OutputRule
from segrun.pipeline import ScoredBatch, run_pipeline
from segrun.predict_report import InputFailure, PredictReport
from segrun.progress import Progress
from segrun.sessions import Session, SessionOptions, open_session
from segrun.sessions.symmetric import SymmetricSession
from segrun.sources import Planned, open_frame, plan
from segrun.tiles import Cutter, TileBatch

log = logging.getLogger("segrun")


@dataclass(frozen=True)
class PredictOptions:
    """What to make, and how.

    Args:
        out: the output folder.
        session: engine, threads, batch and hints for foreign models.
        thresholds: one for each class; None takes the card's.
        overlap: of neighbouring tiles, pixels; None takes the card's.
        blend: how overlapping scores are weighed.
        nodata: value of pixels without data in PNG masks; None writes background there.
        input_nodata: pixels that have this value in every band are no data.
        symmetries: whether to take the mean over the eight flips and turns of each tile: eight times the work.
        overlay: whether to draw each mask over its picture.
        resume: whether to go on with a run that did not finish.
        overwrite: whether to forget what the output folder holds.
    """

    out: Path = Path("masks")
    session: SessionOptions = field(default_factory=lambda: SessionOptions(spinning=True))
    thresholds: tuple[float, ...] | None = None
    overlap: int | None = None
    blend: Blend = "hann"
    nodata: int | None = None
    input_nodata: int | None = None
    symmetries: bool = False
    overlay: bool = False
    resume: bool = False
    overwrite: bool = False


def predict(
    model: Path, inputs: Sequence[Path], options: PredictOptions, progress: Progress | None = None
) -> PredictReport:
    """Write a mask for every picture and raster among the inputs.

    An input that cannot be used is named in the report; every other one is still written.

    Args:
        model: an ``.onnx`` or ``.tflite`` file.
        inputs: files and folders; folders are searched with their sub-folders.
        options: what to make, and how.
        progress: called after each batch, with tiles.
    Raises:
        InputError: there is nothing to do, or two inputs would get one name.
        ModelError: the model is damaged, changed or unusable.
        EngineError: the engine is not here, or failed before anything was written.
        OutputError: the output folder cannot be used or is full.
    """
    file = ModelFile.read(model)
    file.verify_content()
    planned = plan(inputs, skip=options.out)
    session = open_session(file, options.session)
    if options.symmetries:
        session = SymmetricSession(session)
    log.info("%s on %s, %d threads (%s)", model, session.engine, session.threads, session.reason)
    try:
        rule = _mask_rule(session, options)
        key = _run_key(file, session, rule, options)
        with contextlib.closing(
            RunJournal(options.out, key, resume=options.resume, overwrite=options.overwrite)
        ) as journal:
            return _Run(session, rule, options, journal, _tags(file, session, rule)).work(planned, progress)
    finally:
        session.close()


def _mask_rule(session: Session, options: PredictOptions) -> MaskRule:
    card = session.card
    thresholds = options.thresholds or card.thresholds
    if len(thresholds) == 1 and card.activation == "softmax":
        thresholds = (0.0, *thresholds * (len(card.classes) - 1))
    if len(thresholds) != len(card.classes):
        names = ", ".join(item.name for item in card.classes)
        raise InputError(
            f"one threshold, or one for each of {names}. Received: {len(thresholds)} thresholds."
        )
    overlap = card.overlap_px if options.overlap is None else options.overlap
    if not 0 <= overlap <= card.tile // 2:
        raise InputError(
            f"overlap must be 0 to {card.tile // 2} pixels for tiles of {card.tile}. Received: {overlap}."
        )
    return MaskRule(card, thresholds, overlap, options.blend)


def _run_key(file: ModelFile, session: Session, rule: MaskRule, options: PredictOptions) -> dict[str, Any]:
    return {
        "model": file.content_sha256,
        "engine": session.engine,
        "thresholds": list(rule.thresholds),
        "overlap": rule.overlap,
        "blend": rule.blend,
        "nodata": options.nodata,
        "input_nodata": options.input_nodata,
        "symmetries": options.symmetries,
        "overlay": options.overlay,
    }


def _tags(file: ModelFile, session: Session, rule: MaskRule) -> dict[str, str]:
    return {
        "SEGRUN_VERSION": importlib.metadata.version("segrun"),
        "SEGRUN_MODEL": rule.card.name,
        "SEGRUN_MODEL_SHA256": file.content_sha256,
        "SEGRUN_ENGINE": session.engine,
        "SEGRUN_PRECISION": rule.card.precision,
        "SEGRUN_THRESHOLDS": ", ".join(f"{value:g}" for value in rule.thresholds),
        "SEGRUN_OVERLAP_PX": str(rule.overlap),
    }


class _Run:
    """One call of ``predict`` after everything is open."""

    def __init__(
        self,
        session: Session,
        rule: MaskRule,
        options: PredictOptions,
        journal: RunJournal,
        tags: dict[str, str],
    ) -> None:
        self._session = session
        self._rule = rule
        self._options = options
        self._journal = journal
        self._output_rule = OutputRule(options.out, journal.work, options.nodata, options.overlay, tags)
        self._facts: list[dict[str, Any]] = []
        self._failures: list[InputFailure] = []
        self._kept = 0
        self._open: list[Output] = []
        self._done_tiles = 0
        self._known_tiles = 0
        self._unopened = 0
        self._loaded_mib = resident_mib()
        self._predicted_mib = self._loaded_mib

    def work(self, planned: list[Planned], progress: Progress | None) -> PredictReport:
        started = time.perf_counter()
        todo = self._leave_out_finished(planned)
        self._unopened = len(todo)
        engine_failure: str | None = None

        def advanced(batch: TileBatch[Output]) -> None:
            self._done_tiles += sum(slot.tiles for slot in batch.slots)
            if progress is not None:
                per_input = self._known_tiles / max(1, len(todo) - self._unopened)
                progress("tiles", self._done_tiles, self._known_tiles + round(self._unopened * per_input))

        try:
            run_pipeline(lambda emit: self._read(todo, emit), self._session, self._write, advanced)
        except EngineError as error:
            if not self._facts:
                raise
            engine_failure = str(error)
        finally:
            for output in self._open:
                output.abort()
        if not self._failures and engine_failure is None:
            self._journal.complete()
        order = {str(item.path): index for index, item in enumerate(planned)}
        return PredictReport(
            inputs=tuple(sorted(self._facts, key=lambda facts: order[facts["input"]])),
            failures=tuple(sorted(self._failures, key=lambda failure: order[failure.input])),
            kept=self._kept,
            seconds=time.perf_counter() - started,
            engine=self._session.engine,
            engine_reason=self._session.reason,
            engine_failure=engine_failure,
            threads=self._session.threads,
            batch=self._session.batch,
            model=self._rule.card.name,
            thresholds=self._rule.thresholds,
            overlap=self._rule.overlap,
            predicted_peak_mib=self._predicted_mib,
            measured_peak_mib=peak_mib(),
        )

    def _leave_out_finished(self, planned: list[Planned]) -> list[Planned]:
        todo = []
        for item in planned:
            output = str(item.mask_path(Path()))
            done = self._journal.finished(str(item.name), item.path, output)
            if done is None:
                todo.append(item)
            else:
                self._kept += 1
                self._facts.append({**done.facts, "input": str(item.path), "kept": True})
        return todo

    def _read(self, todo: list[Planned], emit: Callable[[TileBatch[Output]], None]) -> None:
        """Open and cut the inputs one after the other; runs in the reading thread."""
        card = self._rule.card
        cutter: Cutter[Output] = Cutter(self._session.batch, card.tile, len(card.bands), emit)
        for item in todo:
            self._unopened -= 1
            try:
                output = self._open_output(item)
            except InputError as error:
                self._failures.append(InputFailure(str(item.path), str(error)))
                continue
            if output.job.tiles == 0:
                cutter.announce(output)  # every strip was there already: only the assembling is left
            try:
                for panel, tile_row in output.job.rows_to_cut():
                    cutter.cut_row(output, panel, tile_row, output.frame)
            except InputError as error:
                output.error = error
                cutter.announce(output)
        cutter.flush()

    def _open_output(self, item: Planned) -> Output:
        frame = open_frame(item, bands=len(self._rule.card.bands), input_nodata=self._options.input_nodata)
        output = Output(item, frame, self._rule, self._output_rule)
        self._known_tiles += output.job.tiles
        predicted = self._loaded_mib + frame_mib(
            output.grid,
            batch=self._session.batch,
            bands=len(self._rule.card.bands),
            classes=len(self._rule.card.classes),
            panel_width=PANEL_WIDTH_PX,
            decoded_whole=item.kind == "picture",
        )
        self._predicted_mib = max(self._predicted_mib, predicted)
        log.info(
            "%s: %d tiles to run, predicted peak memory %.0f MiB", item.path, output.job.tiles, predicted
        )
        self._open.append(output)
        return output

    def _write(self, scored: Iterator[ScoredBatch[Output]]) -> None:
        """Stitch, threshold and write; runs in the writing thread."""
        for item in scored:
            for slot in item.batch.slots:
                output = slot.job
                if output not in self._open:
                    continue
                if slot.whole_row and output.error is None:
                    output.job.skip_row()
                elif output.error is None and not output.job.finished:
                    scores = (
                        None if slot.position is None or item.scores is None else item.scores[slot.position]
                    )
                    output.job.add(scores, slot.valid)
                if output.error is not None or output.job.finished:
                    self._end(output)

    def _end(self, output: Output) -> None:
        path = output.planned.path
        try:
            if output.error is not None:
                output.abort()
                raise output.error
            facts = output.finish()
        except InputError as error:
            self._failures.append(InputFailure(str(path), str(error)))
        else:
            self._facts.append(facts)
            mask = str(output.planned.mask_path(Path()))
            self._journal.add(Done(str(output.planned.name), fingerprint(path), mask, facts))
        self._open.remove(output)
