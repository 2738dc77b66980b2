"""What export knows about a model besides its weights: the run record, or what the user says in its place."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.card import RGB, ModelCard, ModelClass, Precision
from segrun.errors import ModelError
from segrun.run_record import RUN_FILE, RunRecord
from segrun_export.keras_face import KerasFace


@dataclass(frozen=True)
class Facts:
    """What the user says; everything that is given replaces what the run record says.

    Args:
        name: short name of the model and of its files.
        classes: names of the classes; softmax: the background first.
        thresholds: one for each class, softmax: one for each but the background.
        gsd_cm: ground sampling distance, cm per pixel.
        gsd_range_cm: its valid range.
        notices: licence and attribution lines, added to the run record's.
    """

    name: str | None = None
    classes: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    gsd_cm: float | None = None
    gsd_range_cm: tuple[float, float] | None = None
    notices: tuple[str, ...] = ()


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {path} ({error.strerror}). Name a .keras file.") from error


def record_of(path: Path, face: KerasFace, facts: Facts) -> RunRecord:
    """Join the run record beside a model, where there is one, with what the user says.

    Args:
        path: of the ``.keras`` file.
        face: of the model.
        facts: from the user.
    Raises:
        InputError: the run record is damaged.
        ModelError: record, model and user contradict each other.
    """
    if facts.name is not None and Path(facts.name).name != facts.name:
        raise ModelError(f"a model's name is no path. Received: {facts.name!r}. Use --out for the folder.")
    if facts.gsd_range_cm is not None and not 0 < facts.gsd_range_cm[0] <= facts.gsd_range_cm[1]:
        raise ModelError(
            f"a range of ground sampling distances runs from low to high. Received: {facts.gsd_range_cm}. Turn it round."
        )
    digest = sha256_of(path)
    record = RunRecord.read(path.parent) if (path.parent / RUN_FILE).exists() else _blank(path, face)
    if record.model_sha256 and record.model_sha256 != digest:
        raise ModelError(
            f"{path.parent / RUN_FILE} describes another model. Received: {path.name} of sha256 {digest[:12]}, "
            f"recorded: {record.model_sha256[:12]}. Train again, or move {path.name} elsewhere and state its facts."
        )
    found = (face.tile, face.bands, face.classes, face.activation)
    stated = (record.tile, len(record.bands), len(record.classes), record.activation)
    if found != stated:
        raise ModelError(
            f"{path.parent / RUN_FILE} contradicts the model (tile, bands, classes, activation). "
            f"Received: {stated}, the model has {found}. Train again, or state the facts as options elsewhere."
        )
    return dataclasses.replace(
        record,
        name=facts.name or record.name,
        classes=_classes(record.classes, facts, face),
        gsd_cm=record.gsd_cm if facts.gsd_cm is None else facts.gsd_cm,
        gsd_range_cm=record.gsd_range_cm if facts.gsd_range_cm is None else facts.gsd_range_cm,
        notices=(*record.notices, *facts.notices),
        model_sha256=digest,
    )


def card_of(
    record: RunRecord, *, precision: Precision, overlap_px: int, receptive_field: dict[str, Any] | None = None
) -> ModelCard:
    """Write the card of an artefact, not certified yet and without the hash of its content."""
    return ModelCard(
        name=record.name,
        tile=record.tile,
        classes=record.classes,
        activation=record.activation,
        bands=record.bands,
        gsd_cm=record.gsd_cm,
        gsd_range_cm=record.gsd_range_cm,
        overlap_px=overlap_px,
        precision=precision,
        parent_sha256=record.model_sha256,
        training_data=record.training_data,
        notices=record.notices,
        receptive_field=receptive_field,
    )


def _blank(path: Path, face: KerasFace) -> RunRecord:
    names = (
        ["class 1"] if face.classes == 1 else ["background", *(f"class {i}" for i in range(1, face.classes))]
    )
    return RunRecord(
        name=path.stem,
        network="",
        classes=tuple(
            ModelClass(name, 0.0 if face.classes > 1 and index == 0 else 0.5)
            for index, name in enumerate(names)
        ),
        tile=face.tile,
        activation=face.activation,
        bands=RGB if face.bands == 3 else tuple(f"band {index + 1}" for index in range(face.bands)),
    )


def _classes(recorded: tuple[ModelClass, ...], facts: Facts, face: KerasFace) -> tuple[ModelClass, ...]:
    if facts.classes and len(facts.classes) != face.classes:
        raise ModelError(
            f"the model has {face.classes} output channels. Received: {len(facts.classes)} class names. "
            "Give one --class for each channel, softmax: the background first."
        )
    wanted = face.classes if face.classes == 1 else face.classes - 1
    if facts.thresholds and len(facts.thresholds) != wanted:
        raise ModelError(
            f"the model has {wanted} classes besides the background. Received: {len(facts.thresholds)} thresholds. "
            "Give one --threshold for each, or none."
        )
    names = facts.classes or tuple(item.name for item in recorded)
    background = face.classes - wanted
    classes = []
    for index, (name, item) in enumerate(zip(names, recorded, strict=True)):
        if facts.thresholds and index >= background:
            classes.append(ModelClass(name, facts.thresholds[index - background], "given at export"))
        else:
            classes.append(dataclasses.replace(item, name=name))
    return tuple(classes)
