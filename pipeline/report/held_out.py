"""What is known of a recognizer: the figures of its card, on clips that it was not trained on, in words."""

import math
from collections.abc import Mapping

from pipeline.ethology.bout_ratios import BoutRatios
from pipeline.report.words import percent

LEAST_RECALL = 0.7  # a behaviour of which a smaller share of the held-out clips is told right is pointed out


def told_right(metrics: Mapping[str, float], chose_checkpoint: bool = False) -> str:
    """``87 % of 2,016 held-out clips were recognized right (...)``; empty where the card gives no such figure.

    ``chose_checkpoint`` as ``flattering`` has it.
    """
    if "top1" not in metrics:
        return ""
    clips = sum(_of("clips", metrics).values())
    recalls = recall(metrics)
    many = f"{clips:,.0f} held-out clips" if clips else "its held-out clips"
    least = min(recalls, key=lambda name: recalls[name], default="")
    worst = f" (of {least}, the behaviour recognized worst, {percent(recalls[least])})" if least else ""
    return f"{percent(metrics['top1'])} of {many}{flattering(chose_checkpoint)} were recognized right{worst}"


def flattering(chose_checkpoint: bool) -> str:
    """What is to be said, in brackets, of held-out clips that are known to have chosen among a recognizer's weights."""
    return " (which also chose its best checkpoint and so flatter it)" if chose_checkpoint else ""


def recall(metrics: Mapping[str, float]) -> dict[str, float]:
    """Share of each behaviour's held-out clips that is told right."""
    return _of("recall", metrics)


def bouts_apart(metrics: Mapping[str, float]) -> dict[str, BoutRatios]:
    """Behaviours whose bouts it makes too many or too few of, too long or too short, where its card tells: ``bout_ratio
    Walk`` and ``duration_ratio Walk``, found / true in footage that it was judged by.
    """
    lengths = _of("duration_ratio", metrics)
    found = {name: BoutRatios(number, lengths.get(name)) for name, number in _of("bout_ratio", metrics).items()}
    return {name: ratios for name, ratios in found.items() if ratios.off}


def bouts_read_by(metrics: Mapping[str, float]) -> dict[str, float]:
    """The settings of behaviours with which the bouts of ``bout_ratio`` were told, where its card says: ``bouts_at
    switch_s``.
    """
    return _of("bouts_at", metrics)


def _of(figure: str, metrics: Mapping[str, float]) -> dict[str, float]:
    """A figure by what it is of: ``recall Walk`` by ``Walk``."""
    begins = f"{figure} "
    return {name.removeprefix(begins): value for name, value in metrics.items() if name.startswith(begins)}


def overconfident(metrics: Mapping[str, float]) -> bool:
    """Are its probabilities worse than if it gave the likeliest behaviour its share of right answers, always?

    The log loss of such constant, calibrated probabilities, errors spread evenly over the other behaviours, is their
    entropy; a greater one means that the probabilities say too much. False where the card does not tell.
    """
    right, kinds = metrics.get("top1", math.nan), len(recall(metrics))
    if "log_loss" not in metrics or kinds < 2 or not 0 < right < 1:
        return False
    constant = -right * math.log(right) - (1 - right) * math.log((1 - right) / (kinds - 1))
    return metrics["log_loss"] > constant
