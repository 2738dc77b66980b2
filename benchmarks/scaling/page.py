"""The page ``docs/results/scaling.md`` and its plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.alternating import Alternation, Measure
from benchmarks.calls import in_words
from benchmarks.scaling.line_fit import LineFit
from benchmarks.scaling.sweeps import KINDS, Kind, Point

PLOTTED: tuple[tuple[Measure, str, str], ...] = (
    ("wall_s", "wall time, s", "#0072B2"),
    ("peak_mib", "peak memory, MiB", "#D55E00"),
)
LEAST_R2 = 0.99
MOST_GROWTH = 1.10
# From here on a raster is larger than what bounds memory: panels, queues and GDAL's cache are full.
FLAT_FROM_MPX = 16.0
AXES: dict[Kind, str] = {
    "pixels": "raster, Mpx", "tile": "side of a tile, px", "overlap": "overlap, px", "batch": "tiles in a call",
    "threads": "threads",
}  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """What was measured.

    Args:
        sweeps: the points of each.
        costs: of every point's runs, by its name.
        calls: how many go side by side, by the point's name.
    """

    sweeps: Mapping[Kind, Sequence[Point]]
    costs: Alternation
    calls: Mapping[str, int]

    @property
    def fit(self) -> LineFit:
        """Wall seconds against megapixels."""
        return self.fit_of("wall_s")

    def fit_of(self, measure: Measure) -> LineFit:
        """Return the line of one figure against megapixels."""
        points = self.sweeps["pixels"]
        return LineFit.through(
            [point.megapixels for point in points],
            [self.costs.median(point.name, measure) for point in points],
        )

    @property
    def full(self) -> Sequence[Point]:
        """The rasters with which bounded memory is full, ascending."""
        return [point for point in self.sweeps["pixels"] if point.megapixels >= FLAT_FROM_MPX]

    @property
    def growth(self) -> float | None:
        """Peak memory of the largest raster against that of the first with bounded memory full; None without both."""
        if len(self.full) < 2:
            return None
        first, last = (self.costs.median(point.name, "peak_mib") for point in (self.full[0], self.full[-1]))
        return last / first


def page(findings: Findings, *, hardware: str, model: str, command: str) -> str:
    """Return the page in Markdown.

    Args:
        findings: measured.
        hardware: the machine, in words.
        model: its name.
        command: what regenerates the page.
    """
    fit, cpu, growth = findings.fit, findings.fit_of("cpu_s"), findings.growth
    rounds = findings.costs.rounds
    linear = "reached" if fit.r2 >= LEAST_R2 else "MISSED"
    lines = [
        "# How cost grows",
        "",
        f"Written by `{command}`. `segrun predict` with the model `{model}` on drawn GeoTIFFs, onnxruntime CPU.",
        f"Every point is a whole process; {rounds} round{'s' * (rounds > 1)} in turn, medians. One thing varies at a time,",
        "but two bring others along. A larger tile has a larger overlap, so that the share of pixels that are run twice",
        "stays. And with one tile in a call segrun shares its threads out among several calls, with two or more one call",
        "has them all (`docs/decisions/015-tiles-side-by-side.md`). The column `side by side` says which.",
        "",
        f"Machine: {hardware}.",
        "",
        "| law | found | target |",
        "|---|---|---|",
        f"| time = {fit.offset:.2f} s + {fit.slope:.3f} s for each Mpx | R2 = {fit.r2:.4f} | >= {LEAST_R2}: {linear} |",
        f"| processor time = {cpu.offset:.2f} s + {cpu.slope:.3f} s for each Mpx | R2 = {cpu.r2:.4f} | - |",
    ]
    if growth is not None:
        first, last = (point.megapixels for point in (findings.full[0], findings.full[-1]))
        flat = "reached" if growth <= MOST_GROWTH else "MISSED"
        lines.append(
            f"| peak memory at {last:.4g} Mpx / at {first:.4g} Mpx | {growth:.3f} | <= {MOST_GROWTH}: {flat} |"
        )
    lines += ["", "![Time and peak memory of every sweep](scaling.png)", ""]
    for kind in KINDS:
        lines += _table(findings, kind)
    return "\n".join(lines)


def _table(findings: Findings, kind: Kind) -> list[str]:
    points, costs = findings.sweeps[kind], findings.costs
    base = points[0].name
    rows = [
        f"| {point.value(kind):.4g} | {in_words(findings.calls[point.name], point.threads)} | {point.tiles} "
        f"| {costs.median(point.name) / costs.median(base):.2f} "
        f"| {costs.median(point.name, 'cpu_s') / costs.median(base, 'cpu_s'):.2f} | {costs.median(point.name):.2f} "
        f"| {1000 * costs.median(point.name) / point.tiles:.1f} | {costs.median(point.name, 'peak_mib'):.0f} |"
        for point in points
    ]
    columns = (
        AXES[kind],
        "side by side",
        "tiles",
        "wall time / first row",
        "processor time / first row",
        "wall s",
        "ms per tile",
        "peak MiB",
    )
    head = f"| {' | '.join(columns)} |"
    return [f"## {kind.capitalize()}", "", head, "|" + "---|" * len(columns), *rows, ""]


def draw_plots(findings: Findings, path: Path) -> None:
    """Write a PNG: for each sweep, wall time above and peak memory below."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(2, len(KINDS), figsize=(15, 6), layout="constrained", squeeze=False)
    for column, kind in enumerate(KINDS):
        points = findings.sweeps[kind]
        positions = [point.value(kind) for point in points]
        for row, (measure, label, colour) in enumerate(PLOTTED):
            axes = grid[row][column]
            values = [findings.costs.median(point.name, measure) for point in points]
            axes.plot(positions, values, "o-", color=colour)
            if kind == "pixels" and measure == "wall_s":
                fit = findings.fit
                axes.plot(positions, [fit.offset + fit.slope * at for at in positions], "--", color="#999999")
                axes.set_title(f"R2 = {fit.r2:.4f}", fontsize=10)
            axes.set_ylim(0, 1.15 * max(values))
            axes.set_xticks(positions if kind != "pixels" else axes.get_xticks())
            axes.set_xlim(min(positions) - 0.05 * max(positions), 1.05 * max(positions))
            axes.set_xlabel(AXES[kind])
            axes.set_ylabel(label if column == 0 else "")
            axes.grid(visible=True, color="#EEEEEE")
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
