"""What may happen to a training crop, as ranges; ``geometry`` and ``colour`` draw from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Augmentation:
    """Ranges of random changes. Zero, or one for factors, switches a change off.

    Args:
        flips: mirror left-right and top-bottom, each in half of the crops.
        quarter_turns: turn by a multiple of 90 degrees.
        rotation_deg: turn by up to this, either way.
        rotation_share: share of crops that are turned so.
        scale: factors by which things get smaller to larger, drawn log-uniformly.
        shear: up to this, either way.
        brightness: added, as a share of white, up to this either way.
        contrast: factor within ``1 -+ contrast`` about mid-grey.
        gamma: exponent within ``exp(-+ gamma)``.
        channel_gain: factor of each band within ``1 -+ channel_gain``.
        saturation: factor within ``1 -+ saturation``; three bands only.
        hue_deg: turn of the hue, either way; three bands only.
        grey_share: share of crops whose colour is taken away.
        blur_share: share of crops that are blurred.
        noise_share: share of crops that get noise.
        jpeg_share: share of crops that go through JPEG.
        shadow_share: share of crops on which half a plane is darkened.
    """

    flips: bool = False
    quarter_turns: bool = False
    rotation_deg: float = 0.0
    rotation_share: float = 1.0
    scale: tuple[float, float] = (1.0, 1.0)
    shear: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 0.0
    channel_gain: float = 0.0
    saturation: float = 0.0
    hue_deg: float = 0.0
    grey_share: float = 0.0
    blur_share: float = 0.0
    noise_share: float = 0.0
    jpeg_share: float = 0.0
    shadow_share: float = 0.0


AUGMENTATIONS = {
    "none": Augmentation(),
    # The notebook's operations (small rotations, flips, zoom in) and colour changes on the picture alone.
    "notebook": Augmentation(
        flips=True, rotation_deg=10.0, scale=(1.0, 1.4), brightness=0.08, contrast=0.15, gamma=0.1, channel_gain=0.05
    ),
    "strong": Augmentation(
        flips=True, quarter_turns=True, rotation_deg=45.0, rotation_share=0.5, scale=(0.6, 1.7), shear=0.08,
        brightness=0.15, contrast=0.35, gamma=0.35, channel_gain=0.15, saturation=0.5, hue_deg=20.0,
        grey_share=0.05, blur_share=0.2, noise_share=0.15, jpeg_share=0.1, shadow_share=0.1,
    ),
}  # fmt: skip


def augmentation_named(name: str) -> Augmentation:
    """Return an augmentation.

    Raises:
        ValueError: an unknown name.
    """
    if name not in AUGMENTATIONS:
        raise ValueError(f"unknown augmentation. Received: {name!r}. Use one of {', '.join(AUGMENTATIONS)}.")
    return AUGMENTATIONS[name]
