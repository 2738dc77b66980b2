from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gate.trees import GitError, choose_base, git, worktree

SETTINGS = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false")


def commit(repository: Path, text: str) -> str:
    (repository / "runtime").mkdir(exist_ok=True)
    (repository / "runtime/code.py").write_text(f"VALUE = {text!r}\n")
    git(repository, "add", "runtime")
    git(repository, *SETTINGS, "commit", "-q", "-m", text)
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def test_the_only_revision_has_no_base(repository: Path) -> None:
    commit(repository, "one")
    choice = choose_base(repository)
    assert choice.revision is None
    assert "HEAD is the first commit" in choice.why


def test_main_is_compared_with_its_parent(repository: Path) -> None:
    first = commit(repository, "one")
    commit(repository, "two")
    assert choose_base(repository).revision == first


def test_a_branch_is_compared_with_the_merge_base(repository: Path) -> None:
    first = commit(repository, "one")
    git(repository, "checkout", "-q", "-b", "work")
    commit(repository, "two")
    commit(repository, "three")
    choice = choose_base(repository)
    assert (choice.revision, choice.why) == (first, "the merge base with main")


def test_changed_sources_are_compared_with_head(repository: Path) -> None:
    commit(repository, "one")
    second = commit(repository, "two")
    (repository / "notes.md").write_text("no source")
    assert choose_base(repository).revision != second
    (repository / "runtime/code.py").write_text("VALUE = 3\n")
    assert choose_base(repository).revision == second


def test_a_shallow_clone_says_so(repository: Path, tmp_path: Path) -> None:
    commit(repository, "one")
    commit(repository, "two")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), str(clone))
    choice = choose_base(clone)
    assert choice.revision is None
    assert "this clone is shallow" in choice.why


def test_sources_without_a_repository_say_so(tmp_path: Path) -> None:
    choice = choose_base(tmp_path)
    assert choice.revision is None
    assert "no checkout of git" in choice.why


def test_a_machine_without_git_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository, "one")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="not installed"):
        choose_base(repository)


def test_a_revision_asked_for_is_taken_and_an_unknown_one_refused(repository: Path) -> None:
    first = commit(repository, "one")
    commit(repository, "two")
    assert choose_base(repository, "HEAD~1").revision == first
    with pytest.raises(GitError):
        choose_base(repository, "nowhere")


def test_a_worktree_holds_the_revision_and_leaves_nothing(repository: Path) -> None:
    first = commit(repository, "one")
    commit(repository, "two")
    with worktree(repository, first) as tree:
        assert (tree / "runtime/code.py").read_text() == "VALUE = 'one'\n"
        assert list((tree / "runtime/__pycache__").iterdir())
    assert not tree.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1
