import numpy as np
import pytest

from pipeline.ethology.runs import runs
from pipeline.ethology.steps import bout_steps, interval_steps
from tests.ethology.made import behaviours


def counted(found, steps):
    """``{"A>B": 2}``."""
    kept = found.label[found.recognized]
    result = {}
    for before, after, times in zip(*steps, strict=True):
        pair = f"{kept[before]}>{kept[after]}"
        result[pair] = result.get(pair, 0) + int(times)
    return result


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", {}),  # empty
        ("A", {}),  # one
        ("AAAA", {}),  # a bout does not follow itself
        ("AABBBA", {"A>B": 1, "B>A": 1}),
        ("ABABC", {"A>B": 2, "B>A": 1, "B>C": 1}),
        ("AB?AB", {"A>B": 2}),  # not B>A: unknown lies between
        ("AB-AB", {"A>B": 2}),
        ("AB.AB", {"A>B": 2}),  # a hole in the track
        ("A?A", {}),
        ("?A-", {}),
    ],
)
def test_from_bout_to_bout(word, expected):
    found = runs(behaviours({1: word}))
    assert counted(found, bout_steps(found.stretch[found.recognized])) == expected


@pytest.mark.parametrize(
    ("word", "step_s", "expected"),
    [
        ("", 1, {}),  # empty
        ("A", 1, {}),  # one moment
        ("AAAA", 1, {"A>A": 3}),
        ("AABBBA", 1, {"A>A": 1, "A>B": 1, "B>B": 2, "B>A": 1}),
        ("AABBBA", 2, {"A>B": 1, "B>B": 1}),  # moments 0, 2, 4
        ("AABCCC", 2, {"A>B": 1, "B>C": 1}),  # moments 0 2 4: B at 2
        ("AACBBB", 4, {"A>B": 1}),  # C lies between two moments
        (".AAB", 2, {}),  # the clock is the video's, not the record's: only the moment 2 ...
        (".AABBB", 2, {"A>B": 1}),  # ... 2 is A, and 4 is B
        ("AA?AA", 1, {"A>A": 2}),
        ("AA?AA", 3, {}),  # moments 0 and 3 are both A, but the record between is broken
        ("AA.AA", 3, {}),
        ("AA-BB", 1, {"A>A": 1, "B>B": 1}),
    ],
)
def test_from_moment_to_moment(word, step_s, expected):
    found = runs(behaviours({1: word}))
    kept = found.recognized
    steps = interval_steps(found.start_s[kept], found.stop_s[kept], found.stretch[kept], step_s)
    assert counted(found, steps) == expected


def test_frames_longer_than_the_step_hold_several_moments():
    found = runs(behaviours({1: "AB"}, frame_s=2.0))
    steps = interval_steps(found.start_s, found.stop_s, found.stretch, 1.0)  # moments 0 1 | 2 3
    assert counted(found, steps) == {"A>A": 1, "B>B": 1, "A>B": 1}


def test_moments_do_not_drift_with_the_frame_rate():
    number = 30 * 60  # a minute at 29.97 frames/s
    times = np.round(np.arange(number) * 1001 / 30000, 6)
    table = behaviours({1: "A" * number}).assign(time_s=times, duration_s=np.diff(times, append=60.06))
    found = runs(table)
    assert interval_steps(found.start_s, found.stop_s, found.stretch, 10.0).times.tolist() == [6]  # 0, 10 ... 60


def test_animals_do_not_follow_each_other():
    found = runs(behaviours({1: "AA", 2: "BB"}))
    assert counted(found, bout_steps(found.stretch)) == {}
