"""The folder of a report: it appears as a whole, in place of an earlier report and of nothing else."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from segrun.errors import OutputError

PAGE, DATA = "index.html", "report.json"


def check_folder(out: Path) -> None:
    """Refuse a folder that holds something else, before any work is done.

    Raises:
        OutputError: that, or it cannot be looked at.
    """
    try:
        if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / DATA).exists())):
            raise OutputError(f"{out} holds something that is not a report. Name another --out.")
    except OSError as error:
        raise _cannot_write(out, error) from error


def write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Write all files, or leave what was there.

    Args:
        out: the folder.
        files: content by name.
    Raises:
        OutputError: it cannot be written.
    """
    out = out.absolute()
    part = out.with_name(f".{out.name}-{secrets.token_hex(4)}.part")
    try:
        (part / "new").mkdir(parents=True)
        for name, content in files.items():
            (part / "new" / name).write_bytes(content)
        if out.exists():
            out.rename(part / "old")
        (part / "new").rename(out)
    except OSError as error:
        raise _cannot_write(out, error) from error
    finally:
        if (part / "old").exists() and not out.exists():
            (part / "old").rename(out)
        shutil.rmtree(part, ignore_errors=True)


def _cannot_write(out: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write the report. Received: {out} ({error.strerror}). Name a writable folder."
    )
