"""What is wrong with a set is found, and what is right is not blamed."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from segrun import cli
from segrun.errors import InputError
from segrun_train.check_data import check_data
from segrun_train.check_data_finding import DataReport, Finding
from segrun_train.check_data_split import SplitRule
from segrun_train.synthetic import draw_scene, write_scene_pairs

SIDE = 192
REAL_SETS = {
    "oam_banepa": "masks",
    "oam_kampala": "masks",
    "geneva_pv": "masks_filled",
    "inria_austin": "masks",
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    write_scene_pairs(folder, 8, seed=3, height=SIDE, width=SIDE, style="town", gsd_cm=25)
    return folder


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    shutil.copytree(drawn, tmp_path / "set")
    return tmp_path / "set"


def look(folder: Path, **options: object) -> DataReport:
    return check_data([folder / "images"], [folder / "masks"], **options)  # type: ignore[arg-type]


def of_kind(report: DataReport, kind: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind == kind]


def image(folder: Path, number: int) -> Path:
    return folder / "images" / f"scene_{number:05d}.png"


def mask(folder: Path, number: int) -> Path:
    return folder / "masks" / f"scene_{number:05d}.png"


def save(path: Path, pixels: npt.NDArray[Any]) -> None:
    assert cv2.imwrite(str(path), pixels)


def load(path: Path) -> npt.NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture.astype(np.uint8)


def test_a_clean_set_is_clean(drawn: Path) -> None:
    report = look(drawn)
    assert report, report.findings
    assert report.findings == ()
    assert report.pairs == 8
    assert report.summary["edge_signal_used"] == [True]


def test_a_mask_of_another_picture_is_found_by_two_signals(folder: Path) -> None:
    shutil.copy(mask(folder, 2), mask(folder, 5))
    report = look(folder)
    (found,) = of_kind(report, "mismatch")
    assert Path(found.file).name == "scene_00005.png"
    assert found.evidence["mask_is_also_of"] == ["scene_00002"]
    assert found.severity == "error"
    (cleared,) = of_kind(report, "duplicate-mask")
    assert (Path(cleared.file).name, cleared.severity) == ("scene_00002.png", "note")


def test_masks_that_changed_places_lie_off_the_edges(folder: Path) -> None:
    first, second = load(mask(folder, 0)), load(mask(folder, 6))
    save(mask(folder, 0), second)
    save(mask(folder, 6), first)
    blamed = {Path(finding.file).name for finding in of_kind(look(folder), "off-edges")}
    assert blamed
    assert blamed <= {"scene_00000.png", "scene_00006.png"}


def test_a_mask_on_missing_pixels_is_suspicious(folder: Path) -> None:
    picture, marked = load(image(folder, 1)), load(mask(folder, 1))
    alpha = np.where(cv2.dilate(marked, np.ones((9, 9), np.uint8)) > 0, np.uint8(0), np.uint8(255))
    save(image(folder, 1), np.concatenate([picture, alpha[..., None]], axis=2))
    report = look(folder)
    found = of_kind(report, "mask-without-picture") + of_kind(report, "mismatch")
    assert [Path(finding.file).name for finding in found] == ["scene_00001.png"]
    assert found[0].evidence["mask_pixels_without_picture"] == int((marked > 0).sum())
    assert of_kind(report, "alpha")[0].severity == "note"


def test_duplicates_are_found_exact_flipped_and_compressed(folder: Path) -> None:
    picture = load(image(folder, 0))
    save(image(folder, 1), picture)
    save(image(folder, 2), picture[:, ::-1])
    image(folder, 3).unlink()
    assert cv2.imwrite(str(image(folder, 3).with_suffix(".jpg")), picture, [cv2.IMWRITE_JPEG_QUALITY, 50])
    report = look(folder)
    assert [Path(f.file).stem for f in of_kind(report, "duplicate-picture")] == ["scene_00001"]
    assert {Path(f.file).stem for f in of_kind(report, "near-duplicate")} == {"scene_00002", "scene_00003"}


def test_grey_masks_are_measured(folder: Path) -> None:
    blurred = cv2.GaussianBlur(load(mask(folder, 0)), (0, 0), 1.5).astype(np.uint8)
    save(mask(folder, 0), blurred)
    save(mask(folder, 1), np.minimum(load(mask(folder, 1)), 237))
    report = look(folder)
    grey = {Path(f.file).stem: f.evidence for f in of_kind(report, "grey-mask")}
    assert set(grey) == {"scene_00000", "scene_00001"}
    share = float(((blurred > 0) & (blurred < 255)).mean())
    assert grey["scene_00000"]["grey_share"] == pytest.approx(share, abs=1e-4)
    (never,) = of_kind(report, "never-255")
    assert Path(never.file).stem == "scene_00001"
    assert never.evidence["largest"] == 237


@pytest.mark.parametrize(
    ("value", "kind", "severity"),
    [(0, "constant-mask", "note"), (255, "constant-mask", "warning"), (90, "constant-mask", "error")],
)
def test_constant_masks(folder: Path, value: int, kind: str, severity: str) -> None:
    save(mask(folder, 0), np.full((SIDE, SIDE), value, np.uint8))
    (found,) = of_kind(look(folder), kind)
    assert found.severity == severity


def test_indices_given_as_a_binary_mask_are_an_error_and_as_classes_are_not(folder: Path) -> None:
    for path in (folder / "masks").iterdir():
        save(path, load(path) // 255)
    assert len(of_kind(look(folder), "indices")) == 8
    save(mask(folder, 0), load(mask(folder, 0)) * 4 + 3)
    (other, *_) = [found for found in of_kind(look(folder), "indices") if found.evidence["largest"] == 7]
    assert "name its classes" in other.cure
    with_nodata = load(mask(folder, 1))
    with_nodata[:9] = 255
    save(mask(folder, 2), with_nodata)
    assert [found.evidence["largest"] for found in of_kind(look(folder), "indices")].count(255) == 1
    save(mask(folder, 2), load(mask(folder, 1)))
    assert not of_kind(look(folder, classes=2), "indices")
    save(mask(folder, 0), load(mask(folder, 1)) * 7)
    (found,) = of_kind(look(folder, classes=2), "no-such-class")
    assert found.evidence["largest"] == 7


def test_unusable_files_are_named_and_the_others_still_judged(folder: Path) -> None:
    image(folder, 0).write_bytes(image(folder, 0).read_bytes()[:500])
    save(image(folder, 1), load(image(folder, 1)).astype(np.uint16) * 200)
    save(
        mask(folder, 2),
        np.dstack([load(mask(folder, 2)), np.zeros((SIDE, SIDE), np.uint8), load(mask(folder, 2))]),
    )
    mask(folder, 3).write_bytes(b"")
    save(mask(folder, 4), load(mask(folder, 4))[:-1])
    kinds = Counter(finding.kind for finding in look(folder).findings)
    assert kinds["16-bit"] == 1
    assert kinds["unusable-mask"] == 1
    assert kinds["unreadable"] + kinds["unusable-picture"] == 2
    assert kinds["wrong-size"] == 1


def test_odd_sizes_and_unpaired_names(folder: Path) -> None:
    for number in range(20, 32):
        save(image(folder, number), draw_scene(number, SIDE, SIDE).pixels)
        save(mask(folder, number), draw_scene(number, SIDE, SIDE).roofs)
    save(image(folder, 0), load(image(folder, 0))[:100])
    save(mask(folder, 0), load(mask(folder, 0))[:100])
    image(folder, 1).unlink()
    mask(folder, 2).unlink()
    report = look(folder)
    assert [Path(f.file).stem for f in of_kind(report, "odd-size")] == ["scene_00000"]
    assert [Path(f.file).stem for f in of_kind(report, "mask-without-picture-file")] == ["scene_00001"]
    assert [Path(f.file).stem for f in of_kind(report, "picture-without-mask")] == ["scene_00002"]


def test_leakage_is_found_for_a_turned_and_enlarged_copy_and_groups_cure_it(folder: Path) -> None:
    scene = draw_scene(77, 200, 200, 20, "town")
    turn = cv2.getRotationMatrix2D((100, 100), 12, 1.25)
    turned = cv2.warpAffine(scene.pixels[:, ::-1].copy(), turn, (200, 200), borderMode=cv2.BORDER_REFLECT)
    save(folder / "images" / "scene_90000.png", scene.pixels)
    save(folder / "masks" / "scene_90000.png", scene.roofs)
    save(folder / "images" / "scene_90000_aug001.png", turned)
    save(
        folder / "masks" / "scene_90000_aug001.png",
        cv2.warpAffine(scene.roofs[:, ::-1].copy(), turn, (200, 200), flags=cv2.INTER_NEAREST),
    )
    torn = look(folder, split=SplitRule(held_out=("_aug",)))
    (found,) = of_kind(torn, "leakage")
    assert {Path(found.file).stem, Path(str(found.evidence["shares_ground_with"])).stem} == {
        "scene_90000",
        "scene_90000_aug001",
    }
    whole = look(folder, split=SplitRule(folds=5, group_regex=r"(.+?)(_aug\d+)?$"))
    assert not of_kind(whole, "leakage")


def test_tiles_within_tiles_leak_by_name(folder: Path) -> None:
    for number, name in enumerate(("place-100-200-18", "place-201-400-19", "place-300-200-18")):
        image(folder, number).rename(folder / "images" / f"{name}.png")
        mask(folder, number).rename(folder / "masks" / f"{name}.png")
    found = of_kind(look(folder, split=SplitRule(held_out=("-18$",))), "leakage")
    assert [finding.evidence["within_tile_of_zoom"] for finding in found] == [18]


def test_a_split_by_place_of_a_clean_set_does_not_leak(drawn: Path) -> None:
    assert look(drawn, split=SplitRule(folds=4))


def test_split_rules_name_what_was_received() -> None:
    with pytest.raises(ValueError, match="7/5"):
        SplitRule(folds=5, fold=7)
    with pytest.raises(ValueError, match="folds=1"):
        SplitRule(folds=1)


def test_nothing_in_common_is_an_error(folder: Path) -> None:
    for path in (folder / "masks").iterdir():
        path.rename(path.with_name(f"mask_{path.name}"))
    with pytest.raises(InputError, match="same name"):
        look(folder)


def test_command_exits_0_or_3_and_writes_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check-data", "--images", str(folder / "images"), "--masks", str(folder / "masks")]
    assert cli.run([*words, "--quiet"]) == 0
    shutil.copy(mask(folder, 2), mask(folder, 5))
    capsys.readouterr()
    assert cli.run([*words, "--quiet", "--json", "-"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert not report["clean"]
    assert report["findings"][0]["kind"] == "mismatch"
    assert cli.run(words) == 3
    assert "mismatch (1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["--fold", "a/b"],
        ["--fold", "5/5"],
        ["--held-out", "("],
        ["--group-regex", "(.)"],
        ["--group-zoom", "9"],
    ],
)
def test_command_refuses_impossible_splits(drawn: Path, words: list[str]) -> None:
    asked = ["check-data", "--images", str(drawn / "images"), "--masks", str(drawn / "masks"), "-q", *words]
    assert cli.run(asked) == 2


def test_dida_278_is_found_by_three_signals_and_nobody_else_is_blamed(shared_data: Path) -> None:
    report = look(shared_data / "dida")
    (found,) = of_kind(report, "mismatch")
    assert Path(found.file).stem == "278"
    assert found.evidence["signals"] == 3
    assert found.evidence["mask_pixels_without_picture"] == 393
    assert {finding.kind for finding in report.findings} == {
        "mismatch",
        "duplicate-mask",
        "grey-mask",
        "alpha",
    }
    assert of_kind(report, "duplicate-mask")[0].severity == "note"


@pytest.mark.parametrize(("name", "masks"), list(REAL_SETS.items()))
def test_real_sets_raise_no_false_alarm(shared_data: Path, name: str, masks: str) -> None:
    report = check_data([shared_data / name / "images"], [shared_data / name / masks])
    assert report, [finding for finding in report.findings if finding.severity != "note"]


def test_epfl_roads_are_grey_and_never_255_but_not_mismatched(shared_data: Path) -> None:
    report = look(shared_data / "epfl_road")
    assert {finding.kind for finding in report.findings} == {"grey-mask", "never-255"}
    assert {finding.evidence["largest"] for finding in of_kind(report, "never-255")} == {237}
    assert report.summary["edge_signal_used"] == [False]
