"""The outputs between the thread that opens inputs and the one that writes masks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from segrun.channel import ChannelClosedError
from segrun.outputs import Output


class InFlight:
    """Outputs that are open, in order; safe from several threads."""

    def __init__(self) -> None:
        self._outputs: list[Output] = []
        self._changed = threading.Condition()
        self._writer_left = False

    def __iter__(self) -> Iterator[Output]:
        return iter(tuple(self._outputs))

    def __contains__(self, output: Output) -> bool:
        return output in self._outputs

    @property
    def held_mib(self) -> float:
        """What they hold, MiB."""
        return sum(output.held_mib for output in self)

    def add(self, output: Output) -> None:
        """Note an output that was opened."""
        self._outputs.append(output)

    def remove(self, output: Output) -> None:
        """Forget an output that ended."""
        with self._changed:
            self._outputs.remove(output)
            self._changed.notify_all()

    def leave(self) -> None:
        """Say that the writer is gone: nothing that is open now will end."""
        with self._changed:
            self._writer_left = True
            self._changed.notify_all()

    def wait_for_all(self) -> None:
        """Wait until nothing is open; whoever waits has handed all tiles on before.

        Raises:
            ChannelClosedError: the writer left.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._writer_left or not self._outputs)
            if self._outputs:
                raise ChannelClosedError
