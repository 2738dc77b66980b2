"""Choosing how an int8 file is made by what its pixels do: the cheapest recipe that keeps well inside the gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from segrun.agreement import GATES
from segrun_export.histogram import METHODS, Method

# Share of the gates that a recipe may use up on the tiles of the choice: on other tiles it does a little worse.
MARGIN = 0.6
# Convolutions from either end that may stay float: those near the pixels and near the scores harm most when rounded.
_ENDS = 4
_MOST_KEPT = 4


@dataclass(frozen=True)
class Recipe:
    """How one int8 file is made.

    Args:
        method: how ranges are taken from the activations.
        keep_float: layers that stay in float32.
    """

    method: Method
    keep_float: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """What a recipe did on the tiles of the choice.

    Args:
        recipe: what was tried.
        flipped: share of pixels whose class differs from Keras's.
        iou: of the mask against Keras's.
        content: the file.
    """

    recipe: Recipe
    flipped: float
    iou: float
    content: bytes

    @property
    def spent(self) -> float:
        """Share of the gates of int8 that is used up; above 1 they fail."""
        gates = GATES["int8"]
        return max(self.flipped / gates.flipped, (1 - self.iou) / (1 - (gates.iou or 0.0)))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, without the file."""
        return {
            "calibration": self.recipe.method,
            "keep_float": list(self.recipe.keep_float),
            "flipped": self.flipped,
            "iou": self.iou,
        }


def choose(
    attempt: Callable[[Recipe], Trial],
    convolutions: Sequence[str],
    *,
    method: Method | None = None,
    keep_float: tuple[str, ...] = (),
) -> tuple[Trial, tuple[Trial, ...]]:
    """Try recipes, cheap ones first, and stop at one that keeps within 0.6 of the gates.

    First every calibration with all layers in int8, then the best one with the first and last layer in float, then with
    the layers besides that helped most when each alone was kept.

    Args:
        attempt: makes a file and measures it.
        convolutions: names of the layers that may stay in float.
        method: the calibration, where the user chose one.
        keep_float: layers to keep in float, where the user chose; then no others are kept.
    Returns:
        The trial that is taken: the first within the margin, else the best; and all that were made.
    """
    trials: list[Trial] = []
    for recipe in _recipes(trials, convolutions, method, keep_float):
        trials.append(attempt(recipe))
        # The calibrations cost the same: the best of them is wanted, not the first that is good enough.
        settled = method is not None or len(trials) >= len(METHODS)
        best = min(trials, key=lambda trial: trial.spent)
        if settled and best.spent <= MARGIN:
            return best, tuple(trials)
    return min(trials, key=lambda trial: trial.spent), tuple(trials)


def _recipes(
    trials: list[Trial], convolutions: Sequence[str], method: Method | None, keep_float: tuple[str, ...]
) -> Iterator[Recipe]:
    """Yield what to try next; ``trials`` grows in between."""
    for item in METHODS if method is None else (method,):
        yield Recipe(item, keep_float)
    if keep_float or len(convolutions) < 2:
        return
    best = min(trials, key=lambda trial: trial.spent).recipe.method
    ends = ("first", "last")
    yield Recipe(best, ends)
    inner = list(dict.fromkeys([*convolutions[1:_ENDS], *convolutions[-_ENDS:-1]]))
    inner = [name for name in inner if name not in (convolutions[0], convolutions[-1])]
    start = len(trials)
    for name in inner:
        yield Recipe(best, (*ends, name))
    alone = sorted(trials[start:], key=lambda trial: trial.spent)
    harmful = [trial.recipe.keep_float[-1] for trial in alone]
    for count in range(2, min(_MOST_KEPT, len(harmful)) + 1):
        yield Recipe(best, (*ends, *harmful[:count]))
