"""The page ``docs/results/gpu.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.alternating import Alternation
from benchmarks.gpu.cards import Card
from benchmarks.gpu.flops import Work
from benchmarks.gpu.rows import Row
from benchmarks.gpu.training_step import Step


@dataclass(frozen=True)
class Found:
    """What was measured.

    Args:
        card: name of the card.
        peaks: what it can do at most; None where it is not listed.
        work: of each file, for one tile.
        rows: calls of every file, engine, batch and way.
        runs: whole runs of predict; None where no engine was there.
        run_tiles: how many tiles each of them had.
        run_file: name of the file that they ran.
        steps: of training.
    """

    card: str
    peaks: Card | None
    work: Mapping[str, Work]
    rows: Sequence[Row]
    runs: Alternation | None
    run_tiles: Mapping[str, int]
    run_file: str
    steps: Sequence[Step]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "card": self.card,
            "calls": [asdict(row) for row in self.rows],
            "runs": None if self.runs is None else self.runs.as_json(),
            "run_tiles": dict(self.run_tiles),
            "run_file": self.run_file,
            "steps": [asdict(step) for step in self.steps],
        }


def page(found: Found, *, hardware: str, versions: str, command: str) -> str:
    """Return the page in Markdown.

    Args:
        found: measured.
        hardware: the machine, in words.
        versions: of the packages, in words.
        command: what writes the page.
    """
    peaks = found.peaks
    roof = (
        "This card is not listed in `benchmarks/gpu/cards.py`: no share of its roofline is told."
        if peaks is None
        else f"Peaks, dense: fp32 {peaks.fp32:g} TFLOP/s, fp16 {peaks.fp16:g} TFLOP/s, int8 {peaks.int8 or '-'} TOP/s, "
        f"memory {peaks.gb_per_s:g} GB/s. The share of the roofline is the least time that these allow over the median."
    )
    return "\n".join(
        [
            "# On a GPU",
            "",
            f"Written by `{command}`. Card: {found.card}. Machine: {hardware}. {versions}.",
            "",
            roof,
            "",
            *_calls(found),
            *_predict(found),
            *_training(found),
        ]
    )


def _calls(found: Found) -> list[str]:
    """List the calls; plain ones stand beside the bound ones as a ratio."""
    plain = {(r.file, r.engine, r.batch): r for r in found.rows if r.way == "plain" and r.timing is not None}
    lines = [
        "## Calls",
        "",
        "| file | precision | engine | batch | plain / bound | share of roofline | tiles/s | p50 ms | p99 ms | J/tile |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    missing = []
    for row in found.rows:
        if row.timing is None:
            missing.append(f"- {row.file} on {row.engine}, batch {row.batch}, {row.way}: {row.reason}")
        elif row.way == "bound":
            timing = row.timing
            other = plain.get((row.file, row.engine, row.batch))
            against = (
                "-" if other is None or other.timing is None else f"{other.timing.p50_ms / timing.p50_ms:.2f}"
            )
            joules = "-" if timing.joules_per_tile is None else f"{timing.joules_per_tile:.4f}"
            lines.append(
                f"| {row.file} | {row.precision} | {row.engine} | {timing.batch} | {against} | {_share(found, row)} "
                f"| {timing.tiles_per_s:.0f} | {timing.p50_ms:.3f} | {timing.p99_ms:.3f} | {joules} |"
            )
    return [*lines, "", *(["Not run:", "", *missing, ""] if missing else [])]


def _share(found: Found, row: Row) -> str:
    if found.peaks is None or row.timing is None or row.file not in found.work:
        return "-"
    floor_s = found.peaks.floor_s(found.work[row.file], row.precision, row.timing.batch)
    return "-" if floor_s is None else f"{100 * floor_s / (row.timing.p50_ms / 1000):.1f} %"


def _predict(found: Found) -> list[str]:
    if found.runs is None:
        return []
    names = list(found.runs.costs)
    precision = next((row.precision for row in found.rows if row.file == found.run_file), "")
    lines = [
        "## Whole runs of segrun predict, decoding and writing among them",
        "",
        f"With {found.run_file}. The share of the roofline is the least time of all tiles on this card over the wall time.",
        "",
        "| run | wall time / first row | share of roofline | wall s | tiles/s | processor s |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        wall, cpu = found.runs.median(name), found.runs.median(name, "cpu_s")
        ratio, tiles = found.runs.ratio(name, names[0]), found.run_tiles[name]
        share = "-"
        if found.peaks is not None and found.run_file in found.work:
            floor_s = found.peaks.floor_s(found.work[found.run_file], precision, tiles)
            share = "-" if floor_s is None else f"{100 * floor_s / wall:.1f} %"
        lines.append(f"| {name} | {ratio} | {share} | {wall:.2f} | {tiles / wall:.0f} | {cpu:.2f} |")
    return [*lines, ""]


def _training(found: Found) -> list[str]:
    lines = ["## A training step", ""]
    lines += [
        "| network | backend | precision | batch | ms | tiles/s | TFLOP/s | share of fp16 peak | on |",
        "|" + "---|" * 9,
    ]
    missing = []
    for item in found.steps:
        if item.ms is None:
            missing.append(
                f"- {item.network} on {item.backend}, batch {item.batch}, {item.policy}: {item.reason}"
            )
            continue
        rate = item.flops / item.ms / 1e9
        # Tensor cores are not what a step in float32 runs on.
        peak = None if found.peaks is None or item.policy == "float32" else found.peaks.fp16
        share = "-" if peak is None else f"{100 * rate / peak:.1f} %"
        lines.append(
            f"| {item.network} | {item.backend} | {item.policy} | {item.batch} | {item.ms:.1f} "
            f"| {1000 * item.batch / item.ms:.0f} | {rate:.2f} | {share} | {item.device} |"
        )
    return [*lines, "", *(["Not run:", "", *missing, ""] if missing else [])]
