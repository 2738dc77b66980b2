"""From what was measured to the files in ``docs/results``: masks compared, charts drawn, page and figures written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.alternating import run_process
from benchmarks.machine import this_machine
from benchmarks.peers.chart import draw_bars
from benchmarks.peers.contestants import KERAS, OURS, Contestant
from benchmarks.peers.masks import agreement
from benchmarks.peers.page import Result, page
from benchmarks.peers.record import Measured
from segrun.grid import Grid


def write_results(found: Sequence[Measured], out: Path, *, caption: str) -> Path:
    """Write ``peers.md``, ``peers.json`` and a chart for each network; return the page's path.

    Args:
        found: networks measured with one setting.
        out: folder.
        caption: words for the page's head; may be empty.
    """
    import rasterio

    setting = found[0].setting
    with rasterio.open(setting.raster) as source:
        height, width = source.height, source.width
    results, figures = [], {}
    out.mkdir(parents=True, exist_ok=True)
    for item in found:
        result = _result(item, out, f"{item.network} on {height} x {width} pixels")
        results.append(result)
        figures[item.network] = _figures(result)
    tiles = ", ".join(
        f"{Grid(height, width, tile, setting.overlap).count} tiles of {tile}"
        for tile in dict.fromkeys(item.tile for item in found)
    )
    rounds = sorted({item.costs.rounds for item in found})
    counted = " to ".join(map(str, dict.fromkeys((rounds[0], rounds[-1]))))
    job = (
        f"{setting.raster.name}, {height} x {width} pixels: {tiles} with an overlap of {setting.overlap}; "
        f"{setting.threads} threads, {counted} round{'s' * (rounds[-1] > 1)}."
    )
    text = page(
        results, hardware=this_machine().hardware(), job=job, command=setting.command, caption=caption
    )
    (out / "peers.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (out / "peers.md").write_text(text, encoding="utf-8")
    return out / "peers.md"


def _result(item: Measured, out: Path, title: str) -> Result:
    chosen = {one.name: one for one in item.contestants}
    reference = KERAS if KERAS in chosen else OURS
    chart = f"peers-{item.network}.png"
    ratios = [(name, item.costs.ratio(name, OURS)) for name in sorted(chosen, key=item.costs.median)]
    draw_bars(ratios, OURS, title, out / chart)
    cropped = {reference: chosen[reference].mask, "cropped": cropped_mask(chosen[OURS])}
    masks = {one.name: one.mask for one in item.contestants}
    return Result(
        item, agreement(masks, reference, item.setting.truth), reference,
        agreement(cropped, reference, None)["cropped"]["reference"], chart,
    )  # fmt: skip


def _figures(result: Result) -> dict[str, Any]:
    return {"costs": result.measured.costs.as_json(), "agreement": result.agreement}


def cropped_mask(ours: Contestant) -> Path:
    """Run segrun once more, not timed, with the others' way to merge tiles; return the mask."""
    out = ours.mask.parent.with_name("cropped")
    command = [str(out) if word == str(ours.mask.parent) else word for word in ours.command]
    run_process([*command, "--blend", "crop"])
    return out / ours.mask.name
