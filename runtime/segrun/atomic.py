"""Files that are either whole or absent: written under a temporary name in the target folder, then renamed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that takes its place on success and vanishes on failure.

    The temporary name starts with a dot and keeps the suffix, since writers choose the format by it.

    Args:
        path: where the file will stand.
        durable: wait until the disk has it, so that not even a power cut can lose it; a caller that writes thousands of
            small files passes False and calls ``settle`` on them by the batch.
    """
    temporary = path.with_name(f".{path.stem}.{os.urandom(4).hex()}.part{path.suffix}")
    try:
        yield temporary
        if durable:
            settle(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def settle(path: Path) -> None:
    """Wait until the disk has a file; one that is gone is passed over."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as handle:
        os.fsync(handle.fileno())


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` in one step; an earlier file stays as it was until the new one is whole."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)
