"""Running a converted file on its engines beside Keras, and putting it in place where it holds."""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segrun.atomic import write_bytes
from segrun.card import ModelCard, Precision, card_sha256
from segrun.errors import EngineError, MissingExtraError, SegrunError
from segrun.golden import CROPS
from segrun.model_file import ModelFile
from segrun.replay import Findings, compared
from segrun.sessions.providers import choose, import_onnxruntime
from segrun_export.conversion import Converted
from segrun_export.export_report import Artefact, versions
from segrun_export.parity import ParityReport, compare
from segrun_export.profile_deepness import deepness_reference, deepness_thresholds
from segrun_export.reference import Reference, Run, artefact_run
from segrun_export.sealing import cardless, sealable
from segrun_export.silence import silenced
from segrun_export.thresholds import matched_classes
from segrun_export.variants import Variant


@dataclass(frozen=True)
class _Runs:
    """What the engines made of one file: results, and why an engine has none."""

    results: dict[str, Run]
    problems: dict[str, str]


def certified(
    converted: Converted,
    variant: Variant,
    card: ModelCard,
    reference: Reference,
    target: Path,
    *,
    threads: int | None = None,
    keep_failed: bool = False,
) -> Artefact:
    """Prove one converted file and give it its name.

    Args:
        converted: the file.
        variant: what it is.
        card: with Keras's thresholds.
        reference: Keras's scores.
        target: the file's place; its folder exists.
        threads: of the engines.
        keep_failed: keep a file that failed under another name.
    Raises:
        EngineError: a required engine is not here or failed.
    """
    contract = variant.profile == "contract"
    if contract:
        sealed = sealable(converted.content, variant.format, card, reference.golden)
    else:
        sealed = cardless(converted.content, variant.format, card)
        reference = dataclasses.replace(
            reference,
            scores=deepness_reference(reference.scores, card),
            edge_scores=deepness_reference(reference.edge_scores, card),
            thresholds=deepness_thresholds(card),
            activation="softmax",
        )
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        candidate = Path(folder) / target.name
        candidate.write_bytes(sealed.sealed(sealed.card))
        runs = _run(candidate, variant, reference, threads)
    card = sealed.card
    if variant.precision != "fp32":
        scores = runs.results[variant.required[0]].scores[: len(reference.proof)]
        classes = matched_classes(card.classes, reference.scores, scores, card.activation)
        card = dataclasses.replace(card, classes=classes)
    own = card.thresholds if contract else reference.thresholds
    parity = tuple(
        _compared(run, engine, variant.precision, own, reference) for engine, run in runs.results.items()
    )
    artefact = Artefact(
        path=target,
        variant=variant,
        size_bytes=0,
        operators=converted.operators,
        settings=converted.settings,
        content_sha256=card.content_sha256,
        thresholds=own,
        parity=parity,
        not_certified=runs.problems,
        ms_per_tile={engine: run.ms_per_tile for engine, run in runs.results.items()},
        worst_tile=_worst_tile(runs.results[variant.required[0]], reference),
    )
    if contract:
        last = runs.results[variant.required[0]].scores[-CROPS:]
        golden = compared(reference.golden, last, reference.thresholds, reference.activation)
        card = dataclasses.replace(
            card,
            parity={**certificate(artefact, reference, golden), "card_sha256": card_sha256(card.to_json())},
        )
    content = sealed.sealed(card)
    path: Path | None = target
    if not artefact:
        path = target.with_name(f"{target.stem}.failed{target.suffix}") if keep_failed else None
    if path is not None:
        write_bytes(path, content)
        ModelFile.read(path).verify_content()
    return dataclasses.replace(artefact, path=path, size_bytes=len(content))


def certificate(artefact: Artefact, reference: Reference, golden: Findings) -> dict[str, Any]:
    """Return what a card says of the proof, bound to the tiles by their sha256.

    Args:
        artefact: with a report for each engine.
        reference: Keras's scores and the tiles.
        golden: what the first required engine made of the golden tiles.
    """
    return {
        "engines": {report.engine: report.to_dict() for report in artefact.parity},
        "not_certified": artefact.not_certified,
        "passed": bool(artefact),
        "tiles_sha256": hashlib.sha256(np.ascontiguousarray(reference.proof.pixels).tobytes()).hexdigest(),
        "golden": dataclasses.asdict(golden),
        "keras_thresholds": list(reference.thresholds),
        "thresholds": list(artefact.thresholds),
        "golden_sha256": hashlib.sha256(reference.golden.encode().encode()).hexdigest(),
        "versions": versions(),
    }


def _run(candidate: Path, variant: Variant, reference: Reference, threads: int | None) -> _Runs:
    golden = reference.golden.padded(reference.edge.shape[1])
    both = np.concatenate([reference.proof.pixels, reference.edge, golden])
    results, problems = {}, {}
    for engine in variant.required:
        with silenced():
            results[engine] = artefact_run(candidate, both, engine, threads=threads)
    for engine in variant.optional:
        try:
            choose(import_onnxruntime(), engine)
        except (EngineError, MissingExtraError) as absent:
            problems[engine] = f"absent: {absent}"
            continue
        try:
            with silenced():
                results[engine] = artefact_run(candidate, both, engine, threads=threads)
        except SegrunError as failure:
            problems[engine] = f"failed: {failure}"
    return _Runs(results, problems)


def _compared(
    run: Run, engine: str, precision: Precision, own: tuple[float, ...], reference: Reference
) -> ParityReport:
    count = len(reference.proof)
    return compare(
        reference.scores,
        run.scores[:count],
        thresholds=reference.thresholds,
        own_thresholds=own,
        activation=reference.activation,
        precision=precision,
        engine=engine,
        truth=reference.proof.truth,
        edge_reference=reference.edge_scores,
        edge_scores=run.scores[count : count + len(reference.edge)],
    )


def _worst_tile(run: Run, reference: Reference) -> tuple[int, Any]:
    """Return the tile whose scores differ most from Keras's, and the artefact's scores for it."""
    scores = run.scores[: len(reference.proof)]
    difference = np.abs(scores - reference.scores).reshape(len(scores), -1).mean(axis=1)
    index = int(np.argmax(np.where(np.isfinite(difference), difference, np.inf)))
    return index, scores[index]
