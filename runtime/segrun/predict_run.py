"""One run of predict after everything is open: read, infer, write, and keep the books."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from segrun.errors import EngineError, InputError
from segrun.fingerprint import fingerprint
from segrun.frame_job import MaskRule
from segrun.in_flight import InFlight
from segrun.input_opener import InputOpener
from segrun.journal import Done, RunJournal
from segrun.memory import peak_mib
from segrun.memory_rule import MemoryRule
from segrun.outputs import Output, OutputRule
from segrun.pipeline import ScoredBatch, run_pipeline
from segrun.predict_options import PredictOptions
from segrun.predict_report import InputFailure, PredictReport
from segrun.predict_session import run_nothing
from segrun.progress import Progress
from segrun.sessions import Session
from segrun.sources import Planned
from segrun.tiles import Cutter, TileBatch


class PredictRun:
    """One call of ``predict`` after everything is open."""

    def __init__(
        self,
        session: Session,
        rule: MaskRule,
        options: PredictOptions,
        journal: RunJournal,
        tags: dict[str, str],
        *,
        callers: int = 1,
    ) -> None:
        self._session = session
        self._callers = callers
        self._rule = rule
        self._options = options
        self._journal = journal
        self._facts: list[dict[str, Any]] = []
        self._failures: list[InputFailure] = []
        self._kept = 0
        self._open = InFlight()
        self._engine_is_warm = threading.Event()
        output_rule = OutputRule(
            options.out,
            journal.work,
            options.nodata,
            options.overlay,
            tags,
            options.scores,
            json.dumps(journal.key, sort_keys=True),
        )
        self._opener = InputOpener(
            MemoryRule(rule, options, session.batch, callers),
            output_rule,
            self._open,
            self._engine_is_warm.wait,
        )
        self._done_tiles = 0
        self._known_tiles = 0
        self._unopened = 0

    def work(self, planned: list[Planned], progress: Progress | None) -> PredictReport:
        """Do everything that is not done yet.

        Raises:
            EngineError: the engine failed before anything was written.
            OutputError: the output folder is full, or a mask in it belongs to an earlier version of its input.
        """
        started = time.perf_counter()
        self._journal.sweep(item.name for item in planned)
        todo = self._leave_out_finished(planned)
        self._unopened = len(todo)
        engine_failure: str | None = None

        def advanced(batch: TileBatch[Output]) -> None:
            self._done_tiles += sum(slot.tiles for slot in batch.slots)
            if progress is not None:
                per_input = self._known_tiles / max(1, len(todo) - self._unopened)
                progress("tiles", self._done_tiles, self._known_tiles + round(self._unopened * per_input))

        try:
            run_pipeline(
                lambda emit: self._read(todo, emit),
                self._session,
                self._write,
                advanced,
                before=lambda: self._warm_up(todo),
                callers=self._callers,
            )
        except EngineError as error:
            if not self._facts:
                raise
            engine_failure = str(error)
            self._name_unfinished(todo)
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
            predicted_peak_mib=self._opener.predicted_mib,
            measured_peak_mib=peak_mib(),
            engine_notes=self._session.notes,
            callers=self._callers,
        )

    def _name_unfinished(self, todo: list[Planned]) -> None:
        """Count as failed what was to be done when the engine was lost."""
        ended = {facts["input"] for facts in self._facts} | {failure.input for failure in self._failures}
        self._failures += [
            InputFailure(
                str(item.path),
                f"{item.path} has no mask: engine {self._session.engine} was lost before. Mend that, then add --resume.",
            )
            for item in todo
            if str(item.path) not in ended
        ]

    def _warm_up(self, todo: list[Planned]) -> None:
        """Let the engine take all the memory that it will need, while the reading thread opens the first input.

        For a picture the time it takes would show, so there it is left out unless memory is bounded.
        """
        try:
            if self._options.max_ram_mib is not None or any(item.kind == "raster" for item in todo):
                run_nothing(self._session, self._callers)
        finally:
            self._engine_is_warm.set()

    def _leave_out_finished(self, planned: list[Planned]) -> list[Planned]:
        todo = []
        for item in planned:
            done = self._journal.finished(str(item.name), item.path, item.mask_name)
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
                output = self._opener.open(item, cutter)
            except InputError as error:
                self._failures.append(InputFailure(str(item.path), str(error)))
                continue
            self._known_tiles += output.job.tiles
            if output.job.tiles == 0:
                cutter.announce(output)  # every strip was there already: only the assembling is left
            try:
                for panel, tile_row in output.job.rows_to_cut():
                    cutter.cut_row(output, panel, tile_row, output.frame)
            except InputError as error:
                output.error = error
                cutter.announce(output)
        cutter.flush()

    def _write(self, scored: Iterator[ScoredBatch[Output]]) -> None:
        """Stitch, threshold and write; runs in the writing thread."""
        try:
            for item in scored:
                for slot in item.batch.slots:
                    output = slot.job
                    if output not in self._open:
                        continue
                    if slot.whole_row and output.error is None:
                        output.job.skip_row()
                    elif output.error is None and not output.job.finished:
                        scores = (
                            None
                            if slot.position is None or item.scores is None
                            else item.scores[slot.position]
                        )
                        output.job.add(scores, slot.valid)
                    if output.error is not None or output.job.finished:
                        self._end(output)
        finally:
            self._open.leave()

    def _end(self, output: Output) -> None:
        path = output.planned.path
        try:
            if output.error is not None:
                raise output.error
            _refuse_change(output)
            facts = output.finish()
        except InputError as error:
            output.abort()
            self._failures.append(InputFailure(str(path), str(error)))
        else:
            self._facts.append(facts)
            planned = output.planned
            self._journal.add(Done(str(planned.name), output.fingerprint, planned.mask_name, facts))
        self._open.remove(output)


def _refuse_change(output: Output) -> None:
    path = output.planned.path
    if fingerprint(path) != output.fingerprint:
        raise InputError(f"{path} changed while it was read. When it is whole, add --resume.")
