"""What a model file says of itself: the card of ``docs/model-contract.md``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from segrun.errors import ModelError

CONTRACT = "1.0"
CARD_KEY = "segrun"
GOLDEN_KEY = "segrun.golden"
RGB = ("red", "green", "blue")

Activation = Literal["sigmoid", "softmax"]
Precision = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True)
class ModelClass:
    """One class of a model.

    Args:
        name: e.g. ``"roof"``.
        threshold: the score, in [0, 1], from which a pixel counts as this class.
        threshold_source: how the threshold was chosen, in a few words.
    """

    name: str
    threshold: float = 0.5
    threshold_source: str = "default"

    def __post_init__(self) -> None:
        if not 0.0 <= self.threshold <= 1.0:
            raise ValueError(f"threshold must lie in [0, 1]. Received: {self.name}={self.threshold}.")


@dataclass(frozen=True)
class ModelCard:
    """The facts that travel inside a model file; the fields are those of ``docs/model-contract.md``.

    Raises:
        ValueError: the fields contradict each other.
    """

    name: str
    tile: int
    classes: tuple[ModelClass, ...]
    activation: Activation = "sigmoid"
    bands: tuple[str, ...] = RGB
    gsd_cm: float | None = None
    gsd_range_cm: tuple[float, float] | None = None
    overlap_px: int = 32
    precision: Precision = "fp32"
    parent_sha256: str = ""
    content_sha256: str = ""
    training_data: tuple[dict[str, Any], ...] = ()
    notices: tuple[str, ...] = ()
    parity: dict[str, Any] | None = None
    receptive_field: dict[str, Any] | None = None
    contract: str = CONTRACT

    def __post_init__(self) -> None:
        if self.activation not in ("sigmoid", "softmax"):
            raise ValueError(f"activation must be sigmoid or softmax. Received: {self.activation!r}.")
        if self.activation == "sigmoid" and len(self.classes) != 1:
            raise ValueError(f"a sigmoid model has one class. Received: {len(self.classes)}.")
        if self.activation == "softmax" and len(self.classes) < 2:
            raise ValueError(
                f"a softmax model has a background and more. Received: {len(self.classes)} classes."
            )
        if self.tile < 1 or not 0 <= self.overlap_px <= self.tile // 2:
            raise ValueError(
                f"overlap must be 0 to half a tile. Received: overlap_px={self.overlap_px}, tile={self.tile}."
            )

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The threshold of each class, in channel order."""
        return tuple(item.threshold for item in self.classes)

    @property
    def auto_overlap_px(self) -> int:
        """Overlap of neighbouring tiles where nobody asks for another: the card's, at most a quarter of the tile."""
        return min(self.overlap_px, self.tile // 4)

    def to_json(self) -> str:
        """Return the card as compact JSON with sorted keys: equal cards give equal bytes."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str, *, where: str) -> ModelCard:
        """Read a card.

        Args:
            text: the JSON under the key ``segrun``.
            where: the file's name, for the error message.
        Raises:
            ModelError: no JSON, a field is missing or wrong, or another major contract version.
        """
        try:
            fields = json.loads(text)
            major = str(fields["contract"]).partition(".")[0]
            if major != CONTRACT.partition(".")[0]:
                raise ModelError(
                    f"{where} follows another model contract. Received: {fields['contract']}, this segrun reads {CONTRACT}. "
                    "Install the segrun that wrote the file, or export the model again."
                )
            known = {field.name for field in dataclasses.fields(cls)}
            fields = {key: value for key, value in fields.items() if key in known}
            fields["classes"] = tuple(ModelClass(**item) for item in fields["classes"])
            for key in ("bands", "training_data", "notices"):
                fields[key] = tuple(fields.get(key, ()))
            if fields.get("gsd_range_cm") is not None:
                low, high = fields["gsd_range_cm"]
                fields["gsd_range_cm"] = (float(low), float(high))
            return cls(**fields)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{where} has a damaged card ({error}). Export the model again.") from error


def card_sha256(text: str) -> str:
    """Return the sha256 of a card without its certificate, which names it.

    Computed from the text, not from a ``ModelCard``, so that a reader that knows fewer fields finds the same.

    Args:
        text: the JSON under the key ``segrun``.
    """
    fields = {key: value for key, value in json.loads(text).items() if key != "parity"}
    return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
