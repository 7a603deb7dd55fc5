"""kabr-tools' case study of Grevy's zebras: its figures come out again, and what they are worth.

82 mini-scenes of 6 sessions are taken as independent there, each as heavy as any other, and ``Other`` holds occlusion.
Herd size is one per session (2 large, 4 small), habitat one per session but for one: 82 values say no more of them than
6 sessions do, and which of the two matters cannot be told apart from the session itself.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import ttest_ind

from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.ethogram import Behaviour, EthogramSettings, resolve
from tests.ethology.correction.made import bouts, row
from tests.ethology.made import statistics

pytestmark = pytest.mark.real
NAMES = ["Walk", "Head Up", "Graze", "Other"]


@pytest.fixture(scope="module")
def scenes(real):
    read = pd.read_csv(real / "published" / "grevystimebudgetscleaned.csv", encoding="utf-8-sig")
    return read.rename(columns={"Sesssion": "session", "Interval(sec)": "lasts", "Herd Size": "herd"})


@pytest.fixture(scope="module")
def record(scenes):
    """Each mini-scene as a track that nobody named, of its own length."""
    rows = [
        (f"s{one['session']}", "", "zebra", {name: one[name] * one["lasts"] for name in NAMES})
        for _, one in scenes.iterrows()
    ]
    return bouts(*rows, habitat=scenes["Habitat"].tolist(), herd=scenes["herd"].tolist())


def compared(record, by, min_units, **changes):
    known = resolve(EthogramSettings([Behaviour(name) for name in NAMES], {}), NAMES)
    settings = ContrastSettings(replicate=Replicate.session, **changes)
    return compare_budgets(record, by, known, statistics(min_units=min_units), settings)


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ("Habitat", {
            "Closed": {"n": 32, "Walk": (0.1000, 0.1557), "Head Up": (0.2086, 0.2867), "Graze": (0.6148, 0.3936)},
            "Open": {"n": 50, "Walk": (0.2493, 0.2701), "Head Up": (0.2657, 0.2907), "Graze": (0.4085, 0.3871)},
        }),
        ("herd", {
            "Large": {"n": 59, "Graze": (0.6739, None), "Walk": (0.0992, None), "Head Up": (0.1539, None)},
            "Small": {"n": 23, "Graze": (0.0149, None), "Walk": (0.4266, None), "Head Up": (0.4731, None)},
        }),
    ],
)  # fmt: skip
def test_their_means_come_out_again(scenes, column, wanted):
    for condition, figures in wanted.items():
        own = scenes[scenes[column] == condition]
        assert len(own) == figures.pop("n")
        for name, (mean, deviation) in figures.items():
            assert own[name].mean() == pytest.approx(mean, abs=5e-5)
            assert deviation is None or own[name].std() == pytest.approx(deviation, abs=5e-5)


def test_their_linear_models_come_out_again(scenes, real):
    theirs = pd.read_csv(real / "published" / "regression_summary.csv").set_index("Behavior")
    coded = scenes.assign(open=(scenes["Habitat"] == "Open") * 1.0, small=(scenes["herd"] == "Small") * 1.0)
    for name in NAMES:
        fitted = smf.ols(f"Q('{name}') ~ open + small", coded).fit()
        made = [fitted.rsquared, *fitted.params, *fitted.tvalues[["open", "small"]], *fitted.pvalues[["open", "small"]]]
        columns = ["R²", "Intercept", "Coef_Habitat", "Coef_Herd Size", "t_Habitat", "t_Herd Size", "p_Habitat",
                   "p_Herd Size"]  # fmt: skip
        assert made == pytest.approx(theirs.loc[name, columns].tolist(), rel=1e-6)


def test_herd_size_is_confounded_with_the_session(record):
    found = compared(record, "herd", min_units=6)
    graze = row(found, behaviour="Graze")
    assert graze[["replicates_first", "replicates_second", "replicates_both"]].tolist() == [2, 4, 0]
    assert graze["constant_within_session"]
    assert graze["method"] == (
        "only 2 sessions in Large and 4 sessions in Small (6 are needed); "
        "herd is constant within each session: sessions are the replicates, not their animals"
    )
    assert graze[["p", "difference_low"]].isna().all()


def test_six_sessions_cannot_say_what_82_scenes_seemed_to(record, scenes):
    # their p of herd size and Graze is 1e-14; 6 sessions can be dealt into 2 and 4 in 15 ways
    graze = row(compared(record, "herd", min_units=2), behaviour="Graze")
    assert graze["arrangements"] == 15
    assert graze["p"] == pytest.approx(1 / 15, abs=1e-6)  # the most extreme that there is
    by_session = scenes.assign(time=scenes["Graze"] * scenes["lasts"]).groupby(["session", "herd"])[["time", "lasts"]]
    shares = (by_session.sum()["time"] / by_session.sum()["lasts"]).reset_index(name="share")
    large, small = (shares["share"][shares["herd"] == size] for size in ("Large", "Small"))
    assert graze["difference"] == pytest.approx(small.mean() - large.mean(), abs=1e-4)
    interval = ttest_ind(small, large, equal_var=False).confidence_interval()
    assert (graze["difference_low"], graze["difference_high"]) == pytest.approx((interval.low, interval.high), abs=1e-3)


def test_habitat_says_nothing_by_session(record, scenes):
    found = compared(record, "habitat", min_units=2)
    walk = row(found, behaviour="Walk")
    assert walk[["replicates_first", "replicates_second", "replicates_both"]].tolist() == [3, 4, 1]
    assert not walk["constant_within_session"]  # session 3 has both
    assert walk["arrangements"] == 20
    assert ttest_ind(*(own["Walk"] for _, own in scenes.groupby("Habitat"))).pvalue < 0.01  # with scenes as replicates
    assert found["p"].min() == pytest.approx(0.1)
    assert np.sign(walk["difference_low"]) != np.sign(walk["difference_high"])
