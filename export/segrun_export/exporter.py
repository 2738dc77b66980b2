"""The straight line from a Keras model to proven files."""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.atomic import write_bytes
from segrun.errors import ModelError, ParityError
from segrun.model_file import ModelFile
from segrun.pairs import Pair
from segrun.progress import Progress
from segrun.run_record import RunRecord
from segrun.threshold import mask_from_scores
from segrun_export.calibration_tiles import calibration_tiles
from segrun_export.certification import certified
from segrun_export.conversion import Converted, Converter, Quantisation
from segrun_export.export_report import Artefact, ExportReport, versions
from segrun_export.facts import Facts, card_of, record_of
from segrun_export.golden_choice import golden_from
from segrun_export.html_report import html_report
from segrun_export.keras_face import face_of, load_keras
from segrun_export.out_folder import prepared_folder
from segrun_export.parity import edge_tiles
from segrun_export.profile_triton import write_triton
from segrun_export.proof_tiles import MOST_TILES, ProofTiles, proof_tiles
from segrun_export.receptive_field import receptive_field
from segrun_export.reference import Reference, keras_scores
from segrun_export.roles import Roles, roles_of
from segrun_export.shown import shown
from segrun_export.silence import silenced
from segrun_export.variants import DEFAULT, Variant

PARITY_FILE, HTML_FILE = "parity.json", "report.html"
TRITON = "triton"


def export(
    model: Path,
    data: Sequence[Pair | Path],
    out: Path,
    *,
    calibration_pictures: Sequence[Path] = (),
    facts: Facts | None = None,
    variants: Sequence[Variant] = DEFAULT,
    triton: bool = False,
    quantisation: Quantisation | None = None,
    tiles: int = MOST_TILES,
    overlap_px: int | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    keep_failed: bool = False,
    progress: Progress | None = None,
) -> ExportReport:
    """Export a Keras model; a file gets its name only after it computed what Keras computes.

    Args:
        model: a ``.keras`` file, with or without a ``run.json`` beside it.
        data: pictures, with masks where truth is known, of which real tiles are cut. Without masks no IoU against
            truth is found or gated; all else is compared the same way.
        out: folder of the exported files, ``parity.json`` and ``report.html``.
        calibration_pictures: calibrate int8, and nothing else; then all of ``data`` proves. Empty: see ``roles_of``.
        facts: what the user says of the model.
        variants: the files to make.
        triton: also put the proven fp32 ONNX file into a Triton model repository, ``out/triton``.
        quantisation: how int8 files are made.
        tiles: real tiles to compare at most.
        overlap_px: default overlap of neighbouring tiles in the card; None takes it from the receptive field.
        threads: of the engines.
        overwrite: replace what an earlier export put into ``out``.
        keep_failed: keep a file that failed parity, as ``<name>.failed.onnx``.
        progress: told about every stage.
    Returns:
        What was made; false where parity of a file failed, and then that file is not in place.
    Raises:
        ModelError: the model cannot be exported.
        InputError: the pictures cannot be used.
        ParityError: Keras's own mask is all one class, so that nothing could be proven.
        OutputError: ``out`` cannot be written, is full, or holds an earlier export.
    """
    started = time.monotonic()
    with silenced():
        network = load_keras(model)
    record = record_of(model, face_of(network), facts or Facts())
    if overlap_px is not None and not 0 <= overlap_px <= record.tile // 2:
        raise ModelError(
            f"overlap is at most half a tile of {record.tile}. Received: {overlap_px}. Use {record.tile // 4}."
        )
    roles = roles_of(shown(data), model.parent, shown(calibration_pictures))
    if triton and DEFAULT[0] not in variants:
        variants = (*DEFAULT, *variants)
    targets = {variant: out / f"{record.name}{variant.suffix}" for variant in dict.fromkeys(variants)}
    written = [
        *targets.values(),
        out / PARITY_FILE,
        out / HTML_FILE,
        *([out / TRITON / record.name] if triton else []),
    ]
    with prepared_folder(out, written, model_bytes=model.stat().st_size, overwrite=overwrite):
        calibrated = any(variant.precision == "int8" for variant in targets)
        proof, calibration = _tiles(
            network, roles, record, calibrated=calibrated, most=tiles, progress=progress
        )
        reference = _reference(network, record, proof, progress)
        field = receptive_field(network, proof.pixels, progress=progress)
        converter = Converter(
            network,
            reference,
            calibration,
            quantisation or Quantisation(),
            threads=threads,
            progress=progress,
        )
        artefacts = []
        for done, (variant, target) in enumerate(targets.items()):
            if progress:
                progress("convert and prove", done, len(targets))
            card = card_of(
                record,
                precision=variant.precision,
                overlap_px=field.overlap_px if overlap_px is None else overlap_px,
                receptive_field=field.to_dict(),
            )
            prove = functools.partial(
                certified, variant=variant, card=card, reference=reference, target=target, threads=threads
            )
            artefacts.append(
                _first_that_passes(converter.convert(variant, card), prove, keep_failed=keep_failed)
            )
        if progress:
            progress("convert and prove", len(targets), len(targets))
        report = ExportReport(
            model=model,
            model_sha256=record.model_sha256,
            artefacts=tuple(artefacts),
            tiles=proof.names,
            roles=roles.source,
            receptive_field=field,
            seconds=time.monotonic() - started,
            versions=versions(),
        )
        if triton:
            _triton(report, out)
        _write(report, reference, out, keep_failed=keep_failed)
    return report


