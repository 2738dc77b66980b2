"""``docs/results/notebook.md``: what was claimed, what was tried, what came of it; its prose stands in ``page.md``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from segrun_train.notebook.experiments import Found
from segrun_train.notebook.published import ACCURACY, FOCAL, MEAN_IOU, TRAINING_CONSTANT, VALIDATION_CONSTANT

COMMAND = "python -m segrun_train.notebook --data DATA/dida --folds WORK"
ACCURACY_FIGURE, MEAN_IOU_FIGURE, LABELS_FIGURE = (
    "notebook-accuracy.png",
    "notebook-mean-iou.png",
    "notebook-labels.png",
)
_NOT_YET = "not run yet"


def page(found: Found) -> str:
    """Return the page as Markdown; every number in it comes from the experiments or from the printed histories."""
    template = (Path(__file__).parent / "page.md").read_text(encoding="utf-8")
    return template.format(
        found=found, command=COMMAND, focal=FOCAL, mean_iou=MEAN_IOU, accuracy=ACCURACY,
        verdicts=_table(("claim", "verdict"), [(claim, f"**{word}**") for claim, word in verdicts(found).items()]),
        answers=_answers(found), validation_constant=VALIDATION_CONSTANT, validation_below=2 * VALIDATION_CONSTANT,
        training_constant=TRAINING_CONSTANT, training_last=max(MEAN_IOU.training),
        labels=_labels(found), gained=max(FOCAL.validation) - found.validation.black,
        originals_grey=found.sets[0].labels.grey, set_grey=found.sets[1].labels.grey, deduced_grey=found.validation.grey,
        room=found.validation.cap - found.validation.black, training_best=max(FOCAL.training), reach=_reach(found),
        alpha="gives the same number for every alpha" if found.focal.alpha_ignored else "heeds alpha now, even",
        pictures=found.twins.training + found.twins.validation + found.twins.shown,
        folds=_folds(found), folds_note=_folds_note(found),
        accuracy_figure=ACCURACY_FIGURE, mean_iou_figure=MEAN_IOU_FIGURE, labels_figure=LABELS_FIGURE,
    )  # fmt: skip


def verdicts(found: Found) -> dict[str, str]:
    """Return what became of each claim, decided by the figures."""
    blind = [answer.mean_iou for answer in found.mean_iou.answers[:-1]]
    constant = max(blind) - min(blind) < 1e-6 and abs(blind[0] - found.mean_iou.half_below_one) < 1e-6
    capped = (
        found.perfect_grey < found.perfect_binary
        and max(FOCAL.validation) < found.validation.cap
        and max(FOCAL.training) < found.training.cap
    )
    shared = (
        found.shared.shared == found.shared.weights
        and abs(found.shared.first_loss - found.shared.second_loss) < 1e-6
    )
    # A run that goes on where another ended would begin near that one's loss.
    went_on = MEAN_IOU.first_loss is not None and MEAN_IOU.first_loss < 2 * FOCAL.validation_loss[-1]
    no_focal = found.focal.score_for_first is None or found.focal.score_for_first > 0.5
    effect = "its effect is measured below" if found.folds else f"its effect on the figures: {_NOT_YET}"
    return {
        "MeanIoU cast float scores to class 0": _word(constant),
        "masks turned grey cap the accuracy": _word(capped),
        "the three models shared one set of layers": _word(shared),
        "… and that shaped the printed histories": _word(shared and went_on),
        "`results_FL` fitted the accuracy model, never the focal one": _word(no_focal),
        "twins of training pictures were in validation": (
            f"kept; {effect}" if found.twins.with_twin else "dropped"
        ),
    }


def _word(holds: bool) -> str:  # noqa: FBT001 - the one question there is
    return "kept" if holds else "dropped"


def _answers(found: Found) -> str:
    rows = [(item.name, f"{item.mean_iou:.4f}", f"{item.iou:.4f}") for item in found.mean_iou.answers]
    return _table(("answer", "Keras MeanIoU", "IoU of the roofs at 0.5"), rows)


def _labels(found: Found) -> str:
    named = [
        ("the notebook's validation (deduced)", found.validation),
        ("the notebook's training (deduced)", found.training),
        *((item.name, item.labels) for item in found.sets),
    ]
    rows = [
        (name, *(f"{value:.4f}" for value in (item.black, item.grey, item.white, item.cap)))
        for name, item in named
    ]
    return _table(("masks", "exactly 0", "grey", "exactly 1", "highest accuracy there is"), rows)


def _reach(found: Found) -> str:
    if found.focal.score_for_first is None:
        return "no constant answer above 0.5 reaches it"
    return (
        f"it would take scores of {found.focal.score_for_first:.2f}, roof everywhere, at an accuracy of "
        f"{found.validation.white:.2f} instead of the printed {FOCAL.validation[0]:.2f}"
    )


def _folds(found: Found) -> str:
    head = (
        "run", "epochs (best)", "best validation accuracy", "IoU, validation pictures", "IoU, unseen pictures", "minutes",
    )  # fmt: skip
    rows: list[tuple[str, ...]] = [
        (f"printed: {ACCURACY.name}", f"{len(ACCURACY.validation)} (19)", f"{max(ACCURACY.validation):.4f}"),
        (f"printed: {FOCAL.name}, in truth BCE", f"{len(FOCAL.validation)} or more (33)", f"{max(FOCAL.validation):.4f}"),
    ]  # fmt: skip
    rows += [
        (
            f"fold {fold.fold}", f"{fold.epochs} ({fold.best_epoch})", f"{fold.best_accuracy:.4f}",
            f"{fold.validation_iou:.3f}", f"{fold.unseen_iou:.3f}", f"{fold.seconds / 60:.0f}",
        )
        for fold in found.folds
    ]  # fmt: skip
    if found.folds:
        seen, unseen = (
            fmean(getattr(fold, name) for fold in found.folds) for name in ("validation_iou", "unseen_iou")
        )
        accuracy = fmean(fold.best_accuracy for fold in found.folds)
        rows.append(
            (f"mean of {len(found.folds)}", "", f"{accuracy:.4f}", f"**{seen:.3f}**", f"**{unseen:.3f}**")
        )
    else:
        rows.append(("the five folds", _NOT_YET))
    return _table(head, rows)


def _folds_note(found: Found) -> str:
    if not found.folds:
        return f'Until `--folds` names what was trained ("{_NOT_YET}"), nothing is claimed about it.'
    gap = fmean(fold.validation_iou - fold.unseen_iou for fold in found.folds)
    return (
        f"What a network says of its validation pictures, whose copies it trained on, is {gap:.3f} higher on average than "
        "what holds for pictures it never saw. That, and not the third decimal of an accuracy, is what the random split hid."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([*row, *[""] * (len(head) - len(row))] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
