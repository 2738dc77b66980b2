"""A bounded queue between two threads that can be closed from either end."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class ChannelClosedError(Exception):
    """The other end went away; a sender stops quietly."""


class Channel(Generic[Item]):
    """A queue of at most ``size`` items; ``queue.Queue`` of Python 3.11 cannot be shut down, so this one can.

    Args:
        size: how many items may wait.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: deque[Item] = deque()
        self._ended = False
        self._changed = threading.Condition()

    def put(self, item: Item) -> None:
        """Add an item, waiting for room.

        Raises:
            ChannelClosedError: the receiver has left.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or len(self._items) < self._size)
            if self._ended:
                raise ChannelClosedError
            self._items.append(item)
            self._changed.notify_all()

    def end(self) -> None:
        """Let the receiver finish what waits, and refuse more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Drop what waits and refuse more: the receiver leaves."""
        with self._changed:
            self._ended = True
            self._items.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Item]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._ended)
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item
