"""What a drawn world is made of. Places are metres (row, col) from the scene's upper left corner; angles are radians."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # [n, 2], metres, (row, col)
Colour = tuple[float, float, float]  # red, green, blue in [0, 255]
RoofShape = Literal["gable", "hip", "half-hip", "shed", "flat", "saw"]
BoxKind = Literal["car", "block", "disc"]

BACKGROUND, ROOF, ROAD, TREE, CAR, WATER = range(6)
CLASS_NAMES = ("background", "roof", "road", "tree", "car", "water")


@dataclass(frozen=True)
class Ground:
    """How a piece of ground looks.

    Args:
        colour: its main colour.
        other: the colour of its patches.
        mix: how strongly the patches show, 0 to 1.
        grain: pixel-to-pixel variation, in units of 255ths.
        furrow_m: distance of furrows, metres; 0 for none.
        furrow_angle: their direction.
        class_index: its class in the mask.
    """

    colour: Colour
    other: Colour
    mix: float = 0.5
    grain: float = 4.0
    furrow_m: float = 0.0
    furrow_angle: float = 0.0
    class_index: int = BACKGROUND


@dataclass(frozen=True)
class Patch:
    """A piece of ground; patches of a higher layer lie over those of a lower one."""

    polygon: Points
    ground: Ground
    layer: int = 0


@dataclass(frozen=True)
class Stroke:
    """A line thinner than a pixel or a few: road marks, fences, kerbs."""

    path: Points
    width_m: float
    colour: Colour


@dataclass(frozen=True)
class Hedge:
    """A clipped line of green."""

    path: Points
    width_m: float
    height_m: float
    colour: Colour


@dataclass(frozen=True)
class Tree:
    """One crown. ``sprite`` chooses its shape; ``bare`` crowns let the ground shine through."""

    row: float
    col: float
    radius_m: float
    height_m: float
    colour: Colour
    sprite: int
    bare: bool = False


@dataclass(frozen=True)
class Box:
    """Something small that stands on the ground: a car, a container, a bin, a trampoline."""

    row: float
    col: float
    angle: float
    length_m: float
    width_m: float
    height_m: float
    colour: Colour
    kind: BoxKind = "block"


@dataclass(frozen=True)
class Detail:
    """Something on a roof, in the building's own axes (metres along and across from its middle).

    ``rise_m`` above the roof: 0 lies in the roof's plane (skylight, panel), more casts a shadow (chimney, machine).
    """

    along: float
    across: float
    half_along: float
    half_across: float
    rise_m: float
    colour: Colour


@dataclass(frozen=True)
class Tint:
    """A rectangle of a roof, in the building's own axes, whose covering is brighter or darker by ``factor``."""

    along: float
    across: float
    half_along: float
    half_across: float
    factor: float


@dataclass(frozen=True)
class Wing:
    """One rectangle of a building with its own roof; the ridge runs along the longer side unless ``turned``.

    ``chamfer_m`` is cut off its corners; ``tooth_m`` is the distance of the teeth of a saw roof.
    """

    along: float
    across: float
    half_along: float
    half_across: float
    shape: RoofShape
    eave_m: float
    slope: float
    turned: bool = False
    chamfer_m: float = 0.0
    tooth_m: float = 0.0

    @property
    def top_m(self) -> float:
        """Height of its highest point, metres."""
        run = self.tooth_m if self.shape == "saw" else min(self.half_along, self.half_across) * 2
        return self.eave_m + self.slope * run


@dataclass(frozen=True)
class RoofMaterial:
    """What covers a roof.

    Args:
        colour: its main colour.
        other: colour of stains, rust or moss.
        mix: how strongly the second colour shows, 0 to 1.
        blotch: large-scale variation of brightness, relative.
        grain: pixel-to-pixel variation, in units of 255ths.
        course_m: distance of tile courses (parallel to the eave), 0 for none.
        seam_m: width of sheets (seams run down the slope), 0 for none.
        seam: contrast of sheets, relative.
        rib: contrast of the upright seams between sheets, relative.
        ridge: brightness of ridge and hip lines, relative.
        rim: brightness of the outer edge, relative.
    """

    colour: Colour
    other: Colour
    mix: float = 0.3
    blotch: float = 0.05
    grain: float = 5.0
    course_m: float = 0.0
    seam_m: float = 0.0
    seam: float = 0.08
    ridge: float = 1.12
    rim: float = 0.92
    rib: float = 0.0


@dataclass(frozen=True)
class Building:
    """One or more wings under one roof material.

    ``parapet_m`` is how far the rim of its roofs rises; ``base_m`` the height of the roof on which it stands, 0 for
    the ground.
    """

    row: float
    col: float
    angle: float
    wings: tuple[Wing, ...]
    material: RoofMaterial
    wall: Colour
    details: tuple[Detail, ...] = ()
    tints: tuple[Tint, ...] = ()
    parapet_m: float = 0.0
    base_m: float = 0.0

    @property
    def eave_m(self) -> float:
        """Height of the highest eave, metres."""
        return max(wing.eave_m for wing in self.wings)

    @property
    def ridge_m(self) -> float:
        """Height of its highest point, metres, with what stands on the roof."""
        roofs = max(wing.top_m for wing in self.wings)
        return roofs + max((detail.rise_m for detail in self.details), default=self.parapet_m)

    @property
    def reach_m(self) -> float:
        """Distance from the middle to the farthest corner, metres."""
        return max(
            float(np.hypot(abs(w.along) + w.half_along, abs(w.across) + w.half_across)) for w in self.wings
        )


@dataclass
class World:
    """Everything that stands or lies in a scene; filled while planning, read while drawing.

    ``shades`` are ground polygons [n, 2] that something keeps the sun from without covering them: a bridge.
    """

    patches: list[Patch] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    hedges: list[Hedge] = field(default_factory=list)
    trees: list[Tree] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    shades: list[Points] = field(default_factory=list)
