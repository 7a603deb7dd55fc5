"""How often bouts begin and how long they last, in two conditions: by hand, against scipy and statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import permutation_test, t, ttest_ind

from pipeline.errors import TableError, UsageError
from pipeline.ethology.contrasts.bouts import compare_bouts
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.contrasts.tables import BOUT_CONTRASTS
from pipeline.tables import BOUTS
from tests.ethology.correction.made import row
from tests.ethology.made import bouts_of, ethogram, statistics

SIX = ["open"] * 6 + ["shrub"] * 6


def table(words, habitat=None, animals=1):
    """A session a word, with so many animals that all do it, in a habitat a session."""
    tracks = {100 * day + animal: word for day, word in enumerate(words) for animal in range(animals)}
    made = bouts_of({"v.mp4": tracks}, names={("v.mp4", track): f"z{track}" for track in tracks})
    day = made["track"] // 100
    return made.assign(session=day.map("{:02}".format), habitat=[(habitat or SIX)[number] for number in day])


def made(given, letters="ABC", min_units=6, conditions=(), min_ended=1, **changes):
    how = ethogram(letters), statistics(min_units=min_units), ContrastSettings(**{"permutations": 999} | changes)
    return compare_bouts(given, "habitat", *how, conditions, min_ended)


def drawn(rng, a_s, b_s, lasts=400):
    """A record that begins and ends anywhere in bouts of A and B of these mean lengths."""
    word, letter = "", rng.permutation(["A", "B"])
    while len(word) < lasts + 200:
        word += str(letter[0]) * rng.geometric(1 / (a_s if letter[0] == "A" else b_s))
        letter = letter[::-1]
    return word[200:][:lasts]


def broken(word, every):
    """The same record, not recognized for a moment every so often."""
    return "".join("?" if k % every == 0 else letter for k, letter in enumerate(word))


def test_figures_by_hand():
    found = made(table(["AAABBAA", "ABABAB", "AABA"], ["open", "open", "shrub"]), min_units=2)
    a, b = (row(found, behaviour=name) for name in "AB")
    # seconds, starts, ends of A: 5, 1, 1 in 7 s; 3, 2, 3 in 6 s; and 3, 1, 1 in 4 s
    starts = 3600 * (1 / 7 + 2 / 6) / 2
    length = (5 / 7 + 3 / 6) / (1 / 7 + 3 / 6)
    assert a[["starts_first", "ends_first", "starts_second", "ends_second"]].tolist() == [3, 4, 1, 1]
    assert a[["starts_per_h_first", "starts_per_h_second"]].tolist() == pytest.approx([starts, 900], abs=1e-6)
    assert a[["length_s_first", "length_s_second"]].tolist() == pytest.approx([length, 3], abs=1e-6)
    assert (a["rate_ratio"], a["length_ratio"]) == pytest.approx((900 / starts, 3 / length), abs=1e-6)
    assert b[["length_s_second", "starts_per_h_second"]].tolist() == [1, 900]
    assert a[["replicates_ends_first", "replicates_ends_second"]].tolist() == [2, 1]
    assert a["method"] == (
        "only 1 session in shrub (2 are needed); "
        "habitat is constant within each session: sessions are the replicates, not their animals"
    )
    assert found[["rate_ratio_low", "p_rate", "length_ratio_low", "p_length"]].isna().all(axis=None)
    assert set(found["correction"]) == {""}


@pytest.fixture(scope="module")
def longer():
    """Bouts of A are twice as long in shrub, and begin as often."""
    rng = np.random.default_rng(4)
    return table([drawn(rng, *((6, 18) if habitat == "open" else (12, 12))) for habitat in SIX])


def by_unit(given):
    """Of A: starts an hour, share of time, ends a second, condition; of each session, counted one by one."""
    units = []
    for _, own in given.groupby("session"):
        visible, a = own["duration_s"].sum(), own[own["behaviour"] == "A"]
        starts, ends = (~a["censored_start"]).sum(), (~a["censored_stop"]).sum()
        second = own["habitat"].iloc[0] == "shrub"
        units.append((3600 * starts / visible, a["duration_s"].sum() / visible, ends / visible, second))
    return np.array(units, dtype=float).T


def test_longer_bouts_are_found_and_no_other_rate(longer):
    a = row(made(longer), behaviour="A")
    assert a["length_ratio_low"] < 2 < a["length_ratio_high"] < 4
    assert a["length_ratio_low"] > 1.2
    assert a["p_length_corrected"] < 0.02
    assert a["rate_ratio_low"] < 1 < a["rate_ratio_high"]
    assert a["p_rate"] > 0.05
    assert a["correction"] == "holm over 2 rates and over 2 lengths"
    assert a["method"].startswith("means of named animals; 95 % t limits over sessions; all 924 shuffles of the cond")


def jackknifed(counts, time, second):
    """Ratio of rates and its limits: Poisson regressions without each unit, with Welch's degrees of freedom."""

    def of(kept):
        family = sm.families.Poisson()
        return sm.GLM(counts[kept], sm.add_constant(second[kept]), family=family, exposure=time[kept]).fit().params[1]

    every = np.arange(len(counts))
    without = np.array([of(every != unit) for unit in every])
    each = [5 * without[second == half].var() for half in (0, 1)]
    reach = t.ppf(0.975, 5 * sum(each) ** 2 / sum(one**2 for one in each)) * np.sqrt(sum(each))
    return np.exp(of(every >= 0) + np.array([0, -reach, reach]))


