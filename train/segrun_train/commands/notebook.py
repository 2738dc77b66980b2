"""``python -m segrun_train.notebook``: run the experiments and write the page."""

from __future__ import annotations

from pathlib import Path

import click

from segrun.options import EXISTING_DIR, quiet, seed
from segrun.progress import reporter


@click.command()
@click.option("--data", type=EXISTING_DIR, required=True, help="The notebook's pictures: images/ and masks/.")
@click.option("--out", "-o", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/results"),
              show_default=True, help="Folder of notebook.md and its figures.")  # fmt: skip
@click.option("--sets", type=click.Path(file_okay=False, path_type=Path), default=Path("runs/notebook"),
              show_default=True, help="Folder of the augmented sets.")  # fmt: skip
@click.option(
    "--folds", type=EXISTING_DIR, help="What train/dida/folds.sh notebook wrote.  [default: not trained]"
)
@seed
@quiet
def notebook(data: Path, out: Path, sets: Path, folds: Path | None, seed: int, quiet: bool) -> None:
    """Test what is said of the notebook by experiment, and write docs/results/notebook.md."""
    from segrun_train.notebook.experiments import run_experiments, write_sets
    from segrun_train.notebook.folds import read_folds
    from segrun_train.notebook.write import write_page

    trained = read_folds(folds)
    with reporter(quiet) as progress:
        found = run_experiments(data, write_sets(data, sets, seed, progress), trained, seed, progress)
    for path in write_page(found, out):
        click.echo(path)
