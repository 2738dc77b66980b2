from __future__ import annotations

from pathlib import Path

import click
import pytest

from segrun import cli
from segrun.errors import InputError


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | int]:
    """Make ``segrun predict`` raise or return what the test puts into the list."""
    outcome: list[BaseException | int] = []

    def get_command(_group: click.Group, _ctx: click.Context, name: str) -> click.Command:
        @click.command(name)
        def play() -> int:
            if isinstance(outcome[0], BaseException):
                raise outcome[0]
            return outcome[0]

        return play

    monkeypatch.setattr(cli.LazyGroup, "get_command", get_command)
    return outcome


@pytest.mark.parametrize("code", [0, 3])
def test_a_command_decides_its_exit_code(command: list[BaseException | int], code: int) -> None:
    command.append(code)
    assert cli.run(["predict"]) == code


def test_a_segrun_error_is_one_line_and_exit_1(
    command: list[BaseException | int], capsys: pytest.CaptureFixture[str]
) -> None:
    command.append(InputError("a.png is truncated.\nCopy it again."))
    assert cli.run(["predict"]) == 1
    assert capsys.readouterr().err == "segrun: a.png is truncated. Copy it again.\n"


def test_a_missing_system_library_is_one_line_with_the_cure(
    command: list[BaseException | int], capsys: pytest.CaptureFixture[str]
) -> None:
    command.append(ImportError("libGL.so.1: cannot open shared object file: No such file or directory"))
    assert cli.run(["predict"]) == 1
    assert "libgl1" in capsys.readouterr().err


def test_an_interrupt_is_130(command: list[BaseException | int]) -> None:
    command.append(KeyboardInterrupt())
    assert cli.run(["predict"]) == 130


def test_our_own_bug_keeps_its_traceback_and_is_70(
    command: list[BaseException | int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command.append(ZeroDivisionError("oh"))
    monkeypatch.setattr("sys.argv", ["segrun", "predict"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 70
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "ZeroDivisionError: oh" in err


@pytest.mark.parametrize(
    "words", [["predict"], ["predict", "--model", "roofs", "/nowhere/at/all"], ["no-such-command"]]
)
def test_wrong_usage_is_2(words: list[str]) -> None:
    assert cli.run(words) == 2


@pytest.mark.parametrize(
    "words",
    [["--json", "/nowhere/at/all/report.json"], ["--json", "/"], ["--threshold", "nan"], ["--model", "/"]],
)
def test_what_could_not_end_well_is_refused_before_the_start(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "a.png").touch()
    assert (
        cli.run(
            ["predict", "--model", "nothing", str(tmp_path / "a.png"), "-o", str(tmp_path / "out"), *words]
        )
        == 2
    )


def test_version_and_help_are_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert cli.run(["--help"]) == 0
    assert "predict" in capsys.readouterr().out