def test_limits_are_those_of_poisson_regressions_without_each_unit(longer):
    rates, time, ends, second = by_unit(longer)  # every animal's hour is as heavy as any other's
    a = row(made(longer), behaviour="A")
    ratio, low, high = 1 / jackknifed(ends, time, second)
    assert a[["length_ratio", "length_ratio_high", "length_ratio_low"]].tolist() == pytest.approx([ratio, low, high])
    limits = jackknifed(rates, np.ones(12), second)
    assert a[["rate_ratio", "rate_ratio_low", "rate_ratio_high"]].tolist() == pytest.approx(limits, rel=1e-5)


def test_p_is_scipys_exact_test(longer):
    rates, time, ends, second = by_unit(longer)
    units = np.arange(12)[second == 0], np.arange(12)[second == 1]

    def lengths(first, other):
        return abs(np.log(time[other].mean() / ends[other].mean() * ends[first].mean() / time[first].mean()))

    a = row(made(longer), behaviour="A")
    how = {"permutation_type": "independent", "alternative": "greater", "vectorized": False}
    assert a["p_length"] == pytest.approx(permutation_test(units, lengths, **how).pvalue, abs=1e-6)
    often = permutation_test(units, lambda one, two: abs(np.log(rates[two].mean() / rates[one].mean())), **how)
    assert a["p_rate"] == pytest.approx(often.pvalue, abs=1e-6)


def test_a_record_that_is_broken_more_is_no_difference():
    # the same animals' habits; in shrub something hides them every 12 s: whole bouts alone seem shorter there
    rng = np.random.default_rng(1)
    given = table([broken(drawn(rng, 8, 8), 12 if habitat == "shrub" else 200) for habitat in SIX])
    a = row(made(given), behaviour="A")
    whole = given[(given["behaviour"] == "A") & ~given["censored_start"] & ~given["censored_stop"]]
    lasts = whole.groupby(["habitat", "session"])["duration_s"].mean()
    assert lasts["shrub"].mean() < 0.6 * lasts["open"].mean()
    assert ttest_ind(lasts["open"], lasts["shrub"]).pvalue < 0.001
    assert a["length_ratio_low"] < 1 < a["length_ratio_high"]
    assert (a["p_length"] > 0.1, a["p_rate"] > 0.1) == (True, True)


def test_more_animals_of_a_session_say_no_more(longer):
    words = ["".join(own["behaviour"].to_numpy().repeat(own["duration_s"].to_numpy(dtype=int)))
             for _, own in longer.groupby("session")]  # fmt: skip
    one, many = (row(made(table(words, animals=number)), behaviour="A") for number in (1, 5))
    assert (many["replicate"], many["constant_within_session"], many["units_first"]) == ("session", True, 30)
    same = ["rate_ratio_low", "p_rate", "length_ratio", "length_ratio_high", "p_length", "replicates_ends_second"]
    assert many[same].tolist() == one[same].tolist()


