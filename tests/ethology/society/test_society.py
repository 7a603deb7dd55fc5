import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import t

from pipeline.errors import UsageError
from pipeline.ethology.society import tables
from pipeline.ethology.society.settings import Unit
from pipeline.ethology.society.study import society
from pipeline.ethology.society.summary import mean_limits
from pipeline.ethology.society.tables import MEASURES
from pipeline.tables import NAMES
from tests.ethology.made import ethogram, statistics
from tests.ethology.society.made import scene, settings


def made(*videos, names=None, **changed):
    return society(iter(videos), ethogram("AB"), settings(**changed), statistics(), None, names)


def herd(video, gap, word="AABB", n=3):
    """Animals in a row, so many pixels apart."""
    paths = {k: [(gap * k, 500.0)] * len(word) for k in range(1, n + 1)}
    return scene(paths, video=video, words=dict.fromkeys(paths, word))


def space(table, level, measure, species="all"):
    found = table[(table["level"] == level) & (table["measure"] == measure) & (table["species"] == species)]
    return found.reset_index(drop=True)


@pytest.mark.parametrize("videos", [[], [scene({})], [scene({1: []}, words={})]])
def test_nothing(videos):
    found = made(*videos)
    assert found.keys() == {table.name for table in tables.EVERY}
    for table in tables.EVERY:
        assert found[table.name].equals(table.empty())


@pytest.mark.parametrize("videos", [[herd("v.mp4", 200.0, n=1)], [herd("v.mp4", 200.0), herd("s/w.mp4", 300.0)]])
def test_every_table_is_as_declared_and_the_same_again(videos):
    first, second = made(*videos, vigilance=["A"]), made(*videos, vigilance=["A"])
    for table in tables.EVERY:
        pd.testing.assert_frame_equal(table.cast(first[table.name]), first[table.name])
        pd.testing.assert_frame_equal(first[table.name], second[table.name])


def test_a_video_that_comes_block_by_block_is_the_same_as_whole():
    film = herd("v.mp4", 150.0, "AAB-ABBA", n=4)
    film.behaviours.loc[film.behaviours["behaviour"] == "not visible", "reason"] = "gap"

    def blocks(*columns):
        return (film.tracks.loc[film.tracks["track"].isin(some), list(columns)] for some in ([1], [2, 3], [4]))

    whole, parted = made(film, vigilance=["A"]), made(replace(film, tracks=blocks), vigilance=["A"])
    for table in tables.EVERY:
        pd.testing.assert_frame_equal(whole[table.name], parted[table.name])
    assert len(whole["body_lengths"]) == 4


def test_means_over_instants_and_over_sessions():
    found = made(herd("s/a.mp4", 200.0), herd("s/b.mp4", 400.0, "AABBAABB"), herd("t/c.mp4", 600.0))["group_space"]
    assert space(found, "video", "nearest_bl")["mean"].tolist() == [2, 4, 6]
    session = space(found, "session", "nearest_bl")
    assert session["mean"].tolist() == pytest.approx([(4 * 2 + 8 * 4) / 12, 6])
    assert session["median"].tolist() == [4, 6]
    assert session["n_instants"].tolist() == [12, 4]
    assert session["n_tracks"].tolist() == [6, 3]
    pooled = space(found, "pooled", "nearest_bl").iloc[0]
    assert pooled["mean"] == pytest.approx((40 / 12 + 6) / 2)
    assert pooled[["measured_in", "n_sessions", "n_tracks", "most_at_once", "n_instants"]].tolist() == [
        "body lengths", 2, 9, 3, 16,
    ]  # fmt: skip
    assert pooled["method"] == "mean over sessions; no interval: only 2 sessions (6 are needed)"
    assert space(found, "species", "nearest_bl", "zebra")["unit"].tolist() == ["zebra"]
    assert "polarisation" not in set(found["measure"])  # nobody walks


def test_six_sessions_give_limits():
    found = made(*(herd(f"{day}/v.mp4", 100.0 * (day + 1)) for day in range(6)))["group_space"]
    row = space(found, "pooled", "nearest_bl").iloc[0]
    expected = mean_limits(np.arange(1.0, 7.0), MEASURES["nearest_bl"], statistics())
    assert (row["mean"], row["ci_low"]) == (3.5, pytest.approx(expected[0], abs=1e-6))
    assert row["method"] == "mean over sessions; 95 % t interval of logarithms over 6 sessions"


