"""``segrun train``: folders of pictures and masks in, a RUN folder out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal

import click

from segrun import options as shared
from segrun.errors import MissingExtraError
from segrun.progress import reporter
from segrun_train.commands import picture_options
from segrun_train.quiet_import import quiet_import
from segrun_train.recipes import RECIPES
from segrun_train.train_options import TrainOptions

_NETWORKS = ("unet", "unet-residual", "unet-attention", "unet-lite")


def _numbers(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[float, ...]:
    if not value:
        return ()
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"expected numbers with commas. Received: {value!r}.") from error


def _distances(
    _ctx: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[float | str | None, ...]:
    if not value:
        return ()
    try:
        words: dict[str, Literal["tile"] | None] = {"tile": "tile", "none": None}
        return tuple(words[part] if part in words else float(part) for part in value.split(","))
    except ValueError as error:
        raise click.BadParameter(
            f"expected numbers, or the words tile and none, with commas. Received: {value!r}."
        ) from error


@click.command()
@shared.images
@shared.masks
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The RUN folder to write."
)
@click.option("--name", default=None, help="Short name of the model; the RUN folder's by default.")
@click.option(
    "--recipe",
    type=click.Choice(list(RECIPES)),
    default="modern",
    show_default=True,
    help="Where the values below come from when not given.",
)
@click.option("--network", type=click.Choice(_NETWORKS), default=None, help="The architecture.")
@click.option(
    "--base", type=int, default=None, help="Filters at the first resolution (unet-residual, unet-attention)."
)
@click.option("--loss", default=None, help="bce, focal, focal-notebook, dice, bce-dice or lovasz.")
@click.option(
    "--augment",
    type=click.Choice(["none", "notebook", "strong"]),
    default=None,
    help="Changes made to each crop.",
)
@click.option("--tile", type=int, default=256, show_default=True, help="Side of a training tile, pixels.")
@click.option(
    "--bands", type=int, default=3, show_default=True, help="Bands of the pictures, alpha not counted."
)
@click.option(
    "--classes",
    default="roof",
    show_default=True,
    help="Class names with commas; several begin with the background, in the order of the masks' indices.",
)
@click.option(
    "--grey-masks", "grey_truth", is_flag=True, help="Train on grey masks as they are, as the notebook did."
)
@click.option("--epochs", type=int, default=None, help="At most this many.")
@click.option("--steps", type=int, default=None, help="Steps in an epoch; 0 shows every picture once.")
@click.option("--batch", type=int, default=None, help="Tiles in a step.")
@click.option("--learning-rate", type=float, default=None, help="The constant, or the height of the cosine.")
@click.option(
    "--ema",
    type=float,
    default=None,
    help="Momentum of the mean of weights that is kept; 0 keeps the weights.",
)
@click.option(
    "--patience",
    type=int,
    default=None,
    help="Epochs without a better val_loss before stopping; 0 never stops.",
)
@click.option(
    "--validation",
    type=float,
    default=None,
    help="Share of the training pictures that chooses epoch and threshold; 0 trains on all, which then choose it.",
)
@click.option(
    "--held-out",
    multiple=True,
    metavar="FILE|DIR|REGEX",
    help="Pictures to set aside and measure once: a list of stems, a folder whose files name them, or a pattern.",
)
@click.option(
    "--train-only",
    multiple=True,
    metavar="FILE|DIR|REGEX",
    help="Pictures that never choose epoch or threshold, such as drawn scenes among real pictures.",
)
@click.option(
    "--fold",
    callback=picture_options.read_fold,
    default=None,
    metavar="K/N",
    help="Set aside every N-th picture by name, from the K-th; every N-th group where there are groups.",
)
@click.option("--group-regex", default=None, help="Pictures with an equal first group are never torn apart.")
@click.option(
    "--group-zoom",
    type=int,
    default=None,
    help="The same for web map tiles x-y-z, by their parent at this zoom.",
)
@picture_options.exclude
@click.option(
    "--share", callback=_numbers, default=None, metavar="A,B,...", help="How often each folder is drawn from."
)
@click.option(
    "--gsd-cm",
    callback=_distances,
    default=None,
    metavar="A,B,...",
    help="Ground distance, cm per pixel: one, or one a folder; 'tile' takes it from names x-y-z, 'none' is unknown.",
)
@click.option(
    "--gsd-range",
    callback=_numbers,
    default=None,
    metavar="LOW,HIGH",
    help="Resample each crop to a ground distance drawn from this range, cm per pixel.",
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "mixed_float16", "mixed_bfloat16"]),
    default="float32",
    show_default=True,
    help="While training; the saved model is float32.",
)
@click.option("--init", type=shared.EXISTING, default=None, help="RUN folder or .keras file to start from.")
@click.option(
    "--devices",
    type=click.Choice(["one", "all"]),
    default="one",
    show_default=True,
    help="Share each batch among all accelerators.",
)
@click.option("--workers", type=int, default=2, show_default=True, help="Threads that prepare batches.")
@click.option("--notice", multiple=True, help="Licence or attribution line that travels with the model.")
@click.option("--resume", is_flag=True, help="Go on where a killed run stopped.")
@click.option("--overwrite", is_flag=True, help="Replace what the RUN folder holds.")
@shared.seed
@shared.json_report
@shared.quiet
def train(
    images: tuple[Path, ...],
    masks: tuple[Path, ...],
    out: Path,
    json_path: str | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Train a U-Net on pictures and masks."""  # fmt: skip
    try:
        options = _options((*images, *masks), out, given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        with quiet_import():
            from segrun_train.option_check import check_options
            from segrun_train.training import train as run_training
    except ImportError as error:
        if error.name is not None and error.name.partition(".")[0] == "segrun_train":
            raise
        raise MissingExtraError("training", "train") from error
    try:
        check_options(options, len(images))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with reporter(quiet) as progress:
        record = run_training(images, masks, out, options, progress)
    shared.write_json(dataclasses.asdict(record), json_path)
    if not quiet:
        click.echo(_summary(out, record.metrics), err=json_path == "-")


def _options(folders: tuple[Path, ...], out: Path, given: dict[str, Any]) -> TrainOptions:
    overrides = {
        key: given[key]
        for key in ("network", "loss", "augment", "epochs", "batch", "learning_rate", "validation")
        if given[key] is not None
    }
    # Nought means none: the recipe's own value stands only where the option is absent.
    overrides |= {key: given[key] or None for key in ("steps", "ema", "patience") if given[key] is not None}
    gsd_range = given["gsd_range"]
    if len(gsd_range) not in (0, 2):
        raise click.UsageError(f"--gsd-range needs LOW,HIGH. Received: {len(gsd_range)} values.")
    exclude = picture_options.excluded_stems(given["exclude"], folders)
    return TrainOptions(
        recipe=given["recipe"], overrides=overrides, name=given["name"] or out.resolve().name,
        classes=tuple(given["classes"].split(",")), tile=given["tile"], bands=given["bands"],
        network_options={} if given["base"] is None else {"base": given["base"]},
        gsd_cm=given["gsd_cm"], gsd_range_cm=(gsd_range[0], gsd_range[1]) if gsd_range else None,
        shares=given["share"], exclude=exclude, held_out=given["held_out"],
        train_only=given["train_only"], fold=given["fold"],
        group_regex=given["group_regex"], group_zoom=given["group_zoom"], precision=given["precision"],
        grey_truth=given["grey_truth"],
        init=given["init"], devices=given["devices"], seed=given["seed"], workers=given["workers"],
        notices=given["notice"], resume=given["resume"], overwrite=given["overwrite"],
    )  # fmt: skip


def _summary(out: Path, metrics: dict[str, Any]) -> str:
    lines = [f"{out}: {metrics['epochs']} epochs, best {metrics['best_epoch'] + 1}"]
    for part in ("train", "inner", "held_out"):
        for name, found in metrics.get(part, {}).items():
            figures = found["all_pixels"]
            lines.append(
                f"{part} {name}: IoU {figures['iou']:.3f}, F1 {figures['f1']:.3f} at threshold {found['threshold']:.2f}"
            )
    return "\n".join(lines)
