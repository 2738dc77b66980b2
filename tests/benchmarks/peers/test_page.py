from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.alternating import Alternation, ProcessCost, Ratio
from benchmarks.peers.chart import draw_bars
from benchmarks.peers.contestants import BARE, GEODEEP, KERAS, OURS, TUNED, Absentee, Contestant
from benchmarks.peers.page import Result, page
from benchmarks.peers.record import Measured, Setting


def result(
    walls: dict[str, float],
    absent: tuple[Absentee, ...] = (),
    *,
    trained_on: tuple[str, ...] = ("dida",),
    started: bool = False,
    reference: str = KERAS,
) -> Result:
    setting = Setting(
        Path("/y/corner.tif"),
        Path("/x/banepa/ortho.tif"),
        Path("truth.tif"),
        32,
        2,
        "python -m benchmarks.peers r",
    )
    contestants = tuple(Contestant(name, "litert", (), Path(), "how") for name in walls)
    costs = {name: (ProcessCost(wall, wall, 0.0, 100.0),) * 3 for name, wall in walls.items()}
    agreed = {name: {"reference": 0.9876, "truth": 0.5} for name in walls}
    measured = Measured(setting, "unet", 256, trained_on, started, contestants, absent, Alternation(costs))
    return Result(measured, agreed, reference, 0.9991, "peers-unet.png")


def text(found: Result, caption: str = "") -> str:
    return page(
        [found], hardware="2 processors", job="ortho.tif.", command="make bench-peers", caption=caption
    )


def test_ratios_come_first_and_are_judged() -> None:
    said = text(result({OURS: 10.0, TUNED: 4.0, GEODEEP: 16.0, BARE: 9.5, KERAS: 30.0}))
    assert (
        f"| {GEODEEP} / {OURS} (same engine and precision) | 1.600 (1.600 to 1.600) | >= 1.5: reached |"
        in said
    )
    assert "| 4.000 (4.000 to 4.000) | >= 4.5: MISSED |" in said
    assert f"| {KERAS} / {OURS} | 3.000 (3.000 to 3.000) | - |" in said
    assert said.index("reached") < said.index("| contestant |")
    assert (
        f"| {TUNED} | how | 0.400 (0.400 to 0.400) | 0.400 (0.400 to 0.400) | 4.0 | 4.0 | 100 | 0.9876 | 0.5000 |"
        in said
    )
    assert f"With `--blend crop`, IoU of {OURS} to {KERAS} is 0.9991." in said
    assert "- litert: ai-edge-litert" in said


def test_who_did_not_run_is_told_and_not_judged() -> None:
    said = text(result({OURS: 10.0, GEODEEP: 16.0}, (Absentee(TUNED, "parity gate failed"),)))
    assert "not run, see below | >= 4.5: not shown" in said
    assert f"- {TUNED}: parity gate failed" in said


def test_without_keras_the_cropped_mask_is_compared_with_our_own() -> None:
    said = text(result({OURS: 10.0}, reference=OURS))
    assert f"IoU of {OURS} to {OURS}" not in said
    assert "Its own mask with `--blend crop` has an IoU of 0.9991 to the blended one." in said


@pytest.mark.parametrize(
    ("trained_on", "started", "words"),
    [
        (("dida",), False, "was trained on dida, not for this truth.\n"),
        (
            ("dida",),
            True,
            "not for this truth. It started from weights of another network, which may have seen",
        ),
        (("dida", "banepa"), False, "was trained on dida, banepa: it has seen parts of this place."),
        ((), False, "is not known"),
    ],
)
def test_what_the_truth_is_worth(trained_on: tuple[str, ...], started: bool, words: str) -> None:
    assert words in text(result({OURS: 10.0}, trained_on=trained_on, started=started))


def test_a_caption_stands_in_the_head() -> None:
    said = text(result({OURS: 10.0}), "Two networks.")
    assert said.index("Machine: 2") < said.index("\nTwo networks.\n") < said.index("## unet")


def test_the_chart_is_drawn(tmp_path: Path) -> None:
    draw_bars(
        [(OURS, Ratio(1.0, 1.0, 1.0)), (GEODEEP, Ratio(1.6, 1.5, 1.7))], OURS, "unet", tmp_path / "c.png"
    )
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
