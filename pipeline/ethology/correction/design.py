"""Figures of a stratified sample, weighted by its design, with their standard errors.

Totals are ``sum_h T_h mean_h`` of strata of size ``T_h``, their variances ``sum_h T_h^2 s_h^2 / n_h``. Ratios and kappa
are linearised (Cochran 1977, "Sampling Techniques", chapters 5 and 6; Stehman 2014, Int J Remote Sens 35: 4923-4939,
where strata are not what is told; where they are, these are equations 1 to 11 of Olofsson et al. 2014, Remote Sens
Environ 148: 42-57). Degrees of freedom are Satterthwaite's (1946, Biometrics Bull 2: 110-114; Cochran, equation 5.16):
a figure rests on the strata in which it varies, however many others there are.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.sums import over, summed
from pipeline.types import IntArray


@dataclass(frozen=True)
class Design:
    """``n`` sampled units: the stratum of each ``[n]``, from 0, and the size of each stratum ``[H]``."""

    stratum: IntArray
    size: FloatArray

    def __post_init__(self) -> None:
        if (np.bincount(self.stratum, minlength=len(self.size))[: len(self.size)] == 0).any():
            raise ValueError("every stratum must have a sampled unit")

    @property
    def sampled(self) -> FloatArray:
        """Units of each stratum ``[H]``."""
        return np.bincount(self.stratum, minlength=len(self.size)).astype(np.float64)

    @property
    def weight(self) -> FloatArray:
        """What each unit stands for ``[n]``."""
        return np.asarray((self.size / self.sampled)[self.stratum])

    def variance(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Variance ``[m]`` of the estimated totals of ``values [n, m]``, and its degrees of freedom ``[m]``.

        A stratum of one unit has no spread of its own. Where its value is 0, as in the precision of what is not told
        in it, it adds none; else it adds that of all units and one degree of freedom: strata differ too, so that on
        average this is too much rather than too little, as with strata put together (Cochran, section 5A.12). NaN
        where there is one unit in all; no degrees of freedom where nothing varies.
        """
        number = self.sampled
        if len(values) < 2:
            return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
        free = np.maximum(number - 1, 1)[:, None]
        mean = summed(values, self.stratum, len(number)) / number[:, None]
        spread = summed((values - mean[self.stratum]) ** 2, self.stratum, len(number)) / free
        spread = np.where((number < 2)[:, None] & (mean != 0), values.var(axis=0, ddof=1), spread)
        parts = (self.size**2 / number)[:, None] * spread  # [H, m]
        whole = parts.sum(axis=0)
        return whole, over(whole**2, (parts**2 / free).sum(axis=0))

    def ratios(self, part: FloatArray, whole: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Ratios of the totals of ``part [n, m]`` and ``whole [n, m]``, their standard errors, and the degrees of
        freedom of these; NaN: no whole.
        """
        above, below = self.weight @ part, self.weight @ whole
        value = over(above, below)
        found, freedom = self.variance((part - value * whole) / np.where(below > 0, below, np.nan))
        return value, np.sqrt(found), freedom

    def kappa(self, first: IntArray, second: IntArray, kinds: int) -> tuple[float, float, float]:
        """Cohen's kappa of the numbers ``[n]`` that two say, of the units where neither is -1, its standard error, and
        the degrees of freedom of this.

        NaN where both say one thing only.
        """
        both = (first >= 0) & (second >= 0)
        cells = np.zeros((kinds, kinds))
        np.add.at(cells, (first[both], second[both]), self.weight[both])
        whole = cells.sum()
        if not whole > 0:
            return np.nan, np.nan, np.nan
        rows, columns = cells.sum(axis=1) / whole, cells.sum(axis=0) / whole
        seen, chance = np.trace(cells) / whole, float(rows @ columns)
        if chance >= 1 - 1e-12:
            return np.nan, np.nan, np.nan
        agrees = (first == second).astype(np.float64) - seen
        by_chance = columns[first] + rows[second] - 2 * chance
        change = (agrees * (1 - chance) - (1 - seen) * by_chance) / (1 - chance) ** 2 / whole
        found, freedom = self.variance(np.where(both, change, 0.0)[:, None])
        return float((seen - chance) / (1 - chance)), float(np.sqrt(found[0])), float(freedom[0])


def collapsed(told: IntArray, session: IntArray, weight: FloatArray) -> tuple[Design, int]:
    """The design of answered windows, and how many strata were put together.

    What is told and the session make a stratum. One with a single answer has no spread, so it is put to the largest of
    what is told so. ``weight [n]`` is the time that each answered window stands for.
    """
    stratum = np.unique(np.column_stack([told, session]), axis=0, return_inverse=True)[1].reshape(-1)
    number = np.bincount(stratum)
    of = np.zeros(len(number), dtype=np.int64)
    of[stratum] = told
    target = np.arange(len(number))
    for word in np.unique(told):
        mine = np.flatnonzero(of == word)
        target[mine[number[mine] < 2]] = mine[np.argmax(number[mine])]
    joined, place = np.unique(target[stratum], return_inverse=True)
    size = np.bincount(place.reshape(-1), weights=weight).astype(np.float64)
    return Design(place.reshape(-1).astype(np.int64), size), len(number) - len(joined)
