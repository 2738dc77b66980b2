"""Run whole processes in turn and compare them: medians, ratios with an interval, processor time and peak memory.

Figures of one run say little on a machine that does other things too. Commands that take turns meet the same machine, so
the ratio of their medians holds where their milliseconds do not. Nothing but the standard library is imported, for the
sake of ``ProcessCost.peak_mib``.

    found = run_alternating({"bare": [...], "ours": [...]}, runs=5)
    print(found.ratio("ours", "bare"))
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

Measure = Literal["wall_s", "cpu_s", "peak_mib"]
MEASURES: tuple[Measure, ...] = ("wall_s", "cpu_s", "peak_mib")
RESAMPLES = 4000
# segrun of this very tree, without the script that an installation puts into the path.
SEGRUN = (sys.executable, "-c", "from segrun.cli import main; main()")
# As installed packages do, ours shall have its bytecode on the disk from the second start on.
BYTECODE_KEPT = {"PYTHONDONTWRITEBYTECODE": ""}
MAXRSS_PER_MIB = 1 << 20 if sys.platform == "darwin" else 1 << 10


class CommandFailedError(Exception):
    """A command that was to be measured did not end well; its last words are the message."""


@dataclass(frozen=True)
class ProcessCost:
    """What one process and all that it waited for took.

    Args:
        wall_s: from before its start to after its end, seconds.
        user_s: processor time in its own code, seconds.
        system_s: processor time in the kernel, seconds.
        peak_mib: the largest resident memory of one process, MiB. Linux counts in the memory of the process that started it,
            so a command that took no more than its starter gives None: start it from a process that imported little.
    """

    wall_s: float
    user_s: float
    system_s: float
    peak_mib: float | None

    @property
    def cpu_s(self) -> float:
        """Processor time, seconds."""
        return self.user_s + self.system_s


@dataclass(frozen=True)
class Ratio:
    """A ratio of medians, and the interval that holds 95 % of the ratios of resampled rounds."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Alternation:
    """What every command took, round by round; ``costs[name][i]`` of every name belong to round ``i``."""

    costs: Mapping[str, tuple[ProcessCost, ...]]

    def values(self, name: str, measure: Measure = "wall_s") -> list[float]:
        """Return one figure of each round.

        Raises:
            ValueError: the peak memory of a round is not known.
        """
        values = [getattr(cost, measure) for cost in self.costs[name]]
        if None in values:
            raise ValueError(f"{measure} of {name} is not known: it took no more than this process itself.")
        return values

    def median(self, name: str, measure: Measure = "wall_s") -> float:
        """Return the median of all rounds; raises as ``values``."""
        return statistics.median(self.values(name, measure))

    def ratio(self, name: str, to: str, measure: Measure = "wall_s") -> Ratio:
        """Compare two commands by their medians; raises as ``values``.

        The interval resamples rounds, not runs: what slowed a round down slowed both. It is the same for the same figures.
        """
        ours, theirs = self.values(name, measure), self.values(to, measure)
        draw = random.Random(0)  # noqa: S311 - statistics, not secrets
        rounds = range(len(ours))
        drawn = []
        for _ in range(RESAMPLES):
            picked = draw.choices(rounds, k=len(ours))
            drawn.append(
                statistics.median(ours[i] for i in picked) / statistics.median(theirs[i] for i in picked)
            )
        drawn.sort()
        edge = round(0.025 * RESAMPLES)
        value = statistics.median(ours) / statistics.median(theirs)
        return Ratio(value, drawn[edge], drawn[-1 - edge])

    def as_json(self) -> dict[str, Any]:
        """Return every figure of every round."""
        return {
            name: [{**asdict(cost), "cpu_s": cost.cpu_s} for cost in costs]
            for name, costs in self.costs.items()
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Sequence[Mapping[str, Any]]]) -> Alternation:
        """Return what ``as_json`` was written from."""

        def cost(figures: Mapping[str, Any]) -> ProcessCost:
            return ProcessCost(*(figures[field.name] for field in fields(ProcessCost)))

        return cls({name: tuple(map(cost, rounds)) for name, rounds in kept.items()})

    @property
    def rounds(self) -> int:
        """How many rounds are complete."""
        return min(map(len, self.costs.values()))

    def complete(self) -> Alternation:
        """Return the complete rounds, without what a run that ended early began."""
        return Alternation({name: costs[: self.rounds] for name, costs in self.costs.items()})


def run_process(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> ProcessCost:
    """Run one command to its end; what it prints is kept only for the message when it fails.

    Args:
        command: a program and its arguments.
        cwd: folder to run in; None takes this one.
        env: added to the environment.
    Raises:
        CommandFailedError: it could not be started, or ended with another code than 0.
    """
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        except OSError as error:
            raise CommandFailedError(f"{command[0]}: {error.strerror}") from error
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-15:]
            raise CommandFailedError(
                f"{' '.join(command)} ended with {process.returncode}:\n" + "\n".join(last)
            )
    own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = used.ru_maxrss / MAXRSS_PER_MIB if used.ru_maxrss > own_peak else None
    return ProcessCost(wall_s, used.ru_utime, used.ru_stime, peak)


def run_alternating(
    commands: Mapping[str, Sequence[str]],
    runs: int,
    *,
    warm_up: int = 1,
    before: Callable[[str], None] | None = None,
    after: Callable[[str, ProcessCost], None] | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Alternation:
    """Run commands in turn, the order swapped every round.

    Args:
        commands: programs and their arguments, by name.
        runs: rounds that count.
        warm_up: rounds that do not: the first reads files that later ones find in memory.
        before: called with a command's name before it starts, not timed; removes what the last run wrote, for example.
        after: called with a command's name and cost after each run that counts, to show progress.
        cwd: folder to run in; None takes this one.
        env: added to the environment.
    Raises:
        CommandFailedError: a command could not be started, or ended with another code than 0.
        ValueError: fewer than one run, or no command.
    """
    if runs < 1 or warm_up < 0 or not commands:
        raise ValueError(
            f"at least one command and one run are needed. Received: {len(commands)} and runs={runs}."
        )
    costs: dict[str, list[ProcessCost]] = {name: [] for name in commands}
    for turn in range(-warm_up, runs):
        for name in commands if turn % 2 == 0 else reversed(list(commands)):
            if before is not None:
                before(name)
            cost = run_process(commands[name], cwd=cwd, env=env)
            if turn < 0:
                continue
            costs[name].append(cost)
            if after is not None:
                after(name, cost)
    return Alternation({name: tuple(rounds) for name, rounds in costs.items()})
