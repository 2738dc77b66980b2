from __future__ import annotations

import dataclasses

import pytest

from segrun_train.augmentation import AUGMENTATIONS, Augmentation, augmentation_named


def test_none_is_nothing_at_all() -> None:
    assert augmentation_named("none") == Augmentation()
    changed = {
        key for key, value in dataclasses.asdict(Augmentation()).items()
        if value not in (False, 0.0, (1.0, 1.0)) and key != "rotation_share"
    }  # fmt: skip
    assert not changed


def test_the_notebooks_turns_are_small_and_it_only_zooms_in() -> None:
    notebook = augmentation_named("notebook")
    assert notebook.flips
    assert not notebook.quarter_turns
    assert notebook.rotation_deg <= 15
    assert notebook.scale[0] == 1.0


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match=", ".join(AUGMENTATIONS)):
        augmentation_named("weak")
