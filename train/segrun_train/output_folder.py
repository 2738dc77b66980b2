"""Folders that are written must not be those that are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segrun.errors import OutputError


def refuse_inputs(outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Refuse to write where the pictures and masks stand that are read.

    Args:
        outputs: folders whose content may be replaced.
        inputs: folders of pictures and masks.
    Raises:
        OutputError: an output is an input or holds one, links followed.
    """
    for output in outputs:
        for source in inputs:
            if source.resolve().is_relative_to(output.resolve()):
                raise OutputError(
                    f"the output would take the place of an input. Received: {output} and {source}. Name another --out."
                )
