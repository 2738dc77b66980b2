"""Where something is being built: the world that receives it, the street axes, the style, the look, the dice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from segrun_train.synthetic.frame import Rect, StreetFrame
from segrun_train.synthetic.look import Look
from segrun_train.synthetic.style import Style
from segrun_train.synthetic.world import Points, World

MARGIN_M = 18.0


@dataclass(frozen=True)
class Site:
    """Everything that laying out one block needs.

    Args:
        world: receives what is built.
        frame: from street axes to the ground.
        style: kind of settlement.
        look: materials and colours.
        rng: source of randomness.
        height_m: extent of the scene down.
        width_m: extent of the scene to the right.
    """

    world: World
    frame: StreetFrame
    style: Style
    look: Look
    rng: np.random.Generator
    height_m: float
    width_m: float

    def meets(self, outline: Points) -> bool:
        """Tell whether a ground outline [n, 2] touches the scene or its margin."""
        low, high = outline.min(axis=0), outline.max(axis=0)
        return bool(
            high[0] > -MARGIN_M
            and high[1] > -MARGIN_M
            and low[0] < self.height_m + MARGIN_M
            and low[1] < self.width_m + MARGIN_M
        )

    def near(self, rect: Rect) -> bool:
        """Tell whether a rectangle in street axes touches the scene or its margin."""
        return self.meets(self.frame.corners(rect))

    def uniform(self, low: float, high: float) -> float:
        """Draw a number between two."""
        return low + (high - low) * float(self.rng.random())

    def chance(self, probability: float) -> bool:
        """Tell whether something happens."""
        return float(self.rng.random()) < probability

    def swapped(self) -> Site:
        """Return the site with s and t changed for each other."""
        return replace(self, frame=replace(self.frame, swapped=not self.frame.swapped))
