"""Fight duels until every workload has its verdict."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.gate.duel import CannotRunError, Side, both, duel, start_up
from benchmarks.gate.verdict import FEWEST_DUELS, Limits, Verdict, judge
from benchmarks.gate.workloads import WORKLOADS

START_UP = "start-up"
NAMES = (*WORKLOADS, START_UP)


@dataclass(frozen=True)
class Row:
    """One workload's outcome.

    Args:
        name: of the workload.
        log_ratios: one for each duel.
        verdict: what they say; None where one side cannot run it.
        problem: why it was not compared; None where it was.
    """

    name: str
    log_ratios: tuple[float, ...]
    verdict: Verdict | None
    problem: CannotRunError | None = None

    @property
    def failed(self) -> bool:
        """Whether this keeps the candidate from passing: it is slower, or only the base can run it."""
        if self.verdict is None:
            return self.problem is not None and self.problem.side != "base"
        return bool(self.verdict.slower)

    def __str__(self) -> str:
        return (
            f"{self.name:10} {self.verdict if self.verdict is not None else f'not compared: {self.problem}'}"
        )


@dataclass(frozen=True)
class Comparison:
    """Candidate against base; truthy when the candidate passes: something was compared, and nothing failed.

    Args:
        rows: one for each workload.
        seconds: how long it took.
    """

    rows: tuple[Row, ...]
    seconds: float

    @property
    def compared(self) -> int:
        """How many workloads have a verdict."""
        return sum(row.verdict is not None for row in self.rows)

    def __bool__(self) -> bool:
        # A base that cannot run anything proves nothing.
        return self.compared > 0 and not any(row.failed for row in self.rows)

    def __str__(self) -> str:
        failed = ", ".join(row.name for row in self.rows if row.failed)
        word = f"FAILED: {failed or 'nothing could be compared'}"
        return f"{'passed' if self else word}, {self.compared} of {len(self.rows)} compared, {self.seconds:.0f} s"

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        rows = {
            row.name: {
                "failed": row.failed,
                "ratio": row.verdict and row.verdict.ratio,
                "low": row.verdict and row.verdict.low,
                "high": row.verdict and row.verdict.high,
                "clear": row.verdict and row.verdict.clear,
                "problem": row.problem and str(row.problem),
                "log_ratios": list(row.log_ratios),
            }
            for row in self.rows
        }
        return {"passed": bool(self), "compared": self.compared, "seconds": self.seconds, "workloads": rows}


def compare(
    base: Path,
    candidate: Path,
    inputs: Path,
    limits: Limits,
    *,
    names: Sequence[str] = NAMES,
    say: Callable[[str], None] = print,
) -> Comparison:
    """Compare two trees.

    Args:
        base: root of the tree to compare with.
        candidate: root of the tree to judge.
        inputs: folder of the drawn inputs.
        limits: when a verdict is reached.
        names: workloads to run.
        say: told of every verdict.
    """
    started = time.perf_counter()
    sides = Side("base", base), Side("candidate", candidate)
    found: dict[str, list[float]] = {name: [] for name in names}
    rows: dict[str, Row] = {}
    for number in itertools.count():
        waiting = [name for name in names if name not in rows]
        if not waiting:
            break
        for name, outcome in _one_duel(sides, inputs, waiting, swapped=number % 2 == 1).items():
            row = _row(name, found[name], outcome, limits)
            if row is not None:
                rows[name] = row
                say(str(row))
    return Comparison(tuple(rows[name] for name in names), time.perf_counter() - started)


def _one_duel(
    sides: tuple[Side, Side], inputs: Path, names: Sequence[str], *, swapped: bool
) -> dict[str, float | CannotRunError]:
    """Fight one duel of each workload; every other time the candidate starts and goes first."""
    first, second = reversed(sides) if swapped else sides
    outcomes: dict[str, float | CannotRunError] = {}
    in_workers = [name for name in names if name != START_UP]
    try:
        if in_workers:
            with both(first, second, inputs) as workers:
                for name in in_workers:
                    outcomes[name] = _caught(partial(duel, workers, name))
    except CannotRunError as error:
        outcomes.update(dict.fromkeys(in_workers, error))
    if START_UP in names:
        outcomes[START_UP] = _caught(partial(start_up, first, second))
    if swapped:
        return {
            name: found if isinstance(found, CannotRunError) else -found for name, found in outcomes.items()
        }
    return outcomes


def _caught(fight: Callable[[], float]) -> float | CannotRunError:
    try:
        return fight()
    except CannotRunError as error:
        return error


def _row(name: str, log_ratios: list[float], outcome: float | CannotRunError, limits: Limits) -> Row | None:
    """Add a duel's outcome and return the workload's row once it is settled."""
    if isinstance(outcome, CannotRunError):
        return Row(name, tuple(log_ratios), None, outcome)
    log_ratios.append(outcome)
    if len(log_ratios) < FEWEST_DUELS:
        return None
    verdict = judge(log_ratios, limits)
    return None if verdict.slower is None else Row(name, tuple(log_ratios), verdict)


def spread(log_ratios: Sequence[float]) -> float:
    """Return the standard deviation of a duel's ratio around its mean, as a share: 0.02 is 2 %."""
    return math.expm1(statistics.stdev(log_ratios))
