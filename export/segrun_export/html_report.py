"""``report.html``: the export on one page without any other file, for people who were not there."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from segrun.threshold import mask_from_scores
from segrun_export.export_report import Artefact, ExportReport
from segrun_export.reference import Reference

_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:74rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;margin:1rem 0;font-size:.93rem}td,th{border-bottom:1px solid #ddd;padding:.3rem .55rem;"
    "text-align:right;vertical-align:top}td{white-space:nowrap}td:first-child,th:first-child{text-align:left}"
    ".failed{color:#a40000;font-weight:600;white-space:normal}.note{color:#444;max-width:60rem}"
    "figure{display:inline-block;margin:.4rem}img{width:15rem;image-rendering:pixelated;display:block}"
    "figcaption{font-size:.85rem}"
)
_SHOWN_BANDS = 3


def html_report(report: ExportReport, reference: Reference) -> str:
    """Return the page.

    Args:
        report: what was made.
        reference: the tiles that were compared, and Keras's scores for them.
    """
    title = html.escape(f"Export of {report.model.name}")
    field = report.receptive_field
    reach = "reaches beyond what was tried" if field.radius_px is None else f"ends at {field.radius_px} px"
    verdict = "passed" if report else "<span class='failed'>FAILED</span>"
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title><style>{_STYLE}</style>",
        (f"<h1>{title}</h1><p>Parity {verdict} on {len(report.tiles)} real tiles ({html.escape(report.roles)}); "
        f"{report.seconds:.0f} s. Keras file sha256 {report.model_sha256[:16]}.</p>"),
        "<h2>Files</h2>",
        _table(("file", "format", "precision", "MB", "nodes", "thresholds"), _files(report)),
        *_notes(_settings(report)),
        "<h2>Parity</h2>",
        _table(
            (
                "file", "engine", "ms per tile", "max difference", "mean", "p99.9", "edge inputs", "flipped %",
                "IoU to Keras", "IoU to truth", "Keras to truth", "verdict",
            ),
            [row for artefact in report.artefacts for row in _parity(artefact)],
        ),
        *_notes(_not_run(report)),
        "<p class='note'>Times are taken in passing, in one process, and compare engines roughly; segrun tune measures.</p>",
        (f"<h2>Receptive field</h2><p>A pixel's dependence on its surroundings {reach}. Default overlap "
        f"{field.overlap_px} px, expected seam error {field.seam_error:.1e}.</p>"),
        _table(
            ("distance, px", "mean change of a score"),
            [(str(distance), f"{error:.1e}") for distance, error in field.errors.items()],
        ),
        "<h2>Worst tile of each file</h2>",
        *(_worst(artefact, report, reference) for artefact in report.artefacts),
        "<h2>Versions</h2>",
        _table(("library", "version"), list(report.versions.items())),
    ]  # fmt: skip
    return "\n".join(parts) + "</html>\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=failed' if cell.startswith('FAILED') else ''}>{html.escape(cell)}</td>"
            for cell in row
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _name(artefact: Artefact) -> str:
    return artefact.path.name if artefact.path else f"({artefact.variant.suffix.lstrip('.')})"


def _files(report: ExportReport) -> list[tuple[str, ...]]:
    return [
        (
            _name(artefact),
            artefact.variant.format,
            artefact.variant.precision,
            f"{artefact.size_bytes / 1e6:.2f}",
            str(sum(artefact.operators.values())),
            ", ".join(f"{value:g}" for value in artefact.thresholds),
        )
        for artefact in report.artefacts
    ]


def _notes(lines: Sequence[tuple[str, str]]) -> list[str]:
    return [f"<p class='note'><b>{html.escape(name)}</b>: {html.escape(text)}</p>" for name, text in lines]


def _settings(report: ExportReport) -> list[tuple[str, str]]:
    """Say how each file was made, where there was something to choose."""
    return [
        (
            _name(artefact),
            "; ".join(f"{key.replace('_', ' ')}: {_plain(value)}" for key, value in kept.items()),
        )
        for artefact in report.artefacts
        if (kept := {key: value for key, value in artefact.settings.items() if key != "tried"})
    ]


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "none"
    # LiteRT names a fused layer by all that went into it.
    return f"{value:.4g}" if isinstance(value, float) else str(value).partition(";")[0]


def _not_run(report: ExportReport) -> list[tuple[str, str]]:
    """Name each engine that certified nothing of a file, once for all files with the same reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for artefact in report.artefacts:
        for engine, problem in artefact.not_certified.items():
            found.setdefault((engine, problem), []).append(_name(artefact))
    return [
        (f"Not certified on {engine}", f"{problem} ({', '.join(names)})")
        for (engine, problem), names in found.items()
    ]


def _parity(artefact: Artefact) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for found in artefact.parity:
        truth, keras_truth = (
            "-" if value is None else f"{value:.4f}" for value in (found.truth_iou, found.keras_truth_iou)
        )
        rows.append(
            (
                _name(artefact), found.engine, f"{artefact.ms_per_tile[found.engine]:.1f}", f"{found.max_difference:.1e}",
                f"{found.mean_difference:.1e}", f"{found.p999_difference:.1e}", f"{found.edge_difference:.1e}",
                f"{100 * found.flipped:.4f}", f"{found.iou:.4f}", truth, keras_truth,
                "passed" if found else f"FAILED: {'; '.join(found.reasons)}",
            )
        )  # fmt: skip
    return rows


def _worst(artefact: Artefact, report: ExportReport, reference: Reference) -> str:
    index, scores = artefact.worst_tile
    activation = reference.activation if scores.shape[-1] == reference.scores.shape[-1] else "softmax"
    mask = mask_from_scores(scores, artefact.thresholds, activation)
    keras = mask_from_scores(reference.scores[index], reference.thresholds, reference.activation)
    pictures = (
        ("picture", _shown(reference.proof.pixels[index])),
        ("Keras", _grey(keras)),
        ("this file", _grey(mask)),
        ("different", _grey((mask != keras).astype(np.uint8))),
    )
    figures = "".join(
        f"<figure><img alt='{caption}' src='data:image/png;base64,{_png(picture)}'>"
        f"<figcaption>{caption}</figcaption></figure>"
        for caption, picture in pictures
    )
    changed = int((mask != keras).sum())
    heading = html.escape(f"{_name(artefact)}: {report.tiles[index]}, {changed} pixels differ")
    return f"<h3>{heading}</h3>{figures}"


def _shown(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return pixels[..., _SHOWN_BANDS - 1 :: -1] if pixels.shape[-1] >= _SHOWN_BANDS else pixels[..., 0]


def _grey(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return (mask.astype(np.uint16) * 255 // max(int(mask.max()), 1)).astype(np.uint8)


def _png(picture: npt.NDArray[np.uint8]) -> str:
    _, encoded = cv2.imencode(".png", np.ascontiguousarray(picture))
    return base64.b64encode(encoded.tobytes()).decode("ascii")
