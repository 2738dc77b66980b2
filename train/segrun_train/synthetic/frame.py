"""A bent street grid: plans are made in straight axes (s along, t across) and bent onto the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from segrun_train.synthetic.world import Points


@dataclass(frozen=True)
class Rect:
    """A rectangle in street axes, metres."""

    s0: float
    t0: float
    s1: float
    t1: float

    @property
    def length(self) -> float:
        """Extent along s."""
        return self.s1 - self.s0

    @property
    def depth(self) -> float:
        """Extent along t."""
        return self.t1 - self.t0

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle (s, t)."""
        return (self.s0 + self.s1) / 2, (self.t0 + self.t1) / 2

    @property
    def ares(self) -> float:
        """Its area in units of 100 square metres."""
        return self.length * self.depth / 100

    def inset(self, margin: float) -> Rect:
        """Return the rectangle without a border of ``margin`` metres."""
        return Rect(self.s0 + margin, self.t0 + margin, self.s1 - margin, self.t1 - margin)

    def transposed(self) -> Rect:
        """Return the rectangle with s and t changed for each other."""
        return Rect(self.t0, self.s0, self.t1, self.s1)


@dataclass(frozen=True)
class StreetFrame:
    """Street axes on the ground.

    Args:
        row: ground row of the origin, metres.
        col: ground column of the origin, metres.
        angle: direction of s, radians from the columns' axis.
        bend_m: amplitude of the bend, metres.
        wave_m: its wavelength, metres.
        phase: its phases.
        swapped: s and t change places (for blocks whose longer side lies along t).
    """

    row: float
    col: float
    angle: float
    bend_m: float
    wave_m: float
    phase: tuple[float, float]
    swapped: bool = False

    def to_ground(self, places: Points) -> Points:
        """Return ground (row, col) of street (s, t), both [n, 2]."""
        return np.array([self.place(s, t) for s, t in places.tolist()])

    def place(self, s: float, t: float) -> tuple[float, float]:
        """Return ground (row, col) of one street place."""
        if self.swapped:
            s, t = t, s
        turn = 2 * math.pi / self.wave_m
        along = s + self.bend_m * math.sin(t * turn + self.phase[0])
        across = t + self.bend_m * math.sin(s * turn + self.phase[1])
        sin, cos = math.sin(self.angle), math.cos(self.angle)
        return self.row + along * sin + across * cos, self.col + along * cos - across * sin

    def angle_at(self, s: float, t: float) -> float:
        """Return the ground direction of s at a place, radians from the columns' axis."""
        start, end = self.place(s - 1, t), self.place(s + 1, t)
        return math.atan2(end[0] - start[0], end[1] - start[1])

    def line(self, start: tuple[float, float], end: tuple[float, float], step_m: float = 6.0) -> Points:
        """Return the ground path [n, 2] between two street places."""
        count = max(1, math.ceil(math.dist(start, end) / step_m))
        rise_s, rise_t = (end[0] - start[0]) / count, (end[1] - start[1]) / count
        return np.array([self.place(start[0] + rise_s * k, start[1] + rise_t * k) for k in range(count + 1)])

    def corners(self, rect: Rect) -> Points:
        """Return the ground places [4, 2] of a rectangle's corners."""
        places = ((rect.s0, rect.t0), (rect.s1, rect.t0), (rect.s1, rect.t1), (rect.s0, rect.t1))
        return np.array([self.place(s, t) for s, t in places])

    def outline(self, rect: Rect) -> Points:
        """Return the ground polygon [n, 2] of a rectangle, its sides bent as the streets are."""
        corners = [(rect.s0, rect.t0), (rect.s1, rect.t0), (rect.s1, rect.t1), (rect.s0, rect.t1)]
        return np.concatenate(
            [self.line(a, b, 7.0)[:-1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
        )


def draw_frame(row: float, col: float, bend: float, rng: np.random.Generator) -> StreetFrame:
    """Draw street axes around a ground place; ``bend`` 0 gives straight streets, 1 winding ones."""
    wave_m = float(rng.uniform(180, 420))
    bend_m = float(bend * rng.uniform(0, 0.045) * wave_m)
    return StreetFrame(
        row, col, float(rng.uniform(0, 2 * math.pi)), bend_m, wave_m,
        (float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(0, 2 * math.pi))),
    )  # fmt: skip
