"""Whether the end of a bout depends on how long it has lasted.

A behaviour that ends with the same probability at every moment has exponential durations (geometric, if time goes in
steps), as a Markov chain in time must have. Weibull and gamma contain the exponential with shape 1; the likelihood
ratio against it has one degree of freedom, if bouts are independent. A bout whose stop was not seen counts as one that
lasts at least so long; one whose start was not seen has no duration (Haccou and Meelis, "Statistical Analysis of
Behavioural Data").

Bouts under ``shortest_s`` were taken out by smoothing, which alone would make the exponential fail: likelihoods are of
durations given that they reach it.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import gammaincc, gammaln, xlogy

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray

SHAPES = (0.02, 50.0)  # where a shape is looked for
_TINY = 1e-300


class Memory(NamedTuple):
    """Weibull and gamma held against the exponential; all NaN where there is nothing to fit."""

    rate_per_s: float = np.nan
    weibull_shape: float = np.nan
    weibull_g2: float = np.nan
    gamma_shape: float = np.nan
    gamma_g2: float = np.nan


def memory(duration_s: FloatArray, ended: BoolArray, shortest_s: float) -> Memory:
    """Fits to the bouts over 0 s that reach ``shortest_s``; none where no time is left above it.

    Shapes are looked for from 0.02 to 50.
    """
    kept = (duration_s >= shortest_s) & (duration_s > 0)
    times, over = duration_s[kept], ended[kept]
    left = float(np.sum(times - shortest_s))
    if not over.any() or left <= 0:
        return Memory()
    rate = over.sum() / left
    unit = times.mean()  # so that powers stay small
    scaled, floor = times / unit, shortest_s / unit
    exponential = _exponential(scaled, over, floor)
    weibull_shape, weibull = _weibull(scaled, over, floor)
    gamma_shape, gamma = _gamma(scaled, over, floor)
    g2 = [max(2 * (fitted - exponential), 0.0) for fitted in (weibull, gamma)]
    return Memory(float(rate), weibull_shape, g2[0], gamma_shape, g2[1])


def pulls(time_s: FloatArray, ended: BoolArray, shortest_s: float, shape: float) -> tuple[FloatArray, FloatArray]:
    """What each bout adds to a Weibull ``shape`` that was fitted to all: ``[bouts]`` and ``[bouts]``.

    The sum of the first over that of the second is the shape; without some of the bouts it is, to the first order, what
    would be fitted to the others. The first holds the score, less what the scale takes up of it (efficient score: van
    der Vaart 1998, "Asymptotic Statistics", section 25.4); the second, a bout's part of the information, goes by its
    length. All bouts are over 0 s and no shorter than ``shortest_s``.
    """
    unit = time_s.mean()  # as in ``memory``
    time, floor, number = time_s / unit, shortest_s / unit, ended.sum()
    log_t, power, least = np.log(time), time**shape, floor**shape
    spent = power - least
    by_log = power * log_t - xlogy(least, floor)
    by_square = power * log_t**2 - xlogy(xlogy(least, floor), floor)
    scale = number / spent.sum()
    to_scale = ended - scale * spent
    to_shape = ended * (1 + shape * log_t) - scale * shape * by_log
    of_both = scale * shape * by_log.sum()
    of_shape = (scale * shape * (by_log + shape * by_square) - ended * shape * log_t).sum()
    information = (of_shape - of_both**2 / number) * time / time.sum()
    return shape * (to_shape - to_scale * of_both / number + information), information


def _exponential(times: FloatArray, over: BoolArray, floor: float) -> float:
    """Highest log likelihood."""
    number = over.sum()
    return float(number * np.log(number / np.sum(times - floor)) - number)


def _weibull(times: FloatArray, over: BoolArray, floor: float) -> tuple[float, float]:
    """Shape and highest log likelihood; for each shape the best scale is known."""
    number, logs = over.sum(), float(np.log(times[over]).sum())

    def loss(log_shape: float) -> float:
        shape = np.exp(log_shape)
        spent = max(float(np.sum(times**shape - floor**shape)), _TINY)
        return -float(number * log_shape + (shape - 1) * logs + number * np.log(number / spent) - number)

    best = minimize_scalar(loss, bounds=np.log(SHAPES), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(best.x)), -float(best.fun)


def _gamma(times: FloatArray, over: BoolArray, floor: float) -> tuple[float, float]:
    """Shape and highest log likelihood, over shape and rate."""
    number, logs, total, cut = over.sum(), np.log(times[over]).sum(), times[over].sum(), times[~over]

    def loss(log_values: FloatArray) -> float:
        shape, rate = np.exp(log_values)
        whole = number * (shape * np.log(rate) - gammaln(shape)) + (shape - 1) * logs - rate * total
        whole += np.log(np.maximum(gammaincc(shape, rate * cut), _TINY)).sum()
        return -float(whole - len(times) * np.log(max(gammaincc(shape, rate * floor), _TINY)))

    start = np.array([0.0, np.log(number / np.sum(times - floor))])
    bounds = [tuple(np.log(SHAPES)), (-12.0, 12.0)]
    best = minimize(loss, start, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-6, "fatol": 1e-8})
    return float(np.exp(best.x[0])), -float(best.fun)
