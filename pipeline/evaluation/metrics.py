"""How good the scores are: top-k, balanced accuracy, recall, precision and average precision, each with its interval.

Every figure is reckoned for any weights of the clips, so that recordings can be resampled. Letters: N clips, K
behaviours, R weightings.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.evaluation.confusion import share
from pipeline.evaluation.outcomes import Outcomes
from pipeline.types import BoolArray, IntArray

TOP = (1, 3, 5)
HEAD, TAIL = 500, 100  # clips: a behaviour with more is of the head, with fewer of the tail, the others of the middle


@dataclass(frozen=True)
class Figures:
    """Figures of ``R`` weightings: a name each, ``[R]``, and by behaviour ``[R, K]``; NaN where nothing tells."""

    of_all: dict[str, FloatArray]
    by_behaviour: dict[str, FloatArray]


def figures(outcomes: Outcomes, weights: FloatArray) -> Figures:
    """All figures for ``weights [R, N]``, how often each clip counts.

    Top-k, balanced accuracy (which is macro top-1), recall and precision are about clips of which one behaviour is
    true; average precision is about all clips, behaviour by behaviour.
    """
    single = outcomes.single
    of_one, counted = outcomes.part(single), weights[:, single]
    true = of_one.truth.argmax(axis=1)
    rank = ranks(of_one.probabilities, true)
    found = of_one.probabilities.argmax(axis=1) if len(of_one) else np.zeros(0, dtype=np.int64)
    k = len(outcomes.behaviours)
    of_true, of_found = _onehot(true, k), _onehot(found, k)
    shown = counted @ of_true  # [R, K]
    made: dict[str, FloatArray] = {}
    for top in (t for t in TOP if t < k):
        hit = counted * (rank < top)
        made[f"top{top}"] = share(hit.sum(axis=1), counted.sum(axis=1))
        made[f"macro_top{top}"] = _mean(share(hit @ of_true, shown))
    right = (counted * (rank == 0)) @ of_true
    by = {"recall": share(right, shown), "precision": share(right, counted @ of_found)}
    by["ap"] = np.stack(
        [average_precision(outcomes.probabilities[:, j], outcomes.truth[:, j], weights) for j in range(k)], axis=1
    )
    made["map"] = _mean(by["ap"])
    clips = outcomes.truth.sum(axis=0)
    bins = {"head": clips > HEAD, "middle": (clips >= TAIL) & (clips <= HEAD), "tail": clips < TAIL}
    made |= {f"map_{name}": _mean(by["ap"][:, chosen]) for name, chosen in bins.items() if chosen.any()}
    return Figures(made, by)


def ranks(probabilities: FloatArray, true: IntArray) -> IntArray:
    """How many behaviours are likelier than the true one ``[N]``; of equals the first counts as likelier."""
    own = probabilities[np.arange(len(true)), true][:, None]
    before = np.arange(probabilities.shape[1])[None] < true[:, None]
    return np.asarray(((probabilities > own) | ((probabilities == own) & before)).sum(axis=1), dtype=np.int64)


def average_precision(scores: FloatArray, truth: BoolArray, weights: FloatArray) -> FloatArray:
    """``[R]`` the sum over falling thresholds of (rise in recall) * precision; NaN where nothing is true.

    Not interpolated, as in Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", section 8.4;
    clips with equal scores pass the threshold together.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)  # of the clips with one score
    passed = np.cumsum(weights[:, order], axis=1)[:, last]
    right = np.cumsum(weights[:, order] * truth[order], axis=1)[:, last]
    rise = np.diff(right, axis=1, prepend=0.0)
    total = right[:, -1]
    precision = right / np.maximum(passed, 1e-12)
    return share((rise * precision).sum(axis=1), total)


def _onehot(number: IntArray, k: int) -> FloatArray:
    return np.eye(k)[number]


def _mean(values: FloatArray) -> FloatArray:
    """Mean ``[R]`` over the columns that say something."""
    told = np.isfinite(values)
    return share(np.where(told, values, 0.0).sum(axis=1), told.sum(axis=1).astype(np.float64))
