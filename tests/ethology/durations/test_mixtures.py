import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import expon, lognorm
from sklearn.mixture import GaussianMixture

from pipeline.ethology.durations.mixtures import Family, Gaps, Mixture, _cost, fit

EXPONENTIAL, LOGNORMAL = Family.exponential, Family.lognormal


def drawn(family, weight, centre_s, spread=None, n=4000, seed=0):
    rng = np.random.default_rng(seed)
    times = np.rint(np.array(weight) * n).astype(int)
    if family is EXPONENTIAL:
        return np.concatenate([rng.exponential(m, k) for m, k in zip(centre_s, times, strict=True)])
    return np.concatenate([rng.lognormal(np.log(m), s, k) for m, s, k in zip(centre_s, spread, times, strict=True)])


def gaps(time_s, ended=None, shortest_s=0.0):
    ended = np.ones(len(time_s), dtype=bool) if ended is None else ended
    return Gaps(time_s, ended, np.ones(len(time_s)), shortest_s)


def mixture(family, weight, centre_s, spread=None):
    spread = np.ones(len(weight)) if spread is None else np.array(spread)
    return Mixture(family, np.array(weight), np.array(centre_s, dtype=float), spread, 0.0)


@pytest.mark.parametrize(
    ("family", "weight", "centre_s", "spread"),
    [
        (EXPONENTIAL, [1.0], [12], None),  # one process
        (EXPONENTIAL, [0.7, 0.3], [2, 60], None),
        (EXPONENTIAL, [0.5, 0.3, 0.2], [1, 20, 600], None),
        (LOGNORMAL, [1.0], [12], [0.9]),
        (LOGNORMAL, [0.6, 0.4], [3, 200], [0.8, 0.5]),
        (LOGNORMAL, [0.5, 0.3, 0.2], [2, 40, 2000], [0.5, 0.6, 0.5]),
    ],
)
def test_known_parameters_are_found_again_and_bic_finds_their_number(family, weight, centre_s, spread):
    data = gaps(drawn(family, weight, centre_s, spread))
    found = {(f, k): fit(data, f, k) for f in Family for k in (1, 2, 3)}
    best = min(found, key=lambda key: found[key].bic(4000))
    assert best == (family, len(weight))
    assert found[best].weight == pytest.approx(np.array(weight), abs=0.02)
    assert found[best].centre_s == pytest.approx(np.array(centre_s, dtype=float), rel=0.12)
    if spread:
        assert found[best].spread == pytest.approx(np.array(spread), abs=0.06)


@pytest.mark.parametrize("shortest_s", [0.0, 1.0])  # as recorded; and where nothing under a second can be recorded
def test_cut_and_unrecorded_gaps_do_not_bias(shortest_s):
    time, cut = drawn(EXPONENTIAL, [0.7, 0.3], [2, 60]), np.random.default_rng(9).exponential(80, 4000)
    seen, ended = np.minimum(time, cut), time <= cut
    long = seen > shortest_s
    found = fit(gaps(seen[long], ended[long], shortest_s), EXPONENTIAL, 2)
    assert found.weight == pytest.approx([0.7, 0.3], abs=0.03)
    assert found.centre_s == pytest.approx([2, 60], rel=0.1)
    complete_only = fit(gaps(seen[long & ended]), EXPONENTIAL, 2)
    assert complete_only.centre_s[1] < 45  # what taking the complete ones alone would give


def test_lognormals_are_those_of_scikit_learn():
    time = drawn(LOGNORMAL, [0.6, 0.4], [3, 200], [0.8, 0.5], n=1500)
    other = GaussianMixture(2, tol=1e-10, max_iter=2000, random_state=0).fit(np.log(time)[:, None])
    order = np.argsort(other.means_[:, 0])
    found = fit(gaps(time), LOGNORMAL, 2)
    assert found.weight == pytest.approx(other.weights_[order], abs=1e-3)
    assert np.log(found.centre_s) == pytest.approx(other.means_[order, 0], abs=2e-3)
    assert found.spread == pytest.approx(np.sqrt(other.covariances_[order, 0, 0]), abs=2e-3)
    assert found.bic(1500) == pytest.approx(other.bic(np.log(time)[:, None]) + 2 * np.log(time).sum(), abs=0.05)


