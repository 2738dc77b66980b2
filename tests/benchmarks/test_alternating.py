from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import pytest

from benchmarks.alternating import (
    Alternation,
    CommandFailedError,
    ProcessCost,
    run_alternating,
    run_process,
)


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def cost(wall_s: float, peak_mib: float | None = 1.0) -> ProcessCost:
    return ProcessCost(wall_s, wall_s / 2, wall_s / 4, peak_mib)


def test_processor_time_is_that_of_the_process_and_not_of_its_sleep() -> None:
    busy = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    slept, worked = run_process(python("import time; time.sleep(0.3)")), run_process(python(busy))
    assert slept.wall_s >= 0.3
    assert slept.cpu_s < 0.2 <= worked.cpu_s <= worked.wall_s + 0.05


def test_peak_memory_is_that_of_the_child_and_not_known_below_our_own() -> None:
    own_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wanted_mib = round(own_mib) + 100
    large = run_process(python(f"bytearray({wanted_mib << 20})"))
    assert large.peak_mib is not None
    assert wanted_mib <= large.peak_mib < wanted_mib + 100
    assert run_process(python("pass")).peak_mib is None  # pytest itself holds more


def test_the_order_swaps_every_round_and_warm_up_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {name: python(f"open({str(log)!r}, 'a').write({name!r})") for name in ("a", "b")}
    seen: list[str] = []
    found = run_alternating(commands, 3, before=seen.append)
    assert log.read_text() == "".join(seen) == "baabbaab"
    assert [len(found.costs[name]) for name in "ab"] == [3, 3]


def test_a_failure_gives_the_last_words() -> None:
    with pytest.raises(CommandFailedError, match=r"ended with 3:\nlast words"):
        run_process(python("import sys; print('last words'); sys.exit(3)"))
    with pytest.raises(CommandFailedError, match="No such file"):
        run_process(["/no/such/program"])


def test_options_reach_the_process(tmp_path: Path) -> None:
    code = "import os, sys; sys.exit(not (os.environ['SIDE'] == 'left' and os.path.exists('here')))"
    (tmp_path / "here").touch()
    run_process(python(code), cwd=tmp_path, env={"SIDE": "left"})
    with pytest.raises(CommandFailedError):
        run_process(python(code), env={"SIDE": "left"})


def test_a_ratio_is_that_of_the_medians_and_its_interval_pairs_the_rounds() -> None:
    slow_rounds = [cost(wall) for wall in (1.0, 2.0, 9.0)]
    doubled = [cost(2 * item.wall_s) for item in slow_rounds]
    ratio = Alternation({"a": tuple(doubled), "b": tuple(slow_rounds)}).ratio("a", "b")
    assert (ratio.value, ratio.low, ratio.high) == (2.0, 2.0, 2.0)
    uneven = Alternation({"a": (cost(2), cost(3), cost(4)), "b": (cost(1), cost(1), cost(1))})
    assert uneven.ratio("a", "b").value == 3.0
    assert (uneven.ratio("a", "b").low, uneven.ratio("a", "b").high) == (2.0, 4.0)
    assert uneven.ratio("a", "b", "cpu_s").value == 3.0


def test_peak_memory_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="is not known"):
        Alternation({"a": (cost(1, None),)}).median("a", "peak_mib")


def test_figures_of_every_round_are_kept() -> None:
    written = Alternation({"a": (cost(4.0),)}).as_json()
    assert written == {"a": [{"wall_s": 4.0, "user_s": 2.0, "system_s": 1.0, "peak_mib": 1.0, "cpu_s": 3.0}]}


@pytest.mark.parametrize(("commands", "runs"), [({}, 5), ({"a": ["true"]}, 0)])
def test_nothing_to_run_is_refused(commands: dict[str, list[str]], runs: int) -> None:
    with pytest.raises(ValueError, match="at least one command"):
        run_alternating(commands, runs)


def test_figures_come_back_from_json_and_a_begun_round_does_not_count() -> None:
    cost = ProcessCost(2.0, 1.0, 0.5, None)
    begun = Alternation({"a": (cost, cost), "b": (cost,)})
    assert Alternation.from_json(json.loads(json.dumps(begun.as_json()))) == begun
    assert begun.rounds == 1
    assert begun.complete() == Alternation({"a": (cost,), "b": (cost,)})
