"""Against scipy's and statsmodels' survival curves, scipy's fits of censored data, and chains of known shares."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from pipeline.ethology.sequences.dwell import dwell_times, stationary
from pipeline.ethology.sequences.memory import memory
from pipeline.ethology.sequences.tables import DWELLS, SEMI_MARKOV, SURVIVAL
from pipeline.ethology.survival import product_limit
from pipeline.tables import BOUTS
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import bouts_of, from_codes, settings

TIMES = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35.0])
OVER = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)


def made(bouts, letters="ABC", **changes):
    return dwell_times(bouts, ethogram(letters), statistics(), settings(**changes))


def censored(times, over):
    return stats.CensoredData(uncensored=times[over], right=times[~over])


def test_the_curve_of_a_textbook():
    # weeks in remission, 6-mercaptopurine arm: Freireich et al. 1963, as worked by Kleinbaum and Klein, "Survival
    # Analysis", ch. 2: .857 .807 .753 .690 .627 .538 .448
    curve = product_limit(TIMES, OVER)
    assert curve.time_s.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.survival == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert curve.median_s() == 23


def test_the_curve_is_that_of_scipy_and_statsmodels():
    rng = np.random.default_rng(0)
    times, over = np.ceil(rng.exponential(20, 200)), rng.random(200) < 0.7
    curve, theirs = product_limit(times, over), stats.ecdf(censored(times, over)).sf
    assert curve.survival == pytest.approx(theirs.evaluate(curve.time_s))
    other = sm.SurvfuncRight(times, over.astype(int))
    assert (curve.median_s(), curve.survival.tolist()) == (other.quantile(0.5), pytest.approx(other.surv_prob.tolist()))


def test_the_mean_is_the_area_below_the_curve():
    assert product_limit(np.array([1.0, 3.0]), np.array([True, True])).mean_s(3) == 2
    cut = product_limit(np.array([1.0, 3.0]), np.array([True, False]))
    assert (cut.mean_s(3), np.isnan(cut.median_s())) == (2, False)  # 1 + 2 * 0.5
    assert np.isnan(product_limit(np.array([3.0]), np.array([False])).mean_s(3))


@pytest.mark.parametrize("shape", [0.6, 1.0, 2.5])
def test_fits_are_those_of_scipy(shape):
    rng = np.random.default_rng(1)
    times, cut = rng.weibull(shape, 400) * 8, rng.exponential(20, 400)
    over, times = times <= cut, np.minimum(times, cut)
    fit, data = memory(times, over, 0.0), censored(times, over)
    weibull, gamma = stats.weibull_min.fit(data, floc=0), stats.gamma.fit(data, floc=0)
    rate = over.sum() / times.sum()

    def log_likelihood(law):
        return law.logpdf(times[over]).sum() + law.logsf(times[~over]).sum()

    plain = log_likelihood(stats.expon(scale=1 / rate))
    assert fit.rate_per_s == pytest.approx(rate)
    assert fit.weibull_shape == pytest.approx(weibull[0], rel=1e-3)
    assert fit.gamma_shape == pytest.approx(gamma[0], rel=1e-3)
    assert fit.weibull_g2 == pytest.approx(2 * (log_likelihood(stats.weibull_min(*weibull)) - plain), abs=1e-3)
    assert fit.gamma_g2 == pytest.approx(2 * (log_likelihood(stats.gamma(*gamma)) - plain), abs=1e-3)
    assert (min(fit.weibull_p, fit.gamma_p) < 1e-6) == (shape != 1.0)


def test_what_smoothing_took_out_is_no_memory():
    rng = np.random.default_rng(2)
    p = []
    for _ in range(60):
        times = rng.exponential(4, 300)
        times = times[times >= 2]  # bouts under 2 s are merged into their neighbours
        fit = memory(times, times > 0, 2.0)
        p.append((fit.weibull_p, fit.gamma_p))
        assert memory(times, times > 0, 0.0).weibull_p < 1e-3  # not told of it, every one seems to have a memory
    assert (np.array(p) < 0.05).mean(axis=0) == pytest.approx([0.05, 0.05], abs=0.07)


@pytest.mark.parametrize(
    ("times", "over"), [([], []), ([2.0], [False]), ([0.0, 0.0], [True, True]), ([1.0], [True])]
)  # nothing, nothing that ended, no time at all; one bout has a rate
def test_too_little_to_fit(times, over):
    fit = memory(np.array(times), np.array(over, dtype=bool), 0.0)
    assert np.isnan(fit.rate_per_s) == (times != [1.0])


def test_bouts_by_how_they_were_seen():
    # A from the start (its start was not seen), B whole, A whole, C to the end (its stop was not seen)
    dwells, curves, _ = made(bouts_of({"v.mp4": {1: "AABBBACCCC"}}))
    told = dwells.set_index("behaviour")[["ended", "right_censored", "left_censored", "mean_s"]]
    assert told.loc["A"].tolist() == [1, 0, 1, 1]
    assert told.loc["B"].tolist() == [1, 0, 0, 3]
    assert told.loc["C"].fillna(-1).tolist() == [0, 1, 0, -1]
    assert curves[["behaviour", "time_s", "at_risk", "ended", "survival"]].to_numpy().tolist() == [
        ["A", 1, 1, 1, 0],
        ["B", 3, 1, 1, 0],
    ]
    assert dwells["method"].str.contains("no fit: ").all()
    assert dwells["ci_low"].isna().all()
    assert dwells["method"].iloc[0] == (
        "mean: no interval: only 0 named animals (6 are needed); no fit: 1 ended bout, fewer than 10"
    )


def test_a_semi_markov_chain_of_known_shares():
    # to and fro, A 3 s and B 1 s: half of the visits each, three quarters of the time
    _, _, chain = made(bouts_of({"v.mp4": {1: "B" + "AAAB" * 30 + "A"}}, "AB"), "AB")
    assert chain["visits"].tolist() == pytest.approx([0.5, 0.5])
    assert chain["share_implied"].tolist() == pytest.approx([0.75, 0.25])
    assert chain["share_observed"].tolist() == pytest.approx([91 / 122, 31 / 122], abs=1e-6)


def test_the_stationary_chain_is_the_eigenvector():
    counts = np.array([[0, 30, 12, 8], [25, 0, 20, 5], [15, 18, 0, 9], [10, 4, 7, 0]])
    values, vectors = np.linalg.eig((counts / counts.sum(axis=1, keepdims=True)).T)
    vector = np.real(vectors[:, np.argmax(np.real(values))])
    assert stationary(counts)[0] == pytest.approx(vector / vector.sum())


@pytest.mark.parametrize(
    ("counts", "shares", "why_not"),
    [
        (np.zeros((2, 2)), None, "no transition was seen"),
        ([[0, 1], [0, 0]], None, "one behaviour was never left"),
        ([[0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 2], [0, 0, 2, 0]], None, "behaviours fall into groups that were never"),
        ([[0, 2, 0], [2, 0, 0], [1, 0, 0]], [0.5, 0.5, 0], ""),  # C is left and never comes back
        ([[0, 2, 0], [2, 0, 0], [0, 0, 0]], [0.5, 0.5, 0], ""),  # C was never seen
    ],
)
def test_chains_without_an_answer(counts, shares, why_not):
    found, told = stationary(np.array(counts, dtype=int))
    assert told.startswith(why_not) if why_not else told == ""
    assert np.isnan(found).all() if shares is None else found == pytest.approx(shares)


def test_six_sessions_give_limits_of_the_mean():
    words = {f"{day}/v.mp4": {1: "A" + "B" * (day + 1) + "ACA"} for day in range(6)}
    dwells, _, _ = made(bouts_of(words))
    row = dwells[dwells["behaviour"] == "B"].iloc[0]
    assert row["mean_s"] == 3.5
    assert 1 < row["ci_low"] < 3.5 < row["ci_high"] < 7
    assert row["method"].startswith("mean: 95 % t interval over 6 sessions; ")
    few, _, _ = made(bouts_of(dict(list(words.items())[:5])))
    assert few["method"].str.startswith("mean: no interval: only 5 sessions (6 are needed)").all()


@pytest.mark.parametrize("bouts", [BOUTS.empty(), bouts_of({"v.mp4": {1: "-?"}})])
def test_nothing(bouts):
    for table, found in zip((DWELLS, SURVIVAL, SEMI_MARKOV), made(bouts), strict=True):
        assert (found.columns.tolist(), len(found)) == (table.names, 0)


def test_one_behaviour_has_no_chain():
    dwells, _, chain = made(bouts_of({"v.mp4": {1: "AAAA"}}))
    assert dwells["left_censored"].tolist() == [1, 0, 0]
    assert (chain["method"] == "no transition was seen").all()
    assert chain["share_observed"].tolist() == [1, 0, 0]


def test_tables_are_as_declared_and_the_same_again():
    bouts = bouts_of({"v.mp4": {1: "AABBBACCABBCABAABBCCACBABCABC" * 4}})
    for table, first, second in zip((DWELLS, SURVIVAL, SEMI_MARKOV), made(bouts), made(bouts), strict=True):
        pd.testing.assert_frame_equal(table.cast(first), first)
        pd.testing.assert_frame_equal(first, second)


def test_p_of_several_behaviours_is_corrected_for_them_as_statsmodels_does():
    rng = np.random.default_rng(2)
    codes = np.concatenate([rng.permutation(3) for _ in range(60)])
    codes = codes[np.append(True, np.diff(codes) != 0)]
    lasts = np.array([rng.weibull((0.7, 1.0, 1.4)[code]) + 0.01 for code in codes])
    stop = np.cumsum(lasts)
    table = from_codes({"n": codes}).assign(start_s=stop - lasts, stop_s=stop, duration_s=lasts)
    dwells, _, _ = dwell_times(table, ethogram("ABC"), statistics(), settings())
    for name in ("weibull_p", "gamma_p"):
        expected = multipletests(dwells[name], method="holm")[1]
        assert dwells[f"{name}_corrected"].tolist() == pytest.approx(expected.tolist(), abs=3e-6)  # rounded, times 3
        assert (dwells[f"{name}_corrected"] > dwells[name]).any()
