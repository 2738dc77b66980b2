from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from segrun_train.losses import LOSSES, bce, dice, focal, loss_named
from segrun_train.lovasz import lovasz
from segrun_train.targets import IGNORED

rng = np.random.default_rng(0)


def truth(classes: int) -> NDArray[np.float32]:
    return rng.integers(0, max(classes, 2), (2, 8, 8, 1)).astype(np.float32)


def scores(wanted: NDArray[np.float32], classes: int, certainty: float) -> NDArray[np.float32]:
    """Scores that say the truth with a certainty (below a half: its contrary)."""
    if classes == 1:
        return np.where(wanted == 1, certainty, 1 - certainty).astype(np.float32)
    hot = np.eye(classes, dtype=np.float32)[wanted[..., 0].astype(int)]
    return np.asarray(hot * certainty + (1 - hot) * (1 - certainty) / (classes - 1), np.float32)


def value(loss: Any, wanted: NDArray[np.float32], given: NDArray[np.float32]) -> float:
    found = loss(keras.ops.convert_to_tensor(wanted), keras.ops.convert_to_tensor(given))
    return float(np.ravel(keras.ops.convert_to_numpy(found))[0])


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("classes", [1, 4])
def test_every_loss_falls_with_certainty_and_is_small_at_the_truth(name: str, classes: int) -> None:
    loss, wanted = loss_named(name), truth(classes)
    found = [value(loss, wanted, scores(wanted, classes, certainty)) for certainty in (0.1, 0.5, 0.9, 0.9999)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.01
    assert all(np.isfinite(found))


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("classes", [1, 4])
def test_no_loss_sees_ignored_pixels(name: str, classes: int) -> None:
    loss, wanted = loss_named(name), truth(classes)
    wanted[:, :3] = IGNORED
    given = (
        scores(np.minimum(wanted, classes), classes, 0.8)
        if classes == 1
        else scores(wanted % classes, classes, 0.8)
    )
    other = given.copy()
    other[:, :3] = rng.random(other[:, :3].shape)
    assert value(loss, wanted, given) == pytest.approx(value(loss, wanted, other), rel=1e-6)
    everything = np.full_like(wanted, IGNORED)
    assert np.isfinite(value(loss, everything, given))


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("classes", [1, 3])
def test_every_loss_can_be_descended(name: str, classes: int) -> None:
    wanted = truth(classes)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Dense(classes, activation="sigmoid" if classes == 1 else "softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss=loss_named(name), jit_compile=False)
    before = [np.array(weight) for weight in model.get_weights()]
    losses = [float(model.train_on_batch(wanted - 0.5, wanted)) for _ in range(15)]
    assert losses[-1] < losses[0]
    assert any(np.abs(a - b).max() > 0 for a, b in zip(before, model.get_weights(), strict=True))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    keras.backend.clear_session()


def test_cross_entropy_and_focal_loss_are_keras_own() -> None:
    wanted = truth(1)
    given = rng.uniform(0.05, 0.95, wanted.shape).astype(np.float32)
    assert value(bce, wanted, given) == pytest.approx(
        float(np.mean(keras.losses.binary_crossentropy(wanted, given))), rel=1e-5
    )
    theirs = keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.2, gamma=2.0)
    assert value(LOSSES["focal-notebook"], wanted, given) == pytest.approx(
        float(theirs(wanted, given)), rel=1e-5
    )
    plain = keras.losses.BinaryFocalCrossentropy(gamma=2.0)
    assert value(focal, wanted, given) == pytest.approx(float(plain(wanted, given)), rel=1e-5)


def test_lovasz_of_hard_scores_is_one_less_the_iou() -> None:
    wanted, said = truth(1), truth(1)
    both, either = np.logical_and(wanted, said).sum(), np.logical_or(wanted, said).sum()
    assert value(lovasz, wanted, said) == pytest.approx(1 - both / either, abs=1e-5)


def test_dice_of_hard_scores_is_one_less_the_f1() -> None:
    wanted, said = truth(1), truth(1)
    f1 = 2 * (wanted * said).sum() / (wanted.sum() + said.sum())
    assert value(dice, wanted, said) == pytest.approx(1 - f1, abs=0.02)


def test_an_unknown_loss_is_refused() -> None:
    with pytest.raises(ValueError, match="bce-dice"):
        loss_named("mse")
