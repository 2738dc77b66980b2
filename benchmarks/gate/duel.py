"""Two fresh processes, one of each tree, that run the same rounds in turn.

Both live at once and only one of them works at a time, in strict turn. What slows the machine down for a moment slows both,
and what differs from process to process by chance (where memory lies) is averaged over several duels.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.alternating import CommandFailedError, run_process
from benchmarks.gate.trees import SOURCES
from benchmarks.gate.verdict import log_ratio
from benchmarks.gate.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parents[2]
# One thread in every library; and memory that stays with the process: whether an array lands on fresh pages is chance.
STEADY = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    **dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(1 << 30)),
    "MALLOC_TOP_PAD_": str(64 << 20),
    "NUMPY_MADVISE_HUGEPAGE": "0",
    "PYTHONHASHSEED": "0",
}


START_UP_CODE = "from segrun.cli import run; run(['predict', '--help'])"
START_UP_TURNS = 4
WARM_UP = 2


class CannotRunError(Exception):
    """A tree cannot run a workload; the message says which and why.

    Args:
        message: for the user.
        side: name of the side that cannot.
    """

    def __init__(self, message: str, side: str) -> None:
        super().__init__(message)
        self.side = side


@dataclass(frozen=True)
class Side:
    """One of the two trees.

    Args:
        name: ``base`` or ``candidate``.
        tree: root of its sources.
    """

    name: str
    tree: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes Python import from this tree."""
        path = os.pathsep.join(str(self.tree / root) for root in SOURCES)
        return {**os.environ, **STEADY, "PYTHONPATH": path}


class Worker:
    """A process of one side.

    Args:
        side: whose.
        inputs: folder of the drawn inputs.
    Raises:
        CannotRunError: it did not start, or imported another tree.
    """

    def __init__(self, side: Side, inputs: Path) -> None:
        self._side = side
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.gate.worker", str(inputs)],
            cwd=ROOT,
            env=side.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        imported = self._answer().get("tree")
        if imported != str(side.tree.resolve()):
            self.close()
            raise CannotRunError(f"{side.name} imported {imported} in place of {side.tree}.", side.name)

    def seconds(self, workload: str) -> float:
        """Run one round and return its processor time."""
        with contextlib.suppress(
            BrokenPipeError
        ):  # a process that ended gives no answer, and that is told below
            print(workload, file=_open(self._process.stdin), flush=True)
        answer = self._answer()
        if "error" in answer:
            raise CannotRunError(
                f"{self._side.name} cannot run {workload}: {answer['error']}", self._side.name
            )
        return float(str(answer["seconds"]))

    def _answer(self) -> dict[str, object]:
        line = _open(self._process.stdout).readline()
        if not line:
            code = self._process.wait()
            raise CannotRunError(
                f"{self._side.name} ended with {code}; its words are above.", self._side.name
            )
        found: dict[str, object] = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def _open(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@contextlib.contextmanager
def both(first: Side, second: Side, inputs: Path) -> Iterator[tuple[Worker, Worker]]:
    """Start a worker of each side, and end both."""
    with contextlib.ExitStack() as stack:
        workers = []
        for side in (first, second):
            worker = Worker(side, inputs)
            stack.callback(worker.close)
            workers.append(worker)
        yield workers[0], workers[1]


def duel(workers: tuple[Worker, Worker], workload: str) -> float:
    """Return the logarithm of second / first from rounds in strict turn.

    Args:
        workers: of both sides.
        workload: its name.
    Raises:
        CannotRunError: one of them cannot run it.
    """
    turns = WORKLOADS[workload].turns
    spent: tuple[list[float], list[float]] = ([], [])
    for turn in range(-WARM_UP, turns):
        for worker, seconds in zip(workers, spent, strict=True):
            passed = worker.seconds(workload)
            if turn >= 0:
                seconds.append(passed)
    return log_ratio(*spent)


def start_up(first: Side, second: Side, turns: int = START_UP_TURNS) -> float:
    """Return the same for the start of the command line: a process of its own each time, up to the help of predict.

    Raises:
        CannotRunError: one of them cannot start.
    """
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns):
        for side, seconds in zip((first, second), spent, strict=True):
            try:
                cost = run_process([sys.executable, "-c", START_UP_CODE], cwd=ROOT, env=side.environment)
            except CommandFailedError as error:
                raise CannotRunError(f"{side.name} cannot start: {error}", side.name) from error
            seconds.append(cost.cpu_s)
    return log_ratio(*spent)