def test_animals_that_are_seen_in_both_are_their_own_control():
    # lengths differ between animals by far more than between conditions; each session has one in either
    words = {(k, half): "A" + ("BBB" + "A" * (8 * k + 20 + half)) * 4 for k in range(6) for half in (0, 1)}
    seen = {(f"{day:02}/v.mp4", track): (track, (day + track) % 6) for day in range(6) for track in (0, 1)}
    videos = {video: {track: words[seen[video, track][::-1]] for track in (0, 1)} for video, _ in seen}
    given = bouts_of(videos, names={key: f"z{animal}" for key, (_, animal) in seen.items()})
    a = row(made(given.assign(habitat=given["track"].map({0: "open", 1: "shrub"}))), behaviour="A")
    assert a[["replicate", "replicates_both", "arrangements"]].tolist() == ["individual", 6, 64]
    assert 1 < a["length_ratio_low"] < a["length_ratio"] < a["length_ratio_high"] < 1.1
    assert a["p_length"] == pytest.approx(2 / 64, abs=1e-6)


def test_what_one_condition_never_shows():
    rng = np.random.default_rng(3)
    words = [drawn(rng, 5, 5, 60) + "CC" * (habitat == "open") + "B" for habitat in SIX]
    found = made(table(words), "ABCD")
    c, d = (row(found, behaviour=name) for name in "CD")
    assert c["method"].endswith("; never seen in shrub: no ratio")
    assert c["p_rate"] == pytest.approx(2 / 924, abs=1e-6)  # all six begin it in one condition, none in the other
    assert c[["rate_ratio", "rate_ratio_low", "length_ratio", "p_length", "length_s_second"]].isna().all()
    assert c[["length_s_first", "starts_per_h_second"]].tolist() == [2, 0]
    assert d["method"].endswith("; never seen")
    assert d[["p_rate", "p_length", "rate_ratio"]].isna().all()
    assert c["correction"] == "holm over 3 rates and over 2 lengths"  # D is no test among them


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["BAAB"] * 6 + ["AAAA"] * 6,
            "no start seen in shrub: no ratio of rates; no bout seen to end in shrub: no ratio of",
        ),
        (["BAAB"] * 6 + ["BAAA"] * 6, "; no bout seen to end in shrub: no ratio of lengths"),
        (["BAAB"] * 6 + ["BAAA"] * 5 + ["BAB"], "; a bout was seen to end in too few replicates: no test of lengths"),
    ],
)
def test_bouts_that_are_all_cut(words, told):
    a = row(made(table(words)), behaviour="A")
    assert told in a["method"]
    assert a[["p_length", "length_ratio_low"]].isna().all()
    assert pd.notna(a["p_rate"])
    assert pd.isna(a["length_ratio"]) == ("no bout seen to end" in told)


def test_a_length_of_few_ends_is_none():
    few = row(made(table(["BAAB"] * 6 + ["BAAA"] * 2 + ["BAB"] * 4), min_ended=5), behaviour="A")
    assert few[["ends_first", "ends_second", "length_s_first"]].tolist() == [6, 4, 2]
    assert few[["length_s_second", "length_ratio", "length_ratio_low", "p_length"]].isna().all()
    assert few["method"].endswith("; fewer than 5 bouts seen to end in shrub: no ratio of lengths")
    enough = row(made(table(["BAAB"] * 6 + ["BAAA"] + ["BAB"] * 5), min_ended=5, min_units=5), behaviour="A")
    assert enough["p_length"] > 0


@pytest.mark.parametrize(("ends", "told"), [(9, True), (10, False)])
def test_limits_of_few_bouts_are_not_as_sure(ends, told):
    words = ["BAB"] * 5 + ["BA" * (ends - 5) + "B"] + ["BABAB"] * 6
    a = row(made(table(words)), behaviour="A")
    few = "; fewer than 10 bouts seen to end in open: limits of lengths may hold less often than they say"
    assert a["method"].endswith(few) == told
    assert pd.notna(a["length_ratio_low"])


