"""The page of the gate's show, from its records."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.gate.comparison import spread
from benchmarks.gate.plant import PLACES
from benchmarks.gate.verdict import Limits

Record = dict[str, Any]
SERIES = ("unchanged", *PLACES)


def as_wished(record: Record) -> bool:
    """Say whether a check found what was there: nothing; or the planted slowdown, named by its own workload."""
    if record["series"] == "unchanged":
        return bool(record["passed"])
    return bool(record["workloads"][record["series"]]["failed"])


def page(records: Sequence[Record], limits: Limits, machine: str, *, revision: str, command: str) -> str:
    """Return the page in Markdown.

    Args:
        records: one for each check, as ``Comparison.as_json`` with its series.
        limits: of the gate.
        machine: one paragraph.
        revision: that was checked.
        command: what writes the page.
    """
    method = (
        f"Written by `{command}`. Every check is the whole gate (`make bench-check`) on two checkouts "
        f"of one revision, {revision[:12]}, in fresh processes that take turns on one processor, while every other "
        "processor is kept busy. "
        f"A workload counts as slower above {limits.slower:g}; after {limits.fewest} to {limits.most} duels "
        "(`docs/decisions/012-gate-by-duels.md`)."
    )
    parts = [
        "# The gate on speed, shown",
        method,
        _outcomes(records),
        "## Ratios of the workload in question",
        _ratios(records),
        "## Spread of one duel on unchanged code",
        _spreads([record for record in records if record["series"] == "unchanged"]),
        machine,
    ]
    return "\n\n".join(parts) + "\n"


def _outcomes(records: Sequence[Record]) -> str:
    lines = [
        "| series | wished | found | seconds of comparing in a check, median (most) |",
        "|---|---|---|---|",
    ]
    for series in SERIES:
        ours = [record for record in records if record["series"] == series]
        if not ours:
            continue
        wish = "passes" if series == "unchanged" else f"15 % planted in the {series}: caught"
        seconds = [record["seconds"] for record in ours]
        lines.append(
            f"| {series} | {wish} | {sum(map(as_wished, ours))} of {len(ours)} "
            f"| {statistics.median(seconds):.0f} ({max(seconds):.0f}) |"
        )
    wrong = [
        f"{record['series']}: {name} at {row['ratio']:.3f}"
        for record in records
        for name, row in record["workloads"].items()
        if row["failed"] and name != record["series"] and row["ratio"] is not None
    ]
    lines.append(
        "\nOther workloads called slower, by series: " + ("; ".join(wrong) if wrong else "none") + "."
    )
    if any(name.startswith("session: folder ") for name in wrong):
        lines.append(
            "`folder` is a whole run of predict, which runs the session: what is planted there slows it down, too, by a "
            "smaller share, so that calling it slower is right."
        )
    total = sum(record["seconds"] for record in records)
    lines.append(
        f"\nThe {len(records)} checks compared for {total / 60:.0f} minutes; making the checkouts, drawing the inputs and "
        "measuring what to plant are not counted."
    )
    return "\n".join(lines)


def _ratios(records: Iterable[Record]) -> str:
    lines = [
        "| workload | series | least | median | most | duels, least to most |",
        "|---|---|---|---|---|---|",
    ]
    kept = list(records)
    for workload in PLACES:
        for series in ("unchanged", workload):
            rows = [record["workloads"].get(workload) for record in kept if record["series"] == series]
            found = [row for row in rows if row is not None and row["ratio"] is not None]
            if not found:
                continue
            ratios = [row["ratio"] for row in found]
            duels = [len(row["log_ratios"]) for row in found]
            lines.append(
                f"| {workload} | {series} | {min(ratios):.3f} | {statistics.median(ratios):.3f} | {max(ratios):.3f} "
                f"| {min(duels)} to {max(duels)} |"
            )
    return "\n".join(lines)


def _spreads(unchanged: Sequence[Record]) -> str:
    meaning = (
        "The standard deviation of a single duel's ratio, over all duels of all checks of unchanged code; undecided: "
        "verdicts for which the interval was not clear after the most duels."
    )
    head = "| workload | duels | mean | standard deviation | farthest duel | undecided |"
    lines = [meaning, "", head, "|---|---|---|---|---|---|"]
    names = list(unchanged[0]["workloads"]) if unchanged else []
    for name in names:
        rows = [record["workloads"][name] for record in unchanged]
        found = [value for row in rows for value in row["log_ratios"]]
        if len(found) < 2:
            continue
        farthest = math.exp(max(found, key=abs))
        lines.append(
            f"| {name} | {len(found)} | {math.exp(statistics.fmean(found)):.3f} | {100 * spread(found):.1f} % "
            f"| {farthest:.3f} | {sum(row['clear'] is False for row in rows)} |"
        )
    return "\n".join(lines)
