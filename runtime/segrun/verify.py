"""Replaying the golden tiles on this machine's engines: is what runs here what was exported?"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from segrun.card import GOLDEN_KEY, ModelCard
from segrun.errors import EngineError, MissingExtraError, ModelError, SegrunError
from segrun.golden import GoldenTiles
from segrun.model_file import ModelFile
from segrun.progress import Progress
from segrun.replay import Findings, compared
from segrun.sessions import Compute, SessionOptions, open_session
from segrun.sessions.providers import engines_to_try
from segrun.text_table import aligned

Status = Literal["passed", "failed", "absent"]
_REPEATS = 5


@dataclass(frozen=True)
class Verdict:
    """One engine's outcome.

    Args:
        engine: by its name.
        status: ``absent`` where the engine is not installed or has no device here.
        reason: why it failed or is absent; empty when it passed.
        findings: the comparison; None where nothing ran.
        ms_per_tile: median wall time of one tile.
    """

    engine: str
    status: Status
    reason: str = ""
    findings: Findings | None = None
    ms_per_tile: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        found = self.findings
        return {
            "engine": self.engine,
            "status": self.status,
            "reason": self.reason,
            "max_difference": found.max_difference if found else None,
            "flipped": found.flipped if found else None,
            "iou": found.iou if found else None,
            "ms_per_tile": None if self.ms_per_tile is None else round(self.ms_per_tile, 3),
        }


@dataclass(frozen=True)
class VerifyReport:
    """What was found on this machine; true when an engine passed and none failed.

    Args:
        path: of the file.
        card: of the file.
        content_sha256: of the file, equal to the one in the card.
        verdicts: one for each engine.
    """

    path: Path
    card: ModelCard
    content_sha256: str
    verdicts: tuple[Verdict, ...]

    def __bool__(self) -> bool:
        found = {verdict.status for verdict in self.verdicts}
        return "passed" in found and "failed" not in found

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "file": str(self.path),
            "name": self.card.name,
            "precision": self.card.precision,
            "content_sha256": self.content_sha256,
            "passed": bool(self),
            "engines": [verdict.to_dict() for verdict in self.verdicts],
        }


def verify(
    path: Path,
    engines: Sequence[str] = (),
    *,
    threads: int | None = None,
    compute: Compute = "file",
    progress: Progress | None = None,
) -> VerifyReport:
    """Check a file's own hash, then replay its golden tiles.

    Args:
        path: of an exported file.
        engines: that must pass; empty tries every engine that can run this format and passes over absent ones.
        threads: of the engines.
        compute: whether the engines may compute with fewer digits than the file; the gates stay the file's.
        progress: told after each engine.
    Raises:
        ModelError: not an exported file, or changed or damaged after its export.
    """
    file = ModelFile.read(path)
    card, golden = file.card(), file.golden()
    if card is None or golden is None:
        missing = "card" if card is None else "golden tiles"
        raise ModelError(
            f"{path} cannot be verified: it has no {missing}. Export it with segrun export, or use segrun lint."
        )
    file.verify_content()
    _refuse_other_golden_tiles(file, card)
    wanted = tuple(engines) or (("litert",) if file.format == "tflite" else engines_to_try())
    verdicts = []
    for done, engine in enumerate(wanted, start=1):
        options = SessionOptions(engine, threads, compute=compute)
        verdicts.append(_verdict(file, card, golden, options, asked_for=bool(engines)))
        if progress:
            progress("verify", done, len(wanted))
    return VerifyReport(path, card, file.content_sha256, tuple(verdicts))


def _refuse_other_golden_tiles(file: ModelFile, card: ModelCard) -> None:
    """The content hash leaves the metadata out, so the certificate names the golden tiles by their own."""
    stated = (card.parity or {}).get("golden_sha256")
    found = hashlib.sha256(file.metadata[GOLDEN_KEY].encode()).hexdigest()
    if stated is not None and stated != found:
        raise ModelError(
            f"{file.path} has other golden tiles than its certificate names. Received: sha256 {found[:12]}, "
            f"certificate says {str(stated)[:12]}. Copy or export it again."
        )


def _verdict(
    file: ModelFile,
    card: ModelCard,
    golden: GoldenTiles,
    options: SessionOptions,
    *,
    asked_for: bool,
) -> Verdict:
    engine = options.engine
    try:
        session = open_session(file, options)
    except (EngineError, MissingExtraError) as error:
        return Verdict(engine, "failed" if asked_for else "absent", str(error))
    except SegrunError as error:
        return Verdict(engine, "failed", str(error))
    try:
        tiles = golden.padded(card.tile)
        times, scores = [], []
        for tile in [*tiles, *([tiles[0]] * _REPEATS)]:
            started = time.perf_counter()
            scores.append(session.run(np.ascontiguousarray(tile[None])))
            times.append(1e3 * (time.perf_counter() - started))
    except SegrunError as error:
        return Verdict(engine, "failed", str(error))
    finally:
        session.close()
    certificate = card.parity or {}
    thresholds = certificate.get("keras_thresholds") or card.thresholds
    found = compared(golden, np.concatenate(scores[: len(tiles)]), thresholds, card.activation)
    reasons = found.reasons(card.precision, certificate.get("golden"))
    return Verdict(
        engine, "failed" if reasons else "passed", "; ".join(reasons), found, float(np.median(times[1:]))
    )


def table(report: VerifyReport) -> str:
    """Return the verdicts as aligned text, one line for each engine."""
    rows = [("engine", "verdict", "max diff", "flipped %", "IoU", "ms/tile", "")]
    for verdict in report.verdicts:
        found = verdict.findings
        numbers = ("-",) * 4
        if found is not None:
            worst = "-" if found.max_difference is None else f"{found.max_difference:.1e}"
            numbers = (worst, f"{100 * found.flipped:.4f}", f"{found.iou:.4f}", f"{verdict.ms_per_tile:.1f}")
        rows.append((verdict.engine, verdict.status, *numbers, verdict.reason))
    return "\n".join(aligned(rows))
