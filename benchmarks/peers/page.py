"""The page ``docs/results/peers.md``: ratios first, then a table for each network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.peers.contestants import BARE, GEODEEP, KERAS, OURS, TUNED, Contestant
from benchmarks.peers.environments import packages
from benchmarks.peers.record import Measured

# (who is slower, who is faster, how much slower at least, in words), of the project's own targets.
TARGETS = (
    (GEODEEP, OURS, 1.5, "same engine and precision"),
    (GEODEEP, TUNED, 4.5, "tuned int8 file that passed the parity gates"),
)
HEADER = (
    "| contestant | how | wall time / segrun fp32 | processor time / segrun fp32 | wall s | processor s | peak MiB "
    "| IoU to {reference} | IoU to truth |\n|---|---|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True)
class Result:
    """Everything found about one network.

    Args:
        measured: who ran, who did not, and what every run took.
        agreement: of the masks; see ``benchmarks.peers.masks.agreement``.
        reference: whose mask the others are compared with.
        cropped_iou: IoU to the reference of segrun's fp32 mask with ``--blend crop``, which merges as the loops do.
        chart: file name of the chart, beside the page.
    """

    measured: Measured
    agreement: Mapping[str, Mapping[str, float]]
    reference: str
    cropped_iou: float
    chart: str


def page(results: Sequence[Result], *, hardware: str, job: str, command: str, caption: str = "") -> str:
    """Return the page in Markdown.

    Args:
        results: one for each network.
        hardware: the machine, in words.
        job: the orthophoto, tiles and rounds, in words.
        command: what regenerates the page.
        caption: further words for its head.
    """
    head = (
        "# segrun and its peers on one orthophoto\n\n"
        f"Written by `{command}`. {job}\n\n"
        "Every contestant is a whole process in an environment of its own: start-up, reading, inference and writing. "
        "Each runs once before, not timed; then they run in turn. Figures are medians, ratios are of medians, with the "
        "interval that holds 95 % of resampled rounds. "
        "IoU compares whole masks: GeoDeep smooths its mask, the loops crop overlaps, segrun blends them. "
        "GeoDeep runs the network's `deepness` profile, told a resolution at which it reads every pixel once.\n\n"
        f"Machine: {hardware}.\n\n"
    )
    words = f"{caption}\n\n" if caption else ""
    return head + words + "\n".join(section(result) for result in results) + "\n" + versions(results)


def section(result: Result) -> str:
    """Return one network's part of the page."""
    costs, network = result.measured.costs, result.measured.network
    names = {item.name for item in result.measured.contestants}
    lines = [f"## {network}", "", "| ratio of wall times | found | target |", "|---|---|---|"]
    for slow, fast, least, words in TARGETS:
        if {slow, fast} <= names:
            ratio = costs.ratio(slow, fast)
            verdict = "reached" if ratio.value >= least else "MISSED"
            lines.append(f"| {slow} / {fast} ({words}) | {ratio} | >= {least}: {verdict} |")
        else:
            lines.append(f"| {slow} / {fast} ({words}) | not run, see below | >= {least}: not shown |")
    lines += [
        f"| {other} / {OURS} | {costs.ratio(other, OURS)} | - |" for other in (BARE, KERAS) if other in names
    ]
    table = HEADER.format(reference=result.reference) + "\n".join(
        _row(item, result) for item in result.measured.contestants
    )
    missing = [f"- {item.name}: {item.reason}" for item in result.measured.absent]
    return "\n".join(
        [*lines, "", f"![Wall time against segrun fp32]({result.chart})", "", table, ""]
        + [_about_truth(result.measured), _about_cropping(result), ""]
        + (["Not run:", "", *missing, ""] if missing else [])
    )


def _about_cropping(result: Result) -> str:
    if result.reference == OURS:
        return (
            f"Keras did not run: the others are compared with {OURS} itself. Its own mask with `--blend crop` has an IoU of "
            f"{result.cropped_iou:.4f} to the blended one."
        )
    return (
        f"With `--blend crop`, IoU of {OURS} to {result.reference} is {result.cropped_iou:.4f}. What is left lies "
        "where the last row and column of tiles overlap their neighbours by more."
    )


def _about_truth(measured: Measured) -> str:
    """Say what an IoU to the truth is worth: whether the network has seen this place."""
    known, place = measured.trained_on, measured.setting.origin.parts
    if measured.setting.truth is None:
        return ""
    before = " It started from weights of another network, which may have seen this place."
    if not known:
        said = "What this network was trained on is not known."
    elif any(name in place for name in known):
        said = f"This network was trained on {', '.join(known)}: it has seen parts of this place."
    else:
        said = f"This network was trained on {', '.join(known)}, not for this truth."
    return (
        "IoU to truth says whether masks are alike in quality, not how good the network is. "
        f"{said}{before if measured.started else ''}\n"
    )


def versions(results: Sequence[Result]) -> str:
    """Return the pinned packages of every environment that took part."""
    used = dict.fromkeys(item.environment for result in results for item in result.measured.contestants)
    lines = ["## Environments", ""]
    for name in used:
        pins = ", ".join(f"{package} {version}" for package, version in packages(name).items())
        lines.append(f"- {name}: {pins or 'this working tree with its constraints.txt'}")
    return "\n".join(lines) + "\n"


def _row(item: Contestant, result: Result) -> str:
    costs, seen = result.measured.costs, result.agreement[item.name]
    walls, cpus = costs.ratio(item.name, OURS), costs.ratio(item.name, OURS, "cpu_s")
    truth = f"{seen['truth']:.4f}" if "truth" in seen else "-"
    peaks = [cost.peak_mib for cost in costs.costs[item.name]]
    peak = f"{costs.median(item.name, 'peak_mib'):.0f}" if None not in peaks else "-"
    return (
        f"| {item.name} | {item.detail} | {walls} | {cpus} | {costs.median(item.name):.1f} "
        f"| {costs.median(item.name, 'cpu_s'):.1f} | {peak} | {seen['reference']:.4f} | {truth} |"
    )
