"""Counts that chance would give, and how far the seen ones are from them.

Where a code may follow itself chance is independence, ``e = r c / N``. Where it cannot, the diagonal is structurally
zero and chance is quasi-independence, ``e = a_i b_j`` off the diagonal, fitted by iterative proportional fitting
(Goodman 1968, JASA 63: 1091-1131; Bakeman and Quera 2011, "Sequential Analysis and Observational Methods for the
Behavioral Sciences", ch. 9; O'Connor 1999, Behav Res Meth Instr Comp 31: 718-726).

The adjusted residual is ``(x - e) / sqrt(e (1 - h))`` with ``h`` the leverage of the cell in the log-linear model
(Haberman 1973, Biometrics 29: 205-220; Christensen 1997, "Log-Linear Models and Logistic Regression"); under
independence ``1 - h = (1 - r / N) (1 - c / N)``. If chance is all there is, it has a standard normal distribution.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

from pipeline.boxes import FloatArray
from pipeline.types import BoolArray, IntArray

_ROUNDS = 200  # of proportional fitting
_STEPS = 200  # of Newton's method after them
_CLOSE = 1e-10  # of the table's total: margins that are fitted no nearer are not fitted
_SATURATED = 1e-9  # leverages nearer to 1 leave nothing to judge


class Fit(NamedTuple):
    """One table ``[K, K]`` held against chance. NaN where there is nothing to judge."""

    expected: FloatArray  # [K, K] 0 where nothing can be
    residual: FloatArray  # [K, K] adjusted
    cells: BoolArray  # [K, K] the cells that the model speaks of
    g2: float  # likelihood ratio statistic
    df: int  # its degrees of freedom; 0: the margins leave no choice


def chance(counts: IntArray, repeats: bool) -> Fit:
    """``counts [K, K]`` under independence, or where no code repeats under quasi-independence.

    Rows and columns without any count leave the table. Where one behaviour stands before or after every other in every
    step, the others cannot meet: their cells are left out and the rest is fitted exactly, with ``df`` 0. A fit that
    does not arrive has NaN for all figures and ``df`` 0.
    """
    cells = _cells(counts, repeats)
    if repeats:
        expected = _product(counts)
        rows, columns = cells.any(axis=1).sum(), cells.any(axis=0).sum()
        df, spare = int((rows - 1) * (columns - 1)) if cells.any() else 0, _spare(counts)
    else:
        expected = proportionally_fitted(counts, cells)
        spare, df = (np.full(counts.shape, np.nan), 0) if np.isnan(expected).any() else _from_model(expected, cells)
    judged = cells & (spare > _SATURATED)
    residual = np.full(counts.shape, np.nan)
    residual[judged] = ((counts - expected) / np.sqrt(np.where(judged, expected * spare, 1.0)))[judged]
    seen = counts > 0
    g2 = 2 * float(np.sum(xlogy(counts[seen], counts[seen] / expected[seen]))) if seen.any() else np.nan
    return Fit(expected, residual, cells, max(g2, 0.0) if np.isfinite(g2) else np.nan, df)


def _cells(counts: IntArray, repeats: bool) -> BoolArray:
    """``[K, K]`` where something could be."""
    rows, columns, total = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    cells: BoolArray = (rows[:, None] > 0) & (columns[None, :] > 0)
    if repeats:
        return cells
    np.fill_diagonal(cells, False)
    for hub in np.flatnonzero((rows + columns == total) & (rows + columns > 0)):
        other = np.arange(len(rows)) != hub
        cells &= ~(other[:, None] & other[None, :])
    return cells


def _product(counts: IntArray) -> FloatArray:
    """Row total by column total, over the total."""
    total = counts.sum()
    product: FloatArray = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(total, 1)
    return product


def _spare(counts: IntArray) -> FloatArray:
    """``1 - h`` under independence."""
    total = max(counts.sum(), 1)
    spare: FloatArray = np.outer(1 - counts.sum(axis=1) / total, 1 - counts.sum(axis=0) / total)
    return spare


def proportionally_fitted(counts: IntArray, cells: BoolArray) -> FloatArray:
    """Expected counts with the margins of ``counts`` that are a product within ``cells``; NaN where none is found.

    Proportional fitting needs about as many rounds as there are steps where one behaviour is in nearly all of them:
    what it has not reached after 200 is finished by Newton's method on the same likelihood.
    """
    rows, columns = counts.sum(axis=1).astype(np.float64), counts.sum(axis=0).astype(np.float64)
    fitted, close = cells.astype(np.float64), _CLOSE * max(rows.sum(), 1.0)
    for number in range(_ROUNDS + _STEPS):
        if number >= _ROUNDS:
            fitted = _newton(fitted, rows, columns)
        fitted = fitted * _over(rows, fitted.sum(axis=1))[:, None]
        fitted = fitted * _over(columns, fitted.sum(axis=0))[None, :]
        if np.abs(fitted.sum(axis=1) - rows).max(initial=0.0) <= close:
            return fitted
    return np.full(counts.shape, np.nan)


def _newton(fitted: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """One step, never over a factor of e."""
    kinds = len(fitted)
    short = np.concatenate([rows - fitted.sum(axis=1), columns - fitted.sum(axis=0)])
    step = np.linalg.pinv(_normal(fitted), rcond=1e-14, hermitian=True) @ short
    change = step[:kinds, None] + step[None, kinds:]
    stepped: FloatArray = fitted * np.exp(change / max(np.abs(change[fitted > 0]).max(initial=0.0), 1.0))
    return stepped


def _normal(expected: FloatArray) -> FloatArray:
    """``X'WX`` ``[2 K, 2 K]`` of the model with a parameter a row and a column."""
    return np.block([[np.diag(expected.sum(axis=1)), expected], [expected.T, np.diag(expected.sum(axis=0))]])


def _over(wanted: FloatArray, there: FloatArray) -> FloatArray:
    return np.divide(wanted, there, out=np.zeros_like(there), where=there > 0)


def _from_model(expected: FloatArray, cells: BoolArray) -> tuple[FloatArray, int]:
    """``1 - h`` of each cell, and the degrees of freedom: cells less the rank of the model.

    The model has a parameter a row and a column; ``h = e z' (X'WX)^- z`` with ``z`` 1 for the cell's row and column.
    """
    kinds = len(expected)
    share = expected / max(expected.sum(), 1.0)
    inverse = np.linalg.pinv(_normal(share), rcond=1e-12, hermitian=True)
    diagonal = np.diag(inverse)
    leverage = share * (diagonal[:kinds, None] + diagonal[None, kinds:] + 2 * inverse[:kinds, kinds:])
    z = np.zeros((int(cells.sum()), 2 * kinds))
    row, column = np.nonzero(cells)
    z[np.arange(len(row)), row] = 1
    z[np.arange(len(row)), kinds + column] = 1
    rank = int(np.linalg.matrix_rank(z)) if len(row) else 0
    return 1 - leverage, len(row) - rank
