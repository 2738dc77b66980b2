"""One side of a duel: a fresh process that runs rounds of workloads when it is told to.

    PYTHONPATH=TREE/runtime:TREE/export:TREE/train python -m benchmarks.gate.worker INPUTS

It reads a workload's name from each line of its standard input and answers with one JSON line: the seconds of processor
time of one round, or why it cannot run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2

import segrun
from benchmarks.gate.inputs import Inputs
from benchmarks.gate.workloads import CALIBRATION, WORKLOADS


def answer(name: str, inputs: Inputs, running: dict[str, Iterator[float]]) -> dict[str, object]:
    """Run one round; a workload is prepared by its first."""
    try:
        if name not in running:
            running[name] = {**WORKLOADS, **CALIBRATION}[name].rounds(inputs)
        return {"seconds": next(running[name])}
    except Exception as error:  # noqa: BLE001 - told to the other side, which says what it means
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Say which tree this is, then serve until the input ends."""
    # What the product prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    cv2.setNumThreads(1)
    inputs = Inputs(Path(sys.argv[1]))
    running: dict[str, Iterator[float]] = {}
    print(json.dumps({"tree": str(Path(segrun.__file__).parents[2])}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(line.strip(), inputs, running)), file=answers, flush=True)


if __name__ == "__main__":
    main()
