"""Lines over the ground, as places in even steps: how long they are, what lies along them, beside them and around them."""

from __future__ import annotations

import math

import numpy as np

from segrun_train.synthetic.world import Points

STEP_M = 4.0
# Past half a circle each way an arc comes back, and meets its other end.
_MOST_TURN = 4.4


def arc(middle: tuple[float, float], angle: float, reach_m: float, turn_per_m: float) -> Points:
    """Return a path of constant bend through ``middle``, ground metres [n, 2].

    Args:
        middle: ground place that it passes.
        angle: its direction there, radians from the columns' axis.
        reach_m: how far it goes both ways, metres along itself.
        turn_per_m: radians per metre; 0 is straight. A long path bends less: it turns by 4.4 in all at most, so that
            each end lies at least 0.81 of ``reach_m`` from ``middle``.
    """
    most = _MOST_TURN / (2 * reach_m)
    half_turn = min(max(turn_per_m, -most), most) / 2
    along = np.arange(-reach_m, reach_m + STEP_M, STEP_M)
    turned = angle + along * half_turn
    # The chord from the middle lies at half the angle that the arc has turned by.
    chord = along * np.sinc(along * half_turn / math.pi)
    return np.stack([middle[0] + chord * np.sin(turned), middle[1] + chord * np.cos(turned)], axis=1)


def path_metres(path: Points) -> Points:
    """Return how far along a path [n, 2] each of its places lies, metres [n]."""
    return np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])


def along_path(path: Points, length: Points, at: Points) -> Points:
    """Return the places [m, 2] that lie ``at`` metres [m] along a path whose ``length`` is known place by place."""
    return np.stack([np.interp(at, length, path[:, 0]), np.interp(at, length, path[:, 1])], axis=1)


def stand_at(path: Points, length: Points, at: float, offset_m: float) -> tuple[float, float, float]:
    """Return a ground place and the path's direction there.

    Args:
        path: ground metres [n, 2].
        length: its metres place by place, [n].
        at: how far along it.
        offset_m: how far to its side, counted as in ``beside``.
    Returns:
        row and column, metres, and the direction, radians from the columns' axis.
    """
    index = int(np.clip(np.searchsorted(length, at) - 1, 0, len(path) - 2))
    ahead = path[index + 1] - path[index]
    angle = math.atan2(ahead[0], ahead[1])
    share = (at - length[index]) / max(length[index + 1] - length[index], 1e-9)
    row, col = path[index] + share * ahead
    return row - offset_m * math.cos(angle), col + offset_m * math.sin(angle), angle


def across(path: Points) -> Points:
    """Return the directions square to a path, of length 1, [n, 2]; offsets beside it count along them."""
    ahead = np.gradient(path, axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
    return np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)


def beside(path: Points, offset_m: float | Points) -> Points:
    """Return the path [n, 2] moved sideways by metres: the same everywhere, or another at each place, [n]."""
    moved: Points = path + across(path) * np.reshape(offset_m, (-1, 1))
    return moved


def ribbon(path: Points, half_m: float) -> Points:
    """Return the polygon that lies within ``half_m`` on both sides of a path."""
    return np.concatenate([beside(path, half_m), beside(path, -half_m)[::-1]])
