"""The masks that experiments look at: the originals, and Augmentor's set with grey and with binary masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segrun.pairs import find_pairs
from segrun.pictures import read_mask
from segrun.progress import Progress
from segrun_train.augment_set import SOURCE_REGEX, write_augmented_set
from segrun_train.groups import group_by_regex
from segrun_train.notebook.published import PICTURES, Labels

# Its mask is that of picture 270; the notebook set it aside too ("1 outlier where the masked and image do not match").
OUTLIER = "278"


@dataclass(frozen=True)
class MaskSet:
    """A folder of pairs.

    Args:
        name: in words.
        images: its pictures.
        masks: its masks.
        stems: sorted.
        labels: over all masks.
    """

    name: str
    images: Path
    masks: Path
    stems: tuple[str, ...]
    labels: Labels

    @property
    def sources(self) -> list[str]:
        """The original that each pair was made from, in the order of the stems."""
        return [group_by_regex(f"^{SOURCE_REGEX}")(stem) for stem in self.stems]


def originals(data: Path) -> MaskSet:
    """Return the set as it came, without the outlier."""
    return _mask_set("the 24 originals", data / "images", data / "masks")


def augmented(data: Path, out: Path, *, grey: bool, seed: int, progress: Progress | None) -> MaskSet:
    """Write the notebook's 324 pairs again: equal every time for one seed."""
    write_augmented_set(
        [data / "images"], [data / "masks"], out, total=PICTURES, seed=seed, grey_masks=grey, exclude={OUTLIER},
        overwrite=True, progress=progress,
    )  # fmt: skip
    return _mask_set(
        f"Augmentor's {PICTURES}, masks {'grey' if grey else 'binary'}", out / "images", out / "masks"
    )


def read_labels(found: MaskSet) -> list[NDArray[np.float32]]:
    """Return the masks as the notebook trained on them: float32 ``[h, w]`` in [0, 1]."""
    pairs = find_pairs([found.images], [found.masks])
    return [np.asarray(read_mask(pair.mask) / 255, np.float32) for pair in pairs if pair.stem in found.stems]


def _mask_set(name: str, images: Path, masks: Path) -> MaskSet:
    pairs = [pair for pair in find_pairs([images], [masks]) if pair.stem != OUTLIER]
    counts = np.zeros(256, np.int64)
    for pair in pairs:
        counts += np.bincount(read_mask(pair.mask).ravel(), minlength=256)
    shares = counts / counts.sum()
    labels = Labels(float(shares[0]), float(shares[1:255].sum()), float(shares[255]))
    return MaskSet(name, images, masks, tuple(pair.stem for pair in pairs), labels)
