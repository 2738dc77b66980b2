"""Files that are either whole or absent: written under a temporary name in the target folder, then renamed."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Container, Iterator
from pathlib import Path

_TEMPORARY = re.compile(r"\.(?P<stem>.+)\.[0-9a-f]{8}\.part(\.[^.]+)?")


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


def sweep(folder: Path, stems: Container[str] | None = None) -> None:
    """Remove what ``replacing`` left in a folder when its process was killed; nobody may be writing there.

    Args:
        folder: passed over where it is absent; not searched below.
        stems: names, without their endings, of the files meant: ``a`` stands for ``a.scores`` too. None means all.
    Raises:
        OSError: a file cannot be removed.
    """
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            # Asked first: of the many masks of a folder none starts with a dot.
            found = _TEMPORARY.fullmatch(entry.name) if entry.name.startswith(".") else None
            if found is None or not entry.is_file(follow_symlinks=False):
                continue
            stem = found["stem"]
            if stems is None or stem in stems or stem.rpartition(".")[0] in stems:
                Path(entry).unlink()


def settle(path: Path) -> None:
    """Wait until the disk has a file; one that is gone is passed over."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as handle:
        os.fsync(handle.fileno())


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` in one step; an earlier file stays as it was until the new one is whole."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)
