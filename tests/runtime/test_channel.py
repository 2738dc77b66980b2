from __future__ import annotations

import threading

import pytest

from segrun.channel import Channel, ChannelClosedError


def test_items_come_out_in_order_and_the_end_is_seen() -> None:
    channel: Channel[int] = Channel(2)

    def send() -> None:
        for number in range(50):
            channel.put(number)
        channel.end()

    thread = threading.Thread(target=send)
    thread.start()
    assert list(channel) == list(range(50))
    thread.join()


def test_a_sender_waits_for_room() -> None:
    channel: Channel[int] = Channel(1)
    sent: list[int] = []

    def send() -> None:
        for number in range(3):
            channel.put(number)
            sent.append(number)
        channel.end()

    thread = threading.Thread(target=send)
    thread.start()
    items = iter(channel)
    thread.join(timeout=0.2)
    assert thread.is_alive()
    assert sent == [0]
    assert list(items) == [0, 1, 2]
    thread.join()


def test_a_waiting_sender_is_freed_when_the_receiver_leaves() -> None:
    channel: Channel[int] = Channel(1)
    channel.put(1)
    errors: list[Exception] = []

    def send() -> None:
        try:
            channel.put(2)
        except ChannelClosedError as error:
            errors.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    channel.abandon()
    thread.join(timeout=5)
    assert len(errors) == 1
    assert list(channel) == []
    with pytest.raises(ChannelClosedError):
        channel.put(3)
