"""Cohen's kappa and what is read beside it, from tallies ``[..., K, K]``: rows the first coder, columns the second.

All functions take any leading dimensions, for resamples. What is not defined is NaN: where nothing is tallied, and, of
kappa, where chance alone would give full agreement because both say one thing only.

Sources: kappa and its maximum, Cohen 1960, Educ Psychol Meas 20: 37-46; prevalence and bias index and PABAK, Byrt,
Bishop and Carlin 1993, J Clin Epidemiol 46: 423-429; PABAK of K behaviours is Bennett, Alpert and Goldstein's S (1954,
Public Opin Q 18: 303-308). With rare behaviours kappa is low though observers agree (Feinstein and Cicchetti 1990, J
Clin Epidemiol 43: 543-549): the indices beside it say why.
"""

import numpy as np

from pipeline.boxes import FloatArray

_TINY = 1e-12


def ratio(part: FloatArray, of: FloatArray) -> FloatArray:
    """``part / of``; NaN where ``of`` is 0."""
    nothing = np.full(np.broadcast(part, of).shape, np.nan)
    return np.asarray(np.divide(part, of, out=nothing, where=np.abs(of) > _TINY))


def agreement(tally: FloatArray) -> FloatArray:
    """Share of the tallies on which both say the same."""
    return ratio(np.einsum("...kk->...", tally), tally.sum(axis=(-1, -2)))


def by_chance(tally: FloatArray) -> FloatArray:
    """The share that chance would give: ``sum_k p_k. p_.k``."""
    first, second = _shares(tally)
    return np.asarray((first * second).sum(axis=-1))


def kappa(tally: FloatArray) -> FloatArray:
    """``(agreement - by_chance) / (1 - by_chance)``."""
    expected = by_chance(tally)
    return ratio(agreement(tally) - expected, 1 - expected)


def kappa_max(tally: FloatArray) -> FloatArray:
    """The largest kappa that how often each coder says each thing would allow."""
    first, second = _shares(tally)
    expected = by_chance(tally)
    return ratio(np.minimum(first, second).sum(axis=-1) - expected, 1 - expected)


def pabak(tally: FloatArray, said: int | None = None) -> FloatArray:
    """Kappa as if all behaviours were equally frequent: ``(K agreement - 1) / (K - 1)``; 2 agreement - 1 of two.

    ``said`` is K where only so many of the behaviours are said by anybody.
    """
    number = tally.shape[-1] if said is None else said
    return (number * agreement(tally) - 1) / (number - 1) if number > 1 else np.full(tally.shape[:-2], np.nan)


def one_against_rest(tally: FloatArray) -> FloatArray:
    """``[..., K, 2, 2]``: each behaviour, then everything else."""
    both = np.einsum("...kk->...k", tally)
    first, second = tally.sum(axis=-1) - both, tally.sum(axis=-2) - both
    neither = tally.sum(axis=(-1, -2))[..., None] - both - first - second
    return np.stack([np.stack([both, first], axis=-1), np.stack([second, neither], axis=-1)], axis=-2)


def prevalence_index(two: FloatArray) -> FloatArray:
    """``(both say it - neither does) / all`` of ``[..., 2, 2]``, -1 to 1; far from 0 kappa is low by itself."""
    return ratio(two[..., 0, 0] - two[..., 1, 1], two.sum(axis=(-1, -2)))


def bias_index(two: FloatArray) -> FloatArray:
    """``(only the first says it - only the second does) / all`` of ``[..., 2, 2]``: who says it more often."""
    return ratio(two[..., 0, 1] - two[..., 1, 0], two.sum(axis=(-1, -2)))


def weights(tally: FloatArray) -> FloatArray:
    """``[..., K]`` with which kappa is the weighted mean of the behaviours' kappas (Fleiss 1981, "Statistical Methods
    for Rates and Proportions", section 13.1): ``p_k. + p_.k - 2 p_k. p_.k``, summing to 1.
    """
    first, second = _shares(tally)
    raw = first + second - 2 * first * second
    return ratio(raw, raw.sum(axis=-1, keepdims=True))


def _shares(tally: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How often the first coder says each thing, and the second: ``[..., K]`` each."""
    total = tally.sum(axis=(-1, -2))[..., None]
    return ratio(tally.sum(axis=-1), total), ratio(tally.sum(axis=-2), total)
