"""Leakage: pictures on different sides of a split that show the same ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segrun.progress import Progress
from segrun_train.check_data_alike import alike_pairs
from segrun_train.check_data_evidence import PairEvidence
from segrun_train.check_data_finding import Finding, Number
from segrun_train.check_data_twins import overlapping_pairs
from segrun_train.groups import dealt, group_by
from segrun_train.stem_rules import named_stems
from segrun_train.web_tile import WebTile


@dataclass(frozen=True)
class SplitRule:
    """A split to be checked.

    Args:
        held_out: rules for stems set aside: a file of stems, a folder, or a pattern.
        folds: number of folds; None for none.
        fold: the fold set aside; None checks all folds against each other.
        group_regex: pictures with an equal first group go together.
        group_zoom: pictures named ``x-y-z`` go together by their parent tile at this zoom.
    """

    held_out: tuple[str, ...] = ()
    folds: int | None = None
    fold: int | None = None
    group_regex: str | None = None
    group_zoom: int | None = None

    def __post_init__(self) -> None:
        if self.group_regex is not None and self.group_zoom is not None:
            raise ValueError(
                "group by a pattern or by a zoom, not both. Received: group_regex and group_zoom."
            )
        if self.folds is not None and self.folds < 2:
            raise ValueError(f"a split needs at least 2 folds. Received: folds={self.folds}.")
        if self.fold is not None and (self.folds is None or not 0 <= self.fold < self.folds):
            raise ValueError(f"a fold is K/N with 0 <= K < N. Received: {self.fold}/{self.folds}.")

    def __bool__(self) -> bool:
        return bool(self.held_out) or self.folds is not None

    def sides(self, evidence: Sequence[PairEvidence]) -> list[int]:
        """Return the side of every pair, as ``segrun train`` would split.

        Returns:
            Its fold (1 where one fold is set aside, else 0), or -1 where held out by name.
        """
        group = group_by(self.group_regex, self.group_zoom)
        keys = [(group(one.pair.stem), one.source) for one in evidence]
        side_of = dict.fromkeys(keys, 0)
        if self.folds is not None:
            side_of = dealt(keys, self.folds)
        if self.fold is not None:
            side_of = {key: int(side == self.fold) for key, side in side_of.items()}
        rules = [named_stems(rule) for rule in self.held_out]
        for key, one in zip(keys, evidence, strict=True):
            if any(rule(one.pair.stem) for rule in rules):
                side_of[key] = -1
        return [side_of[key] for key in keys]


def judge_leakage(
    evidence: Sequence[PairEvidence], rule: SplitRule, progress: Progress | None = None
) -> list[Finding]:
    """Report pictures on different sides that are equal, look alike, overlap, or lie within each other by name."""
    sides = rule.sides(evidence)
    found: dict[tuple[int, int], Finding] = {}
    for first, second, figures in _same_ground(evidence, sides, progress):
        if sides[first] != sides[second] and (first, second) not in found:
            found[first, second] = Finding(
                str(evidence[second].pair.image), "leakage", "error",
                {"shares_ground_with": str(evidence[first].pair.image), **figures},
                "Put both on one side: split by group (--group-regex, --group-zoom) or by place.",
            )  # fmt: skip
    return list(found.values())


def _same_ground(
    evidence: Sequence[PairEvidence], sides: Sequence[int], progress: Progress | None
) -> Iterator[tuple[int, int, dict[str, Number]]]:
    first_of: dict[str, int] = {}
    for index, one in enumerate(evidence):
        twin = first_of.setdefault(one.picture_sha256, index)
        if twin != index:
            yield twin, index, {"equal": "yes"}
    for first, second, bits, correlation in alike_pairs([one.likeness for one in evidence]):
        yield first, second, {"hash_bits": bits, "correlation": round(correlation, 3)}
    yield from _nested_tiles(evidence)
    if all(one.landmarks is not None for one in evidence):
        marks = [one.landmarks for one in evidence if one.landmarks is not None]
        for first, second, shared in overlapping_pairs(marks, sides, progress):
            yield first, second, {"shared_landmarks": shared}


def _nested_tiles(evidence: Sequence[PairEvidence]) -> Iterator[tuple[int, int, dict[str, Number]]]:
    """Yield web map tiles (names ``x-y-z``) that lie within another picture's tile."""
    tiles = {WebTile.of(one.pair.stem): index for index, one in enumerate(evidence)}
    zooms = sorted({tile.zoom for tile in tiles if tile is not None})
    for tile, index in tiles.items():
        for zoom in zooms:
            if tile is None or zoom >= tile.zoom:
                break
            parent = tiles.get(tile.parent(zoom))
            if parent is not None:
                yield min(parent, index), max(parent, index), {"within_tile_of_zoom": zoom}
