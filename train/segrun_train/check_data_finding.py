"""What ``segrun check-data`` reports: data first, text made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
Number = int | float | str | list[str]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing, about one file or pair.

    Args:
        file: the file it is about.
        kind: short name of the trouble, e.g. ``mismatch``; the same trouble has the same name everywhere.
        severity: ``error`` spoils training or figures, ``warning`` may, ``note`` is ordinary.
        evidence: the numbers behind it.
        cure: what to do, one sentence.
    """

    file: str
    kind: str
    severity: Severity
    evidence: Mapping[str, Number]
    cure: str


@dataclass(frozen=True)
class DataReport:
    """The outcome of looking at folders of pictures and masks; truthy when nothing is wrong.

    Args:
        pairs: number of pairs that were looked at.
        findings: errors first, then warnings, then notes; by kind and file within.
        summary: figures of the whole set, e.g. the share of positive mask pixels.
    """

    pairs: int
    findings: tuple[Finding, ...]
    summary: Mapping[str, Any]

    def __bool__(self) -> bool:
        return not any(finding.severity in ("error", "warning") for finding in self.findings)

    def counts(self) -> dict[Severity, int]:
        """Return the number of findings of each severity."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in _ORDER}

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "clean": bool(self),
            "pairs": self.pairs,
            "counts": dict(self.counts()),
            "summary": dict(self.summary),
            "findings": [asdict(finding) for finding in self.findings],
        }


_ORDER: tuple[Severity, ...] = ("error", "warning", "note")


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of a report."""
    return tuple(sorted(findings, key=lambda f: (_ORDER.index(f.severity), f.kind, f.file)))
