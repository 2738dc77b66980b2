"""The straight line from a Keras model to a proven file."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.metadata
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.atomic import write_bytes
from segrun.card import CARD_KEY, GOLDEN_KEY, ModelCard
from segrun.errors import OutputError
from segrun.golden import GoldenTiles
from segrun.model_file import ModelFile, content_sha256, with_metadata
from segrun.pairs import Pair
from segrun.progress import Progress
from segrun.run_record import RunRecord
from segrun_export.export_report import Artefact, ExportReport
from segrun_export.facts import Facts, card_of, record_of
from segrun_export.golden_choice import golden_from
from segrun_export.keras_face import face_of, load_keras
from segrun_export.onnx_conversion import onnx_from_keras, operator_counts
from segrun_export.parity import ParityReport, compare, edge_tiles
from segrun_export.proof_tiles import MOST_TILES, ProofTiles, proof_tiles
from segrun_export.reference import artefact_scores, keras_scores
from segrun_export.silence import silenced

PARITY_FILE = "parity.json"
DEFAULT_OVERLAP_PX = 32
# The candidate, the finished file and the temporary copy that the last step renames.
_FILES_AT_ONCE = 3


@dataclass(frozen=True)
class Reference:
    """Keras's answers, and the tiles that they belong to.

    Args:
        proof: real tiles with truth.
        scores: float32 [n, tile, tile, k] for the real tiles.
        edge: uint8 [4, tile, tile, b], inputs that no picture shows.
        edge_scores: float32 [4, tile, tile, k].
        golden: crops that travel in the file.
    """

    proof: ProofTiles
    scores: npt.NDArray[np.float32]
    edge: npt.NDArray[np.uint8]
    edge_scores: npt.NDArray[np.float32]
    golden: GoldenTiles


def export(
    model: Path,
    data: Sequence[Pair],
    out: Path,
    *,
    facts: Facts | None = None,
    tiles: int = MOST_TILES,
    overlap_px: int | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    keep_failed: bool = False,
    progress: Progress | None = None,
) -> ExportReport:
    """Export a Keras model to ONNX; the file gets its name only after it computed what Keras computes.

    Args:
        model: a ``.keras`` file, with or without a ``run.json`` beside it.
        data: pictures with masks, of which real tiles are cut.
        out: folder of the exported file and ``parity.json``.
        facts: what the user says of the model.
        tiles: real tiles to compare at most.
        overlap_px: default overlap of neighbouring tiles in the card; None takes 32, or a quarter of a small tile.
        threads: of the engines.
        overwrite: replace what an earlier export put into ``out``.
        keep_failed: keep a file that failed parity, as ``<name>.failed.onnx``.
        progress: told about every stage.
    Returns:
        What was made; false where parity failed, and then no file is in place.
    Raises:
        ModelError: the model cannot be exported.
        InputError: the pictures cannot be used.
        ParityError: no golden tile has positives.
        OutputError: ``out`` cannot be written, is full, or holds an earlier export.
    """
    started = time.monotonic()
    with silenced():
        network = load_keras(model)
    face = face_of(network)
    record = record_of(model, face, facts or Facts())
    target = out / f"{record.name}.onnx"
    with _folder(out):
        _refuse_existing((target, out / PARITY_FILE), overwrite=overwrite)
        _refuse_full(out, model.stat().st_size)
        proof = proof_tiles(
            data, face.tile, bands=face.bands, activation=face.activation, most=tiles, progress=progress
        )
        reference = _reference(network, record, proof, progress)
        _tell(progress, "convert", 0)
        with silenced():
            content = onnx_from_keras(network)
        _tell(progress, "convert", 1)
        if overlap_px is None:
            overlap_px = min(DEFAULT_OVERLAP_PX, face.tile // 4)
        card = card_of(
            record, precision="fp32", content_sha256=content_sha256(content), overlap_px=overlap_px
        )
        artefact = _place(content, card, reference, target, threads=threads, keep_failed=keep_failed)
        report = ExportReport(
            model, record.model_sha256, (artefact,), proof.names, time.monotonic() - started, _versions()
        )
        if report or keep_failed:
            text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
            name = PARITY_FILE if report else f"failed.{PARITY_FILE}"
            write_bytes(out / name, (text + "\n").encode())
    return report


def _reference(network: Any, record: RunRecord, proof: ProofTiles, progress: Progress | None) -> Reference:
    thresholds = tuple(item.threshold for item in record.classes)
    scores = keras_scores(network, proof.pixels, progress=progress)
    edge = edge_tiles(record.tile, len(record.bands))
    return Reference(
        proof,
        scores,
        edge,
        keras_scores(network, edge),
        golden_from(network, proof.pixels, scores, thresholds, record.activation),
    )


def _place(
    content: bytes,
    card: ModelCard,
    reference: Reference,
    target: Path,
    *,
    threads: int | None,
    keep_failed: bool,
) -> Artefact:
    """Run a candidate beside its target, and put it in place where it passed."""
    golden = reference.golden.encode()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        candidate = Path(folder) / target.name
        candidate.write_bytes(with_metadata(content, {CARD_KEY: card.to_json(), GOLDEN_KEY: golden}))
        parity = (_certify(candidate, card, reference, "cpu", threads),)
    certified = dataclasses.replace(card, parity=certificate(parity, reference))
    finished = with_metadata(content, {CARD_KEY: certified.to_json(), GOLDEN_KEY: golden})
    path: Path | None = target
    if not all(parity):
        path = target.with_name(f"{target.stem}.failed{target.suffix}") if keep_failed else None
    if path is not None:
        write_bytes(path, finished)
        ModelFile.read(path).verify_content()
    return Artefact(
        path=path,
        format="onnx",
        precision=card.precision,
        size_bytes=len(finished),
        operators=operator_counts(content),
        content_sha256=card.content_sha256,
        thresholds=card.thresholds,
        parity=parity,
    )


def _certify(
    candidate: Path, card: ModelCard, reference: Reference, engine: str, threads: int | None
) -> ParityReport:
    both = np.concatenate([reference.proof.pixels, reference.edge])
    scores = artefact_scores(candidate, both, engine, threads=threads)
    count = len(reference.proof)
    return compare(
        reference.scores,
        scores[:count],
        thresholds=card.thresholds,
        activation=card.activation,
        precision=card.precision,
        engine=engine,
        truth=reference.proof.truth,
        edge_reference=reference.edge_scores,
        edge_scores=scores[count:],
    )


def certificate(parity: Sequence[ParityReport], reference: Reference) -> dict[str, Any]:
    """Return what a card says of the proof: the findings of each engine, bound to the tiles by their sha256."""
    return {
        "engines": {report.engine: report.to_dict() for report in parity},
        "passed": all(parity),
        "tiles_sha256": hashlib.sha256(np.ascontiguousarray(reference.proof.pixels).tobytes()).hexdigest(),
        "golden_sha256": hashlib.sha256(reference.golden.encode().encode()).hexdigest(),
        "versions": _versions(),
    }


@contextlib.contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Make the folder, name what keeps it from being written, and leave no empty one behind."""
    existed = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write into {out} ({error.strerror}). Name a writable folder with --out."
        ) from error
    finally:
        if not existed and out.is_dir():
            with contextlib.suppress(OSError):
                out.rmdir()


def _refuse_existing(targets: Sequence[Path], *, overwrite: bool) -> None:
    existing = [path for path in targets if path.exists()]
    if existing and not overwrite:
        raise OutputError(
            f"{existing[0]} exists already. Use --overwrite to replace it, or another --out or --name."
        )


def _refuse_full(out: Path, model_bytes: int) -> None:
    needed, free = _FILES_AT_ONCE * model_bytes, shutil.disk_usage(out).free
    if free < needed:
        raise OutputError(
            f"{out} has too little space. Received: {free / 1e6:.0f} MB free, {needed / 1e6:.0f} MB needed. "
            "Free some, or name another --out."
        )


def _versions() -> dict[str, str]:
    names = ("segrun", "keras", "tensorflow", "tf2onnx", "onnx", "onnxruntime", "numpy")
    found = {}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _tell(progress: Progress | None, stage: str, done: int) -> None:
    if progress:
        progress(stage, done, 1)
