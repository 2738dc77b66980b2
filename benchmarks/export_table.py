"""Regenerate ``docs/results/export.md``: every format and precision of trained networks on every engine that is here.

    python -m benchmarks.export_table --images HELD/images --masks HELD/masks --calibration-images TRAIN/images RUN [RUN ...]

RUN is a folder that ``segrun train`` wrote. ``--images`` with ``--masks`` are pictures that no training saw: they prove.
``--calibration-images`` are pictures of the training part, without masks: they calibrate int8 and prove nothing.
``--dist`` keeps the exports, and takes those of an earlier call for the same weights. ``--rounds 1`` is quick.

Each time is taken by ``segrun verify`` in a process of its own, 2 threads, median of the rounds; the files of all networks
take turns. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.alternating import SEGRUN
from benchmarks.machine import this_machine

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
        [*SEGRUN, *words, "--json", "-", "--quiet"],
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
    model = run / "model.keras"
    kept = out / f"export-{hashlib.sha256(model.read_bytes()).hexdigest()[:16]}.json"
    if kept.exists():
        earlier: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return earlier
    report = segrun(
        "export", "--model", str(model), *words, "--out", str(out), "--keep-failed", "--overwrite"
    )
    kept.write_text(json.dumps(report), encoding="utf-8")
    return report


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


def base_of(lines: list[Line], times: list[float]) -> float:
    """Return the ms per tile of the fp32 ONNX file on onnxruntime's CPU provider."""
    base = ("onnx", "fp32", "cpu")
    return next(
        time
        for line, time in zip(lines, times, strict=True)
        if (line.artefact["format"], line.artefact["precision"], line.parity["engine"]) == base
    )


def fastest_line(name: str, lines: list[Line], times: list[float], base: float, first_base: float) -> str:
    """Say which file that passed its gate is the fastest, against its own fp32 and that of the first network."""
    time, line = min(
        ((time, line) for time, line in zip(times, lines, strict=True) if line.parity["passed"]), key=lambda it: it[0]
    )  # fmt: skip
    what = f"{line.artefact['format']} {line.artefact['precision']} on {line.parity['engine']}"
    return (
        f"- {name}: the fastest file within its gate is {what}, {base / time:.2f}x its own fp32 on onnxruntime's CPU "
        f"provider and {first_base / time:.2f}x that of the first network."
    )


def table(name: str, lines: list[Line], times: list[float], report: dict[str, Any]) -> str:
    """Return one network's section in Markdown."""
    base = base_of(lines, times)
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
@click.option(
    "--dist", type=click.Path(file_okay=False, path_type=Path), help="Keep the exports below this folder."
)
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
    dist: Path | None,
    out: Path,
) -> None:
    """Write the table for the networks in RUNS."""
    with tempfile.TemporaryDirectory() as folder:
        networks = []
        for run in runs:
            record = json.loads((run / "run.json").read_text(encoding="utf-8"))
            files = (dist or Path(folder)) / record["name"]
            files.mkdir(parents=True, exist_ok=True)
            report = exported(run, images, masks, calibration_images, files)
            networks.append((f"{record['name']} ({record['network']})", report, lines_of(report, files)))
        times = iter(timed([line for _, _, lines in networks for line in lines], rounds))
        sections, fastest, first_base = [], [], 0.0
        for title, report, lines in networks:
            own = [next(times) for _ in lines]
            base = base_of(lines, own)
            first_base = first_base or base
            sections.append(table(title, lines, own, report))
            fastest.append(fastest_line(title, lines, own, base, first_base))
    head = (
        "# Export: formats, precisions, engines\n\nWritten by `python -m benchmarks.export_table`; "
        f"2 threads, median of {rounds} rounds in turn, one process each. Gates: `segrun/agreement.py`.\n\n"
        f"{this_machine().markdown()}\n\n"
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(head + "\n".join(fastest) + "\n\n" + "\n".join(sections), encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
