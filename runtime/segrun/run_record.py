"""``RUN/run.json``: what training tells export, so that neither imports the other."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segrun.atomic import write_bytes
from segrun.card import RGB, Activation, ModelClass
from segrun.errors import InputError

RUN_FILE = "run.json"
MODEL_FILE = "model.keras"
SCHEMA = 1


@dataclass(frozen=True)
class RunRecord:
    """The outcome of one training run.

    Args:
        name: short name of the model.
        network: name of the architecture in the registry, e.g. ``"unet-lite"``.
        classes: with the thresholds chosen on the inner split; softmax: the background first.
        tile: side of a training tile, pixels.
        gsd_cm: ground sampling distance of the training pictures, cm per pixel, None when unknown.
        gsd_range_cm: the range the model was trained for, cm per pixel.
        notices: licence and attribution lines of the training pictures.
        training_data: one ``{"name", "pairs", "sha256"}`` for each pictures folder.
        recipe: every option that shaped the run, enough to repeat it.
        metrics: measured on the held-out pictures, or on the inner split where there are none (it says which).
        environment: backend, versions, device, seconds.
        model_sha256: of ``model.keras``.
    """

    name: str
    network: str
    classes: tuple[ModelClass, ...]
    tile: int
    activation: Activation = "sigmoid"
    bands: tuple[str, ...] = RGB
    gsd_cm: float | None = None
    gsd_range_cm: tuple[float, float] | None = None
    notices: tuple[str, ...] = ()
    training_data: tuple[dict[str, Any], ...] = ()
    recipe: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    model_sha256: str = ""
    schema: int = SCHEMA

    def write(self, run: Path) -> None:
        """Write ``run.json`` into the RUN folder in one step."""
        text = json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False, allow_nan=False)
        write_bytes(run / RUN_FILE, (text + "\n").encode())

    @classmethod
    def read(cls, run: Path) -> RunRecord:
        """Read ``run.json`` of a RUN folder.

        Raises:
            InputError: absent, unreadable, or of another schema.
        """
        path = run / RUN_FILE
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            if fields["schema"] != SCHEMA:
                raise InputError(
                    f"{path} has another schema. Received: {fields['schema']}, read here: {SCHEMA}. Train again."
                )
            fields["classes"] = tuple(ModelClass(**item) for item in fields["classes"])
            for key in ("bands", "notices", "training_data"):
                fields[key] = tuple(fields[key])
            if fields["gsd_range_cm"] is not None:
                low, high = fields["gsd_range_cm"]
                fields["gsd_range_cm"] = (float(low), float(high))
            return cls(**fields)
        except OSError as error:
            raise InputError(
                f"cannot read {path} ({error.strerror}). Name a folder that segrun train wrote."
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{path} is not a run record ({error}). Name a folder that segrun train wrote."
            ) from error
