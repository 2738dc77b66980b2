"""What an output folder already holds, so that a finished run is a no-op and a killed one can go on.

One JSON line each: first the run (model and options), then every finished input, at last that the run is complete.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO, Any

from segrun.atomic import settle, sweep, write_bytes
from segrun.errors import OutputError
from segrun.fingerprint import fingerprint

WORK_FOLDER = ".segrun"
SYNC_EVERY_S = 1.0


@dataclass(frozen=True)
class Done:
    """One finished input.

    Args:
        name: of the mask, without its suffix.
        fingerprint: of the input, see ``segrun.fingerprint``.
        output: of the mask, relative to the output folder.
        facts: the input's part of the report, kept so that a resumed run reports the whole.
    """

    name: str
    fingerprint: str
    output: str
    facts: dict[str, Any] = field(default_factory=dict)


class RunJournal:
    """The journal of one output folder, locked against a second run for as long as it is open.

    Args:
        out: the output folder; made when absent.
        key: what decides the masks: model hash, options. Another key must not share the folder.
        resume: whether to go on with a run that did not finish.
        overwrite: whether to forget what the folder holds.
    Raises:
        OutputError: the folder cannot be written, is in use, or holds another run or an unfinished one.
    """

    def __init__(self, out: Path, key: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
        self.out = out
        self.key = key
        self.work: Path = out / WORK_FOLDER
        self._path = self.work / "journal.jsonl"
        try:
            self.work.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(self.work / "lock", out)
        except OSError as error:
            raise OutputError(
                f"cannot write to {out} ({error.strerror}). Choose another folder with -o."
            ) from error
        try:
            self.done: dict[str, Done] = self._read(key, resume=resume, overwrite=overwrite)
            self._handle = self._path.open("ab", buffering=0)
            if self._path.stat().st_size == 0:
                self._append([{"run": key}])
        except OSError as error:
            self._lock.close()
            raise OutputError(
                f"cannot write to {out} ({error.strerror}). Choose another folder with -o."
            ) from error
        except OutputError:
            self._lock.close()
            raise
        self._unsettled: list[Done] = []
        self._next_sync = time.monotonic() + SYNC_EVERY_S

    def _read(self, key: dict[str, Any], *, resume: bool, overwrite: bool) -> dict[str, Done]:
        self._is_new = not overwrite and not self._path.exists()
        if overwrite or self._is_new:
            self._path.unlink(missing_ok=True)
            return {}
        # The last line may be cut off by a kill; what it would have said is simply done again.
        text = self._path.read_bytes().decode(errors="replace")
        lines: list[dict[str, Any]] = []
        whole = 0
        for line in text.splitlines(keepends=True):
            try:
                lines.append(json.loads(line))
            except ValueError:
                break
            whole += len(line)
        if not lines or "run" not in lines[0]:
            self._path.unlink()
            return {}
        if whole < len(text) or not text.endswith("\n"):
            write_bytes(self._path, f"{text[:whole].rstrip()}\n".encode())
        if lines[0]["run"] != key:
            changed = sorted(k for k in {*key, *lines[0]["run"]} if key.get(k) != lines[0]["run"].get(k))
            raise OutputError(
                f"{self.out} holds masks of another run. Received: other {', '.join(changed)}. "
                "Choose another folder with -o, or --overwrite."
            )
        complete = "complete" in lines[-1]
        if not complete and not resume and len(lines) > 1:
            raise OutputError(
                f"{self.out} holds an unfinished run of {len(lines) - 1} masks. Use --resume or --overwrite."
            )
        return {line["name"]: Done(**line) for line in lines[1:] if "name" in line}

    def finished(self, name: str, path: Path, output: str) -> Done | None:
        """Return what is known of a finished input, None where it must be run.

        Raises:
            OutputError: the input changed since, so that its mask is out of date.
        """
        done = self.done.get(name)
        if done is None:
            if self._is_new and (self.out / output).exists():
                raise OutputError(
                    f"{self.out / output} exists and is not of this run. Use --overwrite, or another -o."
                )
            return None
        if not (self.out / done.output).exists():
            return None
        if done.fingerprint != fingerprint(path):
            raise OutputError(
                f"{path} changed since {self.out / done.output} was made from it. Use --overwrite."
            )
        return done

    def sweep(self, names: Iterable[PurePath]) -> None:
        """Remove the half-written files that a killed run left in the folder.

        Args:
            names: of the masks, without suffixes; beside them only files of their names are touched.
        Raises:
            OutputError: a file cannot be removed.
        """
        if self._is_new:
            return
        stems: dict[PurePath, set[str]] = {}
        for name in names:
            stems.setdefault(name.parent, set()).add(name.name)
        try:
            for parent, here in stems.items():
                sweep(self.out / parent, here)
            for folder, _, _ in os.walk(self.work):
                sweep(Path(folder))
        except OSError as error:
            raise OutputError(
                f"cannot remove {error.filename} ({error.strerror}). Choose another folder with -o."
            ) from error

    def add(self, done: Done) -> None:
        """Note a finished input, at the latest a second from now.

        A mask, its scores and its overlay are on the disk before the journal says that it is done, and waiting for the disk
        once for many masks costs a fraction of waiting for each. What a kill takes from the journal is simply run again.
        """
        self._unsettled.append(done)
        if time.monotonic() >= self._next_sync:
            self._settle()

    def complete(self) -> None:
        """Note that every input is done."""
        # In one breath with the last masks: each wait for the disk takes longer than a small tile.
        self._settle({"complete": True})

    def _settle(self, *more: dict[str, Any]) -> None:
        for done in self._unsettled:
            for path in _files_of(done, self.out):
                try:
                    settle(path)
                except OSError as error:
                    raise OutputError(
                        f"the disk does not take {path} ({error.strerror}). Mend that, then add --resume."
                    ) from error
        # vars, not asdict: the lines are written at once, and copying their facts would cost more than all else here.
        facts = [vars(done) for done in self._unsettled]
        self._unsettled.clear()
        self._next_sync = time.monotonic() + SYNC_EVERY_S
        if facts or more:
            self._append([*facts, *more])

    def _append(self, lines: list[dict[str, Any]]) -> None:
        """Write lines through to the disk; a line that a full disk cuts off is passed over when the journal is read."""
        try:
            self._handle.write("".join(json.dumps(line) + "\n" for line in lines).encode())
            os.fsync(self._handle.fileno())
        except OSError as error:
            raise OutputError(
                f"cannot write {self._path} ({error.strerror}). Free some space, or choose another folder with -o."
            ) from error

    def close(self) -> None:
        """Write what is not yet noted and release the folder."""
        # Whatever sent us here is worth more than what cannot be noted: that is simply run again.
        with contextlib.suppress(OutputError):
            self._settle()
        self._handle.close()
        self._lock.close()


def _files_of(done: Done, out: Path) -> list[Path]:
    beside = [done.facts.get(kind) for kind in ("scores", "overlay")]
    return [out / done.output, *(Path(path) for path in beside if path is not None)]


def _lock(path: Path, out: Path) -> IO[bytes]:
    handle = path.open("ab")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise OutputError(
            f"{out} is in use by another segrun. Wait for it, or choose another folder with -o."
        ) from error
    return handle