@pytest.mark.parametrize(
    ("found", "densities"),
    [
        (mixture(EXPONENTIAL, [0.7, 0.3], [2, 60]), [expon(scale=2), expon(scale=60)]),
        (mixture(LOGNORMAL, [0.6, 0.4], [3, 99], [0.8, 0.5]), [lognorm(0.8, scale=3), lognorm(0.5, scale=99)]),
    ],
)
def test_likelihood_slope_and_survival_are_those_of_scipys_densities(found, densities):
    rng = np.random.default_rng(4)
    time, ended = rng.uniform(1, 90, 50), rng.random(50) < 0.6
    values = np.concatenate(
        [np.log(found.weight[1:] / found.weight[0]), np.log(found.centre_s),
         np.log(found.spread) if found.family is LOGNORMAL else []]
    )  # fmt: skip
    density = sum(w * f.pdf(time) for w, f in zip(found.weight, densities, strict=True))
    longer = sum(w * f.sf(time) for w, f in zip(found.weight, densities, strict=True))
    at_all = sum(w * f.sf(1.0) for w, f in zip(found.weight, densities, strict=True))
    expected = -np.mean(np.log(np.where(ended, density, longer)) - np.log(at_all))
    terms = gaps(time, ended, shortest_s=1.0).terms
    cost, slope = _cost(values, terms, found.family, 2)
    assert cost == pytest.approx(expected, rel=1e-10)
    assert slope == pytest.approx(approx_fprime(values, lambda v: _cost(v, terms, found.family, 2)[0], 1e-7), abs=1e-5)
    assert found.survival(time) == pytest.approx(longer, rel=1e-10)
    assert found.survival(np.zeros(1)) == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("weight", "mean_s", "expected"),
    [
        # Slater and Lester (1982), Sibly et al. (1990), diveMove's bec: ln(p1 r1 / (p2 r2)) / (r1 - r2), r = 1 / mean
        ([0.7, 0.3], [2, 60], [8.7899]),  # ln(0.35 / 0.005) / (0.5 - 0.016667) = 4.248495 / 0.483333
        ([0.5, 0.5], [1, 100], [4.6517]),  # ln(100) / 0.99
        ([0.5, 0.3, 0.2], [1, 20, 600], [3.6911, 78.7586]),  # ln(0.5 / 0.015) / 0.95, ln(45) / (1 / 20 - 1 / 600)
        ([0.01, 0.99], [10, 20], [np.nan]),  # the slow one is the likelier at every gap
        ([0.501, 0.499], [10, 10.0001], [np.nan]),  # two that are one: equally likely after 4,000 s, where no gap is
    ],
)
def test_criteria_of_exponentials_by_hand(weight, mean_s, expected):
    assert mixture(EXPONENTIAL, weight, mean_s).splits() == pytest.approx(expected, abs=5e-4, nan_ok=True)


@pytest.mark.parametrize(
    ("weight", "median_s", "spread", "expected"),
    [
        ([0.5, 0.5], [1, 100], [0.5, 0.5], 10.0),  # alike: the middle of the logarithms
        ([0.5, 0.5], [4, 36], [0.7, 0.7], 12.0),
        ([0.9, 0.1], [1, np.e**4], [1, 1], np.exp(2 + np.log(9) / 4)),  # shifted by s2 ln(p1 / p2) / (m2 - m1)
        ([0.999, 0.001], [1, 1.2], [1, 1], np.nan),  # the second is hidden
    ],
)
def test_criteria_of_lognormals_by_hand(weight, median_s, spread, expected):
    assert mixture(LOGNORMAL, weight, median_s, spread).splits() == pytest.approx([expected], nan_ok=True)


def test_at_the_criterion_both_are_equally_likely():
    found = mixture(LOGNORMAL, [0.7, 0.3], [3, 80], [0.9, 0.4])
    (at,) = found.splits()
    assert 0.7 * lognorm(0.9, scale=3).pdf(at) == pytest.approx(0.3 * lognorm(0.4, scale=80).pdf(at))


@pytest.mark.parametrize(
    ("weight", "mean_s", "expected"),
    [
        ([1.0], [5], np.nan),  # one process has no criterion
        ([0.5, 0.5], [1, 100], np.log(100) / 0.99),
        ([0.5, 0.3, 0.2], [1, 20, 600], 78.7586),  # of three, what parts the slowest
        ([0.66, 0.05, 0.29], [2, 4, 62], np.nan),  # the middle one is nowhere the likeliest
    ],
)
def test_the_criterion_is_the_last_split(weight, mean_s, expected):
    assert mixture(EXPONENTIAL, weight, mean_s).criterion_s == pytest.approx(expected, abs=5e-4, nan_ok=True)
