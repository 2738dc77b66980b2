"""Arrays that count what is done to them: how often values are copied or computed, and how many bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, ClassVar
from unittest import mock

import numpy as np
import numpy.typing as npt


class CountedArray(np.ndarray[Any, Any]):
    """An array that tells ``tally`` of every copy into it or out of it and of every computation on it.

    What it gives to others is counted too: slices, results and copies are such arrays themselves.
    """

    tally: ClassVar[Counter[str]] = Counter()

    def __setitem__(self, key: Any, value: Any) -> None:
        target = np.asarray(self)[key]
        # a[key] += b ends with storing the view a[key] into itself, which numpy skips.
        own = isinstance(value, np.ndarray) and _place(value) == _place(np.asarray(target))
        super().__setitem__(key, value)
        if not own:
            _count("copies", np.asarray(target).nbytes)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: tuple[Any, ...] | None = None, **named: Any
    ) -> Any:
        plain = [np.asarray(item) if isinstance(item, CountedArray) else item for item in inputs]
        if out is not None:
            named["out"] = tuple(np.asarray(item) for item in out)
        result = getattr(ufunc, method)(*plain, **named)
        if not isinstance(result, np.ndarray):
            return result
        _count("computations", result.nbytes)
        return out[0] if out is not None else result.view(CountedArray)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        result = super().__array_function__(func, types, args, kwargs)
        if isinstance(result, np.ndarray) and result.ndim and not any(result is item for item in args):
            owned = result.base is None or not any(
                isinstance(item, np.ndarray) and np.shares_memory(item, result) for item in args
            )
            if owned:
                _count("copies", result.nbytes)
            return result.view(CountedArray)
        return result

    def copy(self, order: Any = "C") -> CountedArray:
        """Copy, and count it."""
        _count("copies", self.nbytes)
        return np.asarray(self).copy(order).view(CountedArray)

    def astype(self, dtype: Any, *args: Any, **named: Any) -> Any:
        """Convert, and count it as a copy."""
        result = np.asarray(self).astype(dtype, *args, **named)
        _count("copies", result.nbytes)
        return result.view(CountedArray)


def _place(array: npt.NDArray[Any]) -> tuple[Any, ...]:
    return array.__array_interface__["data"][0], array.shape, array.strides


def _count(what: str, size: int) -> None:
    CountedArray.tally[what] += 1
    CountedArray.tally[f"bytes_of_{what}"] += size


class _CountingNumpy:
    """numpy as a module sees it, whose new arrays count."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        if name not in ("empty", "zeros", "ones", "full", "zeros_like", "empty_like"):
            return found

        def made(*given: Any, **named: Any) -> CountedArray:
            array: npt.NDArray[Any] = found(*given, **named)
            return array.view(CountedArray)

        return made


@contextmanager
def counting(*modules: ModuleType) -> Iterator[Counter[str]]:
    """Count copies and computations in modules while the block runs; feed them ``counted`` arrays.

    Yields:
        ``copies``, ``bytes_of_copies``, ``computations`` and ``bytes_of_computations``, filled as the block goes.
    """
    CountedArray.tally = Counter()
    with mock.patch.multiple(modules[0], np=_CountingNumpy()):
        if len(modules) == 1:
            yield CountedArray.tally
            return
        with counting(*modules[1:]) as tally:
            yield tally


def counted(array: npt.NDArray[Any]) -> Any:
    """Return a view of an array that counts."""
    return array.view(CountedArray)
