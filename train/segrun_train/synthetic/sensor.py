"""From light to file: haze, colour cast, blur, sharpening, noise and compression."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.noise import noise_window

# JPEG holds at most 65535 pixels a side, and coding in pieces bounds memory.
_JPEG_BLOCK_PX = 4096


@dataclass(frozen=True)
class Sensor:
    """One camera, lens, air and file format.

    Args:
        gain: brightness of red, green and blue.
        gamma: exponent of the tone curve.
        haze: share of the picture that is light scattered by the air.
        saturation: 1 leaves colours alone.
        blur_px: standard deviation of the lens's blur.
        sharpen: strength of the sharpening that providers apply.
        noise: standard deviation, in 255ths.
        jpeg_quality: 0 for no compression.
    """

    gain: tuple[float, float, float]
    gamma: float
    haze: float
    saturation: float
    blur_px: float
    sharpen: float
    noise: float
    jpeg_quality: int


def draw_sensor(rng: np.random.Generator) -> Sensor:
    """Draw one camera."""
    exposure = rng.uniform(0.85, 1.22)
    red, green, blue = exposure * rng.normal(1, 0.025, 3)
    haze = float(rng.uniform(0.0, 0.14)) if rng.random() < 0.5 else 0.0
    sharpen = float(rng.uniform(0.15, 0.7)) if rng.random() < 0.5 else 0.0
    quality = int(rng.integers(55, 96)) if rng.random() < 0.5 else 0
    gamma, saturation, blur_px, noise = (
        float(rng.uniform(low, high)) for low, high in ((0.8, 1.12), (0.5, 1.12), (0.55, 1.0), (0.8, 4.5))
    )
    return Sensor(
        (float(red), float(green), float(blue)), gamma, haze, saturation, blur_px, sharpen, noise, quality
    )


def dimmed(sensor: Sensor, rng: np.random.Generator) -> Sensor:
    """Return a camera set for bright roofs: sharp and clear, streets and lawns dark and grey."""
    gain = float(rng.uniform(0.66, 1.02))
    red, green, blue = sensor.gain
    return replace(
        sensor,
        gain=(red * gain, green * gain, blue * gain * float(rng.uniform(0.92, 1.0))),
        gamma=sensor.gamma * float(rng.uniform(1.0, 1.3)),
        haze=sensor.haze * 0.4,
        saturation=sensor.saturation * float(rng.uniform(0.65, 1.0)),
        blur_px=sensor.blur_px * float(rng.uniform(0.75, 1.0)),
        sharpen=float(rng.uniform(0.2, 0.9)),
    )


def expose(
    light: npt.NDArray[np.float32], sensor: Sensor, row: int, col: int, seed: int
) -> npt.NDArray[np.uint8]:
    """Take the picture.

    Args:
        light: float32 [h, w, 3], about 0 to 255.
        sensor: the camera.
        row: absolute row of the upper left pixel, so that neighbouring windows share one noise.
        col: its absolute column.
        seed: chooses the noise.
    Returns:
        uint8 [h, w, 3], RGB; not yet compressed.
    """
    height, width = light.shape[:2]
    picture: npt.NDArray[np.float32] = np.float32(1) * cv2.GaussianBlur(light, (0, 0), sensor.blur_px)
    if sensor.sharpen:
        picture += np.float32(sensor.sharpen) * (picture - cv2.GaussianBlur(picture, (0, 0), 1.2))
    for band, gain in enumerate(sensor.gain):
        noise = noise_window(
            "grain", row + 131 * seed + 331 * band, col + 57 * seed + 97 * band, height, width
        )
        picture[..., band] += np.float32(sensor.noise) * noise
        picture[..., band] *= np.float32(gain)
    grey = picture.mean(axis=2, keepdims=True)
    picture = grey + (picture - grey) * np.float32(sensor.saturation)
    np.clip(picture, 0, 255, out=picture)
    # The shoulder keeps bright roofs from burning out, as a film or a careful exposure would.
    tone = (np.arange(256) / 255) ** sensor.gamma
    curve = 255 * np.where(tone > 0.7, 0.7 + 0.27 * np.tanh((tone - 0.7) / 0.27), tone)
    curve = curve * (1 - sensor.haze) + np.float32(205) * sensor.haze
    seen = cv2.LUT(picture.astype(np.uint8), np.clip(curve, 0, 255).astype(np.uint8))
    return seen.astype(np.uint8, copy=False)


def compress(picture: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.uint8]:
    """Send a picture through JPEG and back, or leave it alone for quality 0.

    Args:
        picture: uint8 [h, w, 3], RGB.
        quality: 1 to 100, or 0.
    """
    if quality == 0:
        return picture
    seen = np.empty_like(picture)
    for row in range(0, picture.shape[0], _JPEG_BLOCK_PX):
        for col in range(0, picture.shape[1], _JPEG_BLOCK_PX):
            block = slice(row, row + _JPEG_BLOCK_PX), slice(col, col + _JPEG_BLOCK_PX)
            bgr = np.ascontiguousarray(picture[block][..., ::-1])
            _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
            decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
            assert decoded is not None
            seen[block] = decoded[..., ::-1]
    return seen
