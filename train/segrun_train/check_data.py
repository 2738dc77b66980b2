"""Look at folders of pictures and masks before anybody trains on them."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from segrun.pairs import Pair, find_pairs, find_pictures
from segrun.progress import Progress
from segrun_train.check_data_evidence import PairEvidence, Trouble, measure_pair
from segrun_train.check_data_finding import DataReport, Finding, in_order
from segrun_train.check_data_masks import judge_pictures, judge_sizes, judge_trouble, judge_values
from segrun_train.check_data_pairs import judge_duplicates, judge_matches, sets_that_follow_edges
from segrun_train.check_data_split import SplitRule, judge_leakage
from segrun_train.stem_rules import refuse_unmatched


def check_data(
    images: Sequence[Path], masks: Sequence[Path], *, bands: int = 3, classes: int = 1,
    exclude: Collection[str] = (), split: SplitRule | None = None, progress: Progress | None = None,
) -> DataReport:  # fmt: skip
    """Measure every pair once, then judge files, pairs and, where one is given, the split.

    Args:
        images: folders of pictures.
        masks: as many folders of masks, paired by stem.
        bands: bands wanted of the pictures.
        classes: 1 for binary masks (positive above 127), more for class indices.
        exclude: stems to leave out.
        split: a split to look for leakage in.
        progress: told after every pair.
    Raises:
        InputError: a folder cannot be listed, two files have one stem, nothing pairs, or the split names no picture.
    """
    pairs = [
        (pair, source)
        for source, (folder, mask_folder) in enumerate(zip(images, masks, strict=True))
        for pair in find_pairs([folder], [mask_folder], strict=False)
        if pair.stem not in exclude and Path(pair.stem).name not in exclude
    ]
    if split:
        refuse_unmatched("--held-out", split.held_out, [pair.stem for pair, _ in pairs])
    measured = _measure(pairs, bands=bands, classes=classes, landmarks=bool(split), progress=progress)
    evidence = [one for one in measured if isinstance(one, PairEvidence)]
    troubles = [trouble for one in measured if not isinstance(one, PairEvidence) for trouble in one]
    findings = [judge_trouble(trouble) for trouble in troubles]
    findings += _unpaired(images, masks, exclude)
    findings += judge_sizes(evidence) + judge_pictures(evidence)
    findings += [finding for one in evidence for finding in judge_values(one, classes)]
    findings += judge_matches(evidence) + judge_duplicates(evidence, split.sides(evidence) if split else None)
    if split:
        findings += judge_leakage(evidence, split, progress)
    return DataReport(len(pairs), in_order(findings), _summary(evidence, classes))


def _measure(
    pairs: Sequence[tuple[Pair, int]], *, bands: int, classes: int, landmarks: bool, progress: Progress | None
) -> list[PairEvidence | list[Trouble]]:
    measured = []
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        futures = [
            pool.submit(measure_pair, pair, source, bands=bands, classes=classes, landmarks=landmarks)
            for pair, source in pairs
        ]
        for done, future in enumerate(futures, start=1):
            measured.append(future.result())
            if progress is not None:
                progress("looking", done, len(pairs))
    return measured


def _unpaired(images: Sequence[Path], masks: Sequence[Path], exclude: Collection[str]) -> list[Finding]:
    findings = []
    for folder, mask_folder in zip(images, masks, strict=True):
        stems = [{_stem(path, root): path for path in find_pictures(root)} for root in (folder, mask_folder)]
        for mine, others, what, missing in (
            (stems[0], stems[1], "picture-without-mask", mask_folder),
            (stems[1], stems[0], "mask-without-picture-file", folder),
        ):
            findings += [
                Finding(
                    str(path), what, "error", {"looked_in": str(missing)},
                    "Add the missing file under the same name, or move this one away.",
                )
                for stem, path in mine.items()
                if stem not in others and not {stem, Path(stem).name} & set(exclude)
            ]  # fmt: skip
    return findings


def _stem(path: Path, root: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix()


def _summary(evidence: Sequence[PairEvidence], classes: int) -> dict[str, Any]:
    if not evidence:
        return {}
    pixels = sum(int(one.histogram.sum()) for one in evidence)
    histogram = np.sum([one.histogram for one in evidence], axis=0)
    follows = sets_that_follow_edges(evidence)
    shares = (
        {"positive_share": round(sum(one.positives for one in evidence) / pixels, 4)}
        if classes == 1
        else {"class_shares": [round(int(count) / pixels, 4) for count in histogram[:classes]]}
    )
    ranks = [one.edges.rank for one in evidence if one.edges is not None]
    return {
        "sizes": sorted({f"{one.size[1]}x{one.size[0]}" for one in evidence}),
        **shares,
        "invalid_share": round(sum(one.invalid for one in evidence) / len(evidence), 4),
        "median_edge_rank": round(float(np.median(ranks)), 3) if ranks else None,
        "edge_signal_used": [
            bool(follows.get(source, False)) for source in sorted({one.source for one in evidence})
        ],
    }
