from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrun.errors import InputError
from segrun_train.groups import group_by_parent_tile, group_by_regex
from segrun_train.sample import Sample
from segrun_train.split import Split, fold_of, split_rules, split_samples, write_split
from segrun_train.stem_rules import named_stems, read_stems
from segrun_train.train_options import TrainOptions


def samples(*stems: str, source: int = 0) -> list[Sample]:
    return [Sample(stem, source, ()) for stem in stems]


def split(given_samples: list[Sample], **changes: object) -> Split:
    rules: dict[str, object] = {
        "held_out": lambda _: False, "inner_fraction": 0.2, "group": str, "seed": 0, **changes
    }  # fmt: skip
    return split_samples(given_samples, **rules)  # type: ignore[arg-type]


@given(
    groups=st.lists(st.integers(0, 12), min_size=6, max_size=60),
    fraction=st.floats(0.05, 0.6),
    seed=st.integers(0, 99),
    away=st.integers(0, 12),
)
def test_a_group_is_never_torn_apart(groups: list[int], fraction: float, seed: int, away: int) -> None:
    made = samples(*(f"{number}_{index}" for index, number in enumerate(groups)))
    key = group_by_regex(r"^(\d+)_")
    if len(set(groups) - {away}) < 2:
        return
    found = split(
        made, held_out=lambda s: s.stem.startswith(f"{away}_"), inner_fraction=fraction, group=key, seed=seed
    )
    parts: dict[str, set[str]] = {}
    for sample, part in zip(made, found.parts, strict=True):
        parts.setdefault(key(sample.stem), set()).add(part)
    assert all(len(part) == 1 for part in parts.values())
    assert {"train", "inner"} <= set(found.parts)
    assert all((part == {"held_out"}) == (name == str(away)) for name, part in parts.items())


def test_drawn_pictures_choose_no_threshold_among_real_ones() -> None:
    real, drawn = samples("a", "b", "c", "d", "e"), samples("scene_1", "scene_2")
    rules = {"train_only": lambda s: s.stem.startswith("scene"), "held_out": lambda s: s.stem == "a"}
    found = split([*real, *drawn], inner_fraction=0.0, **rules)
    assert found.choosing([*real, *drawn]) == ("train", real[1:])
    found = split([*real, *drawn], **rules)
    assert found.choosing([*real, *drawn]) == ("inner", found.of("inner", [*real, *drawn]))
    alone = split(drawn, inner_fraction=0.0, train_only=rules["train_only"])
    assert alone.choosing(drawn) == ("train", drawn)
    assert Split(("train", "held_out")).choosing(real[:2]) == ("train", real[:1])


def test_the_inner_part_is_its_share_of_what_is_not_held_out_and_repeatable() -> None:
    made = samples(*(f"{number:02}" for number in range(24)))
    held_out = fold_of(made, 0, 5)
    found = split(made, held_out=held_out)
    assert [found.parts.count(part) for part in ("train", "inner", "held_out")] == [15, 4, 5]
    assert found == split(made, held_out=held_out)
    assert found != split(made, held_out=held_out, seed=1)


def test_every_folder_gives_to_the_inner_part() -> None:
    made = samples("a", "b", "c", "d") + samples("a", "b", "c", "d", source=1)
    found = split(made)
    assert {sample.source for sample in found.of("inner", made)} == {0, 1}


def test_dida_folds_are_those_of_the_data_readme() -> None:
    made = samples("308", "270", "301", "284", "417", "381", "390")
    held_out = fold_of(made, 1, 5)
    assert sorted(sample.stem for sample in made if held_out(sample)) == ["284", "417"]
    everything = [sample.stem for k in range(5) for sample in made if fold_of(made, k, 5)(sample)]
    assert sorted(everything) == sorted(sample.stem for sample in made)


def test_web_tiles_are_grouped_by_the_ground_they_show() -> None:
    key = group_by_parent_tile(19)
    names = ("OAM-309612-261632-19", "OAM-619225-523265-20", "OAM-1238451-1046531-21")
    assert len({key(stem) for stem in names}) == 1
    assert key("OAM-309613-261632-19") != key(names[0])
    assert key("house") == "house"


def test_names_come_from_files_folders_and_patterns(tmp_path: Path) -> None:
    listed = tmp_path / "names.txt"
    listed.write_text("# held out\nDOP_1.5_2.0.png\tdoubtful\n\n278\n")
    assert read_stems(listed) == {"DOP_1.5_2.0", "278"}
    folder = tmp_path / "val"
    folder.mkdir()
    (folder / "b.jpg").touch()
    assert named_stems(str(listed))("town/278")
    assert not named_stems(str(listed))("27")
    assert named_stems(str(folder))("b")
    assert not named_stems(str(folder))("a")
    assert named_stems("^27")("278")


@pytest.mark.parametrize("wrong", ["(", "[a"])
def test_what_is_no_rule_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        named_stems(wrong)


def test_nothing_left_to_train_on_is_refused() -> None:
    with pytest.raises(InputError, match="no picture is left"):
        split(samples("a", "b"), held_out=lambda _: True)
    with pytest.raises(InputError, match="too few"):
        split(samples("a"))
    with pytest.raises(ValueError, match="Received: 5/5"):
        fold_of([], 5, 5)


def test_the_table_names_every_picture(tmp_path: Path) -> None:
    made = samples("a", "b", "c", "d", "e", "f")
    found = split(made)
    write_split(made, found, tmp_path)
    with (tmp_path / "split.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == ["stem", "part", "image", "mask"]
    assert [row["part"] for row in rows] == list(found.parts)


def test_drawn_scenes_never_choose() -> None:
    real, drawn = samples(*"abcdefgh"), samples(*(f"scene_{i}" for i in range(40)), source=1)
    parts = split(
        [*real, *drawn], inner_fraction=0.5, train_only=lambda sample: sample.stem.startswith("scene_")
    ).parts
    assert parts.count("inner") == 4
    assert set(parts[8:]) == {"train"}


def test_folds_deal_out_whole_groups_so_that_each_group_is_in_one_fold() -> None:
    made = samples(*(f"{name}{copy}" for name in "abcde" for copy in ("", "_aug001", "_aug002")))
    key = group_by_regex(r"(.+?)(_aug\d+)?$")
    away = [{key(s.stem) for s in made if fold_of(made, k, 5, key)(s)} for k in range(5)]
    assert away == [{"a"}, {"b"}, {"c"}, {"d"}, {"e"}]
    options = TrainOptions(fold=(0, 5), group_regex=r"(.+?)(_aug\d+)?$")
    found = split_samples(made, **split_rules(options, made))
    assert sorted(sample.stem for sample in found.of("held_out", made)) == ["a", "a_aug001", "a_aug002"]


def test_a_stem_whose_group_takes_no_part_stays_by_itself() -> None:
    key = group_by_regex(r"(\d+)?_")
    assert [key(stem) for stem in ("12_a", "_b", "c")] == ["12", "_b", "c"]


@pytest.mark.parametrize("words", [{"held_out": ("^a", "held.txt")}, {"train_only": ("drawn",)}])
def test_a_rule_that_names_no_picture_is_refused(words: dict[str, Any]) -> None:
    option, mistyped = f"--{next(iter(words)).replace('_', '-')}", next(iter(words.values()))[-1]
    with pytest.raises(InputError, match=f"{option} names no picture. Received: '{mistyped}', read as a pat"):
        split_rules(TrainOptions(**words), samples("a", "b"))
    split_rules(TrainOptions(held_out=("^a$", "^b$")), [*samples("a"), *samples("b", source=1)])
