"""Judge masks and pictures one by one: values, sizes, alpha."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from segrun.mask_values import CLASS_ABOVE, are_index_and_nodata
from segrun_train.check_data_evidence import PairEvidence, Trouble
from segrun_train.check_data_finding import Finding, Severity

_CURES = {
    "16-bit": "Convert it to 8 bits with one fixed range for all pictures.",
    "unreadable": "Copy or download it again, or remove the pair.",
    "unusable-picture": "Convert it as the sentence says, or remove the pair.",
    "unusable-mask": "Save the mask as grey values or palette indices, or remove the pair.",
}


def judge_trouble(trouble: Trouble) -> Finding:
    """Report a file that cannot be used."""
    return Finding(str(trouble.file), trouble.kind, "error", {"cause": trouble.cause}, _CURES[trouble.kind])


def judge_sizes(evidence: Sequence[PairEvidence]) -> list[Finding]:
    """Report masks of another size than their picture, and pictures of another size than nearly all."""
    findings = [
        Finding(
            str(one.pair.mask), "wrong-size", "error", {"picture": _size(one.size), "mask": _size(one.mask_size)},
            "Draw the mask on the picture's own pixels.",
        )
        for one in evidence
        if one.size != one.mask_size
    ]  # fmt: skip
    for source in sorted({one.source for one in evidence}):
        mine = [one for one in evidence if one.source == source]
        usual, count = Counter(one.size for one in mine).most_common(1)[0]
        if count < 0.9 * len(mine):
            continue
        findings += [
            Finding(
                str(one.pair.image), "odd-size", "warning", {"size": _size(one.size), "usual": _size(usual), "of": count},
                "Check that it belongs to this set and was not cut or resized by mistake.",
            )
            for one in mine
            if one.size != usual
        ]  # fmt: skip
    return findings


def judge_pictures(evidence: Sequence[PairEvidence]) -> list[Finding]:
    """Report alpha and what the reader found odd."""
    findings = []
    for one in evidence:
        file = str(one.pair.image)
        if one.invalid:
            findings.append(
                Finding(
                    file,
                    "alpha",
                    "note",
                    {"share": round(one.invalid, 4)},
                    "Nothing: these pixels get weight 0 in training.",
                )
            )
        findings += [
            Finding(file, "odd-file", "warning", {"cause": warning}, "Rename it to what it is.")
            for warning in one.warnings
        ]
    return findings


def judge_values(one: PairEvidence, classes: int) -> list[Finding]:
    """Report grey, constant and impossible masks.

    Args:
        one: the pair.
        classes: 1 for binary masks, more for class indices.
    """
    file, values = str(one.pair.mask), one.values
    if len(values) == 1:
        return [_constant(file, int(values[0]), classes)]
    if classes > 1:
        beyond = int(one.histogram[classes:].sum())
        if not beyond:
            return []
        return [
            Finding(
                file, "no-such-class", "error", {"largest": int(values[-1]), "classes": classes, "pixels": beyond},
                "Write class indices from 0, or name more classes.",
            )
        ]  # fmt: skip
    if values[-1] <= CLASS_ABOVE or are_index_and_nodata(values):
        cure = "Save the mask with 0 and 255, or name its classes: positive is above 127, so it would count as empty."
        if values[-1] == 1:
            cure = "Multiply the mask by 255: positive is above 127, so it would count as empty."
        elif values[-1] == 255:
            cure = "Write 255 for the class and 0 elsewhere: of 0, 1 and 255 only the last would count."
        return [Finding(file, "indices", "error", {"largest": int(values[-1])}, cure)]
    return _judge_grey(one, file)


def _judge_grey(one: PairEvidence, file: str) -> list[Finding]:
    values, total = one.values, int(one.histogram.sum())
    top = int(values[-1])
    grey = int(one.histogram[1:255].sum())
    if not grey:
        return []
    findings = []
    if top < 255:
        findings.append(
            Finding(
                file, "never-255", "warning",
                {"largest": top, "share_if_equal_255": 0.0, "share_above_127": round(one.positives / total, 4)},
                "Threshold at > 127: a test for 255 finds nothing, and dividing by 255 never gives 1.",
            )
        )  # fmt: skip
    near = int(one.histogram[64:192].sum())
    findings.append(
        Finding(
            file, "grey-mask", "warning",
            {
                "grey_share": round(grey / total, 4), "grey_values": len(values) - (0 in values) - (top == 255),
                "share_above_0": round(1 - int(one.histogram[0]) / total, 4),
                "share_above_127": round(one.positives / total, 4), "undecided_share": round(near / total, 4),
            },
            "Binarise at > 127 (training does); do not feed the grey values as targets.",
        )
    )  # fmt: skip
    return findings


def _constant(file: str, value: int, classes: int) -> Finding:
    severity: Severity = "note" if value == 0 else "warning"
    cure = "Nothing, if there is nothing to mark; too many empty masks teach the network to say nothing."
    if value:
        cure = "Check that the mask is meant to cover the whole picture."
    if value and classes == 1 and value != 255:
        severity, cure = "error", "Save the mask with 0 and 255."
    return Finding(file, "constant-mask", severity, {"value": value}, cure)


def _size(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
