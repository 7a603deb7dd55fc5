import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import logit
from scipy.stats import t
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from pipeline.ethology.limits import Cells, Clusters, logit_limits, mean_of_animals, ratio

NESTED = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 2, 3, 4])  # each animal in one session
CROSSED = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
FOCAL = np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1])  # each session shows one animal
MIXED = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])  # animal 1 was seen in both


def cells(session, animal, k=2, seed=0):
    rng = np.random.default_rng(seed)
    whole = rng.uniform(50, 150, len(session))
    return Cells(session, animal, rng.dirichlet(np.ones(k), len(session)) * whole[:, None], whole)


@pytest.mark.parametrize(
    ("given", "units", "words"),
    [
        ((np.array([0]), np.array([0])), 1, "1 session"),  # one
        (NESTED, 3, "3 sessions"),
        (CROSSED, 2, "3 sessions and 2 animals"),
        (FOCAL, 2, "2 animals"),
        (MIXED, 2, "2 sessions and 3 animals"),
    ],
)
def test_what_is_independent(given, units, words):
    clusters = Clusters.of(*given)
    assert (clusters.units, clusters.words) == (units, words)


def test_the_pooled_share_and_the_mean_can_be_counted():
    found = Cells(np.array([0, 1, 1]), np.array([5, 5, 7]), np.array([[3.0], [1], [0]]), np.array([4.0, 4, 2]))
    assert ratio(found).share.tolist() == [0.4]
    assert mean_of_animals(found).share.tolist() == [0.25]  # 4 of 8, and 0 of 2


@pytest.mark.parametrize("estimate", [ratio, mean_of_animals])
@pytest.mark.parametrize("given", [NESTED, CROSSED, FOCAL, MIXED])
def test_terms_are_the_derivative_by_the_weight_of_a_cell(estimate, given):
    # the infinitesimal jackknife: a cell's weight is raised a little, and the figure moves by its term
    made, step = cells(*given), 1e-6
    found = estimate(made)
    assert found.terms.sum(axis=0) == pytest.approx(np.zeros(2), abs=1e-12)
    if estimate is mean_of_animals and given is not NESTED:
        return  # an animal's cells move its own share, not its weight
    for k in range(len(made.whole)):
        weight = np.ones(len(made.whole))
        weight[k] += step
        heavier = Cells(made.session, made.animal, made.parts * weight[:, None], made.whole * weight)
        moved = estimate(heavier).share
        if estimate is mean_of_animals:
            shares = made.parts / made.whole[:, None]
            moved = (weight[:, None] * shares).sum(axis=0) / weight.sum()
        assert (moved - found.share) / step == pytest.approx(found.terms[k], abs=1e-5)


def test_variance_over_sessions_is_that_of_statsmodels():
    made = cells(*NESTED)
    found = ratio(made)
    # a ratio of sums is weighted least squares on a constant: parts/whole with weights whole
    fitted = sm.WLS(made.parts[:, 0] / made.whole, np.ones(len(made.whole)), weights=made.whole).fit()
    theirs = cov_cluster(fitted, made.session, use_correction=False) * 3 / 2
    assert Clusters.of(made.session, made.animal).variance(found.terms)[0] == pytest.approx(theirs.item())


def test_variance_over_sessions_and_animals_is_the_sum_of_both_ways():
    made = cells(*CROSSED)
    fitted = sm.WLS(made.parts[:, 0] / made.whole, np.ones(len(made.whole)), weights=made.whole).fit()
    _, by_session, by_animal = cov_cluster_2groups(fitted, made.session, made.animal, use_correction=False)
    ours = Clusters.of(made.session, made.animal).variance(ratio(made).terms)[0]
    assert ours == pytest.approx((by_session * 3 / 2 + by_animal * 2 / 1).item())


def test_limits_are_a_t_interval_of_logits():
    low, high = logit_limits(np.array([0.2]), np.array([0.05**2]), 8, 0.95)
    reach = t.ppf(0.975, 7) * 0.05 / (0.2 * 0.8)
    assert logit([low[0], high[0]]) == pytest.approx([logit(0.2) - reach, logit(0.2) + reach])


def test_what_was_never_seen_or_always_has_no_limits():
    low, high = logit_limits(np.array([0.0, 1.0, 0.5]), np.zeros(3), 8, 0.95)
    assert np.isnan(low[:2]).all()
    assert np.isnan(high[:2]).all()
    assert (low[2], high[2]) == (0.5, 0.5)  # no variation


def test_limits_cover_the_true_share_about_as_often_as_they_say():
    # 400 studies of 10 sessions, skewed shares (mean 0.1): 95 % +- 2.2 points of chance; plain percentiles come to 86 %
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(400):
        whole = rng.uniform(50, 150, 10)
        made = Cells(np.arange(10), np.arange(10), (rng.beta(0.8, 7.2, 10) * whole)[:, None], whole)
        clusters = Clusters.of(made.session, made.animal)
        low, high = logit_limits(ratio(made).share, clusters.variance(ratio(made).terms), clusters.units, 0.95)
        covered.append(low[0] <= 0.1 <= high[0])
    assert 0.92 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((np.arange(2), np.arange(2), np.ones((2, 1)), np.array([1.0, 0])), "must have something in its whole"),
        ((np.zeros(2), np.zeros(2), np.ones((2, 1)), np.ones(2)), "an animal must have one cell a session"),
    ],
)
def test_cells_check_themselves(given, text):
    with pytest.raises(ValueError, match=text):
        Cells(*given)
