from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from segrun.errors import InputError
from segrun.pairs import find_pairs
from segrun_train.augment_set import write_augmented_set
from segrun_train.corpus import read_corpus
from segrun_train.pair_reading import read_level
from tests.train.drawn_pairs import draw_pairs


def test_the_file_is_named_wherever_masks_are_read(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path / "in", 2)
    marked = cv2.imread(str(masks / "p1.png"), cv2.IMREAD_GRAYSCALE)
    assert marked is not None
    cv2.imwrite(str(masks / "p1.png"), np.asarray(marked) // 255)
    with pytest.raises(InputError, match=r"p1\.png holds 0 and 1"):
        read_corpus([images], [masks])
    with pytest.raises(InputError, match=r"p1\.png holds 0 and 1"):
        write_augmented_set([images], [masks], tmp_path / "out", total=4)
    first, second = find_pairs([images], [masks])
    assert read_level(first, classes=1).mask.max() == 255
    assert read_level(second, classes=2).mask.max() == 1
