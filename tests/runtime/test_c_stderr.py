from __future__ import annotations

import subprocess
import sys

import pytest

from segrun.c_stderr import hear, hush

SAY = "import ctypes; C = ctypes.CDLL(None); stderr = ctypes.c_void_p.in_dll(C, 'stderr')\n"


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", SAY + script], capture_output=True, check=True, text=True)
    return done.stderr


def test_codecs_are_heard_and_others_are_passed_on() -> None:
    assert (
        run(
            "from segrun.c_stderr import hear\n"
            "def work(): C.fputs(b'libpng error: odd\\nsomething else\\n', stderr); return 7\n"
            "assert hear(work) == (7, 'libpng error: odd')\n"
        )
        == "something else\n" * 2
    )  # heard with others first, then alone


def test_hushed_codecs_are_silent_and_others_are_passed_on() -> None:
    assert (
        run(
            "from segrun.c_stderr import hush\n"
            "with hush(): C.fputs(b'_tiffWriteProc: No space left.\\nsomething else\\n', stderr)\n"
            "C.fputs(b'libpng error: after\\n', stderr)\n"
        )
        == "something else\nlibpng error: after\n"
    )


def test_nothing_said_is_nothing_heard_and_errors_pass() -> None:
    assert hear(lambda: 5) == (5, "")
    with pytest.raises(KeyError), hush():
        raise KeyError
    with pytest.raises(KeyError):
        hear(dict[str, int]().popitem)
    assert hear(lambda: 6) == (6, "")
