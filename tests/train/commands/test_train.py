from __future__ import annotations

import json
from pathlib import Path

import pytest

from segrun.cli import run
from tests.train.drawn_pairs import draw_pairs


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    images, masks = draw_pairs(tmp_path, 5)
    return [
        "train",
        "--images",
        str(images),
        "--masks",
        str(masks),
        "--out",
        str(tmp_path / "run"),
        "--tile",
        "32",
    ]


def test_the_command_trains_and_says_what_came_of_it(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = [
        "--network",
        "unet-lite",
        "--epochs",
        "1",
        "--steps",
        "1",
        "--batch",
        "2",
        "--patience",
        "0",
        "--ema",
        "0",
    ]
    report = tmp_path / "report.json"
    code = run(
        [*words, *short, "--fold", "0/5", "--gsd-cm", "20", "--gsd-range", "15,30", "--json", str(report)]
    )
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "held_out roof: IoU" in said.out
    found = json.loads(report.read_text())
    assert found["name"] == "run"
    assert found["gsd_range_cm"] == [15.0, 30.0]
    assert (found["recipe"]["patience"], found["recipe"]["ema"]) == (None, None)
    assert run([*words, *short]) == 1
    assert "--overwrite" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--network", "unet"], "multiple of 64"),
        (["--network", "vnet"], "unet-lite"),
        (["--loss", "mse"], "bce-dice"),
        (["--share", "1,2"], "one share for each folder"),
        (["--share", "a"], "expected numbers"),
        (["--fold", "5"], "expected K/N"),
        (["--gsd-range", "8"], "LOW,HIGH"),
        (["--gsd-cm", "far"], "expected numbers"),
        (["--held-out", "("], "regular expression"),
        (["--epochs", "0"], "positive"),
        (["--learning-rate", "nan"], "learning_rate must be a finite number"),
        (["--classes", ""], "every class needs a name"),
        (["--gsd-range", "8,30"], "pictures whose own is known"),
        (["--gsd-range", "8,30", "--gsd-cm", "none"], "pictures whose own is known"),
        (["--patience", "-1"], "patience must be positive"),
        (["--base", "32"], "unet-lite takes no base. Received: base=32. It takes widths, dropout"),
        (["--network", "unet", "--base", "32"], "unet takes no base"),
        (["--network", "unet-residual", "--base", "0"], "base must be positive"),
        (["--bands", "0"], "bands must be positive"),
        (["--workers", "-1"], "workers must not be negative"),
        (["--seed", "-1"], "seed must be 0 to 4294967295"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_two(
    extra: list[str], said: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*words, "--network", "unet-lite"]
    if "--base" in extra:
        given += ["--tile", "64"]
    assert run([*given, *extra]) == 2
    printed = capsys.readouterr().err
    assert said in " ".join(printed.split())
    assert "Traceback" not in printed
    assert not (tmp_path / "run").exists()


def test_pictures_that_cannot_be_used_are_one_line_and_exit_code_one(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "masks" / "p3.png").unlink()
    assert run([*words, "--quiet"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("segrun: ")
    assert "p3" in line
