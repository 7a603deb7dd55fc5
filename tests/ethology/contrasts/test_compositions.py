import numpy as np
import pytest
from scipy.linalg import helmert
from scipy.stats import gmean

from pipeline.ethology.contrasts.compositions import clr, log_ratios, replaced


def test_zeros_are_replaced_and_the_ratios_of_the_others_kept():
    found = replaced(np.array([[0.5, 0.25, 0.25, 0.0, 0.0], [0.2, 0.2, 0.2, 0.2, 0.2]]), 0.01)
    assert found[0].tolist() == pytest.approx([0.49, 0.245, 0.245, 0.01, 0.01])
    assert found[1].tolist() == [0.2] * 5
    assert found.sum(axis=1) == pytest.approx(1)


def test_centred_log_ratios():
    shares = np.random.default_rng(0).dirichlet(np.ones(4), 5)
    assert clr(shares) == pytest.approx(np.log(shares / gmean(shares, axis=1)[:, None]))
    assert clr(shares).sum(axis=1) == pytest.approx(0)


def test_distances_are_those_of_isometric_log_ratios():
    shares = np.random.default_rng(1).dirichlet(np.ones(4), 2)
    ilr = clr(shares) @ helmert(4).T  # an orthonormal basis of what sums to 0
    assert np.linalg.norm(clr(shares)[0] - clr(shares)[1]) == pytest.approx(np.linalg.norm(ilr[0] - ilr[1]))


def test_of_seconds():
    found = log_ratios(np.array([[30.0, 10], [0, 5], [0, 0]]), 0.05)
    assert found[0] == pytest.approx([np.log(3) / 2, -np.log(3) / 2])
    assert found[1] == pytest.approx([np.log(0.05 / 0.95) / 2, -np.log(0.05 / 0.95) / 2])
    assert np.isnan(found[2]).all()  # nothing was seen
