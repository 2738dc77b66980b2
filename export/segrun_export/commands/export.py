"""``segrun export``: a Keras model into a file that is proven to compute the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from segrun import options

if TYPE_CHECKING:
    from segrun.card import Precision
    from segrun.model_file import ModelFormat
    from segrun_export.histogram import Method


@click.command()
@click.option(
    "--model", "model", type=options.EXISTING, required=True,
    help="A .keras file; run.json beside it says the rest.",
)  # fmt: skip
@options.images
@click.option(
    "--masks", "masks", type=options.EXISTING_DIR, multiple=True,
    help="Folder of masks, as many as --images; without them no IoU against truth is judged, all else is.",
)  # fmt: skip
@click.option(
    "--calibration-images", "calibration_images", type=options.EXISTING_DIR, multiple=True,
    help="Folder of pictures that calibrate int8 and prove nothing; default: training pictures among --images, or turns.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("dist"), show_default=True,
    help="Folder of the exported files, parity.json and report.html.",
)  # fmt: skip
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(["onnx", "tflite"]), default=("onnx",), show_default=True,
    help="May be given several times.",
)  # fmt: skip
@click.option(
    "--precision", "precisions", multiple=True, type=click.Choice(["fp32", "fp16", "int8"]), default=("fp32",),
    show_default=True, help="May be given several times; every format is made in each.",
)  # fmt: skip
@click.option(
    "--profile", "profiles", multiple=True, type=click.Choice(["deepness", "triton"]),
    help="Also: a file for Deepness, GeoDeep and WebODM; a Triton model repository.",
)  # fmt: skip
@click.option(
    "--calibration", type=click.Choice(["auto", "minmax", "percentile", "entropy", "cubic"]), default="auto",
    show_default=True, help="Ranges of int8; auto takes what flips fewest pixels.",
)  # fmt: skip
@click.option(
    "--keep-float", "keep_float", multiple=True, metavar="LAYER",
    help="Layer of int8 that stays float: first, last, or a part of its name; default: as few as the gates allow.",
)  # fmt: skip
@click.option("--name", help="Name of the model and of its file; default from run.json or the file's name.")
@click.option(
    "--class", "classes", multiple=True, metavar="NAME",
    help="Class of each output channel, softmax: background first.",
)  # fmt: skip
@click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    type=options.SHARE,
    help="One for each class but the background.",
)
@click.option(
    "--gsd-cm", type=options.FiniteRange(0, min_open=True), help="Ground sampling distance, cm per pixel."
)
@click.option(
    "--gsd-range-cm",
    type=(float, float),
    metavar="LOW HIGH",
    default=None,
    help="Range of it that the model is good for.",
)
@click.option(
    "--notice", "notices", multiple=True, help="Licence or attribution line that travels with the model."
)
@click.option("--overlap", "overlap_px", type=click.IntRange(min=0), help="Default overlap of tiles, pixels.")
@click.option(
    "--tiles",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="Real tiles to compare at most.",
)
@click.option(
    "--threads", type=click.IntRange(min=1), help="Threads of the engines; default: every processor."
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier export.")
@click.option("--keep-failed", is_flag=True, help="Keep a file that failed, as NAME.failed.onnx.")
@options.json_report
@options.quiet
def export(
    *,
    model: Path,
    images: tuple[Path, ...],
    masks: tuple[Path, ...],
    calibration_images: tuple[Path, ...],
    out: Path,
    formats: tuple[ModelFormat, ...],
    precisions: tuple[Precision, ...],
    profiles: tuple[str, ...],
    calibration: Method | Literal["auto"],
    keep_float: tuple[str, ...],
    name: str | None,
    classes: tuple[str, ...],
    thresholds: tuple[float, ...],
    gsd_cm: float | None,
    gsd_range_cm: tuple[float, float] | None,
    notices: tuple[str, ...],
    overlap_px: int | None,
    tiles: int,
    threads: int | None,
    overwrite: bool,
    keep_failed: bool,
    json_path: str | None,
    quiet: bool,
) -> None:
    """Turn a Keras model into ONNX and TFLite files, put in place only if they compute what Keras computes."""
    from segrun.errors import ParityError
    from segrun.pairs import find_pairs, find_pictures
    from segrun.progress import reporter
    from segrun_export.conversion import Quantisation
    from segrun_export.export_report import table
    from segrun_export.exporter import export as run_export
    from segrun_export.facts import Facts
    from segrun_export.variants import DEEPNESS, Variant

    variants = [Variant(kind, precision) for kind in formats for precision in precisions]
    if "deepness" in profiles:
        variants.append(DEEPNESS)
    facts = Facts(name, classes, thresholds, gsd_cm, gsd_range_cm, notices)
    data = (
        find_pairs(images, masks) if masks else [item for folder in images for item in find_pictures(folder)]
    )
    calibrating = [item for folder in calibration_images for item in find_pictures(folder)]
    with reporter(quiet) as progress:
        report = run_export(
            model, data, out, facts=facts, calibration_pictures=calibrating,
            variants=variants, triton="triton" in profiles,
            quantisation=Quantisation(calibration, keep_float), tiles=tiles, overlap_px=overlap_px, threads=threads,
            overwrite=overwrite, keep_failed=keep_failed, progress=progress,
        )  # fmt: skip
    options.write_json(report.to_dict(), json_path)
    to_stderr = json_path == "-" or not report
    if not quiet or not report:
        click.echo(table(report), err=to_stderr)
    if not report:
        raise ParityError(
            f"an exported file does not compute what Keras computes ({' | '.join(report.reasons)}). "
            "It was not put in place; --keep-failed keeps it under another name."
        )
