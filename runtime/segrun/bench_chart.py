"""The table of ``segrun bench`` as a picture, drawn with OpenCV, since the light runtime has no plotting library."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from segrun.atomic import write_bytes
from segrun.bench_report import BenchReport
from segrun.candidate import Outcome
from segrun.errors import OutputError
from segrun.timing import Timing

Colour = tuple[int, int, int]
INK: Colour = (40, 40, 40)
FAINT: Colour = (225, 225, 225)
GREY: Colour = (110, 110, 110)
# Blue and vermillion of the colours that colour-blind readers can tell apart.
BLUE: Colour = (0, 114, 178)
VERMILLION: Colour = (213, 94, 0)
FONT = cv2.FONT_HERSHEY_SIMPLEX
WIDTH, HEAD, ROW, FOOT, MARGIN = 1240, 92, 40, 44, 24
LABELS = 390
# Everything is drawn twice as large and made smaller: letters get smooth edges.
ZOOM = 2


def draw_chart(report: BenchReport) -> npt.NDArray[np.uint8]:
    """Draw a row of bars for every outcome that was timed: throughput on the left, latency on the right.

    Args:
        report: with at least one outcome that was timed.
    Returns:
        uint8 [h, w, 3], RGB.
    Raises:
        ValueError: nothing was timed.
    """
    rows = [(item, item.timing) for item in report.outcomes if item.timing is not None]
    if not rows:
        raise ValueError("a chart needs at least one row that was timed.")
    sheet = _Sheet(WIDTH, HEAD + ROW * len(rows) + FOOT)
    panel = (WIDTH - LABELS - 3 * MARGIN) // 2
    left, right = LABELS + MARGIN, LABELS + panel + 2 * MARGIN
    sheet.text(MARGIN, 34, f"segrun bench: {report.system}, {report.cpus} processors", 0.5)
    sheet.text(left, 72, "Mpx/s, more is better", 0.5)
    sheet.text(right, 72, "ms for a call: p50, marks p95 and p99; less is better", 0.5)
    fastest = max(timing.mpx_per_s for _, timing in rows)
    slowest = max(timing.p99_ms for _, timing in rows)
    for number, (item, timing) in enumerate(rows):
        top = HEAD + ROW * number
        middle = top + ROW // 2
        sheet.line((MARGIN, top), (WIDTH - MARGIN, top), FAINT)
        sheet.text(MARGIN, middle + 5, _label(item), 0.45, fit=LABELS - MARGIN)
        room = panel - 80
        _throughput(sheet, left, middle, room * timing.mpx_per_s / fastest, timing)
        _latency(sheet, right, middle, room / slowest, timing)
    bottom = HEAD + ROW * len(rows)
    sheet.line((MARGIN, bottom), (WIDTH - MARGIN, bottom), FAINT)
    sheet.text(MARGIN, bottom + 28, _footnote(report), 0.42, colour=GREY)
    return sheet.finished()


def write_chart(report: BenchReport, path: Path) -> None:
    """Draw and write the chart as a PNG.

    Raises:
        OutputError: the file cannot be written.
        ValueError: nothing was timed.
    """
    _, png = cv2.imencode(".png", cv2.cvtColor(draw_chart(report), cv2.COLOR_RGB2BGR))
    try:
        write_bytes(path, png.tobytes())
    except OSError as error:
        raise OutputError(
            f"cannot write the chart. Received: --chart {path} ({error.strerror}). Name a writable file."
        ) from error


def _throughput(sheet: _Sheet, left: int, middle: int, length: float, timing: Timing) -> None:
    sheet.bar(left, middle, length, BLUE)
    sheet.text(left + round(length) + 8, middle + 5, f"{timing.mpx_per_s:.2f}", 0.45)


def _latency(sheet: _Sheet, left: int, middle: int, px_per_ms: float, timing: Timing) -> None:
    sheet.bar(left, middle, timing.p50_ms * px_per_ms, VERMILLION)
    end = left + round(timing.p99_ms * px_per_ms)
    sheet.line((left + round(timing.p50_ms * px_per_ms), middle), (end, middle), INK)
    for value in (timing.p95_ms, timing.p99_ms):
        at = left + round(value * px_per_ms)
        sheet.line((at, middle - 7), (at, middle + 7), INK)
    sheet.text(end + 8, middle + 5, f"{timing.p50_ms:.1f}", 0.45)


def _label(item: Outcome) -> str:
    where = item.candidate
    plural = "" if where.threads == 1 else "s"
    return f"{Path(where.path).name}  {where.engine}  {where.threads} thread{plural}  batch {where.batch}"


def _footnote(report: BenchReport) -> str:
    packages = [name for name in report.versions if name.startswith(("segrun", "onnxruntime", "ai-edge"))]
    return ", ".join(f"{name} {report.versions[name]}" for name in packages)


class _Sheet:
    """A white sheet in final pixels; what is drawn on it is drawn larger."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._pixels = np.full((height * ZOOM, width * ZOOM, 3), 255, np.uint8)

    def line(self, start: tuple[int, int], end: tuple[int, int], colour: Colour) -> None:
        """Draw a line of one pixel between two (column, row) points."""
        scaled = [(col * ZOOM, row * ZOOM) for col, row in (start, end)]
        cv2.line(self._pixels, scaled[0], scaled[1], colour, ZOOM)

    def bar(self, left: int, middle: int, length: float, colour: Colour) -> None:
        """Draw a bar around a row."""
        corner = (left + max(1, round(length))) * ZOOM, (middle + 9) * ZOOM
        cv2.rectangle(self._pixels, (left * ZOOM, (middle - 9) * ZOOM), corner, colour, cv2.FILLED)

    def text(
        self, left: int, base: int, words: str, size: float, *, colour: Colour = INK, fit: int | None = None
    ) -> None:
        """Write words on a base line; too long ones lose their middle."""
        room = self._size[0] - MARGIN - left if fit is None else fit
        keep = len(words)
        shown = words
        while keep > 8 and cv2.getTextSize(shown, FONT, size * ZOOM, ZOOM)[0][0] > room * ZOOM:
            keep -= 1
            shown = f"{words[: keep // 2]}...{words[len(words) - keep // 2 :]}"
        cv2.putText(
            self._pixels, shown, (left * ZOOM, base * ZOOM), FONT, size * ZOOM, colour, ZOOM, cv2.LINE_AA
        )

    def finished(self) -> npt.NDArray[np.uint8]:
        """Return the sheet in final pixels."""
        return np.asarray(cv2.resize(self._pixels, self._size, interpolation=cv2.INTER_AREA), np.uint8)
