"""The notebook's augmented set on disk: originals and changed copies, paired by name."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from segrun.errors import InputError, OutputError
from segrun.pairs import Pair, find_pairs
from segrun.progress import Progress
from segrun_train.augment_set_folder import begin, finish, write_layers
from segrun_train.augment_set_operations import (
    AugmentPlan,
    Layers,
    Plane,
    augmented,
    augmentor_operations,
    binary,
)
from segrun_train.output_folder import refuse_inputs
from segrun_train.pair_reading import read_level

NOTEBOOK_TOTAL = 324
_ATTEMPTS = 20
# The first group of this pattern names the original, so that splits keep copies together.
SOURCE_REGEX = r"(.+?)(_aug\d+)?$"


@dataclass(frozen=True)
class AugmentedSet:
    """What was written.

    Args:
        originals: pictures that were copied.
        copies: changed pictures.
        with_alpha: pictures that carry missing pixels in an alpha band.
        grey_masks: masks with values other than 0 and 255 (or with values beyond the classes).
    """

    originals: int
    copies: int
    with_alpha: int
    grey_masks: int


def write_augmented_set(
    images: Sequence[Path], masks: Sequence[Path], out: Path, *, total: int = NOTEBOOK_TOTAL, seed: int = 0,
    plan: AugmentPlan | None = None, classes: int = 1, grey_masks: bool = False, exclude: Collection[str] = (),
    overwrite: bool = False, progress: Progress | None = None,
) -> AugmentedSet:  # fmt: skip
    """Write ``out/images`` and ``out/masks``: every original as ``<stem>.png``, changed copies as ``<stem>_augNNN.png``.

    Copies are spread evenly over the originals. A picture with missing pixels (alpha 0, or corners that a rotation
    uncovers) is written as RGBA with alpha 0 there, any other as RGB. The set appears as a whole or not at all.

    Args:
        images: folders of pictures.
        masks: as many folders of masks.
        out: receives the two folders.
        total: number of pairs to write, originals included.
        seed: of everything random; a copy depends on it, on the stem and on its number, not on other pictures.
        plan: how strongly pictures are changed.
        classes: 1 for binary masks, more for class indices.
        grey_masks: keep the masks as they are and as Augmentor interpolates them, to show what that does.
        exclude: stems to leave out.
        overwrite: replace what ``out`` holds of an earlier run.
        progress: told after every pair.
    Raises:
        InputError: an unusable picture or mask, sizes or values that do not fit, or nothing left.
        MissingExtraError: Augmentor is not installed.
        OutputError: ``out`` is not empty, would take the place of an input, or cannot be written.
        ValueError: fewer pairs are asked for than there are originals.
    """
    operations = augmentor_operations(plan or AugmentPlan())
    refuse_inputs([out / "images", out / "masks"], [*images, *masks])
    pairs = _pairs(images, masks, exclude)
    if total < len(pairs):
        raise ValueError(
            f"total must not be below the number of originals ({len(pairs)}). Received: total={total}."
        )
    part = begin(out, overwrite=overwrite)
    originals = {pair.stem for pair in pairs}
    written = alpha = grey = 0
    try:
        for place, pair in enumerate(pairs):
            layers = _read(pair, classes, grey_masks=grey_masks)
            copies = (total - len(pairs)) // len(pairs) + (place < (total - len(pairs)) % len(pairs))
            change = partial(augmented, layers, operations, classes=classes, grey_masks=grey_masks)
            series = _series(layers, change, copies, f"{seed}/{pair.stem}")
            for stem, shown in zip(_names(pair.stem, originals), series, strict=False):
                alpha += write_layers(part, stem, shown)
                grey += _is_grey(shown.mask, classes)
                written += 1
                if progress is not None:
                    progress("augmenting", written, total)
        finish(part, out)
    except OSError as error:
        raise OutputError(
            f"cannot write the set. Received: {out} ({error.strerror}). Name a writable folder."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return AugmentedSet(len(pairs), written - len(pairs), alpha, grey)


def _names(stem: str, originals: Collection[str]) -> Iterator[str]:
    """Yield the name of an original, then names for its copies that no other original has."""
    yield stem
    for number in itertools.count(1):
        if (name := f"{stem}_aug{number:03d}") not in originals:
            yield name


def _series(original: Layers, change: Callable[[str], Layers], copies: int, seed: str) -> Iterator[Layers]:
    """Yield the original and its copies; a copy equal to an earlier one is drawn again, a few times."""
    yield original
    seen = {original.pixels.tobytes()}
    for number in range(1, copies + 1):
        for attempt in range(_ATTEMPTS):
            copy = change(f"{seed}/{number}/{attempt}")
            if copy.pixels.tobytes() not in seen:
                break
        seen.add(copy.pixels.tobytes())
        yield copy


def _pairs(images: Sequence[Path], masks: Sequence[Path], exclude: Collection[str]) -> list[Pair]:
    pairs = [
        pair for pair in find_pairs(images, masks) if not {pair.stem, Path(pair.stem).name} & set(exclude)
    ]
    if not pairs:
        raise InputError(f"every picture is excluded. Received: {len(exclude)} names. Exclude fewer.")
    seen: set[str] = set()
    for pair in pairs:
        if pair.stem in seen:
            raise InputError(
                f"two folders hold a picture of one name. Received: {pair.stem}. Rename one of them."
            )
        seen.add(pair.stem)
    return pairs


def _read(pair: Pair, classes: int, *, grey_masks: bool) -> Layers:
    level = read_level(pair, classes=classes)
    mask = level.mask if classes > 1 or grey_masks else binary(level.mask)
    return Layers(level.pixels, level.valid, mask)


def _is_grey(mask: Plane, classes: int) -> bool:
    return classes == 1 and bool(((mask > 0) & (mask < 255)).any())
