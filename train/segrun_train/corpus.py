"""Read folders of pictures and masks into memory, and say what was read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segrun.errors import InputError
from segrun.pairs import Pair, find_pairs
from segrun.progress import Progress
from segrun_train.pair_reading import read_level
from segrun_train.sample import Sample, pyramid
from segrun_train.web_tile import WebTile

GroundDistance = float | Literal["tile"] | None


@dataclass(frozen=True)
class Corpus:
    """All pictures of a run.

    Args:
        samples: folder by folder, sorted by stem.
        description: one ``{"name", "pairs", "sha256", "gsd_cm"}`` for each folder, as ``RunRecord.training_data``.
    """

    samples: tuple[Sample, ...]
    description: tuple[dict[str, Any], ...]


def read_corpus(
    images: Sequence[Path],
    masks: Sequence[Path],
    *,
    classes: int = 1,
    bands: int = 3,
    gsd_cm: Sequence[GroundDistance] = (),
    exclude: Collection[str] = (),
    progress: Progress | None = None,
) -> Corpus:
    """Decode every pair once.

    Args:
        images: folders of pictures.
        masks: as many folders of masks.
        classes: 1 for antialiased binary masks, else the number of classes that a mask's indices may name.
        bands: bands of the pictures.
        gsd_cm: cm per pixel of each folder, or ``"tile"`` to take it from names of web map tiles; empty when unknown,
            one value for all.
        exclude: stems to leave out.
        progress: told of each picture.
    Raises:
        InputError: a folder without pairs, an unusable picture, sizes that differ, mask values that do not fit.
        ValueError: ``gsd_cm`` has neither no, one nor ``len(images)`` values.
    """
    distances = spread(gsd_cm, len(images))
    samples: list[Sample] = []
    description: list[dict[str, Any]] = []
    for source, pairs in enumerate(_listed(images, masks, exclude)):
        samples += _read_folder(
            pairs, source, classes=classes, bands=bands, gsd_cm=distances[source], progress=progress
        )
        description.append(_described(images[source], pairs, distances[source]))
    return Corpus(tuple(samples), tuple(description))


def list_corpus(
    images: Sequence[Path], masks: Sequence[Path], *, gsd_cm: Sequence[GroundDistance] = (),
    exclude: Collection[str] = (),
) -> Corpus:  # fmt: skip
    """Describe what ``read_corpus`` would read, without decoding: samples have names alone.

    Args:
        images: folders of pictures.
        masks: as many folders of masks.
        gsd_cm: as for ``read_corpus``.
        exclude: stems to leave out.
    Raises:
        InputError: a folder without pairs.
        ValueError: ``gsd_cm`` has neither no, one nor ``len(images)`` values.
    """
    distances = spread(gsd_cm, len(images))
    folders = _listed(images, masks, exclude)
    described = [_described(images[source], pairs, distances[source]) for source, pairs in enumerate(folders)]
    samples = [
        Sample(pair.stem, source, (), None, str(pair.image), str(pair.mask))
        for source, pairs in enumerate(folders)
        for pair in pairs
    ]
    return Corpus(tuple(samples), tuple(described))


def spread(values: Sequence[GroundDistance], count: int) -> list[GroundDistance]:
    """Give each of ``count`` folders its ground distance: none for all, one for all, or one each."""
    if len(values) not in (0, 1, count):
        raise ValueError(
            f"gsd_cm needs one value, or one for each of {count} folders. Received: {len(values)}."
        )
    if len(values) == count:
        return list(values)
    return [values[0] if values else None] * count


def read_pair(pair: Pair, *, source: int, classes: int, bands: int, gsd_cm: GroundDistance) -> Sample:
    """Read one picture and its mask.

    Raises:
        InputError: unusable, of different sizes, or with mask values that do not fit the classes.
    """
    level = read_level(pair, classes=classes, bands=bands)
    if gsd_cm == "tile":
        tile = WebTile.of(Path(pair.stem).name)
        if tile is None:
            raise InputError(
                f"{pair.image} is not named as a web map tile. Received: --gsd-cm tile. Name it x-y-z, or give cm per pixel."
            )
        gsd_cm = tile.gsd_cm(level.size[1])
    levels = pyramid(level, grey_mask=classes == 1)
    return Sample(pair.stem, source, levels, gsd_cm, str(pair.image), str(pair.mask))


def _listed(images: Sequence[Path], masks: Sequence[Path], exclude: Collection[str]) -> list[list[Pair]]:
    """Return the pairs of each folder, sorted by stem."""
    if len(images) != len(masks):
        raise InputError(
            f"every --images needs its --masks. Received: {len(images)} and {len(masks)}. Give them in the same order."
        )
    folders = []
    for folder, mask_folder in zip(images, masks, strict=True):
        pairs = [pair for pair in find_pairs([folder], [mask_folder]) if not _named(pair.stem, exclude)]
        if not pairs:
            raise InputError(
                f"every picture of {folder} is excluded. Received: {len(exclude)} names. Exclude fewer."
            )
        folders.append(pairs)
    return folders


def _read_folder(
    pairs: Sequence[Pair],
    source: int,
    *,
    classes: int,
    bands: int,
    gsd_cm: GroundDistance,
    progress: Progress | None,
) -> list[Sample]:
    samples = []
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        futures = [
            pool.submit(read_pair, pair, source=source, classes=classes, bands=bands, gsd_cm=gsd_cm)
            for pair in pairs
        ]
        for done, future in enumerate(futures, start=1):
            samples.append(future.result())
            if progress is not None:
                progress(f"reading {pairs[0].image.parent}", done, len(pairs))
    return samples


def _described(folder: Path, pairs: Sequence[Pair], gsd_cm: GroundDistance) -> dict[str, Any]:
    """Describe a folder; the hash is over names and bytes in stem order, so it does not depend on where it stands."""
    digest = hashlib.sha256()
    for pair in pairs:
        for path in (pair.image, pair.mask):
            digest.update(f"{pair.stem}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    name = folder.name if folder.name not in ("images", "train") else folder.resolve().parent.name
    return {"name": name, "pairs": len(pairs), "sha256": digest.hexdigest(), "gsd_cm": gsd_cm}


def _named(stem: str, names: Collection[str]) -> bool:
    return stem in names or Path(stem).name in names
