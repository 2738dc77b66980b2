"""Write ``docs/results/peers.md``: segrun, GeoDeep, Keras, onnxruntime, OpenVINO and LiteRT on one network and orthophoto.

    python -m benchmarks.peers RUN [RUN ...]

A RUN is a folder of ``segrun train``, exported here once, or an exported fp32 .onnx file with its sisters beside it.
What was measured is kept in WORK/measured at once; ``--page-only`` makes the page of it again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from benchmarks.alternating import (
    BYTECODE_KEPT,
    Alternation,
    CommandFailedError,
    ProcessCost,
    run_alternating,
    run_process,
)
from benchmarks.peers.contestants import OURS, Absentee, Contestant, Job, line_up
from benchmarks.peers.environments import ROOT
from benchmarks.peers.networks import Network, name_of, network_from_file, network_from_run
from benchmarks.peers.record import Measured, Setting
from benchmarks.spelling import spelled

ORTHOPHOTO = ROOT / "../shared/data/oam_banepa/geotiff/train_mosaic.tif"
QUICK_PX = 1024
PROGRAM = "python -m benchmarks.peers"
EXISTING = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("models", nargs=-1, required=True, type=EXISTING, metavar="RUN...")
@click.option("--raster", type=EXISTING, default=ORTHOPHOTO, help="An RGB GeoTIFF.")
@click.option("--truth", type=EXISTING, help="Its mask.  [default: NAME_mask.tif beside it]")
@click.option("--images", multiple=True, type=EXISTING, help="To export with.  [default: those of split.csv]")
@click.option("--masks", multiple=True, type=EXISTING, help="Their masks.")
@click.option("--overlap", default=32, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--runs", default=5, show_default=True, help="Rounds that count.")
@click.option("--only", multiple=True, help="Part of a contestant's name; several times.  [default: all]")
@click.option("--quick", is_flag=True, help="One round on a corner of the orthophoto: does it work at all?")
@click.option("--caption", default="", help="Words for the page's head, as what a network was trained on.")
@click.option("--page-only", is_flag=True, help="Measure nothing: make the page of what was measured before.")
@click.option(
    "--work", type=click.Path(path_type=Path), default=ROOT / "local/peers", help="Exports, masks, figures."
)
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs/results", show_default=True)
def main(
    *,
    models: tuple[Path, ...],
    raster: Path,
    truth: Path | None,
    images: tuple[Path, ...],
    masks: tuple[Path, ...],
    overlap: int,
    threads: int,
    runs: int,
    only: tuple[str, ...],
    quick: bool,
    caption: str,
    page_only: bool,
    work: Path,
    out: Path,
) -> None:
    """Measure every contestant with the networks in RUNS and write the page."""
    names = [name_of(model) for model in models]
    if len(set(names)) < len(names):
        raise click.UsageError(f"RUNs need names of their own, their files are named so. Received: {names}.")
    failed: list[str] = []
    if page_only:
        found = kept(names, work / "measured")
    else:
        work.mkdir(parents=True, exist_ok=True)
        beside = raster.with_name(f"{raster.stem}_mask.tif")
        truth = truth or (beside if beside.exists() else None)
        origin = raster.resolve()
        if quick:
            raster, truth = corner(raster, work), None if truth is None else corner(truth, work)
        command = spelled(PROGRAM, sys.argv[1:])
        setting = Setting(raster.resolve(), origin, truth, overlap, threads, command)
        networks = [
            network_from_run(model, work / "dist", overlap=overlap, images=images, masks=masks)
            if model.is_dir()
            else network_from_file(model)
            for model in models
        ]
        prepared = [(network, *tried(network, setting, work, only)) for network in networks]
        found = []
        for network, contestants, absent in prepared:
            try:
                found.append(
                    measured(
                        network,
                        contestants,
                        absent,
                        setting,
                        folder=work / "measured",
                        runs=1 if quick else runs,
                    )
                )
            except CommandFailedError as error:
                failed.append(f"{network.name}: {error}")
    if found:
        # What is imported from here on is large: the children's peak memory is known only above ours.
        from benchmarks.peers.results import write_results

        click.echo(write_results(found, out, caption=caption))
    if failed:
        raise click.ClickException("not measured: " + "\n".join(failed))


def corner(raster: Path, work: Path) -> Path:
    """Copy the top left corner of a GeoTIFF; a small job for a first look."""
    import rasterio
    from rasterio.windows import Window

    small = work / f"corner_{raster.name}"
    with rasterio.open(raster) as source:
        side = min(QUICK_PX, source.width, source.height)
        profile = {**source.profile, "width": side, "height": side}
        with rasterio.open(small, "w", **profile) as target:
            target.write(source.read(window=Window(0, 0, side, side)))
    return small


def tried(
    network: Network, setting: Setting, work: Path, only: Sequence[str]
) -> tuple[list[Contestant], list[Absentee]]:
    """Line up a network's contestants and run each of them once, not timed, so that none fails when it counts.

    Raises:
        click.ClickException: segrun itself failed.
    """
    job = Job(setting.raster, setting.overlap, setting.threads, work / "masks" / network.name)
    job.folder.mkdir(parents=True, exist_ok=True)
    contestants, absent = line_up(network, job)
    if only:
        contestants = [c for c in contestants if c.name == OURS or any(part in c.name for part in only)]
    able = []
    for item in contestants:
        click.echo(f"{network.name}: trying {item.name}", err=True)
        item.mask.unlink(missing_ok=True)
        try:
            run_process(item.command, env=BYTECODE_KEPT)
        except CommandFailedError as error:
            if item.name == OURS:
                raise click.ClickException(str(error)) from error
            # The first line is the command, with paths of this machine.
            last = (str(error).splitlines()[1:] or ["no message"])[-1]
            absent.append(Absentee(item.name, f"failed: {last}"))
        else:
            if item.mask.exists():
                able.append(item)
            else:
                absent.append(Absentee(item.name, "failed: it wrote no mask"))
    return able, absent


def measured(
    network: Network,
    contestants: list[Contestant],
    absent: list[Absentee],
    setting: Setting,
    *,
    folder: Path,
    runs: int,
) -> Measured:
    """Run all contestants in turn, tell each run, and keep every complete round at once.

    Raises:
        CommandFailedError: one of them failed.
    """

    def so_far(costs: Mapping[str, Sequence[ProcessCost]]) -> Measured:
        return Measured(
            setting, network.name, network.tile, network.trained_on, network.started, tuple(contestants), tuple(absent),
            Alternation({name: tuple(rounds) for name, rounds in costs.items()}).complete(),
        )  # fmt: skip

    def told(name: str, cost: ProcessCost) -> None:
        click.echo(f"{network.name}: {name}: {cost.wall_s:.1f} s, processor {cost.cpu_s:.1f} s", err=True)
        taken[name].append(cost)
        if len({len(rounds) for rounds in taken.values()}) == 1:
            so_far(taken).write(folder)

    taken: dict[str, list[ProcessCost]] = {item.name: [] for item in contestants}
    commands = {item.name: item.command for item in contestants}
    return so_far(run_alternating(commands, runs, warm_up=0, after=told, env=BYTECODE_KEPT).costs)


def kept(names: Sequence[str], folder: Path) -> list[Measured]:
    """Read what was measured of networks before.

    Raises:
        click.UsageError: one was not measured, or not in the same run as the others.
    """
    missing = [name for name in names if not (folder / f"{name}.json").exists()]
    if missing:
        raise click.UsageError(f"not measured yet: {', '.join(missing)}. Run without --page-only.")
    found = [Measured.read(folder / f"{name}.json") for name in names]
    if len({item.setting for item in found}) > 1:
        raise click.UsageError("they were not measured in one run. Run without --page-only.")
    return found


if __name__ == "__main__":
    main()
