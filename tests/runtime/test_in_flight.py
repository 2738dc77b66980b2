from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from segrun.channel import ChannelClosedError
from segrun.in_flight import InFlight


def output(held_mib: float) -> Any:
    return SimpleNamespace(held_mib=held_mib)


def test_what_is_open_is_counted_until_it_ends() -> None:
    opened = InFlight()
    first, second = output(3.0), output(4.0)
    opened.add(first)
    opened.add(second)
    assert opened.held_mib == 7.0
    opened.remove(first)
    assert (first in opened, second in opened, opened.held_mib) == (False, True, 4.0)


def test_whoever_waits_goes_on_when_the_last_one_ends() -> None:
    opened = InFlight()
    last = output(1.0)
    opened.add(last)
    waiting = threading.Thread(target=opened.wait_for_all)
    waiting.start()
    assert waiting.is_alive()
    opened.remove(last)
    waiting.join(10)
    assert not waiting.is_alive()


def test_whoever_waits_is_told_when_the_writer_left() -> None:
    opened = InFlight()
    opened.add(output(1.0))
    threading.Timer(0.05, opened.leave).start()
    with pytest.raises(ChannelClosedError):
        opened.wait_for_all()
