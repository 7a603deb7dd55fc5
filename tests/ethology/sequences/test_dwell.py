"""Against scipy's and statsmodels' survival curves, scipy's fits of censored data, and chains of known shares."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from pipeline.ethology.sequences.dwell import dwell_times, stationary
from pipeline.ethology.sequences.memory import memory, pulls
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
    assert (stats.chi2.sf(min(fit.weibull_g2, fit.gamma_g2), 1) < 1e-6) == (shape != 1.0)


def test_what_smoothing_took_out_is_no_memory():
    rng = np.random.default_rng(2)
    g2 = []
    for _ in range(60):
        times = rng.exponential(4, 300)
        times = times[times >= 2]  # bouts under 2 s are merged into their neighbours
        fit = memory(times, times > 0, 2.0)
        g2.append((fit.weibull_g2, fit.gamma_g2))
        assert memory(times, times > 0, 0.0).weibull_g2 > 10.8  # not told of it, every one seems to have a memory
    assert (stats.chi2.sf(g2, 1) < 0.05).mean(axis=0) == pytest.approx([0.05, 0.05], abs=0.07)


@pytest.mark.parametrize("shortest_s", [0.0, 2.0])
def test_the_pulls_of_bouts_are_what_refits_without_them_show(shortest_s):
    rng = np.random.default_rng(3)
    times, cut = rng.weibull(1.5, 400) * 8, rng.exponential(20, 400)
    over, times = times <= cut, np.minimum(times, cut)
    times, over = times[times >= shortest_s], over[times >= shortest_s]
    shape = memory(times, over, shortest_s).weibull_shape
    parts, whole = pulls(times, over, shortest_s, shape)
    assert parts.sum() / whole.sum() == pytest.approx(shape)
    for first in range(0, 320, 80):
        kept = np.ones(len(times), dtype=bool)
        kept[first : first + 20] = False
        refitted = memory(times[kept], over[kept], shortest_s).weibull_shape
        assert abs(refitted - shape) > 0.001
        assert parts[kept].sum() / whole[kept].sum() - shape == pytest.approx(refitted - shape, abs=0.004)


def test_bouts_of_one_session_are_not_independent_in_the_test_of_memory():
    rng, found = np.random.default_rng(4), []
    bouts = from_codes({name: [1, *[0, 1] * 25, 0] for name in "abcdefghij"}, "AB")
    session = pd.factorize(bouts["session"])[0]
    for _ in range(40):  # sessions differ in shape, on average there is no memory
        times = rng.weibull(np.exp(rng.normal(0, 0.3, 10))[session]) + 0.01
        starts = times.cumsum() - times
        some = bouts.assign(start_s=starts, stop_s=starts + times, duration_s=times)
        row = dwell_times(some, ethogram("AB"), statistics(), settings())[0].iloc[0]
        found.append((row["shape_p"] < 0.05, stats.chi2.sf(row["weibull_g2"], 1) < 0.05))
        assert row["shape_low"] < row["weibull_shape"] < row["shape_high"]
    ours, as_if_independent = np.mean(found, axis=0)
    assert ours <= 0.15 < 0.2 <= as_if_independent


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
        "mean: no interval: only 1 session (6 are needed); no fit: 1 ended bout, fewer than 10"
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


def test_a_behaviour_of_one_session_has_no_limits_over_its_animals():
    words = {f"{day}/v.mp4": {k: ("ACB" if day else "AC" + "B" * k + "A") for k in range(1, 8)} for day in range(6)}
    names = {f"{video}#{track}": f"{video} {track}" for video, of in words.items() for track in of}
    dwells, _, _ = made(bouts_of(words, names=names), by=["session"])
    dwells = dwells[(dwells["behaviour"] == "B") & (dwells["ended"] == 7)]
    pooled, day = (dwells[dwells["level"] == level].iloc[0] for level in ("pooled", "session"))
    assert pooled["method"].startswith("mean: no interval: only 1 session (6 are needed)")
    assert day["method"].startswith("mean: 95 % t interval over 7 named animals")
    assert np.isnan(pooled["ci_low"]) and day["ci_low"] < 4 < day["ci_high"]


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
    rng, parts = np.random.default_rng(2), []
    for name in "abcdefgh":
        code = np.concatenate([rng.permutation(3) for _ in range(20)])
        code = code[np.append(True, np.diff(code) != 0)]
        lasts = np.array([rng.weibull((0.8, 1.0, 1.3)[k]) + 0.01 for k in code])
        stop = np.cumsum(lasts)
        parts.append(from_codes({name: code}).assign(start_s=stop - lasts, stop_s=stop, duration_s=lasts))
    dwells, _, _ = dwell_times(pd.concat(parts), ethogram("ABC"), statistics(), settings())
    expected = multipletests(dwells["shape_p"], method="holm")[1]
    assert dwells["shape_p_corrected"].tolist() == pytest.approx(expected.tolist(), abs=3e-6)  # rounded, times 3
    assert (dwells["shape_p_corrected"] > dwells["shape_p"]).any()