def test_sessions_as_the_unit_need_no_names_and_nobody_has_a_reason():
    nameless = table(["ABABA"] * 12, animals=2).assign(subject=lambda rows: "v.mp4#" + rows["track"].astype(str))
    a = row(made(nameless, replicate=Replicate.session), behaviour="A")
    assert (a["rate_ratio"], a["length_ratio"], a["p_rate"], a["units_first"]) == (1, 1, 1, 6)
    nobody = made(nameless)
    assert set(nobody["method"]) == {"no recognized time of a named animal in open and shrub"}
    assert nobody[["starts_per_h_first", "length_s_first"]].isna().all(axis=None)
    gone = made(table(["AB"] * 12), conditions=("open", "swamp"))
    assert set(gone["method"]) == {"no recognized time of a named animal in swamp"}


def test_the_table_is_as_declared_and_the_same_again(longer):
    first, second = made(longer), made(longer)
    pd.testing.assert_frame_equal(BOUT_CONTRASTS.cast(first), first)
    pd.testing.assert_frame_equal(first, second)
    assert made(BOUTS.empty().assign(habitat=""), conditions=("a", "b"))["starts_first"].tolist() == [0, 0, 0]


def test_what_cannot_be_compared(longer):
    with pytest.raises(UsageError, match="a comparison needs two values of column habitat, which has open, shrub"):
        made(longer, conditions=("open", "open"))
    with pytest.raises(TableError, match="overlap another bout"):
        made(pd.concat([longer, longer]))


def test_joined_bouts_are_one_by_hand():
    words = ["BBBAABAABBB", "ABBAAB"]
    kept = table(words, ["open", "shrub"])
    how = ethogram("AB"), statistics(min_units=2), ContrastSettings(permutations=99)
    found = compare_bouts(kept, "habitat", *how, gap_s={("behaviour", "A"): 1.0, ("behaviour", "B"): 0.0})
    a, b = (row(found, behaviour=name) for name in "AB")
    # AABAA is one bout of 5 of 11 s, begun and ended in the 10 s in which that can be told; in shrub A and AA are two
    assert a[["starts_first", "ends_first", "starts_second", "ends_second"]].tolist() == [1, 1, 1, 2]
    assert a[["starts_per_h_first", "starts_per_h_second"]].tolist() == pytest.approx([360, 3600 / 5], abs=1e-6)
    assert a[["length_s_first", "length_s_second"]].tolist() == pytest.approx([5 / 11 * 10, 3 / 6 * 5 / 2], abs=1e-6)
    assert b[["starts_first", "ends_first"]].tolist() == [2, 2]


def seen_calling():
    """Twelve animals, six in each habitat; those in shrub do S three times as often."""
    rng, of = np.random.default_rng(5), ethogram("AB", "S")
    tracks = dict.fromkeys(range(12), "ABA?" * 10 + "B" * 20)
    often = [0.1] * 6 + [0.3] * 6
    happen = {day: "".join(rng.choice(["S", "."], 60, p=[often[day], 1 - often[day]])) for day in range(12)}
    names = {("v.mp4", day): f"z{day}" for day in range(12)}
    given = bouts_of({"v.mp4": tracks}, of, names, {"v.mp4": happen})
    return of, given.assign(session=given["track"].map("{:02}".format), habitat=[SIX[day] for day in given["track"]])


def test_of_events_rates_of_time_in_sight_are_compared():
    of, given = seen_calling()
    found = compare_bouts(given, "habitat", of, statistics(), ContrastSettings(permutations=999))
    s = row(found, behaviour="S")
    rates = np.array([(given["behaviour"].eq("S") & given["track"].eq(day)).sum() * 60.0 for day in range(12)])
    assert s[["starts_per_h_first", "starts_per_h_second"]].tolist() == [rates[:6].mean(), rates[6:].mean()]
    exact = permutation_test(
        (rates[:6], rates[6:]),
        lambda one, two: abs(np.log(two.mean() / one.mean())),
        permutation_type="independent",
        alternative="greater",
        vectorized=False,
    )
    assert s["p_rate"] == pytest.approx(exact.pvalue, abs=1e-6)
    assert (s["kind"], s["set"], s["correction"]) == ("event", "event", "holm over 1 rate")
    assert s[["length_s_first", "length_ratio", "p_length"]].isna().all()
    assert "ratio of lengths" not in s["method"]
    assert set(compare_budgets(given, "habitat", of, statistics(), ContrastSettings())["set"]) == {"behaviour"}
