import logging
from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from statsmodels.stats.multitest import multipletests

from pipeline.errors import UsageError
from pipeline.ethology.society.scene import positions
from pipeline.ethology.society.settings import Group
from pipeline.ethology.society.tables import VIGILANCE_CLASSES, VIGILANCE_GROUPS, VIGILANCE_TREND
from pipeline.ethology.society.vigilance import (
    set_of_vigilance,
    vigilance_classes,
    vigilance_groups,
    vigilance_sums,
    vigilance_trend,
)
from tests.ethology.made import ethogram, statistics
from tests.ethology.society.made import scene, settings


def found(*videos, **changed):
    """Groups of videos given as their key and the animals' behaviours; A is vigilance."""
    now = settings(**{"vigilance": ["A"]} | changed)
    sums = []
    for video, words in videos:
        paths = {k: [(100.0 * k, 500.0) if letter != "." else None for letter in w] for k, w in enumerate(words, 1)}
        made = scene(paths, video=video, words=dict(enumerate(words, start=1)))
        sums.append(vigilance_sums(positions(made, now), made.behaviours, ethogram("AB"), now))
    seconds, sizes = (pd.concat([part[k] for part in sums], ignore_index=True) for k in (0, 1))
    return vigilance_groups(seconds, sizes, now)


def whole(table):
    return table[table["species"] == "all"]


def test_nothing_is_called_vigilance_and_nobody_is_there():
    assert found(("v.mp4", ["AB"]), vigilance=[]).equals(VIGILANCE_GROUPS.empty())
    assert found(("v.mp4", [])).equals(VIGILANCE_GROUPS.empty())
    assert vigilance_classes(VIGILANCE_GROUPS.empty()).equals(VIGILANCE_CLASSES.empty())
    assert vigilance_trend(VIGILANCE_GROUPS.empty(), settings(), statistics()).equals(VIGILANCE_TREND.empty())


def test_a_group_that_can_be_counted():
    row = whole(found(("s/v.mp4", ["AABB", "B?..", "...A"]))).iloc[0]
    assert row[["group", "session", "n_tracks"]].tolist() == ["s", "s", 3]
    assert row["size"] == pytest.approx((2 + 2 + 1 + 2) / 4)
    assert (row["least"], row["most"], row["size_class"]) == (1, 2, "1")
    assert (row["vigilant_s"], row["visible_s"]) == (3, 6)  # the ? is in the group and not in the denominator
    assert row["share"] == 0.5


def test_a_still_is_no_group():
    """Its instant lasts no time: it has no mean size, and no share."""
    now = settings(vigilance=["A"])
    made = scene({1: [(100.0, 500.0)]}, video="photos/p.jpg", words={1: "A"})
    made.frames["duration_s"] = 0.0
    made.behaviours["duration_s"] = 0.0
    sums = vigilance_sums(positions(made, now), made.behaviours, ethogram("AB"), now)
    assert sums[0]["visible_s"].tolist() == [0]
    assert vigilance_groups(*sums, now).equals(VIGILANCE_GROUPS.empty())


def test_a_session_is_one_group_and_a_video_where_asked():
    videos = [("s/a.mp4", ["AB"]), ("s/b.mp4", ["AA", "AA"])]
    assert whole(found(*videos))["share"].tolist() == [pytest.approx(5 / 6)]
    by_video = whole(found(*videos, group=Group.video))
    assert by_video[["group", "session", "size", "share"]].to_numpy().tolist() == [
        ["s/a.mp4", "s", 1, 0.5],
        ["s/b.mp4", "s", 2, 1.0],
    ]


def groups(sizes, shares):
    """Sessions of so many animals; shares in tenths."""
    return found(
        *(
            (f"{n}/v.mp4", ["A" * a + "B" * (10 - a)] * size)
            for n, (size, a) in enumerate(zip(sizes, shares, strict=True))
        )
    )


def test_classes_have_one_value_a_group():
    table = whole(vigilance_classes(groups([1, 2, 3, 4, 5, 9], [9, 6, 4, 2, 1, 3])))
    assert table["size_class"].tolist() == ["1", "2-4", "5+"]
    assert table["n_groups"].tolist() == [1, 3, 2]
    assert table["mean"].tolist() == pytest.approx([0.9, 0.4, 0.2])
    assert table["median"].tolist() == pytest.approx([0.9, 0.4, 0.2])


def test_the_trend_against_scipy():
    sizes, shares = [1, 2, 3, 4, 6, 7, 8], [8, 9, 5, 6, 3, 4, 1]
    row = whole(vigilance_trend(groups(sizes, shares), settings(), statistics())).iloc[0]
    assert row["rho"] == pytest.approx(spearmanr(sizes, shares).statistic)
    assert row["n_groups"] == 7
    # all 5,040 arrangements were tried
    rank = np.argsort(np.argsort(shares))
    every = np.array([np.corrcoef(range(7), order)[0, 1] for order in permutations(rank)])
    assert row["p"] == pytest.approx((np.abs(every) >= abs(row["rho"]) - 1e-9).mean(), abs=1e-5)
    half = 1.959964 * np.sqrt((1 + row["rho"] ** 2 / 2) / 4)
    assert row["ci_low"] == pytest.approx(np.tanh(np.arctanh(row["rho"]) - half), abs=1e-5)
    assert row["ci_high"] == pytest.approx(np.tanh(np.arctanh(row["rho"]) + half), abs=1e-5)


