"""Gaps as a mixture of processes: short ones within a bout, long ones between bouts, fitted by maximum likelihood.

Exponential processes are random ones, straight parts of a log-survivor plot (Slater and Lester 1982, Behaviour 79:
153-161; Sibly, Nott and Fletcher 1990, Anim Behav 39: 63-69; by likelihood: Langton, Collett and Sibly 1995, Behaviour
132: 781-799; three: Berdoy 1993, Anim Behav 46: 387-396). Log-normal ones have a typical gap (Tolkamp and Kyriazakis
1999, Anim Behav 57: 807-817). Gaps cut by the record count as lower bounds, and what is too short to be recorded is
allowed for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr, softmax

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray

_LN_2PI = float(np.log(2 * np.pi))
_SPREAD = (0.1, 5.0)  # of a log-normal: narrower it would sit on one frame's length, and the likelihood has no end
_RARE = 1e-6
_STARTS = {1: ((),), 2: ((0.3,), (0.6,), (0.85,)), 3: ((0.33, 0.67), (0.5, 0.9), (0.2, 0.5))}


class Family(Enum):
    """The form of a process."""

    exponential = "exponential"
    lognormal = "log-normal"


@dataclass(frozen=True)
class Gaps:
    """``n`` distinct gaps in seconds, all > ``shortest_s``: nothing shorter could be recorded (0: anything could)."""

    time_s: FloatArray  # [n]
    ended: BoolArray  # [n] False: a lower bound
    times: FloatArray  # [n] how often it was seen
    shortest_s: float = 0.0

    @property
    def terms(self) -> tuple[FloatArray, BoolArray, FloatArray]:
        """Times, whether a density or a survival, and weights in the log-likelihood.

        That a gap was long enough to be recorded is conditioned on: less one survival at ``shortest_s`` for each.
        """
        if self.shortest_s == 0:
            return self.time_s, self.ended, self.times
        time_s = np.append(self.time_s, self.shortest_s)
        return time_s, np.append(self.ended, False), np.append(self.times, -self.times.sum())


@dataclass(frozen=True)
class Mixture:
    """``K`` processes from the fastest. ``centre_s`` is the mean of an exponential, the median of a log-normal one."""

    family: Family
    weight: FloatArray  # [K] sums to 1
    centre_s: FloatArray  # [K]
    spread: FloatArray  # [K] standard deviation of the logarithm; 1 for exponential ones, where it means nothing
    log_likelihood: float

    @property
    def parameters(self) -> int:
        """How many were fitted."""
        return (3 if self.family is Family.lognormal else 2) * len(self.weight) - 1

    def bic(self, gaps: float) -> float:
        """Bayesian information criterion over so many gaps (Schwarz 1978, Ann Stat 6: 461-464)."""
        return self.parameters * float(np.log(gaps)) - 2 * self.log_likelihood

    def survival(self, time_s: FloatArray) -> FloatArray:
        """``[t]`` share of the gaps that are longer."""
        time_s = np.maximum(time_s, np.finfo(np.float64).tiny)  # of no time, all are longer
        logs, _ = _logs(self.family, time_s, np.zeros(len(time_s), dtype=bool), self.centre_s, self.spread)
        result: FloatArray = self.weight @ np.exp(logs)
        return result

    def splits(self) -> FloatArray:
        """``[K - 1]`` gap at which each process and the next are equally likely.

        NaN where one hides the other, or they would be so only at a gap that is longer than all but one in a million.
        Of exponentials ``ln(p1 m2 / (p2 m1)) / (1 / m1 - 1 / m2)`` for shares p and means m: the criterion of Slater
        and Lester (1982), by which the fewest gaps are taken for the wrong kind.
        """
        find = _equal_exponentials if self.family is Family.exponential else _equal_lognormals
        found = np.array([find(self, k) for k in range(len(self.weight) - 1)])
        return np.where(self.survival(np.nan_to_num(found, nan=1.0)) > _RARE, found, np.nan)

    @property
    def criterion_s(self) -> float:
        """The last split: longer gaps part bouts (of three processes: Berdoy 1993). NaN where a process is hidden."""
        splits = self.splits()
        rising = len(splits) > 0 and np.isfinite(splits).all() and (np.diff(splits) > 0).all()
        return float(splits[-1]) if rising else float("nan")


def fit(gaps: Gaps, family: Family, processes: int, first: Mixture | None = None) -> Mixture:
    """The likeliest mixture of so many processes; from ``first`` where one is near, else from several starts."""
    starts = [_packed(first)] if first is not None else list(_starts(gaps, family, processes))
    terms = gaps.terms
    low, high = np.log(gaps.time_s.min()) - 3, np.log(gaps.time_s.max()) + 3
    bounds = [(-12.0, 12.0)] * (processes - 1) + [(low, high)] * processes
    if family is Family.lognormal:
        bounds += [(np.log(_SPREAD[0]), np.log(_SPREAD[1]))] * processes
    answers = [
        minimize(_cost, start, args=(terms, family, processes), jac=True, method="L-BFGS-B", bounds=bounds,
                 options={"maxiter": 500, "ftol": 1e-11, "gtol": 1e-7})
        for start in starts
    ]  # fmt: skip
    best = min(answers, key=lambda answer: float(answer.fun))
    return _unpacked(best.x, family, processes, -float(best.fun) * gaps.times.sum())


def _cost(
    values: FloatArray, terms: tuple[FloatArray, BoolArray, FloatArray], family: Family, processes: int
) -> tuple[float, FloatArray]:
    """Mean negative log-likelihood and its slope in the packed parameters."""
    time_s, ended, times = terms
    weights, centre_s, spread = _parts(values, processes)
    logs, slopes = _logs(family, time_s, ended, centre_s, spread)
    parts = np.log(weights)[:, None] + logs
    peak = parts.max(axis=0)
    parts = np.exp(parts - peak)
    whole = parts.sum(axis=0)
    share = parts / whole * times  # [K, n] how much of each gap is each process's
    by_weight = share.sum(axis=1) - weights * times.sum()
    slope = np.concatenate([by_weight[1:], *((share * of).sum(axis=1) for of in slopes)])
    total = times[times > 0].sum()
    return -float((peak + np.log(whole)) @ times) / total, -slope / total


def _logs(
    family: Family, time_s: FloatArray, ended: BoolArray, centre_s: FloatArray, spread: FloatArray
) -> tuple[FloatArray, list[FloatArray]]:
    """Log density of each process ``[K, t]``, log survival where not ended; and the slopes in its log parameters."""
    if family is Family.exponential:
        scaled = time_s[None, :] / centre_s[:, None]
        density = -np.log(centre_s)[:, None] - scaled
        return np.where(ended, density, -scaled), [np.where(ended, scaled - 1, scaled)]
    log_t, wide = np.log(time_s)[None, :], spread[:, None]
    z = (log_t - np.log(centre_s)[:, None]) / wide
    density = np.where(ended, -log_t - np.log(wide) - z**2 / 2 - _LN_2PI / 2, 0.0)
    survival = log_ndtr(-z)
    hazard = np.exp(np.minimum(-(z**2) / 2 - _LN_2PI / 2 - survival, 700.0))
    by_centre = np.where(ended, z, hazard) / wide
    by_spread = np.where(ended, z**2 - 1, z * hazard)
    return np.where(ended, density, survival), [by_centre, by_spread]


def _starts(gaps: Gaps, family: Family, processes: int) -> Iterator[FloatArray]:
    """Sorted gaps cut into as many parts, in a few ways: each part's share, centre and spread."""
    order = np.argsort(gaps.time_s)
    log_t, times = np.log(gaps.time_s[order]), gaps.times[order]
    below = (times.cumsum() - times / 2) / times.sum()
    for cuts in _STARTS[processes]:
        part = np.searchsorted(cuts, below)
        weight = np.bincount(part, weights=times, minlength=processes) + 1e-3 * times.sum()
        mean = (np.bincount(part, weights=times * log_t, minlength=processes) + 1e-3 * times @ log_t) / weight
        spread = np.sqrt(np.bincount(part, weights=times * (log_t - mean[part]) ** 2, minlength=processes) / weight)
        weight = weight / weight.sum()
        yield _packed(Mixture(family, weight, np.exp(mean), np.clip(spread, 0.3, 2.0), np.nan))


