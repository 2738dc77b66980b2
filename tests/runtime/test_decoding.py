from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from segrun.decoding import decode

PIXELS = cv2.resize(np.random.default_rng(3).integers(0, 256, (6, 6, 3), np.uint8), (300, 200))
GOOD = bytes(cv2.imencode(".jpg", PIXELS)[1].tobytes())
BAD = GOOD[: len(GOOD) // 2] + b"\xff\xd9" + GOOD[len(GOOD) // 2 + 2 :]


def test_each_of_many_threads_hears_its_own_picture(capfd: pytest.CaptureFixture[str]) -> None:
    level_of = getattr(cv2, "getLogLevel", None) or cv2.utils.logging.getLogLevel
    level = level_of()
    jobs = [BAD if index % 3 == 0 else GOOD for index in range(150)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(decode, jobs))
    for index, (image, said) in enumerate(results):
        assert image is not None
        assert said.startswith("Corrupt JPEG data") == (index % 3 == 0)
    assert capfd.readouterr().err == ""
    assert level_of() == level


def test_what_others_write_to_stderr_arrives(capfd: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(2) as pool:
        decoding = [pool.submit(decode, BAD) for _ in range(50)]
        for index in range(200):
            os.write(2, b"%d\n" % index)
        for future in decoding:
            future.result()
    assert capfd.readouterr().err == "".join(f"{index}\n" for index in range(200))


def test_what_c_libraries_write_after_a_decoding_reaches_the_terminal() -> None:
    script = (
        "import ctypes, sys; from segrun.decoding import decode; decode(sys.stdin.buffer.read());"
        "libc = ctypes.CDLL(None); libc.perror(b'from C')"
    )
    done = subprocess.run([sys.executable, "-c", script], input=BAD, capture_output=True, check=True)
    assert done.stderr.startswith(b"from C")


def test_a_forked_child_decodes_too() -> None:
    script = (
        "import os, sys, warnings; warnings.simplefilter('ignore'); from segrun.decoding import decode\n"
        "bad = sys.stdin.buffer.read(); decode(bad); child = os.fork()\n"
        "if child == 0: os._exit(0 if decode(bad)[1].startswith('Corrupt') else 9)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    done = subprocess.run([sys.executable, "-c", script], input=BAD, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_nothing_to_decode_raises() -> None:
    with pytest.raises(cv2.error):
        decode(b"")
