"""One figure of `docs/results/overhead.md`: two commands, their ratio, and the target."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.alternating import BYTECODE_KEPT, Alternation, ProcessCost, run_alternating
from benchmarks.calls import in_words

PYTHON = sys.executable
SEGRUN = str(Path(sys.executable).with_name("segrun"))
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Figure:
    """What one command takes over another.

    Args:
        title: what is compared.
        target: the largest ratio of wall times that is good enough.
        tiles: that each command ran; 0 where none are run.
        costs: of ``ours`` and ``theirs``, round by round.
    """

    title: str
    target: float
    tiles: int
    costs: Alternation

    @property
    def reached(self) -> bool:
        """Whether the ratio of medians is within the target."""
        return self.costs.ratio("ours", "theirs").value <= self.target

    def as_json(self) -> dict[str, Any]:
        """Return every round and the ratios."""
        ratios = {name: vars(self.costs.ratio("ours", "theirs", name)) for name in ("wall_s", "cpu_s")}
        return {
            "title": self.title,
            "target": self.target,
            "tiles": self.tiles,
            "ratios": ratios,
            "runs": self.costs.as_json(),
        }

    def row(self) -> str:
        """Return a row of the table."""
        seconds = " | ".join(f"{self.costs.median(name):.2f} s" for name in ("theirs", "ours"))
        verdict = "reached" if self.reached else "**missed**"
        wall, processor = (self.costs.ratio("ours", "theirs", name) for name in ("wall_s", "cpu_s"))
        return f"| {self.title} | {seconds} | {wall} | {processor} | {self.target} | {verdict} |"


def measure(
    title: str,
    target: float,
    *,
    ours: list[str],
    theirs: list[str],
    runs: int,
    out: Path | None = None,
    tiles: int = 0,
) -> Figure:
    """Run two commands in turn.

    Args:
        title: what is compared.
        target: the largest ratio that is good enough.
        ours: the command that is judged.
        theirs: the one that it is compared with.
        runs: rounds that count.
        out: folder that ``ours`` writes, removed before each run.
        tiles: that each of them runs.
    Raises:
        CommandFailedError: one of them failed.
    """
    return Figure(title, target, tiles, _in_turn(title, {"theirs": theirs, "ours": ours}, runs, out))


def _in_turn(title: str, commands: dict[str, list[str]], runs: int, out: Path | None) -> Alternation:
    def clear(_name: str) -> None:
        if out is not None:
            shutil.rmtree(out, ignore_errors=True)

    def show(name: str, cost: ProcessCost) -> None:
        print(f"{title}: {name} {cost.wall_s:.2f} s, processor {cost.cpu_s:.2f} s", flush=True)

    return run_alternating(commands, runs, before=clear, after=show, env=BYTECODE_KEPT)


def over_bare_loop(
    title: str, target: float, model: Path, source: Path, arrays: Path, *, out: Path, runs: int, threads: int, tiles: int,
    words: list[str] | None = None,
) -> list[Figure]:  # fmt: skip
    """Compare predict with bare loops on the same tiles, all in turn.

    One loop makes one call with all threads, as a person writes it; where predict has several calls in hand at once,
    another loop has as many.

    Args:
        title: what is compared.
        target: the largest ratio that is good enough.
        model: an ONNX file of the contract.
        source: what predict gets.
        arrays: its tiles as ``benchmarks.overhead_tiles`` wrote them.
        out: folder that predict writes.
        runs: rounds that count.
        threads: of the engine, on both sides.
        tiles: how many there are.
        words: further options of predict.
    Raises:
        CommandFailedError: one of them failed.
    """
    engine = ["--engine", "cpu", "--threads", str(threads), "--quiet"]
    ours = [SEGRUN, "predict", "--model", str(model), str(source), "-o", str(out), *(words or []), *engine]
    loop = [PYTHON, str(HERE / "overhead_bare.py"), str(model), str(arrays), str(threads)]
    loops = {
        in_words(calls, threads): [*loop, str(calls)]
        for calls in sorted({1, callers_of(model, threads, source)})
    }
    found = _in_turn(title, {**loops, "ours": ours}, runs, out)
    return [
        Figure(
            f"{title}; bare: {name}", target, tiles,
            Alternation({"theirs": found.costs[name], "ours": found.costs["ours"]}),
        )
        for name in loops
    ]  # fmt: skip


def callers_of(model: Path, threads: int, source: Path) -> int:
    """Return how many calls predict has in hand at once, asked in a process of its own, so that this one stays small."""
    words = [str(model), "cpu", str(threads), str(source)]
    command = [PYTHON, "-m", "benchmarks.calls", *words]
    done = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout)


def drawn_tiles(folder: Path, count: int) -> Path:
    """Draw scenes of 256 pixels into a folder and return where the pictures lie."""
    words = ["--count", str(count), "--seed", "3", "--size", "256", "--quiet"]
    subprocess.run([SEGRUN, "scenes", "--out", str(folder), *words], check=True)
    return folder / "images"


def write_arrays(model: Path, source: Path, overlap: int, arrays: Path) -> Path:
    """Cut a source as predict does, in a process of its own, and return the file of its tiles."""
    words = [str(model), str(overlap), str(arrays), str(source)]
    subprocess.run([PYTHON, "-m", "benchmarks.overhead_tiles", *words], cwd=HERE.parent, check=True)
    return arrays
