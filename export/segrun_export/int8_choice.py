"""Choosing how an int8 file is made by what its pixels do: the cheapest recipe that keeps well inside the gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from segrun.agreement import GATES
from segrun_export.histogram import METHODS, Method

# Share of the gates that a recipe may use up on the tiles of the choice: on other tiles it does a little worse.
MARGIN = 0.6
_ENDS = ("first", "last")
# Convolutions from either end that may stay float: those near the pixels and near the scores harm most when rounded.
_NEAR = 4
_MOST_KEPT = 4
_TIE = 1.2
# Trials between the margin and the gates that are proposed when all others failed.
_MOST_LEFT = 4


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


def proposals(
    attempt: Callable[[Recipe], Trial],
    convolutions: Sequence[str],
    *,
    method: Method | None = None,
    keep_float: tuple[str, ...] = (),
) -> Iterator[tuple[Trial, tuple[Trial, ...]]]:
    """Propose recipes that keep within a margin of the gates, the cheapest first, then those that keep within the gates.

    First every calibration with all layers in int8, then the best one with the first and last layer in float, then with
    the layers besides that help most when each alone is kept. Nothing is tried before it is asked for.

    Args:
        attempt: makes a file and measures it.
        convolutions: names of the layers that may stay in float.
        method: the calibration, where the user chose one.
        keep_float: layers to keep in float, where the user chose; then no others are kept.
    Returns:
        Each proposal with all trials that were made so far.
    """
    trials: list[Trial] = []
    proposed: list[Trial] = []
    for stage in _stages(trials, convolutions, method, keep_float):
        fresh = [attempt(recipe) for recipe in stage]
        trials += fresh
        best = _best(fresh)
        if best.spent <= MARGIN:
            proposed.append(best)
            yield best, tuple(trials)
    left = sorted((trial for trial in trials if trial not in proposed), key=lambda trial: trial.spent)
    for trial in [trial for trial in left if trial.spent <= 1][:_MOST_LEFT] or ([] if proposed else left[:1]):
        yield trial, tuple(trials)


def _best(trials: Sequence[Trial]) -> Trial:
    """Return the best trial; of nearly equal ones the first, since the least and largest value cut nothing off."""
    least = min(trial.spent for trial in trials)
    return next(trial for trial in trials if trial.spent <= _TIE * least)


def _stages(
    trials: list[Trial], convolutions: Sequence[str], method: Method | None, keep_float: tuple[str, ...]
) -> Iterator[list[Recipe]]:
    """Yield what to try next; ``trials`` grows in between."""
    yield [Recipe(item, keep_float) for item in (METHODS if method is None else (method,))]
    if keep_float or len(convolutions) <= len(_ENDS):
        return
    best = _best(trials).recipe.method
    yield [Recipe(best, _ENDS)]
    near = dict.fromkeys([*convolutions[1:_NEAR], *convolutions[-_NEAR:-1]])
    inner = [name for name in near if name not in (convolutions[0], convolutions[-1])]
    if not inner:
        return
    start = len(trials)
    yield [Recipe(best, (*_ENDS, name)) for name in inner]
    alone = sorted(trials[start:], key=lambda trial: trial.spent)
    helpful = [trial.recipe.keep_float[-1] for trial in alone]
    for count in range(2, min(_MOST_KEPT, len(helpful)) + 1):
        yield [Recipe(best, (*_ENDS, *helpful[:count]))]
