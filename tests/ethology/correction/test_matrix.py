"""Matrices by hand, against Rogan and Gladen's formulas and a general solver."""

import numpy as np
import pytest
from scipy.optimize import minimize

from pipeline.ethology.correction.matrix import condition, constrained, poststratified, predictive, rates, shrunk

COUNTS = np.array([[8.0, 2, 0], [1, 3, 0]])  # rows true A and B; told A, B, unknown


def test_rates_and_predictive_values_by_hand():
    assert rates(COUNTS).tolist() == [[0.8, 0.2, 0.0], [0.25, 0.75, 0.0]]
    assert predictive(COUNTS) == pytest.approx(np.array([[8 / 9, 0.4, 0], [1 / 9, 0.6, 0]]))
    assert predictive(np.diag([5.0, 0, 2])).tolist() == np.eye(3).tolist()  # nothing told as B: taken as told
    assert np.isnan(rates(np.zeros((2, 3)))).all()


@pytest.mark.parametrize("told", [0.2, 0.5, 0.74])  # shares that lie within what the matrix can give
def test_two_behaviours_are_rogan_and_gladen(told):
    sensitivity, specificity = 0.9, 0.8
    rate = np.array([[sensitivity, 1 - sensitivity], [1 - specificity, specificity]])
    wanted = (told + specificity - 1) / (sensitivity + specificity - 1)  # Rogan and Gladen 1978, equation 1
    assert constrained(rate, np.array([told, 1 - told])) == pytest.approx([wanted, 1 - wanted])


def test_what_the_matrix_cannot_give_is_at_the_edge():
    rate = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert constrained(rate, np.array([0.95, 0.05])).tolist() == [1.0, 0.0]
    assert constrained(rate, np.array([0.1, 0.9])).tolist() == [0.0, 1.0]
    assert constrained(rate, np.zeros(2)).tolist() == [0.0, 0.0]  # nothing told


@pytest.mark.parametrize("seed", range(12))
def test_constrained_is_the_least_squares_on_the_simplex(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 6))
    rate = rng.dirichlet(np.full(k + 1, 0.5), k) * 0.6 + 0.4 * np.eye(k, k + 1)
    told = rng.dirichlet(np.full(k + 1, 0.4))
    found = minimize(
        lambda p: ((rate.T @ p - told) ** 2).sum(),
        np.full(k, 1 / k),
        bounds=[(0, 1)] * k,
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert constrained(rate, told) == pytest.approx(found.x, abs=1e-5)
    assert constrained(rate, 7 * told) == pytest.approx(7 * constrained(rate, told))


@pytest.mark.parametrize("seed", range(5))
def test_shares_that_were_mixed_are_found_again_whatever_they_are(seed):
    rng = np.random.default_rng(seed)
    rate = 0.7 * np.eye(4, 5) + 0.3 * rng.dirichlet(np.ones(5), 4)
    true = rng.dirichlet(np.ones(4))
    assert constrained(rate, rate.T @ true) == pytest.approx(true)


def test_poststratified_is_right_at_the_clips_own_shares_only():
    of_clips = COUNTS.sum(axis=1) / COUNTS.sum()
    told = COUNTS.sum(axis=0) / COUNTS.sum()
    assert poststratified(predictive(COUNTS), told) == pytest.approx(of_clips)
    other = np.array([0.2, 0.8])
    assert not np.allclose(poststratified(predictive(COUNTS), rates(COUNTS).T @ other), other, atol=0.05)


def test_species_are_shrunk_towards_all_clips_by_hand():
    every = np.array([[0.8, 0.2], [0.4, 0.6]])
    own = np.array([[30.0, 0], [0, 0]])  # 30 clips of A, none of B
    assert shrunk(own, every, 30.0).tolist() == [[0.9, 0.1], [0.4, 0.6]]
    assert shrunk(own, every, 0.0).tolist() == [[1.0, 0.0], [0.4, 0.6]]
    assert shrunk(own, every, 30.0, axis=-2) == pytest.approx(np.array([[54 / 60, 0.2], [12 / 60, 0.6]]))


def test_condition_number():
    assert condition(np.eye(3)) == 1.0
    assert condition(np.array([[0.9, 0.1], [0.1, 0.9]])) == pytest.approx(1.25)  # singular values 1 and 0.8
    assert condition(np.array([[0.5, 0.5], [0.5, 0.5]])) > 1e15
    assert condition(np.full((2, 2), np.nan)) == np.inf
