"""Time without a box between two boxes of an animal: what is counted, against a count of the letters."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.study import Rules, part, study
from pipeline.tables import NAMES, OBSERVATIONS
from tests.ethology.made import ethogram, record, statistics


def told(words, who, spans, **settings):
    """A video, and the rules that it is summed up by; ``spans`` have start, stop, session, group and use."""
    names = NAMES.cast(pd.DataFrame([("v.mp4", *row) for row in who.items()], columns=NAMES.names))
    rows = [("v.mp4", start, stop, session, group, "", "", "", use, "") for start, stop, session, group, use in spans]
    says = OBSERVATIONS.cast(pd.DataFrame(rows, columns=OBSERVATIONS.names))
    return record("v.mp4", words), Rules(ethogram("AB"), statistics(**settings), 0.0, says, names)


def kept(words, who=None, spans=()):
    video, rules = told(words, who or {}, spans)
    return part(video.video, video.frames, [video.tracks], [video.behaviours], rules)


def excluded(found, level):
    """Seconds by unit."""
    rows = found["time_budgets"].query("behaviour == 'A'")
    rows = rows[rows["level"] == level]
    return dict(zip(rows["unit"], rows["excluded_s"], strict=True))


@pytest.mark.parametrize(
    ("words", "who", "spans", "lost"),
    [
        ({1: "AAAA"}, {}, (), 0),
        ({1: "A..B", 2: "BBBBBBBB"}, {}, (), 2),  # after its last box nothing is known
        ({1: "..A.B.B", 2: "BBBBBBBB"}, {}, (), 2),  # nor before its first
        ({1: "AA", 2: "....BB"}, {}, (), 0),  # who knows that they are one
        ({1: "AA", 2: "....BB"}, {1: "Zoe", 2: "Max"}, (), 0),
        ({1: "AA", 2: "....BB"}, {1: "Zoe", 2: "Zoe"}, (), 2),
        ({1: "AA", 2: "....BB", 3: "......BB"}, {1: "Zoe", 3: "Zoe"}, (), 4),
        ({1: "A......A", 2: "..BB"}, {1: "Zoe", 2: "Zoe"}, (), 4),  # seen in its other track meanwhile
        ({1: "AA.A", 2: "..BB.B"}, {1: "Zoe", 2: "Zoe"}, (), 1),  # in two places at once: 2 and 3 are seen
        ({1: "A-.?A"}, {}, (), 1),  # one that is hidden has a box
        ({1: "A......A"}, {}, ((2, 4, "s", "", "no"),), 4),  # what is set aside is in no statistic
        ({1: "A.AA...A"}, {}, ((2, 4, "s", "", "no"),), 4),  # seen there or not
        ({1: "A......A"}, {}, ((6, 9, "s", "", "no"),), 0),  # not seen again in what counts
        ({1: "A......A"}, {}, ((0, 3, "s", "", "yes"), (5, 9, "s", "", "yes")), 4),
        ({1: "A......A"}, {}, ((0, 3, "s", "", "yes"), (3, 9, "t", "", "yes")), 0),  # seen once in either session
        ({1: "A..A.A.A"}, {}, ((0, 4, "s", "", "yes"), (4, 9, "t", "", "yes")), 3),
        ({1: "A.....A"}, {}, ((0, 2, "s", "", "yes"), (2, 4, "t", "", "yes"), (4, 9, "s", "", "yes")), 3),
    ],
)
def test_what_is_known(words, who, spans, lost):
    found = kept(words, who, spans)
    reasons = found.tables["excluded"].groupby("reason")["animal_s"].sum()
    assert reasons.get("lost", 0.0) == lost
    hidden = sum(word.count("-") + word.count("?") for word in words.values())
    assert found.tally.sets["behaviour"].excluded_s.sum() == lost + hidden
    boxes, bouts = found.tables["individuals"]["tracked_s"].sum(), found.tables["bouts"]["duration_s"].sum()
    assert boxes == sum(len(word) - word.count(".") for word in words.values())
    assert bouts == boxes - found.tables["excluded"].query("set == ''")["animal_s"].sum()  # it is in no bout


def test_it_is_in_the_bounds_of_every_level_of_the_animal_and_nowhere_else():
    words = {1: "AA..A", 2: ".......BBA", 3: "AABBBBBBBB"}
    video, rules = told(words, {1: "Zoe", 2: "Zoe", 3: "Max"}, ())
    found = study([video], rules.ethogram, rules.statistics, 0.0, names=rules.names)
    assert excluded(found, "individual") == {"Zoe": 4, "Max": 0}
    assert excluded(found, "track") == {"v.mp4#1": 4, "v.mp4#2": 0, "v.mp4#3": 0}
    rows = found["time_budgets"].query("behaviour == 'A' and level != 'session'").set_index("unit")
    assert rows.loc["Zoe", ["share", "bound_low", "bound_high"]].tolist() == pytest.approx([4 / 6, 0.4, 0.8], abs=1e-6)
    assert rows.loc["all", ["bound_low", "bound_high"]].tolist() == [0.3, 0.5]
    assert rows.loc["all", ["mean_bound_low", "mean_bound_high"]].tolist() == pytest.approx([0.3, 0.5])
    assert rows.loc["all", "mean_share"] == pytest.approx((4 / 6 + 0.2) / 2, abs=1e-6)
    assert found["excluded"][["cause", "reason", "animal_s"]].to_numpy().tolist() == [["not visible", "lost", 4]]
    steps = found["transitions"].query("level == 'pooled'").groupby("form")["count"].sum()
    assert steps.to_dict() == {"bout": 2, "interval": 1 + 2 + 9}  # none over a hole


def test_a_hole_is_parted_by_groups_and_bins_and_may_fill_one():
    spans = ((0, 3, "s", "red", "yes"), (3, 9, "s", "blue", "yes"))
    video, rules = told({1: "A......A"}, {}, spans, by=("group",), time_bin_s=2.0)
    found = study([video], rules.ethogram, rules.statistics, 0.0, rules.observations)
    assert excluded(found, "group") == {"red": 2, "blue": 4}
    bins = excluded(found, "time_bin")
    assert list(bins.values()) == [1, 2, 2, 1]
    empty = found["time_budgets"].query("unit == '00002-00004 s' and behaviour == 'A'").iloc[0]
    assert (empty["visible_s"], empty["bound_low"], empty["bound_high"], empty["n_tracks"]) == (0, 0, 1, 0)
    assert np.isnan(empty["share"])


def brute(words, who, session, use):
    """Seconds of animals without a letter between two letters of one session, in frames that count."""
    animals = {}
    for track, word in words.items():
        seen = animals.setdefault(who.get(track, track), set())
        seen |= {frame for frame, letter in enumerate(word) if letter != "." and use[frame]}
    lost = 0
    for seen in animals.values():
        for name in set(session):
            own = [frame for frame in seen if session[frame] == name]
            inside = range(min(own, default=0), max(own, default=0))
            lost += sum(use[frame] and session[frame] == name and frame not in seen for frame in inside)
    return lost


def test_any_record_against_counting():
    rng = np.random.default_rng(5)
    for _ in range(4):
        number = 24
        words = {track: "".join(rng.choice(list("AB?-...."), number)) for track in range(1, 6)}
        words[6] = "A" * number
        who = {1: "Zoe", 2: "Zoe", 3: "Max", 4: "Max"}
        cuts = [0, *sorted(rng.choice(np.arange(1, number), 4, replace=False).tolist()), number]
        spans = [(a, b, "st"[k % 2], "", "no" if k == 1 else "yes") for k, (a, b) in enumerate(pairwise(cuts))]
        session = [name for a, b, name, _, _ in spans for _ in range(a, b)]
        use = [word == "yes" for a, b, _, _, word in spans for _ in range(a, b)]
        found = kept(words, who, spans)
        by_reason = found.tables["excluded"].query("set != ''").groupby("reason")["animal_s"].sum()
        assert by_reason["lost"] == brute(words, who, session, use)
        assert by_reason.sum() == found.tally.sets["behaviour"].excluded_s.sum()  # the reasons add up