def test_a_perfect_trend_has_no_limits():
    row = whole(vigilance_trend(groups([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]), settings(), statistics())).iloc[0]
    assert row["rho"] == -1
    assert np.isnan(row["ci_low"]) and np.isnan(row["ci_high"])
    assert row["p"] == pytest.approx(2 / 720, abs=1e-6)
    assert "; no interval of -1 over 6 sessions" in row["method"]


@pytest.mark.parametrize("n", [2, 3])
def test_very_few_sessions_have_no_interval(n):
    few = groups([1, 3, 2][:n], [5, 1, 4][:n])
    row = whole(vigilance_trend(few, settings(), replace(statistics(), min_units=n))).iloc[0]
    assert np.isnan(row["ci_low"]) and np.isnan(row["ci_high"])
    assert row["p"] == pytest.approx({2: 1, 3: 1 / 3}[n])


def test_sessions_are_what_is_independent():
    """Two sessions of three videos each are two, and seven of two are seven, each by its means."""
    sizes, shares = [1, 3, 2, 4, 5, 6, 4, 7, 8, 8, 2, 9, 9, 5], [9, 7, 8, 6, 5, 4, 7, 3, 1, 2, 6, 2, 3, 5]

    def by_video(per_session):
        session = [str(n // per_session) for n in range(14)]
        sized = {"size": sizes, "least": sizes, "most": sizes}
        return pd.DataFrame({"species": "all", "session": session, "share": np.array(shares) / 10, **sized})

    few = whole(vigilance_trend(by_video(7), settings(), statistics())).iloc[0]
    assert few[["n_groups", "n_sessions"]].tolist() == [14, 2]
    assert few["method"].startswith("not tested: only 2 sessions (6 are needed)")
    row = whole(vigilance_trend(by_video(2), settings(), statistics())).iloc[0]
    means = (np.reshape(values, (7, 2)).mean(axis=1) for values in (sizes, shares))
    assert row["rho"] == pytest.approx(spearmanr(*means).statistic)
    assert row[["n_groups", "n_sessions"]].tolist() == [14, 7]
    assert row["method"].startswith("Spearman over sessions, each the mean of its groups; p by permutation")


def test_p_is_corrected_over_species():
    """Of all species together there is one test more, which is none among them."""
    shares = {"all": [1, 2, 3, 4, 5, 6, 7], "giraffe": [1, 2, 3, 4, 6, 5, 7], "zebra": [4, 2, 3, 1, 6, 5, 7]}
    table = whole(groups([1, 2, 3, 4, 6, 7, 8], [8, 9, 5, 6, 3, 4, 1]))
    every = pd.concat([table.assign(species=kind, share=own) for kind, own in shares.items()])
    trend = vigilance_trend(every, settings(), statistics()).set_index("species")
    assert np.isnan(trend.at["all", "p_corrected"])
    own = trend.loc[["giraffe", "zebra"]]
    assert own["p_corrected"].tolist() == pytest.approx(multipletests(own["p"], method="holm")[1])
    assert own["method"].str.endswith("p_corrected: holm over 2 tests").all()


@pytest.mark.parametrize(
    ("sizes", "shares", "reason"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], "not tested: only 5 sessions (6 are needed)"),
        ([2] * 6, [1, 2, 3, 4, 5, 6], "not tested: all sessions have the same size"),
        ([1, 2, 3, 4, 5, 6], [5] * 6, "not tested: all sessions have the same share"),
    ],
)
def test_nothing_to_test(sizes, shares, reason):
    row = whole(vigilance_trend(groups(sizes, shares), settings(), statistics())).iloc[0]
    assert row["method"].startswith(reason)
    assert np.isnan(row[["rho", "p", "ci_low"]].astype(float)).all()


def test_constant_group_sizes_are_told(caplog):
    told = "group size is constant within every session: what else differs between sessions goes with it"
    with caplog.at_level(logging.WARNING):
        table = vigilance_trend(groups([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 1, 2]), settings(), statistics())
    assert caplog.messages == [f"vigilance: {told}"]
    assert whole(table)["method"].iloc[0].endswith(told)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        vigilance_trend(found(("s/v.mp4", ["AB", "A."])), settings(), statistics())
    assert caplog.messages == []


def test_words_that_are_no_states_are_refused():
    with pytest.raises(UsageError, match=r"vigilance names Head Up; the states of the ethogram are A, B$"):
        set_of_vigilance(settings(vigilance=["Head Up"]), ethogram("AB", "S"))
    with pytest.raises(UsageError, match="vigilance names S; the states"):
        set_of_vigilance(settings(vigilance=["S"]), ethogram("AB", "S"))
