"""Krippendorff's unitising alpha of two coders: do their bouts begin and end at the same moments?

As defined by Krippendorff (1995, Sociol Methodol 25: 47-76; 2004, "Content Analysis", 2nd ed.): the
observed and expected squared differences of beginnings and ends, behaviour by behaviour, bouts of one coder that lie
wholly in a gap of the other counting with the square of their length. For more than two coders that definition does not
behave (Krippendorff, Mathet, Bouvry and Widloecher 2016, Qual Quant 50: 2347-2364), so it is given for pairs alone; of
all coders there is ``u_alpha``.

Lengths are whole numbers of time units. Several stretches of time are laid end to end; nothing goes over their borders.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.kappa import ratio
from pipeline.ethology.agreement.time_units import runs
from pipeline.types import IntArray


@dataclass(frozen=True)
class Bouts:
    """Bouts of two coders on one axis; ``borders [s + 1]`` are where its stretches begin and end."""

    rows: IntArray  # [n, 4] coder (0 or 1), code, start, stop (exclusive)
    borders: IntArray

    def of(self, coder: int, code: int) -> tuple[IntArray, IntArray]:
        """Starts and stops of one coder's bouts of one code, rising."""
        own = self.rows[(self.rows[:, 0] == coder) & (self.rows[:, 1] == code), 2:]
        own = own[np.argsort(own[:, 0], kind="stable")]
        return own[:, 0], own[:, 1]


def on_one_axis(stretches: Sequence[tuple[IntArray, IntArray]]) -> Bouts:
    """The bouts of stretches of units, each the codes of the first and of the second coder, of the same length."""
    borders = np.cumsum([0, *(len(first) for first, _ in stretches)]).astype(np.int64)
    parts = [
        np.column_stack([np.full(len(start), coder), code, start + border, stop + border])
        for border, pair in zip(borders.tolist(), stretches, strict=False)
        for coder, codes in enumerate(pair)
        for start, stop, code in [runs(codes)]
    ]
    return Bouts(np.concatenate([np.empty((0, 4), dtype=np.int64), *parts]), borders)


def end_to_end(parts: Sequence[Bouts]) -> Bouts:
    """Several axes one after the other."""
    at = np.cumsum([0, *(int(part.borders[-1]) for part in parts)]).tolist()
    rows = [part.rows + np.array([0, 0, x, x]) for part, x in zip(parts, at, strict=False)]
    borders = [part.borders[1:] + x for part, x in zip(parts, at, strict=False)]
    none = np.empty((0, 4), dtype=np.int64)
    return Bouts(np.concatenate([none, *rows]), np.concatenate([np.zeros(1, dtype=np.int64), *borders]))


def unitising_alpha(bouts: Bouts, codes: Sequence[int]) -> tuple[float, FloatArray]:
    """Alpha of all codes together, and of each ``[K]``; NaN where nobody has the code, or there is no time."""
    both = np.array([_disagreements(bouts, code) for code in codes]).reshape(-1, 2)  # observed, expected
    of_all = both.sum(axis=0)
    return float(1 - ratio(of_all[:1], of_all[1:])[0]), 1 - ratio(both[:, 0], both[:, 1])


def _disagreements(bouts: Bouts, code: int) -> tuple[float, float]:
    """Observed and expected disagreement of one code."""
    own = [bouts.of(coder, code) for coder in (0, 1)]
    length = np.concatenate([stop - start for start, stop in own]).astype(np.float64)
    whole = float(bouts.borders[-1])
    if not len(length) or whole <= 0:
        return 0.0, 0.0
    gaps = np.concatenate([_gaps(start, stop, bouts.borders) for start, stop in own])
    return _observed(own[0], own[1]) / whole**2, _expected(length, gaps, whole)


def _gaps(start: IntArray, stop: IntArray, borders: IntArray) -> FloatArray:
    """Lengths of what lies between the bouts of one coder, within each stretch."""
    edges = np.concatenate([borders[:-1], stop]), np.concatenate([borders[1:], start])
    low, high = (np.sort(edge) for edge in edges)
    return np.asarray((high - low)[high > low], dtype=np.float64)


def _observed(first: tuple[IntArray, IntArray], second: tuple[IntArray, IntArray]) -> float:
    """Squared differences of the bouts that meet, and squared lengths of those that meet none."""
    low = np.searchsorted(second[1], first[0], side="right")
    many = np.maximum(np.searchsorted(second[0], first[1], side="left") - low, 0)
    rows = np.repeat(np.arange(len(many)), many)
    columns = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)
    met = sum(
        float(((one[rows] - other[columns]).astype(np.float64) ** 2).sum())
        for one, other in zip(first, second, strict=True)
    )
    alone = [first[1] - first[0], np.delete(second[1] - second[0], np.unique(columns))]
    alone[0] = alone[0][many == 0]
    return met + float((np.concatenate(alone).astype(np.float64) ** 2).sum())


def _expected(length: FloatArray, gaps: FloatArray, whole: float) -> float:
    """What bouts of these lengths would give, laid anywhere among each other and into these gaps (two coders)."""
    order = np.sort(gaps)
    at = np.searchsorted(order, length)
    above = np.append(np.cumsum(order[::-1])[::-1], 0.0)[at]
    number = len(order) - at
    in_gaps = length**2 * (above - number * (length - 1))
    met = (len(length) - 1) / 3 * (2 * length**3 - 3 * length**2 + length)
    pairs = 2 * whole * (2 * whole - 1) - float((length * (length - 1)).sum())
    return 2 / whole * float((met + in_gaps).sum()) / pairs if pairs > 0 else 0.0
