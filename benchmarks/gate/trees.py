"""Which revision to compare with, and its files in a folder of their own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCES = ("runtime", "export", "train")


class GitError(Exception):
    """git refused; the message is its own."""


@dataclass(frozen=True)
class BaseChoice:
    """The revision to compare with.

    Args:
        revision: its hash; None where there is none.
        why: how it was chosen, or why there is none.
    """

    revision: str | None
    why: str


def git(repository: Path, *words: str) -> str:
    """Run git and return what it printed.

    Raises:
        GitError: it failed, or is not installed.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *words], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise GitError("it is not installed") from error
    if done.returncode != 0:
        raise GitError(done.stderr.strip() or f"git {words[0]} failed")
    return done.stdout.strip()


def choose_base(repository: Path, wanted: str | None = None) -> BaseChoice:
    """Choose the base: the one asked for; HEAD of a changed tree; the merge base with main; else the parent of HEAD.

    Args:
        repository: root of the working tree.
        wanted: a revision; None chooses.
    Raises:
        GitError: there is no such revision, or no repository.
    """
    if wanted:
        return BaseChoice(_commit(repository, wanted), f"{wanted}, as asked for")
    if not (repository / ".git").exists():
        return BaseChoice(None, "these sources are no checkout of git, so there is nothing to compare with")
    head = _commit(repository, "HEAD")
    if git(repository, "status", "--porcelain", "--untracked-files=no", "--", *SOURCES):
        return BaseChoice(head, "HEAD, since the sources in the working tree differ from it")
    for main in ("origin/main", "main"):
        with contextlib.suppress(GitError):
            found = git(repository, "merge-base", "HEAD", main)
            if found != head:
                return BaseChoice(found, f"the merge base with {main}")
    try:
        return BaseChoice(_commit(repository, "HEAD~1"), "HEAD~1, since HEAD lies on main")
    except GitError:
        shallow = git(repository, "rev-parse", "--is-shallow-repository") == "true"
        why = "this clone is shallow" if shallow else "HEAD is the first commit"
        return BaseChoice(
            None, f"HEAD is the only revision here ({why}), so there is nothing to compare with"
        )


def _commit(repository: Path, revision: str) -> str:
    return git(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")


@contextlib.contextmanager
def worktree(repository: Path, revision: str) -> Iterator[Path]:
    """Give a revision's files in a temporary folder, compiled; the folder is gone afterwards.

    Raises:
        GitError: git cannot check it out.
    """
    with tempfile.TemporaryDirectory(prefix="segrun-base-") as folder:
        tree = Path(folder).resolve() / "tree"
        git(repository, "worktree", "add", "--detach", "--force", str(tree), revision)
        try:
            compile_sources(tree)
            yield tree
        finally:
            git(repository, "worktree", "remove", "--force", str(tree))


def compile_sources(tree: Path) -> None:
    """Write the bytecode of a tree, so that no process that is measured does it."""
    folders = [str(tree / name) for name in SOURCES if (tree / name).is_dir()]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], check=True)
