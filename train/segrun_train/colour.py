"""Change the colours of a crop: the picture alone, never its mask."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from segrun_train.augmentation import Augmentation

# Rows of RGB -> YIQ: in it, saturation is a factor and hue a turn of the last two coordinates. Source: FCC NTSC, 1953.
_YIQ = np.array([[0.299, 0.587, 0.114], [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]])
_FROM_YIQ = np.linalg.inv(_YIQ)
NOISE_AT_MOST = 12
JPEG_QUALITY = (40, 90)


def recolour(
    pixels: NDArray[np.uint8], rng: np.random.Generator, augmentation: Augmentation
) -> NDArray[np.uint8]:
    """Return a crop with changed colours.

    Args:
        pixels: uint8 [h, w, bands], RGB order where there are three.
        rng: drawn from in a fixed order.
        augmentation: the ranges.
    Returns:
        uint8, same shape.
    """
    coloured = pixels.shape[2] == 3
    if coloured and (augmentation.saturation or augmentation.hue_deg):
        pixels = _mixed(pixels, _mix(rng, augmentation))
    if augmentation.shadow_share and rng.random() < augmentation.shadow_share:
        pixels = _shadowed(pixels, rng)
    if augmentation.brightness or augmentation.contrast or augmentation.gamma or augmentation.channel_gain:
        pixels = _through_curves(pixels, _curves(pixels.shape[2], rng, augmentation))
    if augmentation.blur_share and rng.random() < augmentation.blur_share:
        sigma = float(rng.uniform(0.4, 1.3))
        pixels = _as_bands(cv2.GaussianBlur(pixels, (0, 0), sigma), pixels)
    if augmentation.noise_share and rng.random() < augmentation.noise_share:
        pixels = _noisy(pixels, rng)
    if coloured and augmentation.jpeg_share and rng.random() < augmentation.jpeg_share:
        quality = int(rng.integers(*JPEG_QUALITY))
        _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        pixels = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return pixels


def _mix(rng: np.random.Generator, augmentation: Augmentation) -> NDArray[np.float64]:
    """Draw the 3x3 matrix that turns hue and scales saturation."""
    factor = 1 + rng.uniform(-1, 1) * augmentation.saturation
    if rng.random() < augmentation.grey_share:
        factor = 0.0
    angle = math.radians(rng.uniform(-1, 1) * augmentation.hue_deg)
    cosine, sine = factor * math.cos(angle), factor * math.sin(angle)
    turn = np.array([[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]])
    return np.asarray(_FROM_YIQ @ turn @ _YIQ)


def _mixed(pixels: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.asarray(cv2.transform(pixels, matrix), np.uint8)


def _curves(bands: int, rng: np.random.Generator, augmentation: Augmentation) -> NDArray[np.uint8]:
    """Draw one table of 256 values for each band: gamma, contrast about mid-grey, brightness, gain."""
    value = np.linspace(0, 1, 256) ** math.exp(rng.uniform(-1, 1) * augmentation.gamma)
    value = (value - 0.5) * (1 + rng.uniform(-1, 1) * augmentation.contrast) + 0.5
    value = value + rng.uniform(-1, 1) * augmentation.brightness
    gain = 1 + rng.uniform(-1, 1, bands) * augmentation.channel_gain
    return np.clip(value[:, None] * gain * 255 + 0.5, 0, 255).astype(np.uint8)


def _through_curves(pixels: NDArray[np.uint8], curves: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _as_bands(cv2.LUT(pixels, curves[None]), pixels)


def _shadowed(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Darken one side of a random line, with a soft edge."""
    height, width = pixels.shape[:2]
    angle = rng.uniform(0, 2 * math.pi)
    rows = (np.arange(height, dtype=np.float32) - rng.uniform(0.2, 0.8) * height)[:, None]
    cols = (np.arange(width, dtype=np.float32) - rng.uniform(0.2, 0.8) * width)[None]
    side = np.clip((rows * math.sin(angle) + cols * math.cos(angle)) / 4 + 0.5, 0, 1)
    factor = np.float32(1) - side.astype(np.float32) * np.float32(rng.uniform(0.25, 0.6))
    return np.asarray(pixels * factor[..., None], np.uint8)


def _noisy(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    strength = int(rng.integers(2, NOISE_AT_MOST + 1))
    up = rng.integers(0, strength + 1, pixels.shape, np.uint8)
    down = rng.integers(0, strength + 1, pixels.shape, np.uint8)
    return _as_bands(cv2.subtract(cv2.add(pixels, up), down), pixels)


def _as_bands(changed: object, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # OpenCV drops the last axis of one-band pictures.
    return np.asarray(changed, np.uint8).reshape(pixels.shape)
