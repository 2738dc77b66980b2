"""The gate on speed: compare the working tree with a base revision, and fail where it is slower.

    python -m benchmarks.gate.check [--base REV] [--short]

Both run in turn, in fresh processes, on the same drawn inputs, with one thread, on one processor; judged is the ratio of
their processor times with its interval. docs/decisions/012-gate-by-duels.md says how the limits were chosen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.gate.comparison import NAMES, Comparison, compare
from benchmarks.gate.duel import ROOT
from benchmarks.gate.inputs import draw_inputs
from benchmarks.gate.load import pinned
from benchmarks.gate.trees import GitError, choose_base, compile_sources, worktree
from benchmarks.gate.verdict import Limits

FULL, SHORT = Limits(), Limits(fewest=4, most=10)


def check(
    base: Path, candidate: Path, limits: Limits = FULL, names: tuple[str, ...] = NAMES, *, quiet: bool = False
) -> Comparison:
    """Compare two trees, on one processor, on inputs drawn for the purpose.

    Args:
        base: root of the tree to compare with.
        candidate: root of the tree to judge.
        limits: when a verdict is reached.
        names: workloads to run.
        quiet: whether to print nothing.
    """
    with tempfile.TemporaryDirectory(prefix="segrun-gate-") as folder, pinned():
        inputs = draw_inputs(Path(folder))
        return compare(
            base, candidate, inputs.folder, limits, names=names, say=(lambda _: None) if quiet else print
        )


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
        with worktree(ROOT, choice.revision) as tree:
            found = check(tree, ROOT, SHORT if short else FULL, only or NAMES)
    except GitError as error:
        raise click.ClickException(f"git: {error}") from error
    if json_path is not None:
        json_path.write_text(json.dumps({"base": choice.revision, **found.as_json()}, indent=2) + "\n")
    failed = ", ".join(row.name for row in found.rows if row.failed)
    print(f"{'passed' if found else f'FAILED: {failed}'}, {found.seconds:.0f} s")
    sys.exit(0 if found else 1)


if __name__ == "__main__":
    main()
