"""Whoever embeds the library gets complete types: what pyright's ``--verifytypes`` asks for, asked without Node."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import segrun


def functions(owner: Any) -> Iterator[tuple[str, Any]]:
    """Yield the public functions of a class, properties and class methods among them, or a function itself."""
    if inspect.isfunction(owner):
        yield owner.__name__, owner
        return
    for name, member in vars(owner).items():
        plain = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if inspect.isfunction(plain) and plain.__module__.startswith("segrun") and not name.startswith("_"):
            yield f"{owner.__name__}.{name}", plain


PUBLIC = [pair for name in segrun.__all__ for pair in functions(getattr(segrun, name))]


@pytest.mark.parametrize(("name", "function"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_every_parameter_and_result_has_a_type(name: str, function: Any) -> None:
    hints = get_type_hints(function)
    wanted = set(inspect.signature(function).parameters) - {"self", "cls"} | {"return"}
    assert wanted <= set(hints), f"{name} lacks {wanted - set(hints)}"
    assert Any not in hints.values(), f"{name} takes or gives Any"
    assert inspect.getdoc(function), f"{name} has no docstring"


def test_there_are_names_to_check_and_all_of_them_exist() -> None:
    assert len(PUBLIC) > 20
    assert sorted(segrun.__all__) == [*segrun.__all__[:-1], "load"]
    assert set(segrun._HOMES) <= set(segrun.__all__)


def test_the_package_says_that_it_is_typed() -> None:
    from importlib.resources import files

    assert (files("segrun") / "py.typed").is_file()


def test_pyright_knows_every_type(tmp_path: Path) -> None:
    pyright = shutil.which("pyright")
    if pyright is None:
        pytest.skip("pyright is not installed: pip install pyright")
    # An editable install hides the package's py.typed from pyright.
    (tmp_path / "segrun").symlink_to(Path(segrun.__file__).parent, target_is_directory=True)
    # It looks for other packages with the first Python on the path.
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    words = ["--verifytypes", "segrun", "--ignoreexternal", "--outputjson"]
    env = {**os.environ, "PATH": folders, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [pyright, *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    found = json.loads(done.stdout)["typeCompleteness"]
    unknown = [item["name"] for item in found["symbols"] if item["isExported"] and not item["isTypeKnown"]]
    assert found["completenessScore"] == 1, unknown
