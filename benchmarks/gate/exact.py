"""The exact gate: what the suites count must be what benchmarks/counters.json says, on any machine.

python -m benchmarks.gate.exact            # compare
python -m benchmarks.gate.exact --write    # rewrite the file, on purpose
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.gate.counters import Counters, compare
from benchmarks.gate.duel import ROOT

KEPT = ROOT / "benchmarks/counters.json"
SUITES = "benchmarks/suites"
# Without the options that pyproject.toml gives to tests: one of them skips benchmarks.
OPTIONS = (
    "-o",
    "addopts=--import-mode=importlib",
    "-o",
    "timeout=1800",
    "--benchmark-disable",
    "-q",
    "-p",
    "no:cacheprovider",
)


def counted(only: str | None = None) -> Counters:
    """Run every benchmark once, in a process of its own, without timing, and return what was counted.

    Args:
        only: an expression for pytest's ``-k``.
    Raises:
        click.ClickException: a benchmark failed; its words have been printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "counters.json"
        words = [sys.executable, "-m", "pytest", *OPTIONS, SUITES, f"--counters-out={out}"]
        done = subprocess.run(
            [*words, *(["-k", only] if only else [])], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            print(done.stdout[-6000:], done.stderr[-2000:])
            raise click.ClickException(
                f"the suites failed. Received: exit code {done.returncode}. Run make bench."
            )
        return Counters.from_json(json.loads(out.read_text(encoding="utf-8")))


@click.command()
@click.option("--write", is_flag=True, help="Rewrite the committed file.")
@click.option("--only", help="Compare a part: an expression for pytest's -k.")
def main(*, write: bool, only: str | None) -> None:
    """Compare what the suites count with the committed file."""
    if write and only:
        raise click.UsageError(
            "the file is rewritten as a whole. Received: --write with --only. Leave one out."
        )
    found = counted(only)
    kept = (
        Counters.from_json(json.loads(KEPT.read_text(encoding="utf-8")))
        if KEPT.exists()
        else Counters({}, {}, {})
    )
    if only:
        kept = kept.of(set(found.benchmarks) | set(found.skipped))
    result = compare(kept, found)
    print("\n".join(result.lines()))
    if write:
        KEPT.write_text(json.dumps(found.kept_from(kept).as_json(), indent=2) + "\n", encoding="utf-8")
        print(f"wrote {KEPT.relative_to(ROOT)}: {len(found.benchmarks)} benchmarks")
        return
    if not result:
        print(
            "FAILED. Where the change is meant, run make bench-counters and commit benchmarks/counters.json."
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
