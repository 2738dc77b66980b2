"""Everything that shapes a training run, in one place."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segrun_train.recipes import Recipe, recipe_named

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
# What may differ between a killed run and the one that resumes it.
_FREE_ON_RESUME = frozenset({"resume", "overwrite", "workers", "state_every_s"})


@dataclass(frozen=True)
class TrainOptions:
    """How to train.

    Args:
        recipe: name in ``recipes.RECIPES``.
        overrides: fields of ``Recipe`` that replace the recipe's own.
        name: short name of the model.
        classes: names; one gives a sigmoid, several a softmax with the background first.
        tile: side of a training tile, pixels.
        bands: bands of the pictures.
        network_options: what the architecture itself takes, e.g. ``{"base": 48}``.
        gsd_cm: cm per pixel of the pictures: none, one for all, or one for each folder; ``"tile"`` takes it from the name.
        gsd_range_cm: resample each crop to a ground distance drawn from this range.
        shares: how often each folder is drawn from; empty takes all pictures alike.
        exclude: stems to leave out.
        held_out: rules for stems set aside: a file of stems, a folder, or a pattern.
        train_only: rules for stems that never choose epoch or threshold, such as drawn scenes among real pictures.
        fold: ``(k, n)`` sets aside the pictures whose group's place in the sorted names is k modulo n.
        group_regex: pictures with an equal first group stay together.
        group_zoom: pictures named ``x-y-z`` stay together by their parent tile at this zoom.
        grey_truth: train on grey masks as they are, the notebook's way, instead of cutting them at 127; one class only.
        precision: Keras's dtype policy while training; the saved model is float32.
        init: RUN folder or ``.keras`` file whose weights to start from.
        devices: ``"one"``, or ``"all"`` to share each batch among all accelerators.
        seed: of everything random.
        workers: threads that make batches ahead.
        notices: licence and attribution lines that travel with the model.
        resume: go on from the state of a killed run.
        overwrite: replace what the RUN folder holds.
        state_every_s: seconds between states on disk; any value gives the same result.
    """

    recipe: str = "modern"
    overrides: dict[str, Any] = dataclasses.field(default_factory=dict)
    name: str = "model"
    classes: tuple[str, ...] = ("roof",)
    tile: int = 256
    bands: int = 3
    network_options: dict[str, Any] = dataclasses.field(default_factory=dict)
    gsd_cm: tuple[float | Literal["tile"] | None, ...] = ()
    gsd_range_cm: tuple[float, float] | None = None
    shares: tuple[float, ...] = ()
    exclude: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    train_only: tuple[str, ...] = ()
    fold: tuple[int, int] | None = None
    group_regex: str | None = None
    group_zoom: int | None = None
    grey_truth: bool = False
    precision: Precision = "float32"
    init: Path | None = None
    devices: Literal["one", "all"] = "one"
    seed: int = 0
    workers: int = 2
    notices: tuple[str, ...] = ()
    resume: bool = False
    overwrite: bool = False
    state_every_s: float = 60.0

    def __post_init__(self) -> None:
        known = {field.name for field in dataclasses.fields(Recipe)}
        unknown = sorted(set(self.overrides) - known)
        if unknown:
            raise ValueError(
                f"not a field of a recipe. Received: {unknown[0]}. Use one of {', '.join(sorted(known))}."
            )
        self._refuse_numbers()
        self._refuse_counts()
        self._refuse_recipe()
        if not all(name.strip() for name in self.classes):
            raise ValueError(f"every class needs a name. Received: {','.join(self.classes)!r}.")
        if not self.classes or len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes need different names. Received: {', '.join(self.classes) or 'none'}.")
        if self.group_regex and self.group_zoom is not None:
            raise ValueError(
                "group by a pattern or by a zoom, not both. Received: group_regex and group_zoom."
            )
        if self.grey_truth and len(self.classes) > 1:
            raise ValueError(f"grey masks hold one class. Received: {len(self.classes)} classes.")
        if self.gsd_range_cm is not None and not 0 < self.gsd_range_cm[0] <= self.gsd_range_cm[1]:
            raise ValueError(f"a range of ground distances is LOW,HIGH. Received: {self.gsd_range_cm}.")

    def _refuse_numbers(self) -> None:
        """Refuse what is no finite number: a comparison with nan is never true, so no other check would see it."""
        numbers: dict[str, tuple[Any, ...]] = {
            name: (value,) for name, value in dataclasses.asdict(self.resolved()).items()
        }
        numbers |= {
            "gsd_cm": self.gsd_cm,
            "gsd_range_cm": self.gsd_range_cm or (),
            "shares": self.shares,
            "state_every_s": (self.state_every_s,),
        }
        for name, values in numbers.items():
            for value in values:
                if isinstance(value, float) and not math.isfinite(value):
                    raise ValueError(f"{name} must be a finite number. Received: {value}.")
        if any(isinstance(value, int | float) and value <= 0 for value in self.gsd_cm):
            raise ValueError(f"gsd_cm must be positive. Received: {self.gsd_cm}.")
        if self.shares and not any(self.shares):
            raise ValueError("one share at least must be positive. Received: none.")

    def _refuse_counts(self) -> None:
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed must be 0 to {2**32 - 1}. Received: {self.seed}.")
        if self.workers < 0:
            raise ValueError(f"workers must not be negative. Received: {self.workers}.")
        if self.bands < 1:
            raise ValueError(f"bands must be positive. Received: {self.bands}.")

    def _refuse_recipe(self) -> None:
        recipe = self.resolved()
        if not 0 <= recipe.validation < 1:
            raise ValueError(f"the validation share must lie in [0, 1). Received: {recipe.validation}.")
        if recipe.epochs < 1 or recipe.learning_rate <= 0:
            raise ValueError(
                f"epochs and learning rate must be positive. Received: {recipe.epochs}, {recipe.learning_rate}."
            )
        if recipe.patience is not None and recipe.patience < 1:
            raise ValueError(
                f"patience must be positive, or none to never stop. Received: {recipe.patience}."
            )
        if recipe.ema is not None and not 0 <= recipe.ema < 1:
            raise ValueError(f"the momentum ema must lie in [0, 1). Received: {recipe.ema}.")

    def resolved(self) -> Recipe:
        """Return the recipe with the overrides in place."""
        return dataclasses.replace(recipe_named(self.recipe), **self.overrides)

    def as_json(self) -> dict[str, Any]:
        """Return what is needed to repeat the run, ready for JSON: recipe and options flat, in one dictionary."""
        fields = dataclasses.asdict(self)
        del fields["overrides"]
        fields = {key: value for key, value in fields.items() if key not in _FREE_ON_RESUME}
        fields["init"] = str(self.init) if self.init else None
        return {**fields, **dataclasses.asdict(self.resolved())}
