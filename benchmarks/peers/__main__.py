"""Write ``docs/results/peers.md``: segrun, GeoDeep, Keras, onnxruntime, OpenVINO and LiteRT on one network and orthophoto.

    python -m benchmarks.peers RUN [RUN ...]

A RUN is a folder of ``segrun train``, exported here once, or an exported fp32 .onnx file with its sisters beside it.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from benchmarks.alternating import Alternation, ProcessCost, run_alternating, run_process
from benchmarks.peers.contestants import KERAS, OURS, Absentee, Contestant, Job, line_up
from benchmarks.peers.environments import ROOT
from benchmarks.peers.networks import Network, network_from_file, network_from_run

ORTHOPHOTO = ROOT / "../shared/data/oam_banepa/geotiff/train_mosaic.tif"
QUICK_PX = 1024
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
@click.option(
    "--work", type=click.Path(path_type=Path), default=ROOT / "local/peers", help="Exports and masks."
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
    work: Path,
    out: Path,
) -> None:
    """Measure every contestant with the networks in RUNS and write the page."""
    work.mkdir(parents=True, exist_ok=True)
    beside = raster.with_name(f"{raster.stem}_mask.tif")
    truth = truth or (beside if beside.exists() else None)
    if quick:
        raster, truth = corner(raster, work), None if truth is None else corner(truth, work)
    found = []
    for model in models:
        network = (
            network_from_run(model, work / "dist", overlap=overlap, images=images, masks=masks)
            if model.is_dir()
            else network_from_file(model)
        )
        job = Job(raster.resolve(), overlap, threads, work / "masks" / network.name)
        job.folder.mkdir(parents=True, exist_ok=True)
        contestants, absent = line_up(network, job)
        if only:
            contestants = [c for c in contestants if c.name == OURS or any(part in c.name for part in only)]
        found.append(
            (network, contestants, absent, measured(network, contestants, 1 if quick else runs, quick=quick))
        )
    # What is imported from here on is large: the children's peak memory is known only above ours.
    write(
        found, raster, truth, out, words=f"{threads} threads, {1 if quick else runs} rounds", overlap=overlap
    )


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


def measured(network: Network, contestants: list[Contestant], runs: int, *, quick: bool) -> Alternation:
    """Run all contestants in turn, and tell each run."""

    def told(name: str, cost: ProcessCost) -> None:
        click.echo(f"{network.name}: {name}: {cost.wall_s:.1f} s, processor {cost.cpu_s:.1f} s", err=True)

    commands = {item.name: item.command for item in contestants}
    return run_alternating(commands, runs, warm_up=0 if quick else 1, after=told)


def cropped_mask(ours: Contestant) -> Path:
    """Run segrun once more, not timed, with the others' way to merge tiles; return the mask."""
    out = ours.mask.parent.with_name("cropped")
    command = [str(out) if word == str(ours.mask.parent) else word for word in ours.command]
    run_process([*command, "--blend", "crop"])
    return out / ours.mask.name


def write(
    found: list[tuple[Network, list[Contestant], list[Absentee], Alternation]],
    raster: Path,
    truth: Path | None,
    out: Path,
    *,
    words: str,
    overlap: int,
) -> None:
    """Compare the masks, draw the charts and write the page and its figures."""
    import rasterio

    from benchmarks.machine import this_machine
    from benchmarks.peers.chart import draw_bars
    from benchmarks.peers.masks import agreement
    from benchmarks.peers.page import Result, page
    from segrun.grid import Grid

    with rasterio.open(raster) as source:
        height, width = source.height, source.width
    results, figures = [], {}
    out.mkdir(parents=True, exist_ok=True)
    for network, contestants, absent, costs in found:
        chosen = {item.name: item for item in contestants}
        names = list(chosen)
        reference = KERAS if KERAS in names else OURS
        chart = f"peers-{network.name}.png"
        ratios = [(name, costs.ratio(name, OURS)) for name in sorted(names, key=costs.median)]
        draw_bars(ratios, OURS, f"{network.name} on {height} x {width} pixels", out / chart)
        cropped = {reference: chosen[reference].mask, "cropped": cropped_mask(chosen[OURS])}
        cropped_iou = agreement(cropped, reference, None)["cropped"]["reference"]
        agreed = agreement({item.name: item.mask for item in contestants}, reference, truth)
        results.append(
            Result(network.name, contestants, absent, costs, agreed, reference, cropped_iou, chart)
        )
        figures[network.name] = {"costs": costs.as_json(), "agreement": agreed}
    tile = found[0][0].tile
    tiles = Grid(height, width, tile, overlap).count
    job = f"{raster.name}, {height} x {width} pixels: {tiles} tiles of {tile} with an overlap of {overlap}; {words}."
    text = page(results, hardware=this_machine().hardware(), job=job, command="make bench-peers")
    (out / "peers.md").write_text(text, encoding="utf-8")
    (out / "peers.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    click.echo(out / "peers.md")


if __name__ == "__main__":
    main()
