"""Find pictures in folders, and pair pictures with masks by stem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from segrun.errors import InputError
from segrun.folders import find_files
from segrun.picture_head import PICTURE_SUFFIXES

NAMED_AT_MOST = 3


@dataclass(frozen=True)
class Pair:
    """A picture and its mask.

    Args:
        stem: name of both below their folders, without the ending, with ``/``: ``a/b``.
        image: the picture's file.
        mask: the mask's file.
    """

    stem: str
    image: Path
    mask: Path


def find_pictures(folder: Path) -> list[Path]:
    """List the pictures below a folder, sorted by their path below it.

    Hidden files and folders are skipped, and a folder reached twice through links is listed once.

    Raises:
        InputError: the folder does not exist or cannot be read.
    """
    return find_files(folder, PICTURE_SUFFIXES)


def find_pairs(images: Sequence[Path], masks: Sequence[Path], *, strict: bool = True) -> list[Pair]:
    """Pair the pictures below each folder with the masks below the folder of the same position.

    Args:
        images: folders of pictures.
        masks: as many folders of masks; sub-folders mirror those of the pictures.
        strict: refuse pictures without a mask and masks without a picture; else leave them out.
    Returns:
        The pairs, folder by folder, sorted by stem.
    Raises:
        InputError: no pictures, a stem twice in one folder, different numbers of folders, no pairs, or unpaired names.
    """
    if len(images) != len(masks):
        raise InputError(
            f"every --images needs its --masks. Received: {len(images)} folders of pictures, {len(masks)} of masks. "
            "Give as many of one as of the other, in the same order."
        )
    pairs: list[Pair] = []
    for image_folder, mask_folder in zip(images, masks, strict=True):
        pairs += _pairs_of(image_folder, mask_folder, strict=strict)
    return pairs


def _pairs_of(image_folder: Path, mask_folder: Path, *, strict: bool) -> list[Pair]:
    images, masks = _by_stem(image_folder), _by_stem(mask_folder)
    if strict:
        _refuse_unpaired(sorted(images.keys() - masks.keys()), "pictures", image_folder, "mask", mask_folder)
        _refuse_unpaired(sorted(masks.keys() - images.keys()), "masks", mask_folder, "picture", image_folder)
    shared = [stem for stem in images if stem in masks]
    if not shared:
        raise InputError(
            f"no picture in {image_folder} has a mask of the same name in {mask_folder}. "
            f"Received: {_named(list(images))} and {_named(list(masks))}. Name each mask as its picture, endings aside."
        )
    return [Pair(stem, images[stem], masks[stem]) for stem in shared]


def _by_stem(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in find_pictures(folder):
        stem = PurePosixPath(*path.relative_to(folder).parts).with_suffix("").as_posix()
        if stem in found:
            raise InputError(
                f"two files in {folder} have one stem. Received: {found[stem].name} and {path.name}. "
                "Rename or remove one of them."
            )
        found[stem] = path
    if not found:
        raise InputError(
            f"no pictures in {folder}. Looked for: {', '.join(PICTURE_SUFFIXES)}. Name the folder that holds them."
        )
    return dict(sorted(found.items()))


def _refuse_unpaired(stems: list[str], what: str, folder: Path, missing: str, other: Path) -> None:
    if stems:
        raise InputError(
            f"{len(stems)} {what} in {folder} have no {missing} in {other}. Received: {_named(stems)}. "
            "Add what is missing or move them away."
        )


def _named(stems: list[str]) -> str:
    more = len(stems) - NAMED_AT_MOST
    return ", ".join(stems[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
