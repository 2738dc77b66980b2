from __future__ import annotations

from pathlib import Path

from benchmarks.alternating import Alternation, ProcessCost, Ratio
from benchmarks.peers.chart import draw_bars
from benchmarks.peers.contestants import BARE, GEODEEP, KERAS, OURS, TUNED, Absentee, Contestant
from benchmarks.peers.page import Result, page


def result(walls: dict[str, float], absent: tuple[Absentee, ...] = ()) -> Result:
    contestants = [Contestant(name, "litert", (), Path(), "how") for name in walls]
    costs = {name: (ProcessCost(wall, wall, 0.0, 100.0),) * 3 for name, wall in walls.items()}
    agreed = {name: {"reference": 0.9876, "truth": 0.5} for name in walls}
    return Result("unet", contestants, absent, Alternation(costs), agreed, OURS, 0.9991, "peers-unet.png")


def text(found: Result) -> str:
    return page([found], hardware="2 processors", job="ortho.tif.", command="make bench-peers")


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
    assert "With `--blend crop`" in said
    assert "- litert: ai-edge-litert" in said


def test_who_did_not_run_is_told_and_not_judged() -> None:
    said = text(result({OURS: 10.0, GEODEEP: 16.0}, (Absentee(TUNED, "parity gate failed"),)))
    assert "not run, see below | >= 4.5: not shown" in said
    assert f"- {TUNED}: parity gate failed" in said


def test_the_chart_is_drawn(tmp_path: Path) -> None:
    draw_bars(
        [(OURS, Ratio(1.0, 1.0, 1.0)), (GEODEEP, Ratio(1.6, 1.5, 1.7))], OURS, "unet", tmp_path / "c.png"
    )
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
