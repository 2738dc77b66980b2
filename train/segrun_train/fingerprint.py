"""What makes two runs one and the same: options, pictures, and how they were split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segrun.errors import InputError
from segrun.run_record import MODEL_FILE
from segrun_train.corpus import Corpus
from segrun_train.evaluate_split import SPLIT_FILE, read_split
from segrun_train.split import Split
from segrun_train.train_options import TrainOptions

Fingerprint = dict[str, Any]
_HEX_SHOWN = 12


def fingerprint_of(corpus: Corpus, split: Split, options: TrainOptions, backend: str) -> Fingerprint:
    """Return what must be equal for a run to be gone on with, or to be taken for finished.

    Args:
        corpus: all pictures; their pixels are not needed.
        split: their parts.
        options: how to train.
        backend: of Keras.
    """
    parts: dict[str, list[str]] = {}
    for sample, part in zip(corpus.samples, split.parts, strict=True):
        parts.setdefault(part, []).append(sample.stem)
    return {
        **recipe_of(options),
        "training_data": list(corpus.description),
        "split": _split_in_words(parts),
        "backend": backend,
    }


def recipe_of(options: TrainOptions) -> dict[str, Any]:
    """Return what is needed to repeat a run, ready for JSON; the weights to start from by their hash, too."""
    if options.init is None:
        return options.as_json()
    path = options.init / MODEL_FILE if options.init.is_dir() else options.init
    # A finished run is known again where the weights that it began with are gone.
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    return {**options.as_json(), "init_sha256": found}


def refuse_other(saved: Fingerprint, wanted: Fingerprint, run: Path) -> None:
    """Refuse a run that is not the one asked for.

    Where files and folders lie makes no difference, only what is in them. What an earlier revision did not write down is
    taken from ``split.csv`` or to be what options are by themselves.

    Args:
        saved: of the run that is there.
        wanted: of the run asked for.
        run: its folder.
    Raises:
        InputError: something that shapes the result differs.
    """
    there, here = dict(saved), dict(wanted)
    if "split" not in there and (run / SPLIT_FILE).exists():
        parts = {part: [pair.stem for pair in pairs] for part, pairs in read_split(run).items()}
        there["split"] = _split_in_words(parts)
    # What a list or a pattern names is compared by the split, which pictures are left out by the hash of the rest.
    free = {"exclude", *(("held_out", "train_only") if "split" in there else ())}
    if wanted["name"] == run.resolve().name:
        free.add("name")
    if there.get("init_sha256") and here.get("init_sha256"):
        free.add("init")
    else:
        free.add("init_sha256")
    defaults = TrainOptions(recipe=wanted["recipe"]).as_json()
    for key in sorted(here.keys() - free):
        mine = _comparable(key, here[key])
        theirs = _comparable(key, there.get(key, defaults.get(key, here[key])))
        if mine != theirs:
            raise InputError(
                f"{run} holds a run with another {key}. Received: {mine}, there: {theirs}. "
                "Give the options of that run, or --overwrite."
            )


def _comparable(key: str, value: Any) -> Any:
    if key == "training_data":
        return [folder["sha256"][:_HEX_SHOWN] for folder in value]
    if key == "init" and value is not None:
        path = Path(value)
        return (path.parent if path.name == MODEL_FILE else path).name
    return json.loads(json.dumps(value))


def _split_in_words(parts: Mapping[str, Sequence[str]]) -> str:
    order = ("train", "inner", "held_out")
    digest = hashlib.sha256(json.dumps([list(parts.get(part, ())) for part in order]).encode())
    counts = ", ".join(f"{len(parts.get(part, ()))} {part}" for part in order)
    return f"{counts} ({digest.hexdigest()[:_HEX_SHOWN]})"
