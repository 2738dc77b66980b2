"""A tiny U-Net trained for seconds on drawn squares, so that its masks have positives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from segrun.pairs import Pair, find_pairs
from segrun_export.keras_face import import_keras
from segrun_export.silence import silenced

TILE = 64


@pytest.fixture(scope="session", autouse=True)
def _quiet_tensorflow() -> None:
    with silenced():
        import_keras()


def drawn_pair(seed: int, size: int = TILE) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return a dark noisy picture with bright squares and its 0/255 mask."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(20, 90, (size, size, 3)).astype(np.uint8)
    mask = np.zeros((size, size), np.uint8)
    for _ in range(max(2, (size // 32) ** 2)):
        row, col = rng.integers(0, size - 12, 2)
        side = int(rng.integers(10, 24))
        picture[row : row + side, col : col + side] = rng.integers(150, 250, 3)
        mask[row : row + side, col : col + side] = 255
    return picture, mask


@dataclass(frozen=True)
class Drawn:
    """Folders of drawn pictures and masks."""

    images: Path
    masks: Path

    @property
    def pairs(self) -> list[Pair]:
        return find_pairs([self.images], [self.masks])


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    for seed in range(6):
        picture, mask = drawn_pair(seed, size=100)
        cv2.imwrite(str(folder / "images" / f"{seed}.png"), picture[..., ::-1])
        cv2.imwrite(str(folder / "masks" / f"{seed}.png"), mask)
    return Drawn(folder / "images", folder / "masks")


def small_unet(keras: Any, classes: int = 1, tile: int = TILE) -> Any:
    """Build a two-level U-Net with the face of the model contract."""
    layers = keras.layers
    image = keras.Input((tile, tile, 3), dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(image)
    wide = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(wide)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(x)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.5)(x))
    x = layers.Dropout(0.3)(x)
    x = layers.Conv2DTranspose(8, 2, strides=2, padding="same")(x)
    x = layers.Concatenate()([x, wide])
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    activation = "sigmoid" if classes == 1 else "softmax"
    return keras.Model(image, layers.Conv2D(classes, 1, activation=activation, dtype="float32")(x))


def trained(keras: Any, model: Any) -> Any:
    """Train for a few seconds on drawn squares."""
    keras.utils.set_random_seed(0)
    pairs = [drawn_pair(seed) for seed in range(64)]
    images = np.stack([picture for picture, _ in pairs])
    masks = np.stack([mask for _, mask in pairs])[..., None] / 255
    one = model.output_shape[-1] == 1
    model.compile(
        keras.optimizers.Adam(0.01), "binary_crossentropy" if one else "sparse_categorical_crossentropy"
    )
    model.fit(images, masks.astype(np.float32), batch_size=16, epochs=12, verbose=0)
    return model


@pytest.fixture(scope="session")
def keras() -> Any:
    return import_keras()


@pytest.fixture(scope="session")
def unet(keras: Any) -> Any:
    return trained(keras, small_unet(keras))


@pytest.fixture(scope="session")
def unet_file(unet: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "squares.keras"
    unet.save(path)
    return path


@pytest.fixture
def float32_after(keras: Any) -> Iterator[None]:
    """Put Keras's global dtype policy back."""
    yield
    keras.config.set_dtype_policy("float32")


def blank(folder: Path, bands: tuple[int, ...] = ()) -> Path:
    """Write a picture, or a mask, of zeros alone."""
    path = folder / "blank.png"
    cv2.imwrite(str(path), np.zeros((100, 100, *bands), np.uint8))
    return path


def last_conv(proto: Any) -> Any:
    return [node for node in proto.graph.node if node.op_type == "Conv"][-1]
