from __future__ import annotations

from pathlib import Path

import pytest

from segrun.errors import InputError
from segrun.pairs import find_pairs
from segrun_train.check_data import check_data
from segrun_train.check_data_evidence import PairEvidence, measure_pair
from segrun_train.check_data_split import SplitRule
from segrun_train.groups import group_by_parent_tile
from segrun_train.sample import Sample
from segrun_train.split import fold_of
from tests.train.drawn_pairs import draw_pairs


def test_the_split_checked_is_the_one_that_training_makes(tmp_path: Path) -> None:
    images, masks = draw_pairs(tmp_path, 6)
    for number, name in enumerate(("x-8-8-4", "x-17-16-5", "x-18-18-5", "x-40-40-5")):
        for folder in (images, masks):
            (folder / f"p{number}.png").rename(folder / f"{name}.png")
    pairs = find_pairs([images], [masks])
    made = [Sample(pair.stem, 0, ()) for pair in pairs]
    measured = [measure_pair(pair, 0, bands=3, classes=1) for pair in pairs]
    evidence = [found for found in measured if isinstance(found, PairEvidence)]
    for fold in range(3):
        away = fold_of(made, fold, 3, group_by_parent_tile(4))
        sides = SplitRule(folds=3, fold=fold, group_zoom=4).sides(evidence)
        assert sides == [int(away(sample)) for sample in made]
        assert 0 < sum(sides) < len(made)
    with pytest.raises(ValueError, match="not both"):
        SplitRule(folds=3, group_regex="a", group_zoom=4)
    with pytest.raises(InputError, match=r"--held-out names no picture. Received: '\^none'"):
        check_data([images], [masks], split=SplitRule(held_out=("^none",)))
