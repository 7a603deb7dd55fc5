"""Kappa and what is read beside it: against scikit-learn, and by hand."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from pipeline.ethology.agreement import kappa as k
from pipeline.ethology.agreement.time_units import runs, tally, tolerant_tally


def units(seed: int, behaviours: int, many: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Two rows of units that agree more often than by chance."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, behaviours, many)
    return first, np.where(rng.random(many) < 0.6, first, rng.integers(0, behaviours, many))


@pytest.mark.parametrize(("seed", "behaviours"), [(0, 2), (1, 3), (2, 5), (3, 9)])
def test_kappa_is_scikit_learns(seed: int, behaviours: int) -> None:
    first, second = units(seed, behaviours)
    table = tally(first, second, behaviours)
    assert k.kappa(table) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    for name, one in enumerate(k.kappa(k.one_against_rest(table))):
        assert one == pytest.approx(cohen_kappa_score(first == name, second == name), abs=1e-12)


def test_kappa_is_the_weighted_mean_of_the_behaviours_kappas() -> None:
    table = tally(*units(7, 5), 5)
    by_one = k.kappa(k.one_against_rest(table))
    assert k.weights(table).sum() == pytest.approx(1)
    assert (k.weights(table) * by_one).sum() == pytest.approx(float(k.kappa(table)))


@pytest.mark.parametrize(
    ("table", "expected"),  # agreement, kappa, largest kappa, PABAK, prevalence, bias; by hand
    [
        ([[40, 10], [20, 30]], (0.7, 0.4, 0.8, 0.4, 0.1, -0.1)),  # by chance 0.5 * 0.6 + 0.5 * 0.4
        ([[80, 10], [10, 0]], (0.8, -1 / 9, 1.0, 0.6, 0.8, 0.0)),  # the paradox: agreement is high, kappa below 0
        ([[10, 0], [0, 0]], (1.0, np.nan, np.nan, 1.0, 1.0, 0.0)),  # one behaviour only: kappa is not defined
        ([[0, 0], [0, 0]], (np.nan,) * 6),  # nothing
    ],
)
def test_by_hand(table: list[list[float]], expected: tuple[float, ...]) -> None:
    two = np.array(table, dtype=np.float64)
    figures = (k.agreement, k.kappa, k.kappa_max, k.pabak, k.prevalence_index, k.bias_index)
    assert [float(figure(two)) for figure in figures] == pytest.approx(expected, nan_ok=True)


def test_pabak_of_several_behaviours_counts_those_that_are_said() -> None:
    table = np.diag([6.0, 2.0, 0.0])
    table[0, 1] = 2
    assert k.pabak(table, said=2) == pytest.approx(2 * 0.8 - 1)
    assert k.pabak(table) == pytest.approx((3 * 0.8 - 1) / 2)
    assert np.isnan(k.pabak(table, said=1))


A, B, X = 0, 1, -1


@pytest.mark.parametrize(
    ("asked", "said", "within", "expected"),
    [
        ([], [], 1, [[0, 0], [0, 0]]),  # nothing
        ([A], [B], 5, [[0, 1], [0, 0]]),  # one unit, never said
        ([A, A, A, B, B, B], [A, A, B, B, B, B], 0, [[2, 1], [0, 3]]),  # no tolerance
        ([A, A, A, B, B, B], [A, A, B, B, B, B], 1, [[3, 0], [0, 3]]),  # the change one unit earlier
        ([A, A, A, A, B, B], [A, B, B, B, B, B], 1, [[2, 2], [0, 2]]),  # two units too far
        ([A, A, X, B], [A, X, B, B], 1, [[1, 0], [0, 1]]),  # only units in which both told something
        ([B, A, A, A, A], [A, A, A, A, A], 1, [[4, 0], [1, 0]]),  # one unit that the other never says
    ],
)
def test_tolerance_by_hand(asked: list[int], said: list[int], within: int, expected: list[list[float]]) -> None:
    first, second = np.array(asked, dtype=np.int64), np.array(said, dtype=np.int64)
    assert tolerant_tally(first, second, within, 2).tolist() == expected


def test_tolerance_depends_on_whose_units_are_gone_through() -> None:
    first, second = np.array([B, A, A, A, A]), np.array([A, A, A, B, A])
    assert tolerant_tally(first, second, 1, 2).tolist() == [[4, 0], [1, 0]]
    assert tolerant_tally(second, first, 1, 2).tolist() == [[4, 0], [1, 0]]  # rows: the other one
    first = np.array([B, A, B, A, A])
    assert tolerant_tally(first, second, 1, 2).tolist() == [[3, 0], [1, 1]]
    assert tolerant_tally(second, first, 1, 2).tolist() == [[4, 0], [0, 1]]


def test_runs() -> None:
    start, stop, code = runs(np.array([2, 2, -1, 2, 0]))
    assert (start.tolist(), stop.tolist(), code.tolist()) == ([0, 2, 3, 4], [2, 3, 4, 5], [2, -1, 2, 0])
    assert [part.tolist() for part in runs(np.array([], dtype=np.int64))] == [[], [], []]
