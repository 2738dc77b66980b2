"""Judge pairs against each other: masks that belong to other pictures, duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from segrun_train.check_data_alike import alike_pairs
from segrun_train.check_data_evidence import PairEvidence
from segrun_train.check_data_finding import Finding, Number, Severity

# Measured on five sets drawn along edges (412 pairs): the worst true pair has 0.84, and a mask of another picture of
# the same set falls below 0.8 in 68 to 83 % of cases, below 0.9 in 86 to 95 %.
_ALONE_BELOW = 0.8
_BESIDE_OTHERS_BELOW = 0.9
_MIN_OUTLINE_PX = 200
# Masks drawn along a centre line (roads as strips) don't lie on edges; then the signal says nothing.
_SET_FOLLOWS_EDGES = 0.95
_MIN_PAIRS = 5
# Labels from maps cross the black specks and ragged borders of mosaics a little.
_HIDDEN_SHARE, _HIDDEN_PX = 0.01, 50


def sets_that_follow_edges(evidence: Sequence[PairEvidence]) -> dict[int, bool]:
    """Tell for each folder whether its masks are drawn along edges, so that an outline off every edge means something."""
    ranks: dict[int, list[float]] = defaultdict(list)
    for one in evidence:
        if one.edges is not None and one.edges.outline_px >= _MIN_OUTLINE_PX:
            ranks[one.source].append(one.edges.rank)
    return {
        source: len(found) >= _MIN_PAIRS and median(found) >= _SET_FOLLOWS_EDGES
        for source, found in ranks.items()
    }


def judge_matches(evidence: Sequence[PairEvidence]) -> list[Finding]:
    """Report masks that do not belong to their picture, from three independent signals.

    The signals: the same mask stands beside another picture, too; it marks ground where the picture has no data; its
    outline lies on edges no better than anywhere else. Two of them make a mismatch, one alone a warning.
    """
    follows = sets_that_follow_edges(evidence)
    twins = _twin_masks(evidence)
    signals_of = []
    for index, one in enumerate(evidence):
        informative = (
            follows.get(one.source, False)
            and one.edges is not None
            and one.edges.outline_px >= _MIN_OUTLINE_PX
        )
        rank = one.edges.rank if one.edges is not None and informative else 1.0
        same = [evidence[other] for other in twins.get(index, [])]
        hidden = one.positives_invalid >= max(_HIDDEN_PX, _HIDDEN_SHARE * one.positives)
        signals: dict[str, Number] = {}
        if same:
            signals["mask_is_also_of"] = [other.pair.stem for other in same]
        if hidden:
            signals["mask_pixels_without_picture"] = one.positives_invalid
        if rank < (_BESIDE_OTHERS_BELOW if signals else _ALONE_BELOW):
            signals["edge_rank"] = round(rank, 3)
        signals_of.append(signals)
    wrong = {index for index, signals in enumerate(signals_of) if len(signals) > 1}
    findings: list[Finding] = []
    for index, (one, signals) in enumerate(zip(evidence, signals_of, strict=True)):
        findings += _judged(one, signals, cleared=bool(twins.get(index)) and wrong.issuperset(twins[index]))
    return findings


def judge_duplicates(evidence: Sequence[PairEvidence], sides: Sequence[int] | None = None) -> list[Finding]:
    """Report pictures that occur twice, exactly or nearly.

    Args:
        evidence: of every pair.
        sides: the side of a split of every pair; twins on one side of it are only noted.
    """
    findings = []

    def severity(first: int, second: int) -> Severity:
        return "note" if sides is not None and sides[first] == sides[second] else "warning"

    first_of: dict[str, int] = {}
    for index, one in enumerate(evidence):
        twin = first_of.setdefault(one.picture_sha256, index)
        if twin == index:
            continue
        same = "yes" if evidence[twin].mask_sha256 == one.mask_sha256 else "no"
        findings.append(
            Finding(
                str(one.pair.image), "duplicate-picture", severity(twin, index),
                {"of": str(evidence[twin].pair.image), "same_mask": same},
                "Keep one of the two, or split by group so that both fall on one side.",
            )
        )  # fmt: skip
    for first, second, bits, correlation in alike_pairs([one.likeness for one in evidence]):
        if evidence[first].picture_sha256 == evidence[second].picture_sha256:
            continue
        findings.append(
            Finding(
                str(evidence[second].pair.image), "near-duplicate", severity(first, second),
                {"of": str(evidence[first].pair.image), "hash_bits": bits, "correlation": round(correlation, 3)},
                "Split by group so that both fall on one side.",
            )
        )  # fmt: skip
    return findings


def _twin_masks(evidence: Sequence[PairEvidence]) -> dict[int, list[int]]:
    """Map each pair to those of other pictures with the very same mask; constant masks don't count."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(evidence):
        if len(one.values) > 1:
            groups[one.mask_sha256].append(index)
    return {
        index: [
            other for other in group
            if other != index and evidence[other].picture_sha256 != evidence[index].picture_sha256
        ]
        for group in groups.values()
        if len(group) > 1
        for index in group
    }  # fmt: skip


def _judged(one: PairEvidence, signals: dict[str, Number], *, cleared: bool) -> list[Finding]:
    """Turn signals into findings; ``cleared`` says that the other owners of this mask are known to be wrong."""
    file = str(one.pair.mask)
    if not signals:
        return []
    evidence: dict[str, Number] = {"signals": len(signals), **signals}
    if len(signals) > 1:
        return [
            Finding(
                file,
                "mismatch",
                "error",
                evidence,
                "The mask is of another picture: replace it or drop the pair.",
            )
        ]
    if "mask_is_also_of" in signals and cleared:
        return [
            Finding(file, "duplicate-mask", "note", evidence, "Nothing: the other pair is the wrong one.")
        ]
    if "mask_is_also_of" in signals:
        return [
            Finding(
                file,
                "duplicate-mask",
                "warning",
                evidence,
                "At most one of the pictures can be right: look at them.",
            )
        ]
    if "mask_pixels_without_picture" in signals:
        return [
            Finding(
                file, "mask-without-picture", "warning", evidence, "Look whether the mask is of this picture."
            )
        ]
    return [
        Finding(
            file, "off-edges", "warning", evidence, "Look whether the mask is of this picture, or shifted."
        )
    ]
