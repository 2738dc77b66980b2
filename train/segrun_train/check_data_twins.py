"""Pictures that share ground although one was turned, mirrored, enlarged or shifted: found by matching landmarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from segrun.progress import Progress

_SIDE_PX = 256
_LANDMARKS = 400
_MAX_BITS = 60
# Measured on 324 augmented pictures of 24 places: two of one place share at least 39 landmarks, two of different places
# at most 7; the histograms of one place agree to 0.979 at least.
_MIN_SHARED = 20
_MIN_HISTOGRAM = 0.95
_MAX_CANDIDATES = 40
_SCALE = (0.4, 2.5)

Points = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Landmarks:
    """What a picture can be recognised by.

    Args:
        histogram: float32 [512], square roots of the shares of colours.
        views: the landmarks of the picture and of its mirror image: float32 [n, 2] places, uint8 [n, 32] descriptors.
    """

    histogram: npt.NDArray[np.float32]
    views: tuple[tuple[Points, npt.NDArray[np.uint8]], tuple[Points, npt.NDArray[np.uint8]]]


def landmarks_of(pixels: npt.NDArray[np.uint8], valid: npt.NDArray[np.bool_] | None) -> Landmarks:
    """Find the landmarks of a picture, uint8 [h, w, bands], where ``valid`` [h, w] allows."""
    usable = (
        np.full(pixels.shape[:2], 255, np.uint8) if valid is None else valid.astype(np.uint8) * np.uint8(255)
    )
    shown = pixels[usable > 0].reshape(-1, pixels.shape[2])
    binned = (shown[:, :3].astype(np.int32) >> 5) @ (8 ** np.arange(min(3, pixels.shape[2])))
    histogram = np.sqrt(np.bincount(binned, minlength=512)[:512] / max(1, len(shown))).astype(np.float32)
    scale = min(1.0, _SIDE_PX / max(usable.shape))
    grey = cv2.resize(
        pixels.mean(axis=2).astype(np.uint8), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    usable = cv2.resize(usable, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST_EXACT).astype(
        np.uint8
    )
    usable = cv2.erode(usable, np.ones((15, 15), np.uint8)).astype(np.uint8)
    return Landmarks(histogram, (_orb(grey, usable), _orb(grey[:, ::-1], usable[:, ::-1])))


def shared_landmarks(first: Landmarks, second: Landmarks) -> int:
    """Count the landmarks of two pictures that one similarity (turn, scale, shift, perhaps a mirror) carries over."""
    return max(_inliers(first.views[0], view) for view in second.views)


def overlapping_pairs(
    landmarks: Sequence[Landmarks], sides: Sequence[int], progress: Progress | None = None
) -> Iterator[tuple[int, int, int]]:
    """Yield ``(first, second, shared landmarks)`` for pictures on different sides; one such pair per picture is enough.

    Args:
        landmarks: of every picture.
        sides: the side of the split of every picture.
        progress: told after every picture.
    """
    if not landmarks:
        return
    histograms = np.stack([mark.histogram for mark in landmarks])
    side = np.array(sides)
    known: set[int] = set()
    for second in range(len(landmarks)):
        agreement = histograms @ histograms[second]
        agreement[side == side[second]] = 0
        candidates = np.argsort(-agreement)[:_MAX_CANDIDATES]
        for first in candidates[agreement[candidates] >= _MIN_HISTOGRAM].tolist():
            shared = 0 if second in known else shared_landmarks(landmarks[first], landmarks[second])
            if shared >= _MIN_SHARED:
                known |= {first, second}
                yield min(first, second), max(first, second), shared
                break
        if progress is not None:
            progress("comparing", second + 1, len(landmarks))


def _orb(grey: npt.NDArray[np.uint8], usable: npt.NDArray[np.uint8]) -> tuple[Points, npt.NDArray[np.uint8]]:
    detector = cv2.ORB.create(nfeatures=_LANDMARKS)
    found, described = detector.detectAndCompute(
        np.ascontiguousarray(grey), np.ascontiguousarray(usable), None
    )
    if not found:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    return np.array([point.pt for point in found], np.float32), described.astype(np.uint8, copy=False)


def _inliers(
    first: tuple[Points, npt.NDArray[np.uint8]], second: tuple[Points, npt.NDArray[np.uint8]]
) -> int:
    if min(len(first[0]), len(second[0])) < _MIN_SHARED:
        return 0
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(first[1], second[1])
    matches = [match for match in matches if match.distance < _MAX_BITS]
    if len(matches) < _MIN_SHARED:
        return 0
    here = first[0][[match.queryIdx for match in matches]]
    there = second[0][[match.trainIdx for match in matches]]
    transform, inliers = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=3, maxIters=300
    )
    found = np.asarray(transform, np.float64)  # OpenCV returns None where it finds no transform
    if found.shape != (2, 3):
        return 0
    scale = float(np.hypot(found[0, 0], found[0, 1]))
    return int(inliers.sum()) if _SCALE[0] < scale < _SCALE[1] else 0
