import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.observers.compare import observers, spacing
from pipeline.ethology.observers.settings import DesignSettings, ObserverSettings
from pipeline.ethology.observers.tables import OBSERVERS
from pipeline.ethology.record import record
from pipeline.tables import BOUTS
from tests.ethology.made import bouts_of, ethogram
from tests.ethology.observers.test_sampling import random_words

SETTINGS = ObserverSettings(intervals_s=[2, 10], focal_s=[20], offsets=20)


def table(words, settings=SETTINGS, **more):
    found = observers(
        record(bouts_of({"v.mp4": dict(enumerate(words, 1))}, **more), more.get("of", ethogram())), settings
    )
    return found.set_index(["method", "interval_s", "behaviour", "figure"])


def test_one_row_for_every_method_interval_behaviour_and_figure():
    found = table(random_words(0))
    assert len(found) == (3 * 2 + 1) * 3 * 2
    assert found.index.is_unique
    assert set(found.index.get_level_values("figure")) == {"share of time", "share of intervals", "starts per hour"}
    of_intervals = found.xs("share of intervals", level="figure")
    assert set(of_intervals.index.get_level_values("method")) == {"one-zero"}
    assert of_intervals["note"].str.contains("not a share of time").all()


def test_truth_is_the_record_and_the_error_is_bias_and_chance():
    words = random_words(1, animals=6)
    found = table(words)
    whole = "".join(words)
    truth = whole.count("A") / sum(whole.count(name) for name in "ABC")
    row = found.loc[("scan", 10.0, "A", "share of time")]
    assert row["truth"] == pytest.approx(truth, abs=1e-6)
    assert row["bias"] == pytest.approx(row["mean"] - truth, abs=2e-6)
    assert row["rmse"] ** 2 == pytest.approx(row["bias"] ** 2 + row["sd"] ** 2, abs=1e-5)
    assert (row["offsets"], row["note"]) == (10, "all offsets in steps of 1 s")
    starts = sum(word[k] == "A" and word[k - 1] in "BC" for word in words for k in range(1, len(word)))
    hours = sum(whole.count(name) for name in "ABC") / 3600
    assert found.loc[("focal", 20.0, "A", "starts per hour"), "truth"] == pytest.approx(starts / hours, abs=1e-5)


def test_known_truth_points_are_unbiased_and_one_zero_is_not():
    # 20 animals, exponential states of 8 s: by Altmann, points show the share whatever the interval, one-zero does not
    rng, words = np.random.default_rng(2), []
    for _ in range(20):
        runs = np.maximum(np.rint(rng.exponential(8, 120)), 1).astype(int)
        words.append("".join("AB"[k % 2] * n for k, n in enumerate(runs))[:600])
    found = table(words, ObserverSettings(intervals_s=[5, 20, 60], focal_s=[60], offsets=60))
    shares = found[found.index.get_level_values("figure").str.startswith("share")].xs("A", level="behaviour")
    shares = shares.droplevel("figure")
    for method in ("instantaneous", "scan"):
        rows = shares.loc[method]
        assert (rows["bias"].abs() < 4 * rows["sd"] / np.sqrt(rows["offsets"]) + 1e-4).all()
        assert (np.diff(rows["rmse"]) > 0).all()  # fewer points, more chance
    assert (shares.loc["one-zero", "bias"] > 0.1).all()
    assert (np.diff(shares.loc["one-zero", "bias"]) > 0).all()
    rates = found.xs("starts per hour", level="figure").xs("A", level="behaviour")
    assert (rates.loc["scan", "bias"] < 0).all()  # short states lie between two points
    assert abs(rates.loc[("focal", 60.0), "bias"]) < 0.1 * rates.loc[("focal", 60.0), "truth"]


def test_events_have_intervals_and_a_rate_but_no_share_of_time():
    of = ethogram("AB", events="S")
    found = table(["A" * 40], of=of, events={"v.mp4": {1: ("?" * 9 + "S") * 4}}).xs("S", level="behaviour")
    assert set(found.index.droplevel("interval_s")) == {
        ("one-zero", "share of intervals"),
        ("focal", "starts per hour"),
    }
    assert found.loc[("one-zero", 10.0, "share of intervals"), "mean"] == pytest.approx(1.0)
    assert np.isnan(found.loc[("one-zero", 10.0, "share of intervals"), "bias"])  # there is no share of time to miss
    row = found.loc[("focal", 20.0, "starts per hour")]
    assert row["mean"] == row["truth"] == pytest.approx(360)


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ([], 0),  # nobody
        (["-" * 30], 42),  # no visible time
        (["A"], 42),  # one bout, shorter than every interval
    ],
)
def test_too_little(words, rows):
    found = table(words)
    assert len(found) == rows
    if words and "A" not in words:
        assert found["mean"].isna().all()
        assert set(found["note"]) == {"no estimate: nothing visible was sampled"}
        assert (found["offsets"] == 0).all()
    if words == ["A"]:
        assert set(found["note"]) == {"no estimate: longer than the longest video, 1 s"}
    assert observers(record(BOUTS.empty(), ethogram()), SETTINGS).columns.tolist() == OBSERVERS.names


