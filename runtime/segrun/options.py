"""Options that several commands share, each defined once."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from segrun.errors import ModelError, OutputError


class FiniteRange(click.FloatRange):
    """A range of numbers that leaves out "nan", which no comparison keeps out."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or fail as click does."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


SHARE = FiniteRange(0, 1)
Command = TypeVar("Command", bound=Callable[..., Any])


class Decorator(Protocol):
    """Adds an option to a command."""

    def __call__(self, command: Command, /) -> Command:
        """Return the command with the option."""


EXISTING = click.Path(exists=True, path_type=Path)
EXISTING_DIR = click.Path(exists=True, file_okay=False, path_type=Path)

images: Decorator = click.option(
    "--images", "images", type=EXISTING_DIR, multiple=True, required=True,
    help="Folder of pictures; may be given several times.",
)  # fmt: skip
masks: Decorator = click.option(
    "--masks", "masks", type=EXISTING_DIR, multiple=True, required=True,
    help="Folder of masks, paired with the pictures by stem; as many as --images.",
)  # fmt: skip


def _writable(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a report that could not be written now rather than after hours of work."""
    if value not in (None, "-"):
        folder = Path(value or "").resolve().parent
        if not folder.is_dir() or Path(value or "").is_dir():
            raise click.BadParameter(
                f"no file can stand there. Received: {value}. Name a file in a folder that exists."
            )
    return value


json_report: Decorator = click.option(
    "--json", "json_path", metavar="FILE", callback=_writable,
    help="Write a machine-readable report ('-' for stdout).",
)  # fmt: skip
quiet: Decorator = click.option("--quiet", "-q", is_flag=True, help="No progress, no summary; errors only.")
verbose: Decorator = click.option(
    "--verbose", "-v", is_flag=True, help="Say more about what is chosen and why."
)
compute: Decorator = click.option(
    "--compute", type=click.Choice(["file", "tf32", "bf16", "fp16"]), default="file", show_default=True,
    help="Digits the engine may compute with; fewer than the file's are never taken unasked.",
)  # fmt: skip
cuda_graph: Decorator = click.option(
    "--cuda-graph", is_flag=True, help="CUDA: record the calls once and play them back."
)
seed: Decorator = click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of everything random."
)


class BatchSize(click.ParamType[Any]):
    """A number of tiles from 1, or ``auto``, which is None."""

    name = "integer or auto"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int | None:
        """Turn the word into a number."""
        from segrun.sessions import MOST_TILES

        if value in (None, "auto"):
            return None
        if not str(value).isascii() or not str(value).isdecimal() or not 1 <= int(value) <= MOST_TILES:
            self.fail(f"{value!r} is neither a number from 1 to {MOST_TILES} nor auto.", param, ctx)
        return int(value)


class OverlapSize(click.ParamType[Any]):
    """An overlap in pixels, or ``auto``, which is None."""

    name = "integer or auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Turn the word into a number."""
        if value in (None, "auto"):
            return None
        if not str(value).isascii() or not str(value).isdecimal():
            self.fail(f"{value!r} is neither a number of pixels nor auto.", param, ctx)
        return int(value)


overlap: Decorator = click.option(
    "--overlap", type=OverlapSize(), default="auto", show_default=True, metavar="auto|PIXELS",
    help="Overlap of tiles; auto: the model's own, at most a quarter of the tile.",
)  # fmt: skip


def foreign_model(command: Command) -> Command:
    """Add the options that say what a foreign model does not say of itself: tile, layout, input_scale, ending."""
    for option in (
        click.option(
            "--output-is",
            "ending",
            type=click.Choice(["scores", "logits"]),
            help="Foreign models: what comes out.",
        ),
        click.option(
            "--input-scale",
            type=float,
            help="Foreign models: factor from stored values to the model's input.",
        ),
        click.option(
            "--layout", type=click.Choice(["nhwc", "nchw"]), help="Foreign models: order of the input's axes."
        ),
        click.option(
            "--tile", type=click.IntRange(16), help="Foreign models of dynamic size: side of a tile, pixels."
        ),
    ):
        command = option(command)
    return command


def model_named(model: str, param_hint: str) -> Path:
    """Return the file of a model that was named on the command line.

    Raises:
        click.BadParameter: neither a file nor the name of a bundled model.
    """
    from segrun.models import find_model

    try:
        return find_model(model)
    except ModelError as error:
        raise click.BadParameter(str(error), param_hint=param_hint) from error


def log_to_stderr(verbose: bool) -> None:  # noqa: FBT001 - the flag itself
    """Show the library's informative log lines when asked for, and its warnings always."""
    import logging

    logging.basicConfig(format="segrun: %(message)s", level=logging.WARNING)
    logging.getLogger("segrun").setLevel(logging.INFO if verbose else logging.WARNING)


def write_json(report: dict[str, Any], target: str | None) -> None:
    """Write a report as JSON to a file, to stdout for ``-``, or nowhere for None.

    Raises:
        OutputError: the file cannot be written.
    """
    if target is None:
        return
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    from segrun.atomic import write_bytes

    try:
        write_bytes(Path(target), text.encode())
    except OSError as error:
        raise OutputError(
            f"cannot write the report. Received: --json {target} ({error.strerror}). Name a writable file."
        ) from error
