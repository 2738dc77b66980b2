from __future__ import annotations

import numpy as np
import pytest

from segrun_train.augmentation import AUGMENTATIONS
from segrun_train.crops import CropPlan, TrainingCrops
from segrun_train.sample import Level, Sample, pyramid
from segrun_train.targets import IGNORED


def samples(count: int, *, source: int = 0) -> list[Sample]:
    made = []
    for index in range(count):
        rng = np.random.default_rng([source, index])
        level = Level(
            rng.integers(0, 256, (40, 44, 3), np.uint8),
            rng.integers(0, 256, (40, 44), np.uint8),
            np.full((40, 44), 255, np.uint8),
        )
        made.append(Sample(f"s{index}", source, pyramid(level, grey_mask=True)))
    return made


def plan(**changes: object) -> CropPlan:
    values: dict[str, object] = {
        "tile": 32, "batch": 3, "augmentation": AUGMENTATIONS["strong"], "steps": 5, "seed": 7, **changes
    }  # fmt: skip
    return CropPlan(**values)  # type: ignore[arg-type]


def epochs(workers: int, order: list[int]) -> dict[tuple[int, int], tuple[bytes, bytes]]:
    crops = TrainingCrops(samples(4), plan(), workers=workers)
    found = {}
    for epoch in (0, 1, 4):
        crops.epoch = epoch
        for index in order:
            pixels, classes = crops[index]
            found[epoch, index] = (pixels.tobytes(), classes.tobytes())
    crops.close()
    return found


def test_a_batch_depends_on_seed_epoch_and_index_alone() -> None:
    alone = epochs(0, [0, 1, 2, 3, 4])
    assert alone == epochs(3, [0, 1, 2, 3, 4])
    assert alone == epochs(2, [3, 0, 4, 1, 2])
    assert len(set(alone.values())) == len(alone)


def test_another_seed_gives_other_crops() -> None:
    first, second = (TrainingCrops(samples(4), plan(seed=seed)) for seed in (1, 2))
    assert first[0][0].tobytes() != second[0][0].tobytes()


def test_a_batch_is_uint8_pixels_and_class_indices() -> None:
    pixels, classes = TrainingCrops(samples(4), plan())[0]
    assert (pixels.shape, pixels.dtype.name) == ((3, 32, 32, 3), "uint8")
    assert (classes.shape, classes.dtype.name) == ((3, 32, 32, 1), "uint8")


def test_without_steps_every_picture_is_shown_once_an_epoch() -> None:
    crops = TrainingCrops(samples(7), plan(steps=None, tile=40, augmentation=AUGMENTATIONS["none"]))
    assert len(crops) == 3
    shown = []
    for index in range(3):
        pixels, _ = crops[index]
        shown += [int(picture.astype(np.int64).sum()) for picture in pixels]
    assert len(shown) == 7
    assert len(set(shown)) == 7


def test_a_last_batch_is_filled_up_where_several_devices_share_it() -> None:
    whole = plan(steps=None, batch=4)
    crops, alone = TrainingCrops(samples(5), whole, devices=2), TrainingCrops(samples(5), whole)
    assert [len(alone[index][0]) for index in range(2)] == [4, 1]
    for index, count in enumerate((4, 2)):
        pixels, truth = crops[index]
        assert len(pixels) == len(truth) == count
        kept = len(alone[index][0])
        assert all(
            (mine[:kept] == theirs).all() for mine, theirs in zip(crops[index], alone[index], strict=True)
        )
        assert (truth[kept:] == IGNORED).all()


def test_shares_balance_folders_of_different_size() -> None:
    both = [*samples(1, source=0), *samples(9, source=1)]
    crops = TrainingCrops(both, plan(steps=400, shares=(3.0, 1.0)))
    first_folder = float(np.mean(crops._order == 0))
    assert first_folder == pytest.approx(0.75, abs=0.04)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch": 0}, "batch"),
        ({"shares": (1.0,), "steps": None}, "steps"),
        ({"shares": (-1.0,)}, "negative"),
    ],
)
def test_plans_that_cannot_work_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        plan(**changes)