def _packed(mixture: Mixture) -> FloatArray:
    """Log-odds of the weights against the first, log centres, log spreads."""
    logits = np.log(mixture.weight[1:] / mixture.weight[0])
    spread = [np.log(mixture.spread)] if mixture.family is Family.lognormal else []
    return np.concatenate([logits, np.log(mixture.centre_s), *spread])


def _parts(values: FloatArray, processes: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights, centres and spreads."""
    weights = softmax(np.append(0.0, values[: processes - 1]))
    centre_s = np.exp(values[processes - 1 : 2 * processes - 1])
    spread = np.exp(values[2 * processes - 1 :])
    return weights, centre_s, spread if len(spread) else np.ones(processes)


def _unpacked(values: FloatArray, family: Family, processes: int, log_likelihood: float) -> Mixture:
    parts = _parts(values, processes)
    order = np.argsort(parts[1], kind="stable")
    weight, centre_s, spread = (part[order] for part in parts)
    return Mixture(family, weight, centre_s, spread, log_likelihood)


def _equal_exponentials(mixture: Mixture, k: int) -> float:
    (p1, p2), (m1, m2) = mixture.weight[k : k + 2], mixture.centre_s[k : k + 2]
    odds = np.log(p1 * m2 / (p2 * m1))
    return float(odds / (1 / m1 - 1 / m2)) if odds > 0 and m2 > m1 else float("nan")


def _equal_lognormals(mixture: Mixture, k: int) -> float:
    """Between the two centres the logarithms' densities, two parabolas, cross once at most."""
    (p1, p2), (s1, s2) = mixture.weight[k : k + 2], mixture.spread[k : k + 2]
    m1, m2 = np.log(mixture.centre_s[k : k + 2])
    square = 1 / s2**2 - 1 / s1**2
    line = 2 * (m1 / s1**2 - m2 / s2**2)
    level = m2**2 / s2**2 - m1**2 / s1**2 + 2 * np.log(p1 * s2 / (p2 * s1))
    roots = np.roots([square, line, level] if abs(square) > 1e-9 else [line, level])
    between = [float(root.real) for root in roots if abs(root.imag) < 1e-9 and m1 < root.real < m2]
    return float(np.exp(between[0])) if between else float("nan")
