import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import logit
from scipy.stats import sem, t, ttest_ind
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from pipeline.ethology.limits import Clusters, Scale, Spread, highest, jackknife, t_limits, too_few, too_unequal
from pipeline.ethology.shares import Cells, MeanOfAnimals, Pooled

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
    assert highest(clusters.counted) == (units, words)


@pytest.mark.parametrize(
    ("given", "needed", "told"),
    [
        (CROSSED, 2, ""),  # enough of both
        (CROSSED, 3, "only 2 animals (3 are needed)"),  # of one of them
        (CROSSED, 4, "only 3 sessions and 2 animals (4 are needed)"),
    ],
)
def test_only_what_is_too_few_is_called_so(given, needed, told):
    assert too_few(Clusters.of(*given).counted, needed) == told


def test_the_pooled_share_and_the_mean_can_be_counted():
    found = Cells(np.array([0, 1, 1]), np.array([5, 5, 7]), np.array([[3.0], [1], [0]]), np.array([4.0, 4, 2]))
    assert Pooled()(found).tolist() == [0.4]
    assert MeanOfAnimals()(found).tolist() == [0.25]  # 4 of 8, and 0 of 2
    sessions = Clusters.of(found.session, found.animal).session
    assert Pooled().without(found, sessions, 2).tolist() == [[1 / 6], [3 / 4]]
    assert MeanOfAnimals().without(found, sessions, 2).tolist() == [
        [(1 / 4 + 0) / 2],
        [3 / 4],
    ]  # without 1 animal 7 is gone


@pytest.mark.parametrize("share", [Pooled(), MeanOfAnimals()])
@pytest.mark.parametrize("given", [NESTED, CROSSED, FOCAL, MIXED])
@pytest.mark.parametrize("kind", ["session", "animal"])
def test_leaving_a_cluster_out_is_the_share_of_the_others(share, given, kind):
    made = cells(*given)
    place = getattr(made, kind)
    for k, found in enumerate(share.without(made, place, place.max() + 1)):
        kept = place != k
        fewer = Cells(made.session[kept], made.animal[kept], made.parts[kept], made.whole[kept])
        assert found == pytest.approx(share(fewer))


def test_one_cluster_left_out_leaves_nothing():
    made = cells(np.zeros(2, dtype=int), np.arange(2))
    for share in (Pooled(), MeanOfAnimals()):
        assert np.isnan(share.without(made, made.session, 1)).all()


def test_variance_is_the_jackknife_of_the_logits_of_both_kinds():
    made, clusters = cells(*CROSSED), Clusters.of(*CROSSED)
    wanted = 0.0
    for place, number in ((made.session, 3), (made.animal, 2)):
        left = logit(Pooled().without(made, place, number))
        wanted = wanted + (number - 1) / number * ((left - left.mean(axis=0)) ** 2).sum(axis=0)
    assert clusters.spread(Pooled(), made).variance == pytest.approx(wanted)


def test_variance_from_many_clusters_is_nearly_the_sandwich_of_statsmodels():
    # a ratio of sums is weighted least squares on a constant: parts/whole with weights whole
    session, animal = np.repeat(np.arange(40), 40), np.tile(np.arange(40), 40)
    made = cells(session, animal, seed=4)
    fitted = sm.WLS(made.parts[:, 0] / made.whole, np.ones(len(made.whole)), weights=made.whole).fit()
    _, by_session, by_animal = cov_cluster_2groups(fitted, session, animal, use_correction=False)
    share = Pooled()(made)[0]
    theirs = (by_session + by_animal).item() / (share * (1 - share)) ** 2
    assert Clusters.of(session, animal).spread(Pooled(), made).variance[0] == pytest.approx(theirs, rel=0.08)


def test_what_one_cluster_alone_shows_has_wide_but_finite_limits():
    parts = np.zeros((8, 1))
    parts[3] = 40.0
    made, clusters = (
        Cells(np.arange(8), np.arange(8), parts, np.full(8, 100.0)),
        Clusters.of(np.arange(8), np.arange(8)),
    )
    spread = clusters.spread(Pooled(), made)
    assert 2 < spread.freedom[0] < 3  # nearly all of it from one session
    low, high = t_limits(Pooled()(made), spread, 0.95)
    assert 0.001 < low[0] < 0.01
    assert 0.6 < high[0] < 0.7


def test_a_rate_that_is_negative_without_a_cluster_moves_as_far_as_one_that_is_0():
    negative, nothing = (
        jackknife(np.array([1.0]), np.array([[least], [1.2], [1.1], [0.9]]), Scale.rate) for least in (-0.3, 0.0)
    )
    assert negative.variance == nothing.variance > 0.5
    assert negative.freedom == nothing.freedom


def test_limits_are_a_t_interval_of_logits():
    low, high = t_limits(np.array([0.2]), Spread(np.array([0.3**2]), np.array([7.0])), 0.95)
    reach = t.ppf(0.975, 7) * 0.3
    assert logit([low[0], high[0]]) == pytest.approx([logit(0.2) - reach, logit(0.2) + reach])


