"""The three histories that the notebook printed, as far as its text shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class History:
    """One printed training.

    Args:
        name: as the notebook's heading or variable says.
        metric: the column's printed name.
        training: of each epoch, over the training pictures while they train.
        validation: after each epoch, over the validation pictures.
        validation_loss: the same.
        first_loss: mean training loss of the first epoch, where it is legible.
    """

    name: str
    metric: str
    training: tuple[float, ...]
    validation: tuple[float, ...]
    validation_loss: tuple[float, ...]
    first_loss: float | None = None


# In the order in which the notebook prints them.
FOCAL = History(
    "focal (results_FL)", "accuracy",
    (0.7382, 0.7895, 0.7896, 0.7912, 0.7977, 0.8118, 0.8255, 0.8411, 0.8516, 0.8600, 0.8663, 0.8703, 0.8780, 0.8835, 0.8875,
     0.8906, 0.8935, 0.8982, 0.8987, 0.9003, 0.9039, 0.9044, 0.9066, 0.9091, 0.9101, 0.9106, 0.9133, 0.9139, 0.9139, 0.9158,
     0.9148, 0.9154, 0.9134, 0.9184, 0.9196, 0.9197),
    (0.7900, 0.7900, 0.7900, 0.7908, 0.8073, 0.8206, 0.8282, 0.8387, 0.8443, 0.8488, 0.8566, 0.8638, 0.8715, 0.8589, 0.8743,
     0.8575, 0.8640, 0.8762, 0.8836, 0.8756, 0.8763, 0.8747, 0.8905, 0.8842, 0.8849, 0.8863, 0.8926, 0.8868, 0.8996, 0.8985,
     0.8773, 0.8856, 0.8976, 0.8914, 0.8970, 0.9017),
    (0.5351, 0.4689, 0.3454, 0.3360, 0.3242, 0.3283, 0.3093, 0.2798, 0.2720, 0.2618, 0.2397, 0.2192, 0.2042, 0.2310, 0.1856,
     0.2384, 0.2193, 0.1838, 0.1730, 0.1902, 0.1885, 0.1948, 0.1589, 0.1688, 0.1765, 0.1743, 0.1544, 0.1665, 0.1354, 0.1391,
     0.1988, 0.1770, 0.1345, 0.1662, 0.1537, 0.1408),
)  # fmt: skip
MEAN_IOU = History(
    "MeanIoU (results_IoU)", "mean_io_u_2",
    (0.4295,) * 10 + (0.4297, 0.4297, 0.4296, 0.4298, 0.4297, 0.4307, 0.4324),
    (0.4306,) * 17,
    (0.5077, 0.4782, 0.4143, 0.3795, 0.3951, 0.3470, 0.3401, 0.3059, 0.2798, 0.2755, 0.2492, 0.3306, 0.2646, 0.2683, 0.2741,
     0.2650, 0.3125),
    first_loss=0.6046,
)  # fmt: skip
ACCURACY = History(
    "accuracy (results_Acc)", "accuracy",
    (0.7295, 0.7894, 0.7895, 0.7895, 0.7895, 0.7914, 0.8070, 0.8429, 0.8630, 0.8703, 0.8739, 0.8752, 0.8779, 0.8859, 0.8879,
     0.8916, 0.8994, 0.9025, 0.9014, 0.9039, 0.9039, 0.9064, 0.9083, 0.9096, 0.9101),
    (0.7900, 0.7900, 0.7900, 0.7900, 0.7900, 0.8035, 0.8390, 0.8529, 0.8677, 0.8654, 0.8631, 0.8589, 0.8600, 0.8729, 0.8581,
     0.8771, 0.8852, 0.8773, 0.8919, 0.8641, 0.8596, 0.8886, 0.8925, 0.8895, 0.8924),
    (0.5296, 0.4945, 0.4377, 0.3470, 0.3459, 0.2954, 0.2950, 0.2828, 0.2461, 0.2401, 0.2466, 0.2473, 0.2199, 0.1904, 0.2227,
     0.1826, 0.1603, 0.1842, 0.1462, 0.2139, 0.2242, 0.1671, 0.1539, 0.1512, 0.1484),
)  # fmt: skip
HISTORIES = (FOCAL, MEAN_IOU, ACCURACY)

# What the printed figures alone give away about its masks. While a network still says "background" everywhere, accuracy
# is the share of labels that are exactly 0; a MeanIoU that casts is half the share of labels below exactly 1.
PICTURES = 324
VALIDATION_BLACK, VALIDATION_CONSTANT = 0.7900, 0.4306
TRAINING_BLACK, TRAINING_CONSTANT = 0.7895, 0.4295


@dataclass(frozen=True)
class Labels:
    """How the pixels of masks are shared out.

    Args:
        black: share of labels that are exactly 0.
        grey: share between.
        white: share that are exactly 1.
    """

    black: float
    grey: float
    white: float

    @property
    def cap(self) -> float:
        """Highest accuracy there is where only exactly 0 and exactly 1 can be met."""
        return self.black + self.white


def labels_behind(black: float, constant: float) -> Labels:
    """Return the labels behind a printed start accuracy and a printed constant MeanIoU."""
    return Labels(black, 2 * constant - black, 1 - 2 * constant)
