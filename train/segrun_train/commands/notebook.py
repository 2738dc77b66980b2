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
@click.option("--runs", type=click.Path(file_okay=False, path_type=Path), default=Path("runs/notebook"),
              show_default=True, help="Folder of the augmented sets and of one RUN for each training.")  # fmt: skip
@click.option("--train", "train_now", is_flag=True, help="Also train: hours on a CPU; a killed run goes on.")
@click.option("--only", multiple=True, metavar="NAME", help="With --train: these trainings alone.")
@click.option("--epochs", type=click.IntRange(1), help="With --train: at most this many, in place of 70.")
@seed
@quiet
def notebook(
    data: Path, out: Path, runs: Path, train_now: bool, only: tuple[str, ...], epochs: int | None, seed: int, quiet: bool,
) -> None:  # fmt: skip
    """Test what is said of the notebook by experiment, and write docs/results/notebook.md."""
    from segrun_train.notebook.experiments import run_experiments, write_sets
    from segrun_train.notebook.training import TRIALS, run_trials
    from segrun_train.notebook.write import write_page

    known = [trial.name for trial in TRIALS]
    for name in only:
        if name not in known:
            raise click.BadParameter(
                f"no such training: {name}. Use {', '.join(known)}.", param_hint="--only"
            )
    with reporter(quiet) as progress:
        sets = write_sets(data, runs, seed, progress)
        if train_now:
            trials = [trial for trial in TRIALS if not only or trial.name in only]
            run_trials(runs, sets, trials, epochs=epochs, seed=seed, progress=progress)
        found = run_experiments(data, runs, sets, seed, progress)
    for path in write_page(found, out):
        click.echo(path)
