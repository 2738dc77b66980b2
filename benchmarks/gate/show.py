"""Show that the gate holds and catches: many checks of known trees, written to docs/results/gate.md.

    python -m benchmarks.gate.show [--checks 20]

Three series take turns: unchanged code, 15 % planted in the stitcher, 15 % planted in the session. Every check is the whole
gate on two checkouts of one revision, with every other processor kept busy. It goes on where it was stopped.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import click

from benchmarks.gate.check import FULL
from benchmarks.gate.comparison import NAMES, compare
from benchmarks.gate.duel import ROOT
from benchmarks.gate.inputs import drawn_inputs
from benchmarks.gate.load import busy, pinned, processors
from benchmarks.gate.plant import loops_for, plant
from benchmarks.gate.show_page import SERIES, page
from benchmarks.gate.trees import compile_sources, git, worktree
from benchmarks.gate.verdict import Limits
from benchmarks.machine import this_machine
from benchmarks.spelling import spelled

log = logging.getLogger(__name__)
PROGRAM = "python -m benchmarks.gate.show"
PLANTED = 0.15
QUICK = Limits(fewest=3, most=5)
QUICK_NAMES = ("stitch", "session")


def one_check(revision: str, series: str, limits: Limits, names: tuple[str, ...]) -> dict[str, Any]:
    """Check one tree whose answer is known, and return what was found."""
    loops = None
    with (
        worktree(ROOT, revision) as base,
        worktree(ROOT, revision) as candidate,
        drawn_inputs() as inputs,
        busy(processors()[:-1]),
        pinned(),
    ):
        if series != "unchanged":
            loops = loops_for(base, inputs.folder, series, PLANTED)
            plant(candidate, series, loops)
            compile_sources(candidate)
        found = compare(base, candidate, inputs.folder, limits, names=names, say=log.debug)
    return {"series": series, "planted_loops": loops, **found.as_json()}


@click.command()
@click.option("--checks", type=click.IntRange(min=1), default=20, show_default=True, help="Of each series.")
@click.option("--quick", is_flag=True, help="Two workloads and few duels: tries the script, proves little.")
@click.option("--revision", default="HEAD", show_default=True, help="The code to show it on.")
@click.option("--records", type=click.Path(path_type=Path), default=ROOT / "build/gate/records.jsonl")
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs/results/gate.md")
def main(*, checks: int, quick: bool, revision: str, records: Path, out: Path) -> None:
    """Run the show and write its page."""
    commit = git(ROOT, "rev-parse", revision)
    limits, names = (QUICK, QUICK_NAMES) if quick else (FULL, NAMES)
    setting = f"{commit} {limits}"
    records.parent.mkdir(parents=True, exist_ok=True)
    lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
    done = [record for record in map(json.loads, lines) if record["setting"] == setting]
    for _ in range(checks):
        for series in SERIES:
            if sum(record["series"] == series for record in done) >= checks:
                continue
            record = {"setting": setting, **one_check(commit, series, limits, names)}
            done.append(record)
            with records.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            failed = (
                ", ".join(name for name, row in record["workloads"].items() if row["failed"]) or "nothing"
            )
            print(f"check {len(done)}: {series}, slower: {failed}, {record['seconds']:.0f} s", flush=True)
    machine, command = this_machine().markdown(), spelled(PROGRAM, sys.argv[1:])
    out.write_text(page(done, limits, machine, revision=commit, command=command), encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
