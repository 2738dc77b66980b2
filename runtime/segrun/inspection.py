"""What a model file says of itself, and which engines can run it here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.card import CARD_KEY, GOLDEN_KEY, ModelCard
from segrun.errors import ModelError, SegrunError
from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions, open_session
from segrun.sessions.providers import engines_to_try


@dataclass(frozen=True)
class Inspection:
    """A model file, looked at.

    Args:
        file: its metadata and content hash.
        card: of the file, None for a foreign one.
        intact: whether the content is what the card describes; None without a card.
        engines: what happens when each engine loads the file: empty where it works, else why not.
    """

    file: ModelFile
    card: ModelCard | None
    intact: bool | None
    engines: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "file": str(self.file.path),
            "format": self.file.format,
            "content_sha256": self.file.content_sha256,
            "intact": self.intact,
            "card": None if self.card is None else json.loads(self.card.to_json()),
            "metadata": {
                key: value for key, value in self.file.metadata.items() if key not in (CARD_KEY, GOLDEN_KEY)
            },
            "golden_tiles": GOLDEN_KEY in self.file.metadata,
            "engines": self.engines,
        }


def inspect_model(path: Path) -> Inspection:
    """Read a model file and try to load it on every engine of its format; nothing is computed.

    Raises:
        ModelError: neither ONNX nor TFLite, or a damaged card.
    """
    file = ModelFile.read(path)
    card = file.card()
    intact = None
    if card is not None:
        try:
            file.verify_content()
            intact = True
        except ModelError:
            intact = False
    engines = {}
    for engine in ("litert",) if file.format == "tflite" else engines_to_try():
        try:
            open_session(file, SessionOptions(engine=engine)).close()
            engines[engine] = ""
        except SegrunError as error:
            engines[engine] = str(error)
    return Inspection(file, card, intact, engines)


def lines(found: Inspection) -> list[str]:
    """Return the inspection as lines for people."""
    file, card = found.file, found.card
    size = file.path.stat().st_size
    text = [f"{file.path}: {file.format}, {size / 1e6:.2f} MB, content sha256 {file.content_sha256[:16]}"]
    if card is None:
        text.append("no segrun card: a foreign model")
        text += [
            f"  {key}: {value[:100]}"
            for key, value in sorted(file.metadata.items())
            if key not in (CARD_KEY, GOLDEN_KEY)
        ]
    else:
        text += _card_lines(card)
        if not found.intact:
            text.append("WARNING: the file was changed or damaged after its export")
    for engine, problem in found.engines.items():
        text.append(f"engine {engine}: {problem or 'loads here'}")
    return text


def _card_lines(card: ModelCard) -> list[str]:
    gsd = "unknown" if card.gsd_cm is None else f"{card.gsd_cm:g} cm/px"
    if card.gsd_range_cm is not None:
        gsd += f" (good for {card.gsd_range_cm[0]:g} to {card.gsd_range_cm[1]:g})"
    text = [
        f"model {card.name}, {card.precision}, contract {card.contract}",
        f"tile {card.tile} px, overlap {card.overlap_px} px, bands {', '.join(card.bands)}, ground sampling {gsd}",
        *(
            f"class {item.name}: threshold {item.threshold:g} ({item.threshold_source})"
            for item in card.classes
        ),
    ]
    field = card.receptive_field
    if field:
        radius = field.get("radius_px")
        reach = "beyond the tile" if radius is None else f"{radius} px"
        text.append(f"receptive field: {reach}, expected seam error {field.get('seam_error', 0.0):.1e}")
    text += [f"trained on {item.get('name')}: {item.get('pairs')} pairs" for item in card.training_data]
    text += [f"notice: {line}" for line in card.notices]
    return [*text, *_certificate_lines(card.parity)]


def _certificate_lines(parity: dict[str, Any] | None) -> list[str]:
    if parity is None:
        return ["not certified"]
    text = []
    for engine, report in parity.get("engines", {}).items():
        verdict = "certified" if report.get("passed") else "NOT certified"
        text.append(
            f"{verdict} on {engine}: {report.get('tiles')} tiles, {100 * report.get('flipped', 1):.4f} % flipped, "
            f"IoU against Keras {report.get('iou', 0):.4f}"
        )
    return text