@pytest.mark.parametrize(
    ("measure", "values", "there", "back", "most"),
    [
        ("nearest_bl", [3.1, 2.2, 5.0, 4.4, 3.3, 2.9, 4.1], np.log, np.exp, np.log(3)),
        ("nearest_bl", [0.1, 0.1, 0.2, 0.1, 0.3, 0.1, 9.0], np.log, np.exp, np.log(3)),  # plain t: from -1.7
        ("near_edge_share", [0.9, 1.0, 1.0, 0.95, 1.0, 1.0, 0.6], logit, expit, np.log(3)),  # plain t: to 1.06
        ("alignment", [0.9, 0.99, 1.0, 1.0, 0.9, 1.0, 0.6], np.arctanh, np.tanh, np.log(3) / 2),
    ],
)
def test_limits_keep_to_what_can_be(measure, values, there, back, most):
    """By the jackknife written out; the logit from -1 to 1 is twice the inverse hyperbolic tangent.

    No session counts as if it moved the odds by more than a factor of 3.
    """
    own = np.array(values)
    without = there(np.array([np.delete(own, k).mean() for k in range(7)]))
    moved = np.clip(without - there(own.mean()), -most, most)
    squares = (moved - moved.mean()) ** 2
    freedom = min(6, 2 * squares.sum() ** 2 / (7 / 6 * ((squares - squares.mean()) ** 2).sum()))  # Pan and Wall 2002
    expected = back(t.interval(0.95, freedom, loc=there(own.mean()), scale=np.sqrt(6 / 7 * squares.sum())))
    low, high, method = mean_limits(own, MEASURES[measure], statistics())
    assert (low, high) == pytest.approx(expected)
    assert (MEASURES[measure].low or 0) < low < own.mean() < high < (MEASURES[measure].high or np.inf)
    assert method.startswith("95 % t interval of log")


def test_no_limits_of_few_sessions_and_at_the_end_of_the_scale():
    share = MEASURES["near_edge_share"]
    assert mean_limits(np.array([0.5]), share, statistics())[2] == "no interval: only 1 session (6 are needed)"
    assert mean_limits(np.ones(6), share, statistics())[2] == "no interval: it is 1 in 6 sessions"
    assert np.isnan(mean_limits(np.zeros(6), MEASURES["moving"], statistics())[0])


def test_named_animals_meet_over_videos():
    rows = [(video, track, f"z{track}") for video in ("a.mp4", "b.mp4") for track in (1, 2)]
    who = NAMES.cast(pd.DataFrame(rows, columns=["video", "track", "individual"]))
    found = made(herd("a.mp4", 200.0), herd("b.mp4", 900.0), names=who)
    pair = found["associations"].query("level == 'individual'")
    assert pair[["a", "b", "x", "y_ab", "n", "sri"]].to_numpy().tolist() == [["z1", "z2", 2, 2, 4, 0.5]]
    assert space(found["group_space"], "pooled", "animals")["n_individuals"].tolist() == [2]


def test_videos_that_know_when_they_were_filmed_share_a_clock():
    """Two clips of 4 s, the second begun at 5 s: one whole period of 8 s, and none in either alone."""
    videos = [f"DJI_202301121031{second:02}_0001_D.MP4" for second in (0, 5)]
    rows = [(video, track, name) for video in videos for track, name in enumerate("AB", start=1)]
    who = NAMES.cast(pd.DataFrame(rows, columns=["video", "track", "individual"]))
    found = made(*(herd(video, 200.0, n=2) for video in videos), names=who, period_s=8.0, shifts=99)
    assert found["associations"][["level", "n"]].to_numpy().tolist() == [["individual", 1]]
    assert found["scans"]["clock"].unique().tolist() == [""]


def test_words_that_are_no_behaviour_are_refused_before_any_video():
    with pytest.raises(UsageError, match="vigilance names Head Up; the states of the ethogram are A, B"):
        made(vigilance=["Head Up"])


def test_positions_that_are_not_known_are_told(caplog):
    with caplog.at_level(logging.WARNING):
        found = made(herd("v.mp4", 200.0), unit=Unit.metre)
    assert caplog.messages == [
        "v.mp4: 12 positions are in no group: those of all animals of the instant are not known in metres"
    ]
    assert len(found["subgroups"]) == 0


def test_twenty_minutes_of_fifty_animals():
    rng = np.random.default_rng(0)
    start = rng.uniform(500, 9000, (50, 2))
    walks = np.cumsum(rng.normal(0, 20, (50, 1200, 2)), axis=1) + start[:, None]
    words = {k: "".join(letter * 20 for letter in rng.choice(list("AB"), 60)) for k in range(1, 51)}
    video = scene({k: list(map(tuple, walks[k - 1])) for k in words}, words=words)
    found = made(video, period_s=60.0)
    assert len(found["group_instants"]) == 2400
