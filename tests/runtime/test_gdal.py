from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest
import rasterio

from segrun.gdal import CACHE_MIB, gdal_env, place_not_needed, rasterio_is_here


def test_the_cache_is_bounded_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GDAL_CACHEMAX", raising=False)
    with gdal_env():
        assert rasterio.env.getenv()["GDAL_CACHEMAX"] == CACHE_MIB
    monkeypatch.setenv("GDAL_CACHEMAX", "500")
    with gdal_env():
        assert "GDAL_CACHEMAX" not in rasterio.env.getenv()


def test_only_the_warning_about_the_place_is_kept_back() -> None:
    with place_not_needed():
        warnings.warn("nowhere", rasterio.errors.NotGeoreferencedWarning, stacklevel=1)
    with place_not_needed(), pytest.raises(UserWarning, match="other"):
        warnings.warn("other", UserWarning, stacklevel=1)
    with pytest.raises(rasterio.errors.NotGeoreferencedWarning):
        warnings.warn("nowhere", rasterio.errors.NotGeoreferencedWarning, stacklevel=1)


def test_rasterio_is_looked_for_without_an_import(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert rasterio_is_here()
    monkeypatch.setitem(sys.modules, "rasterio", None)
    assert not rasterio_is_here()