def test_what_is_longer_than_every_video_is_not_tried():
    given = {"long.mp4": {1: random_words(0)[0][:50]}, "short.mp4": {1: random_words(1)[0][:15]}}
    settings = ObserverSettings(intervals_s=[10, 50, 60], focal_s=[20, 51], offsets=20)
    found = observers(record(bouts_of(given), ethogram()), settings)
    tried = found[found["rmse"].notna()]
    assert set(zip(tried["method"] == "focal", tried["interval_s"], strict=True)) == {
        (False, 10), (False, 50), (True, 20),
    }  # fmt: skip
    rest = found[found["interval_s"] > 50]
    assert set(rest["note"]) == {"no estimate: longer than the longest video, 50 s"}
    assert (rest[["offsets", "records", "observer_min"]] == 0).all(axis=None)
    assert rest["truth"].notna().all()


def test_the_same_seed_gives_the_same_table():
    again = [table(random_words(3)) for _ in range(2)]
    assert again[0].equals(again[1])
    other = table(random_words(3), ObserverSettings(intervals_s=[2, 10], focal_s=[20], offsets=20, seed=1))
    assert not again[0].loc["instantaneous"].equals(other.loc["instantaneous"])
    alone = table(random_words(3), ObserverSettings(intervals_s=[10], focal_s=[], offsets=20))
    assert alone.loc["instantaneous"].equals(again[0].loc["instantaneous"].loc[[10.0]])  # whatever else is asked for


def test_bernsteins_interval_by_hand():
    word = "BAABAAAABAAAAAAB" * 4 + "?A"
    found = spacing(record(bouts_of({"v.mp4": {1: word}}), ethogram())).set_index("behaviour")
    # A: four times 2, 4 and 6 s from start to stop (the last is cut): mean 4, variance 4 * (4 + 0 + 4) / 11
    sd = (32 / 11) ** 0.5
    assert found.loc["A", ["n", "mean_s", "sd_s", "interval_s"]].tolist() == pytest.approx([12, 4, sd, 4 + 1.96 * sd])
    assert found.loc["A", "note"] == ""


@pytest.mark.parametrize(("times", "given"), [(0, False), (9, False), (10, True)])
def test_few_whole_bouts_give_no_interval(times, given):
    found = spacing(record(bouts_of({"v.mp4": {1: "B" + "AB" * times}}), ethogram())).set_index("behaviour").loc["A"]
    assert (found["n"], pd.notna(found["interval_s"])) == (times, given)
    assert found["note"] == ("" if given else "fewer than 10 bouts were seen from start to stop")


@pytest.mark.parametrize(
    ("make", "changes", "text"),
    [
        (ObserverSettings, {"intervals_s": [5, 0]}, r"intervals_s must be > 0, got \[5, 0\]"),
        (ObserverSettings, {"focal_s": [-1]}, r"focal_s must be > 0, got \[-1\]"),
        (ObserverSettings, {"offsets": 1}, "offsets must be >= 2, got 1"),
        (ObserverSettings, {"step_s": 0}, "step_s must be > 0, got 0"),
        (ObserverSettings, {"seed": -1}, "seed must be >= 0, got -1"),
        (DesignSettings, {"differences": [0.6]}, r"differences must be in \(0, 0.5\), got \[0.6\]"),
        (DesignSettings, {"minutes": [0]}, r"minutes must be > 0, got \[0\]"),
        (DesignSettings, {"power": 1}, r"power must be in \(0, 1\), got 1"),
        (DesignSettings, {"alpha": 0}, r"alpha must be in \(0, 1\), got 0"),
        (DesignSettings, {"block_s": 0}, "block_s must be > 0, got 0"),
        (DesignSettings, {"most_units": 2}, "most_units must be >= 3, got 2"),
        (DesignSettings, {"simulations": 10}, "simulations must be >= 100, got 10"),
        (DesignSettings, {"seed": -1}, "seed must be >= 0, got -1"),
    ],
)
def test_settings_are_checked(make, changes, text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        make(**changes)