def test_what_was_never_seen_or_always_has_no_limits():
    low, high = t_limits(np.array([0.0, 1.0, 0.5]), Spread(np.zeros(3), np.full(3, 7.0)), 0.95)
    assert np.isnan(low[:2]).all()
    assert np.isnan(high[:2]).all()
    assert (low[2], high[2]) == (0.5, 0.5)  # no variation


@pytest.mark.parametrize(
    ("given", "share", "weights"),
    [
        (NESTED, Pooled(), [3 / 9, 1 / 9, 2 / 9, 2 / 9, 1 / 9]),
        (NESTED, MeanOfAnimals(), [1 / 5] * 5),
        (FOCAL, MeanOfAnimals(), [3 / 8, 1 / 8, 2 / 8, 2 / 8]),  # of each animal's half
    ],
)
def test_cells_count_by_their_times(given, share, weights):
    whole = np.array([3.0, 1, 2, 2, 1])[: len(given[0])]
    assert share.weights(Cells(*given, np.ones((len(whole), 1)), whole)) == pytest.approx(weights)


@pytest.mark.parametrize(
    ("whole", "worth", "told"),
    [
        ([1, 1, 1, 1], 4, ""),
        ([3, 1, 1, 1], 3, ""),  # 36 of 12
        ([9, 1, 1, 1], 144 / 84, "4 sessions, so unequal that they count as 1.7 (2 are needed)"),
    ],
)
def test_units_that_are_watched_unequally_count_as_fewer(whole, worth, told):
    made = Cells(np.arange(4), np.arange(4), np.ones((4, 1)), np.array(whole, dtype=float))
    found = Clusters.of(made.session, made.animal).effective(Pooled(), made)
    assert found == pytest.approx(worth)
    assert too_unequal(found, "4 sessions", 4) == told


def test_the_scarcer_of_two_kinds_says_what_they_are_worth():
    made = Cells(*CROSSED, np.ones((6, 1)), np.array([1.0, 3, 1, 3, 1, 3]))  # sessions alike, of animals one thrice
    assert Clusters.of(*CROSSED).effective(Pooled(), made) == pytest.approx(16 / 10)


def test_degrees_of_freedom_are_those_that_contributions_show_and_at_most_what_the_units_are_worth():
    rng = np.random.default_rng(0)
    without = rng.uniform(0.3, 0.32, (9, 3))
    without[0, 2] = 0.5  # one that moves more than all others
    middle, weights = np.full(3, 0.31), np.array([0.2, *[0.1] * 8])
    contributions = (logit(without) - logit(without).mean(axis=0)) ** 2
    shown = 2 * contributions.sum(axis=0) ** 2 / (9 * sem(contributions)) ** 2  # Pan and Wall
    assert 2 < shown[2] < 3 < 7.4 < shown[:2].min()
    assert jackknife(middle, without).freedom == pytest.approx(np.minimum(shown, 8))
    assert jackknife(middle, without, weights=weights).freedom == pytest.approx(np.minimum(shown, 1 / 0.12 - 1))


def test_degrees_of_freedom_of_a_sum_are_those_of_welch():
    rng = np.random.default_rng(0)
    groups = rng.normal(0, 1, 7), rng.normal(0, 3, 12)
    first, second = (Spread(np.array([own.var(ddof=1) / len(own)]), np.array([len(own) - 1.0])) for own in groups)
    assert (first + second).freedom == pytest.approx([ttest_ind(*groups, equal_var=False).df])
    nothing = Spread(np.zeros(1), np.array([4.0]))
    assert (nothing + first).freedom == pytest.approx([6])
    assert (nothing + nothing).freedom == pytest.approx([4])


@pytest.mark.parametrize("unequal", [0.3, 1.2])  # standard deviation of log time; t of 9 degrees: 95 and 90 % at 1.2
def test_limits_cover_the_true_share_about_as_often_as_they_say(unequal):
    # 400 studies of 10 sessions, skewed shares (mean 0.1): 95 % +- 2.2 points of chance; plain percentiles come to 86 %
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(400):
        whole = 100 * np.exp(rng.normal(0, unequal, 10))
        made = Cells(np.arange(10), np.arange(10), (rng.beta(0.8, 7.2, 10) * whole)[:, None], whole)
        low, high = t_limits(Pooled()(made), Clusters.of(made.session, made.animal).spread(Pooled(), made), 0.95)
        covered.append(low[0] <= 0.1 <= high[0])
    assert 0.93 <= np.mean(covered) <= 0.97


def test_sessions_are_drawn_whole():
    clusters = Clusters.of(np.array([0, 0, 1, 2]), np.array([0, 1, 2, 3]))
    weights = clusters.drawn(400, 0)
    assert weights.shape == (400, 4)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 1:].sum(axis=1) == 3).all()
    assert weights.mean(axis=0) == pytest.approx([1, 1, 1, 1], abs=0.15)
    assert (clusters.drawn(400, 0) == weights).all()


def test_crossed_kinds_are_drawn_each_by_itself():
    weights = Clusters.of(*CROSSED).drawn(4000, 0)
    assert (weights[:, 0] * weights[:, 3] == weights[:, 1] * weights[:, 2]).all()  # each a session's times an animal's
    assert weights.mean(axis=0) == pytest.approx(np.ones(6), abs=0.08)


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
