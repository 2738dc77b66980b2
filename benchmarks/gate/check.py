"""The gate on speed: compare the working tree with a base revision, and fail where it is slower.

    python -m benchmarks.gate.check [--base REV] [--short]

Both run in turn, in fresh processes, on the same drawn inputs, with one thread, on one processor; judged is the ratio of
their processor times with its interval. docs/decisions/012-gate-by-duels.md says how the limits were chosen.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from benchmarks.gate.comparison import NAMES, compare
from benchmarks.gate.duel import ROOT
from benchmarks.gate.inputs import drawn_inputs
from benchmarks.gate.load import pinned
from benchmarks.gate.trees import GitError, choose_base, compile_sources, worktree
from benchmarks.gate.verdict import Limits

FULL, SHORT = Limits(), Limits(fewest=4, most=10)


@click.command()
@click.option("--base", help="Revision to compare with.  [default: chosen, and said]")
@click.option("--short", is_flag=True, help="Fewer duels: a rougher verdict, sooner.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Workloads to run.  [default: all]")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write the figures here.")
def main(*, base: str | None, short: bool, only: tuple[str, ...], json_path: Path | None) -> None:
    """Fail where the working tree is slower than a base revision."""
    try:
        choice = choose_base(ROOT, base)
        if choice.revision is None:
            print(f"speed is not compared: {choice.why}")
            return
        print(f"working tree against {choice.revision[:12]}: {choice.why}")
        compile_sources(ROOT)
        with worktree(ROOT, choice.revision) as tree, drawn_inputs() as inputs, pinned():
            found = compare(
                tree, ROOT, inputs.folder, SHORT if short else FULL, names=only or NAMES, say=print
            )
    except GitError as error:
        raise click.ClickException(f"git: {error}") from error
    if json_path is not None:
        json_path.write_text(json.dumps({"base": choice.revision, **found.as_json()}, indent=2) + "\n")
    print(found)
    sys.exit(0 if found else 1)


if __name__ == "__main__":
    main()
