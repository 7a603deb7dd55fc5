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
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

_LN_2PI = float(np.log(2 * np.pi))
_SPREAD = (0.1, 5.0)  # of a log-normal: narrower it would sit on one frame's length, and the likelihood has no end
_RARE = 1e-6
_STARTS = {1: ((),), 2: ((0.3,), (0.6,), (0.85,)), 3: ((0.33, 0.67), (0.5, 0.9), (0.2, 0.5))}


class Family(Enum):
    """The form of a process."""

    exponential = "exponential"
    lognormal = "log-normal"


class Terms(NamedTuple):
    """``t`` terms of a log-likelihood, of which the first are densities and the others survivals."""

    time_s: FloatArray  # [t]
    log_t: FloatArray  # [t]
    densities: int
    place: IntArray  # [t] where the terms are in the order that they were given in
    times: FloatArray  # [t] their weights, in that order
    whole: float  # sum of the weights
    above: float  # of those > 0

    @classmethod
    def of(cls, time_s: FloatArray, ended: BoolArray, times: FloatArray) -> "Terms":
        """Densities where ``ended``, else survivals."""
        order = np.argsort(~ended, kind="stable")
        time_s, place = time_s[order], np.argsort(order).astype(np.int64)
        return cls(time_s, np.log(time_s), int(ended.sum()), place, times, times.sum(), times[times > 0].sum())


@dataclass(frozen=True)
class Gaps:
    """``n`` distinct gaps in seconds, all > ``shortest_s``: nothing shorter could be recorded (0: anything could)."""

    time_s: FloatArray  # [n]
    ended: BoolArray  # [n] False: a lower bound
    times: FloatArray  # [n] how often it was seen
    shortest_s: float = 0.0

    @property
    def terms(self) -> Terms:
        """What the log-likelihood sums.

        That a gap was long enough to be recorded is conditioned on: less one survival at ``shortest_s`` for each.
        """
        if self.shortest_s == 0:
            return Terms.of(self.time_s, self.ended, self.times)
        time_s = np.append(self.time_s, self.shortest_s)
        return Terms.of(time_s, np.append(self.ended, False), np.append(self.times, -self.times.sum()))


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
        terms = Terms.of(time_s, np.zeros(len(time_s), dtype=bool), np.ones(len(time_s)))
        logs, _ = _logs(self.family, terms, self.centre_s, self.spread)
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


def _cost(values: FloatArray, terms: Terms, family: Family, processes: int) -> tuple[float, FloatArray]:
    """Mean negative log-likelihood and its slope in the packed parameters."""
    weights, centre_s, spread = _parts(values, processes)
    logs, slopes = _logs(family, terms, centre_s, spread)
    # a fit can be so flat that rounding moves it: what is cut does not change the order of the sums
    parts, *slopes = (some.take(terms.place, axis=1) for some in (logs, *slopes))
    parts += np.log(weights)[:, None]
    peak = parts.max(axis=0)
    parts -= peak
    np.exp(parts, out=parts)
    whole = parts.sum(axis=0)
    share = parts / whole * terms.times  # [K, t] how much of each gap is each process's
    by_weight = share.sum(axis=1) - weights * terms.whole
    slope = np.concatenate([by_weight[1:], *((share * of).sum(axis=1) for of in slopes)])
    return -float((peak + np.log(whole)) @ terms.times) / terms.above, -slope / terms.above


def _logs(
    family: Family, terms: Terms, centre_s: FloatArray, spread: FloatArray
) -> tuple[FloatArray, list[FloatArray]]:
    """Log density of each process ``[K, t]``, log survival where cut; and the slopes in its log parameters."""
    cut = np.s_[:, terms.densities :]
    if family is Family.exponential:
        scaled = terms.time_s / centre_s[:, None]
        logs, slope = -np.log(centre_s)[:, None] - scaled, scaled - 1
        logs[cut], slope[cut] = -scaled[cut], scaled[cut]
        return logs, [slope]
    wide = spread[:, None]
    z = (terms.log_t - np.log(centre_s)[:, None]) / wide
    square = z**2
    logs = -terms.log_t - np.log(wide) - square / 2 - _LN_2PI / 2
    by_centre, by_spread = z.copy(), square - 1
    logs[cut] = survival = log_ndtr(-z[cut])
    by_centre[cut] = hazard = np.exp(np.minimum(-square[cut] / 2 - _LN_2PI / 2 - survival, 700.0))
    by_spread[cut] = z[cut] * hazard
    return logs, [by_centre / wide, by_spread]


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
    logits = np.append(0.0, values[: processes - 1])
    odds = np.exp(logits - logits.max())
    centre_s = np.exp(values[processes - 1 : 2 * processes - 1])
    spread = np.exp(values[2 * processes - 1 :])
    return odds / odds.sum(), centre_s, spread if len(spread) else np.ones(processes)


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
