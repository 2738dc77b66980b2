"""Paths: even steps, constant bends, places along and beside them."""

from __future__ import annotations

import numpy as np
import pytest

from segrun_train.synthetic.paths import along_path, arc, beside, path_metres, ribbon, stand_at

STRAIGHT = arc((100.0, 100.0), 0.0, 150.0, 0.0)


def test_an_arc_has_even_steps_and_bends_as_told() -> None:
    path = arc((50.0, 60.0), 0.3, 120.0, 1 / 400)
    steps = np.diff(path, axis=0)
    assert np.allclose(np.hypot(steps[:, 0], steps[:, 1]), 4.0, atol=0.1)
    turned = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    assert turned[-1] - turned[0] == pytest.approx(240 / 400, rel=0.05)
    assert np.hypot(*(path - (50.0, 60.0)).T).min() < 2.1


def test_beside_moves_by_as_much_as_told_at_each_place() -> None:
    offset = np.linspace(0, 20, len(STRAIGHT))
    moved = beside(STRAIGHT, offset)
    np.testing.assert_allclose(np.abs(moved - STRAIGHT).sum(axis=1), offset, atol=1e-9)


def test_path_metres_counts_from_the_start() -> None:
    np.testing.assert_allclose(path_metres(STRAIGHT), np.arange(len(STRAIGHT)) * 4.0)


def test_a_long_arc_keeps_its_steps_and_its_bend_and_does_not_cross_itself() -> None:
    for turn in (1 / 320, -1 / 320):
        path = arc((500.0, 500.0), 1.0, 1700.0, turn)
        steps = np.diff(path, axis=0)
        np.testing.assert_allclose(np.hypot(*steps.T), 4.0, atol=0.01)
        turned = np.diff(np.unwrap(np.arctan2(steps[:, 0], steps[:, 1])))
        np.testing.assert_allclose(turned, turned[0], atol=1e-9)
        assert np.sign(turned[0]) == np.sign(turn)
        assert abs(turned.sum()) < 4.5
        assert np.hypot(*(path[[0, -1]] - (500.0, 500.0)).T).min() > 0.8 * 1700


def test_a_place_along_a_path_is_that_of_the_interpolation() -> None:
    path = arc((50.0, 60.0), 0.3, 120.0, 1 / 400)
    length = path_metres(path)
    for at in (0.0, 17.3, 200.0):
        row, col, angle = stand_at(path, length, at, 0.0)
        np.testing.assert_allclose((row, col), along_path(path, length, np.array([at]))[0], atol=1e-9)
        ahead = np.array(stand_at(path, length, at + 0.01, 0.0)[:2]) - (row, col)
        assert np.arctan2(*ahead) == pytest.approx(angle, abs=1e-6)
    row, col, _ = stand_at(STRAIGHT, path_metres(STRAIGHT), 40.0, 3.0)
    np.testing.assert_allclose((row, col), beside(STRAIGHT, 3.0)[10], atol=1e-9)


def test_a_ribbon_goes_there_and_back() -> None:
    outline = ribbon(STRAIGHT, 2.5)
    np.testing.assert_allclose(np.ptp(outline, axis=0), (5.0, np.ptp(STRAIGHT[:, 1])))
    np.testing.assert_allclose((outline + outline[::-1]) / 2, np.concatenate([STRAIGHT, STRAIGHT[::-1]]))