def _first_that_passes(
    conversions: Iterator[Converted], prove: Callable[..., Artefact], *, keep_failed: bool
) -> Artefact:
    """Prove one file after the other until one passes; where none does, the closest one failed, and may be kept."""
    failed: list[tuple[Artefact, Converted]] = []
    while (converted := _next(conversions)) is not None:
        artefact = prove(converted)
        if artefact:
            tried = {"failed_before": len(failed)} if failed else {}
            return dataclasses.replace(artefact, settings={**artefact.settings, **tried})
        failed.append((artefact, converted))
    closest, converted = min(failed, key=lambda item: item[0].parity[0].flipped)
    return prove(converted, keep_failed=True) if keep_failed else closest


def _next(conversions: Iterator[Converted]) -> Converted | None:
    with silenced():
        return next(conversions, None)


def _tiles(
    network: Any,
    roles: Roles,
    record: RunRecord,
    *,
    calibrated: bool,
    most: int,
    progress: Progress | None,
) -> tuple[ProofTiles, npt.NDArray[np.uint8] | None]:
    """Cut the tiles that prove and, for int8, those that calibrate; without int8 every picture may prove."""
    pictures = roles.proof if calibrated else (*roles.proof, *roles.calibration)
    bands, activation = len(record.bands), record.activation
    thresholds = tuple(item.threshold for item in record.classes)
    proof = proof_tiles(
        tuple(dict.fromkeys(pictures)),
        record.tile,
        bands=bands,
        activation=activation,
        most=most,
        predicted=lambda tile: mask_from_scores(keras_scores(network, tile[None]), thresholds, activation)[0],
        progress=progress,
    )
    if not calibrated:
        return proof, None
    return proof, calibration_tiles(roles.calibration, record.tile, bands=bands, progress=progress)


def _reference(network: Any, record: RunRecord, proof: ProofTiles, progress: Progress | None) -> Reference:
    thresholds = tuple(item.threshold for item in record.classes)
    scores = keras_scores(network, proof.pixels, progress=progress)
    _refuse_vacuous(scores, record)
    edge = edge_tiles(record.tile, len(record.bands))
    return Reference(
        proof=proof,
        scores=scores,
        edge=edge,
        edge_scores=keras_scores(network, edge),
        golden=golden_from(network, proof.pixels, scores, thresholds, record.activation),
        thresholds=thresholds,
        activation=record.activation,
    )


def _refuse_vacuous(scores: npt.NDArray[np.float32], record: RunRecord) -> None:
    """Stop before the conversion where no comparison could prove anything; each artefact is judged for it again."""
    thresholds = tuple(item.threshold for item in record.classes)
    if not bool(np.isfinite(scores).all()):
        raise ParityError(
            "Keras's own scores are not finite. Received: NaN or infinity. Train the model again."
        )
    share = float((mask_from_scores(scores, thresholds, record.activation) > 0).mean())
    if not 0 < share < 1:
        found = "no pixel" if share == 0 else "every pixel"
        raise ParityError(
            f"Keras's own mask has {found} positive on {len(scores)} tiles, so that a comparison would prove nothing. "
            f"Received: thresholds {', '.join(f'{item:g}' for item in thresholds)}, scores {scores.min():.3g} to "
            f"{scores.max():.3g}. Train longer, or give another --threshold."
        )


def _triton(report: ExportReport, out: Path) -> None:
    for artefact in report.artefacts:
        if artefact and artefact.path and artefact.variant == DEFAULT[0]:
            card = ModelFile.read(artefact.path).card()
            assert card is not None
            write_triton(artefact.path, card, out / TRITON)


def _write(report: ExportReport, reference: Reference, out: Path, *, keep_failed: bool) -> None:
    """Write both reports beside files that are in place, as ``failed.*`` beside kept ones that are not."""
    if not any(artefact.path for artefact in report.artefacts):
        return
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    prefix = "failed." if keep_failed and not report else ""
    write_bytes(out / f"{prefix}{PARITY_FILE}", (text + "\n").encode())
    write_bytes(out / f"{prefix}{HTML_FILE}", html_report(report, reference).encode())
