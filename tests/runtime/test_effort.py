from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrun.effort import Deadline, Pace, efforts


def test_work_is_taken_away_in_the_declared_order() -> None:
    ladder = efforts(1080, 1920, tile=256, overlap=64, symmetries=True, batch=1)
    assert [item.gave_up for item in ladder] == [
        (),
        ("symmetries",),
        ("symmetries", "overlap"),
        ("symmetries", "overlap", "resolution"),
    ]
    assert [item.calls for item in ladder] == [10 * 6 * 8, 10 * 6, 8 * 5, 4 * 3]


def test_what_saves_nothing_is_not_given_up() -> None:
    assert len(efforts(256, 256, tile=256, overlap=32, symmetries=False, batch=1)) == 1


@given(
    st.integers(1, 700),
    st.integers(1, 700),
    st.sampled_from([32, 64, 100]),
    st.integers(0, 16),
    st.booleans(),
    st.integers(1, 9),
)
def test_each_step_costs_less_and_the_first_is_what_was_asked_for(
    height: int, width: int, tile: int, overlap: int, symmetries: bool, batch: int
) -> None:
    ladder = efforts(height, width, tile=tile, overlap=overlap, symmetries=symmetries, batch=batch)
    assert (ladder[0].overlap, ladder[0].symmetries, ladder[0].gave_up) == (overlap, symmetries, ())
    assert all(after.calls < before.calls for before, after in itertools.pairwise(ladder))
    assert all(item.overlap <= overlap for item in ladder)


def test_one_hiccup_does_not_change_the_pace_and_a_slow_engine_is_tried_again() -> None:
    pace = Pace()
    assert pace.expected_s(5) == 0
    for seconds in (0.1, 0.1, 9.0, 0.1):
        pace.note(1, seconds)
    assert pace.expected_s(10) == pytest.approx(1.1)
    for _ in range(40):
        pace.ease()
    assert pace.expected_s(10) < 0.5


@pytest.mark.parametrize("budget", [0, -1.0, float("nan")])
def test_a_budget_that_makes_no_sense_is_a_value_error(budget: float) -> None:
    with pytest.raises(ValueError, match="budget_ms must be above 0"):
        Deadline(budget)


def test_a_deadline_without_a_budget_allows_everything() -> None:
    assert Deadline(None).allows(1e9)
    assert not Deadline(1.0).allows(1.0)
