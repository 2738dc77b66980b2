from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from segrun.ahead import Ahead


def test_work_runs_in_another_thread_while_the_caller_goes_on() -> None:
    may_end = threading.Event()

    def work() -> int:
        assert may_end.wait(10)
        return threading.get_ident()

    with Ahead(work) as begun:
        may_end.set()
    assert begun.result() != threading.get_ident()
    assert begun.result() == begun.result()


def test_an_error_of_the_work_is_raised_where_its_result_is_asked_for() -> None:
    def work() -> int:
        raise KeyError("no engine")

    with Ahead(work) as begun:
        pass
    with pytest.raises(KeyError, match="no engine"):
        begun.result()


def test_an_error_beside_the_work_leaves_no_thread_behind() -> None:
    ended = threading.Event()

    def work() -> None:
        time.sleep(0.05)
        ended.set()

    def fail_beside_it() -> None:
        with Ahead(work):
            raise ImportError("libGL is missing")

    with pytest.raises(ImportError, match="libGL"):
        fail_beside_it()
    assert ended.is_set()


def test_an_interrupt_is_raised_once_the_work_has_ended() -> None:
    ended = threading.Event()

    def work() -> None:
        time.sleep(0.4)
        ended.set()

    begun = Ahead(work)
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        begun.result()
    assert ended.is_set()
