"""A ground station in small: frames at 5 Hz, a mask for each in time, and where on the ground it lies.

    python docs/examples/ground_station.py --model roofs --frames 25 --out station

The frames are drawn here; a real station takes them, and the pose, from its link. Written to the output folder: one PNG a
frame with the mask, and ``footprints.geojsonl`` with one GeoJSON feature a line, which QGIS and GDAL open as it is.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import segrun
from segrun_train.synthetic import draw_scene

HZ = 5.0
# The rest of the period belongs to whatever the station does with the mask.
BUDGET_MS = 0.75 * 1000 / HZ
# Source: WGS 84, NIMA TR8350.2: semi-major axis in metres, and first eccentricity squared.
SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_2 = 6.69437999014e-3

log = logging.getLogger("ground_station")


@dataclass(frozen=True)
class Camera:
    """A camera that looks straight down, the top of its picture towards the heading.

    Args:
        height: of a frame, pixels.
        width: of a frame, pixels.
        view_deg: field of view across the width, degrees.
    """

    height: int
    width: int
    view_deg: float


@dataclass(frozen=True)
class Pose:
    """Where the camera was when it took a frame.

    Args:
        lat: degrees north.
        lon: degrees east.
        altitude_m: above the ground, not above the sea.
        heading_deg: clockwise from north.
    """

    lat: float
    lon: float
    altitude_m: float
    heading_deg: float


def gsd_cm(pose: Pose, camera: Camera) -> float:
    """Return the centimetres on flat ground under one pixel."""
    return 200 * pose.altitude_m * math.tan(math.radians(camera.view_deg) / 2) / camera.width


def footprint(pose: Pose, camera: Camera) -> list[list[float]]:
    """Return the ring of [lon, lat] around what a frame shows of flat ground, counter-clockwise and closed (RFC 7946).

    Metres become degrees by the ellipsoid's two radii of curvature: good to a millimetre over the width of a frame.
    """
    half_right = gsd_cm(pose, camera) * camera.width / 200
    half_up = half_right * camera.height / camera.width
    heading, lat = math.radians(pose.heading_deg), math.radians(pose.lat)
    bent = 1 - ECCENTRICITY_2 * math.sin(lat) ** 2
    north_radius_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / bent**1.5
    east_radius_m = SEMI_MAJOR_M / math.sqrt(bent) * math.cos(lat)
    ring = []
    for right, up in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)):
        right_m, up_m = right * half_right, up * half_up
        east_m = right_m * math.cos(heading) + up_m * math.sin(heading)
        north_m = up_m * math.cos(heading) - right_m * math.sin(heading)
        ring.append(
            [
                pose.lon + math.degrees(east_m / east_radius_m),
                pose.lat + math.degrees(north_m / north_radius_m),
            ]
        )
    return ring


def feature(
    index: int, pose: Pose, camera: Camera, result: segrun.Prediction, info: segrun.ModelInfo
) -> dict[str, Any]:
    """Return the GeoJSON feature of one frame: its footprint, what was found, and what the deadline cost."""
    pixel_m2 = (gsd_cm(pose, camera) / 100) ** 2
    # Channel 0 of a softmax model is the background; a sigmoid model's one channel is mask value 1.
    names = info.classes if len(info.classes) > 1 else ("background", *info.classes)
    area_m2 = {
        name: round(int((result.mask == value).sum()) * pixel_m2, 1)
        for value, name in enumerate(names)
        if value > 0
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [footprint(pose, camera)]},
        "properties": {
            "frame": index,
            "mask": mask_name(index),
            "area_m2": area_m2,
            "latency_ms": round(result.latency_ms, 1),
            "age_ms": round(result.age_ms, 1),
            "gave_up": list(result.gave_up),
            "model": info.name,
            "model_sha256": info.content_sha256,
            "engine": info.engine,
        },
    }


def mask_name(index: int) -> str:
    """Return the file name of a frame's mask."""
    return f"mask_{index:05d}.png"


def flight(count: int, camera: Camera, seed: int) -> Iterator[tuple[Pose, NDArray[np.uint8]]]:
    """Yield poses and frames of a straight flight to the north-east over drawn ground."""
    start = Pose(lat=27.63, lon=85.52, altitude_m=120.0, heading_deg=45.0)
    step_px = camera.height // 8
    height = camera.height + step_px * max(0, count - 1)
    ground = draw_scene(seed, height, camera.width, gsd_cm=gsd_cm(start, camera)).pixels
    step_deg = math.degrees(step_px * gsd_cm(start, camera) / 100 / SEMI_MAJOR_M)
    for index in range(count):
        top = height - camera.height - index * step_px
        north = index * step_deg * math.cos(math.radians(start.heading_deg))
        east = (
            index * step_deg * math.sin(math.radians(start.heading_deg)) / math.cos(math.radians(start.lat))
        )
        pose = Pose(start.lat + north, start.lon + east, start.altitude_m, start.heading_deg)
        yield pose, ground[top : top + camera.height]


def fly(model: segrun.Model, camera: Camera, count: int, out: Path, seed: int) -> int:
    """Run the loop; return how many frames got a mask of their own.

    Raises:
        segrun.SegrunError: the engine failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    fresh = 0
    tick = time.perf_counter()
    with (out / "footprints.geojsonl").open("w", encoding="utf-8") as lines:
        for index, (pose, frame) in enumerate(flight(count, camera, seed)):
            result = model.predict(frame, budget_ms=BUDGET_MS)
            fresh += result.fresh
            if result.gave_up:
                log.warning("frame %d gave up %s", index, ", ".join(result.gave_up))
            cv2.imwrite(str(out / mask_name(index)), result.mask * np.uint8(255 // max(1, result.mask.max())))
            lines.write(json.dumps(feature(index, pose, camera, result, model.info)) + "\n")
            lines.flush()
            tick += 1 / HZ
            time.sleep(max(0.0, tick - time.perf_counter()))
    return fresh


def main() -> None:
    """Load the model once and fly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="roofs", help="path of a model file, or the name of a bundled one")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--out", type=Path, default=Path("station"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    camera = Camera(height=360, width=480, view_deg=60.0)
    with segrun.load(options.model, engine=options.engine) as model:
        fresh = fly(model, camera, options.frames, options.out, options.seed)
    print(f"{options.frames} frames, {fresh} with a mask of their own: {options.out}")


if __name__ == "__main__":
    main()
