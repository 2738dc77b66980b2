"""Regenerate ``docs/results/export.md``: every format and precision of trained networks on every engine that is here.

    python benchmarks/export_table.py --images HELD/images --masks HELD/masks --calibration-images TRAIN/images RUN [RUN ...]

RUN is a folder that ``segrun train`` wrote. ``--images`` with ``--masks`` are pictures that no training saw: they prove.
``--calibration-images`` are pictures of the training part, without masks: they calibrate int8 and prove nothing.
Networks with pictures of their own: run once for each with ``--append``. ``--rounds 1`` is quick.

Each time is taken by ``segrun verify`` in a process of its own, 2 threads, files and engines in turn, median of the rounds.
Run it on a machine that does nothing else; two networks take about 10 minutes there.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

FORMATS, PRECISIONS = ("onnx", "tflite"), ("fp32", "fp16", "int8")
HEADER = (
    "| format | precision | engine | calibration, layers kept float | MB | ms per tile | against ORT CPU fp32 "
    "| flipped % | IoU to Keras | IoU to truth | verdict |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True)
class Line:
    """One file on one engine.

    Args:
        artefact: of ``parity.json``.
        parity: the engine's report in it.
        path: of the file.
    """

    artefact: dict[str, Any]
    parity: dict[str, Any]
    path: Path


def segrun(*words: str) -> dict[str, Any]:
    """Run one command line in a process of its own and return its JSON report, whatever its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", "from segrun.cli import main; main()", *words, "--json", "-", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        raise click.ClickException(done.stderr.strip())
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def exported(
    run: Path, images: tuple[Path, ...], masks: tuple[Path, ...], calibration: tuple[Path, ...], out: Path
) -> dict[str, Any]:
    """Export one network in every format and precision."""
    words = [word for folder in images for word in ("--images", str(folder))]
    words += [word for folder in masks for word in ("--masks", str(folder))]
    words += [word for folder in calibration for word in ("--calibration-images", str(folder))]
    words += [word for kind in FORMATS for word in ("--format", kind)]
    words += [word for precision in PRECISIONS for word in ("--precision", precision)]
    return segrun("export", "--model", str(run / "model.keras"), *words, "--out", str(out), "--keep-failed")


def lines_of(report: dict[str, Any], out: Path) -> list[Line]:
    """List every file with every engine that ran it."""
    return [
        Line(artefact, parity, out / artefact["file"])
        for artefact in report["artefacts"]
        for parity in artefact["parity"]
    ]


def timed(lines: list[Line], rounds: int) -> list[float]:
    """Return the median ms per tile of each line; the lines take turns, so that a slow minute hits all of them."""
    times: list[list[float]] = [[] for _ in lines]
    for turn in range(rounds):
        order = range(len(lines)) if turn % 2 == 0 else reversed(range(len(lines)))
        for index in order:
            line = lines[index]
            found = segrun("verify", str(line.path), "--engine", line.parity["engine"], "--threads", "2")
            times[index].append(found["engines"][0]["ms_per_tile"])
    return [statistics.median(values) for values in times]


def choice_of(settings: dict[str, Any]) -> str:
    """Say how an int8 file was made: its calibration and the layers that stayed in float."""
    if "calibration" not in settings:
        return "-"
    # Names of TFLite list every operation that was fused; the first says which layer it is.
    kept = [name.partition(";")[0].partition("/")[0] for name in settings["keep_float"]]
    return f"{settings['calibration']}, {' + '.join(kept) or 'none'}"


def row(line: Line, time: float, base: float) -> str:
    """Return one line of the table."""
    artefact, parity = line.artefact, line.parity
    truth = "-" if parity["truth_iou"] is None else f"{parity['truth_iou']:.4f}"
    verdict = "passed" if parity["passed"] else "failed: " + "; ".join(parity["reasons"])
    return (
        f"| {artefact['format']} | {artefact['precision']} | {parity['engine']} | {choice_of(artefact['settings'])} "
        f"| {artefact['size_bytes'] / 1e6:.1f} | {time:.1f} | {base / time:.2f}x "
        f"| {100 * parity['flipped']:.4f} | {parity['iou']:.4f} | {truth} | {verdict} |"
    )


def table(name: str, lines: list[Line], times: list[float], report: dict[str, Any]) -> str:
    """Return one network's section in Markdown."""
    base = next(
        time
        for line, time in zip(lines, times, strict=True)
        if (line.artefact["format"], line.artefact["precision"], line.parity["engine"])
        == ("onnx", "fp32", "cpu")
    )
    rows = [row(line, time, base) for line, time in zip(lines, times, strict=True)]
    missing = {
        f"- {engine}: {problem}"
        for item in report["artefacts"]
        for engine, problem in item["not_certified"].items()
    }
    first = report["artefacts"][0]["parity"][0]
    keras = "not known" if first["keras_truth_iou"] is None else f"{first['keras_truth_iou']:.4f}"
    return (
        f"## {name}\n\n{len(report['tiles'])} tiles prove ({report['roles']}), {100 * first['positives']:.1f} % of their "
        f"pixels positive. Keras's own IoU to truth on them: {keras}. The export took {report['seconds']:.0f} s.\n\n"
        + HEADER + "\n".join(rows) + "\n\n" + "\n".join(["Not run:", *sorted(missing)] if missing else []) + "\n"
    )  # fmt: skip


@click.command()
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--images", multiple=True, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--masks", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--calibration-images", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--append", is_flag=True, help="Add sections to what --out holds.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("docs/results/export.md"), show_default=True
)
def main(
    *,
    runs: tuple[Path, ...],
    images: tuple[Path, ...],
    masks: tuple[Path, ...],
    calibration_images: tuple[Path, ...],
    rounds: int,
    append: bool,
    out: Path,
) -> None:
    """Write the table for the networks in RUNS."""
    sections = []
    for run in runs:
        with tempfile.TemporaryDirectory() as folder:
            report = exported(run, images, masks, calibration_images, Path(folder))
            lines = lines_of(report, Path(folder))
            name = json.loads((run / "run.json").read_text(encoding="utf-8"))
            title = f"{name['name']} ({name['network']})"
            sections.append(table(title, lines, timed(lines, rounds), report))
    head = (
        "# Export: formats, precisions, engines\n\nWritten by `python benchmarks/export_table.py`; "
        f"2 threads, median of {rounds} rounds in turn, one process each. Gates: `segrun/agreement.py`.\n\n"
    )
    earlier = out.read_text(encoding="utf-8") + "\n" if append and out.exists() else head
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(earlier + "\n".join(sections), encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
