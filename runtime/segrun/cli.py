"""The ``segrun`` command: one lazy click group, and the only place where an error becomes an exit code."""

from __future__ import annotations

import importlib
import os
import sys

import click

from segrun.errors import SegrunError

COMMANDS = {
    "predict": ("segrun.commands.predict:predict", "Masks for folders, pictures and GeoTIFFs."),
    "inspect": ("segrun.commands.inspect:inspect", "Show a model's card and the engines that load it here."),
    "lint": ("segrun.commands.lint:lint", "Say what keeps a model from running here or in Deepness."),
    "verify": (
        "segrun.commands.verify:verify",
        "Replay a model's golden tiles on this machine's engines.",
    ),
    "tune": ("segrun.commands.tune:tune", "Find the fastest engine, threads and batch here."),
    "bench": ("segrun.commands.bench:bench", "Show a model's latency, throughput and memory here."),
    "doctor": ("segrun.commands.doctor:doctor", "What is installed here, and which engines can run."),
    "export": ("segrun_export.commands.export:export", "Turn a Keras model into ONNX, proven equal."),
    "scenes": ("segrun_train.commands.scenes:scenes", "Draw aerial scenes with their masks."),
    "check-data": (
        "segrun_train.commands.check_data:check_data",
        "Find what is wrong with pictures and masks.",
    ),
    "augment": ("segrun_train.commands.augment:augment", "Write an augmented set of pictures and masks."),
    "train": ("segrun_train.commands.train:train", "Train a U-Net on pictures and masks."),
    "evaluate": ("segrun_train.commands.evaluate:evaluate", "Measure a model on pictures with masks."),
    "report": ("segrun_train.commands.report:report", "Compare training runs on one page."),
}

EXIT_FAILED = 1
EXIT_PARTLY = 3
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """A click group that imports a command's module only when that command runs.

    The one-line help stands in ``COMMANDS``, so that ``segrun --help`` imports no command at all.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the command names in table order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, or None where the name is unknown."""
        if cmd_name not in COMMANDS:
            return None
        module_name, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module_name), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the command table from ``COMMANDS`` without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="segrun", message="segrun %(version)s")
def group() -> None:
    """Take a segmentation U-Net from training to masks, and prove that nothing changed on the way."""


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        arguments: the words after ``segrun``; None takes ``sys.argv``.
    Returns:
        0 done, 1 failed, 2 usage, 3 finished but some inputs failed, 130 interrupted. A bug of ours is raised.
    """
    try:
        code = group.main(arguments, prog_name="segrun", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except click.ClickException as usage:
        usage.show()
        return usage.exit_code
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) or "shared object" not in str(error):
            raise
        cure = "Run: apt-get install libgl1 libglib2.0-0; or put opencv-python-headless in opencv-python's place."
        click.echo(f"segrun: a library of the system is missing ({error}). {cure}", err=True)
        return EXIT_FAILED
    except SegrunError as error:
        click.echo(f"segrun: {' '.join(str(error).split())}", err=True)
        return EXIT_FAILED
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry point of the console script."""
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output went away (`segrun ... | head`): not an error, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_FAILED
    except Exception:  # noqa: BLE001 - our own bug: keep the traceback, but with its own exit code
        import traceback

        traceback.print_exc()
        click.echo("segrun: this is a bug in segrun; please report the lines above.", err=True)
        code = EXIT_BUG
    sys.exit(code)
