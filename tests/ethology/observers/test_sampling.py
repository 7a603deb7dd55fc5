"""Every sampling rule against a plain loop over the seconds of a word."""

from itertools import pairwise

import numpy as np
import pytest

from pipeline.ethology.observers.estimates import moments
from pipeline.ethology.observers.focal import _chosen, focal
from pipeline.ethology.observers.instants import _once as points_once
from pipeline.ethology.observers.instants import instantaneous, scan
from pipeline.ethology.observers.line import line
from pipeline.ethology.observers.one_zero import _once as one_zero_once
from pipeline.ethology.observers.one_zero import one_zero
from pipeline.ethology.observers.settings import ObserverSettings
from pipeline.ethology.observers.windows import Clock
from pipeline.ethology.record import record
from tests.ethology.made import bouts_of, ethogram

NAMES = "ABC"


def watched(*words):
    return line(record(bouts_of({"v.mp4": dict(enumerate(words, 1))}), ethogram()), "behaviour")


def random_words(seed, animals=3, seconds=80):
    rng = np.random.default_rng(seed)
    words = []
    for _ in range(animals):
        letters = rng.choice(list("AABBCC?-."), seconds)
        words.append("".join(np.repeat(letters, rng.integers(1, 6, seconds)))[:seconds])
    return words


def by_loop(words, interval, offset):
    """Points in each behaviour, changes into it, steps, and points while tracked."""
    points, into, steps, tracked = dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 0), 0, 0
    for word in words:
        for at in range(offset, len(word), interval):
            tracked += word[at] != "."
            if word[at] in NAMES:
                points[word[at]] += 1
                on = at + interval
                if on < len(word) and all(letter in NAMES for letter in word[at : on + 1]):
                    steps += 1
                    into[word[on]] += word[on] != word[at]
    return [list(points.values()), list(into.values()), steps, tracked]


@pytest.mark.parametrize("interval", [1, 2, 7, 20])
@pytest.mark.parametrize("seed", range(4))
def test_points_are_those_of_a_loop(interval, seed):
    words = random_words(seed)
    for offset in range(min(interval, 5)):
        phase = np.full(len(words), float(offset))
        points, into, steps, tracked = points_once(watched(*words), float(interval), phase)
        assert [points.tolist(), into.tolist(), steps, tracked] == by_loop(words, interval, offset)


@pytest.mark.parametrize(
    ("words", "interval", "share", "missed"),
    [
        (["A"], 1, [1, 0, 0], 0),  # one second
        (["AAAB"], 1, [0.75, 0.25, 0], 0),
        (["AA-B"], 1, [2 / 3, 1 / 3, 0], 0.25),  # what is not visible leaves the denominator
        (["AA?B"], 1, [2 / 3, 1 / 3, 0], 0.25),
        (["AAB", "..B"], 1, [0.5, 0.5, 0], 0),  # a hole is no point
        (["--"], 1, [np.nan] * 3, 1),  # nothing visible
    ],
)
def test_scans_by_hand(words, interval, share, missed):
    found, said = scan(watched(*words), interval, ObserverSettings())
    assert found.share[0] == pytest.approx(share, nan_ok=True)
    assert found.missed.tolist() == pytest.approx([missed])
    assert said == "all offsets in steps of 1 s"


def test_all_offsets_together_are_the_record():
    words = random_words(1)
    found, _ = scan(watched(*words), 10.0, ObserverSettings(offsets=10))
    assert len(found.records) == 10
    weight = found.records * (1 - found.missed)
    whole = "".join(words)
    seen = sum(whole.count(name) for name in NAMES)
    truth = [whole.count(name) / seen for name in NAMES]
    assert (weight @ found.share / weight.sum()).tolist() == pytest.approx(truth)


def test_what_it_costs_in_the_field():
    two = watched("A" * 60, "." * 60 + "B" * 60)  # one after the other, two minutes of video
    settings = ObserverSettings(offsets=3)
    assert scan(two, 30.0, settings)[0].observer_min.tolist() == [2, 2, 2]
    assert instantaneous(two, 30.0, settings)[0].observer_min.tolist() == [2, 2, 2]
    both = watched("A" * 60, "B" * 60)  # side by side: one observer scans both, or watches each by itself
    assert scan(both, 30.0, settings)[0].observer_min.tolist() == [1, 1, 1]
    assert instantaneous(both, 30.0, settings)[0].observer_min.tolist() == [2, 2, 2]
    assert one_zero(both, 30.0, settings)[0].observer_min.tolist() == [2, 2, 2]
    assert focal(both, 30.0, settings)[0].observer_min.tolist() == [1, 1, 1]


def test_animals_have_moments_of_their_own_but_a_scan_has_one():
    # ten animals that all do A in the first half of every minute: scans every minute are all right or all wrong
    alike = watched(*["A" * 30 + "B" * 30] * 10)
    settings = ObserverSettings(offsets=60)
    together, apart = scan(alike, 60.0, settings)[0], instantaneous(alike, 60.0, settings)[0]
    assert set(together.share[:, 0]) == {0.0, 1.0}
    assert apart.share[:, 0].std() == pytest.approx(0.5 / np.sqrt(10), rel=0.25)


def one_zero_by_loop(words, interval, offset):
    ones, starts, whole, steps = dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 0), 0, 0
    for word in words:
        cells = [word[at : at + interval] for at in range(offset, len(word), interval)]
        seen = [len(cell) == interval and all(letter in NAMES for letter in cell) for cell in cells]
        whole += sum(seen)
        steps += sum(a and b for a, b in pairwise(seen))
        for name in NAMES:
            one = [visible and name in cell for cell, visible in zip(cells, seen, strict=True)]
            ones[name] += sum(one)
            starts[name] += sum(seen[k] and seen[k + 1] and one[k + 1] and not one[k] for k in range(len(cells) - 1))
    return [list(ones.values()), list(starts.values()), whole, steps]


@pytest.mark.parametrize("interval", [1, 2, 3, 8])
@pytest.mark.parametrize("seed", range(4))
def test_one_zero_is_that_of_a_loop(interval, seed):
    words = random_words(seed)
    seen = watched(*words)
    order = np.lexsort((seen.start_s, seen.code, seen.span))
    for offset in range(interval):
        ones, starts, whole, steps = one_zero_once(seen, order, float(interval), float(offset))
        assert [ones.tolist(), starts.tolist(), whole, steps] == one_zero_by_loop(words, interval, offset)


def test_one_zero_overestimates_time_and_an_interval_out_of_sight_is_missed():
    found, _ = one_zero(watched("ABBBABBB" * 10 + "-AAA"), 4.0, ObserverSettings())
    assert found.share[:, 0] == pytest.approx([1.0] * 4)  # a quarter of the time, and in every interval
    assert found.missed[0] == pytest.approx(1 - 20 * 4 / 84)


@pytest.mark.parametrize("seed", range(4))
def test_windows_are_those_of_a_loop(seed):
    words = random_words(seed)
    seen = watched(*words)
    clock, rng = Clock(seen), np.random.default_rng(seed)
    place = rng.integers(0, 3, 200)
    start = rng.integers(0, 75, 200)
    stop = np.minimum(start + rng.integers(1, 30, 200), 80)
    visible = clock.visible(place, start.astype(float), stop.astype(float))
    for code, name in enumerate(NAMES):
        seconds, starts, cut, bouts = clock.behaviour(code, place, start.astype(float), stop.astype(float))
        for k, (p, a, b) in enumerate(zip(place, start, stop, strict=True)):
            word = words[p] + "."
            runs = [at for at in range(80) if word[at] == name and (at == 0 or word[at - 1] != name)]
            ends = [next(on for on in range(at, 81) if word[on] != name) for at in runs]
            inside = [(s, e) for s, e in zip(runs, ends, strict=True) if s < b and e > a]
            assert seconds[k] == pytest.approx(word[a:b].count(name))
            assert bouts[k] == len(inside)
            assert cut[k] == sum(s < a or e > b for s, e in inside)
            assert starts[k] == sum(a <= s < b and s > 0 and word[s - 1] in NAMES for s in runs)
            assert visible[k] == pytest.approx(sum(letter in NAMES for letter in word[a:b]))


def test_focal_samples_leave_nobody_out():
    there = np.ones((12, 4), dtype=bool)
    chosen = _chosen(there, 50, np.random.default_rng(0))
    for order in chosen:
        assert all(sorted(order[at : at + 4]) == [0, 1, 2, 3] for at in (0, 4, 8))  # once each, then once more each
    assert len({tuple(order[:4]) for order in chosen}) > 10  # in an order drawn by lot


def test_who_is_not_there_is_not_followed():
    there = np.array([[True, False], [False, False], [False, True], [True, True]])
    chosen = _chosen(there, 5, np.random.default_rng(0))
    assert chosen[:, :3].tolist() == [[0, -1, 1]] * 5


def test_focal_samples_by_hand():
    found, said = focal(watched("AAABBB?AAA"), 5.0, ObserverSettings(offsets=2))
    assert said == "2 random orders, seed 0"
    assert found.records.tolist() == [2, 2]
    assert found.share[0] == pytest.approx([6 / 9, 3 / 9, 0])  # AAABB, and B?AAA, which misses a second
    assert found.missed.tolist() == pytest.approx([0.1, 0.1])
    assert found.observer_min.tolist() == pytest.approx([10 / 60, 10 / 60])
    # B is cut by the end of the first sample and by the start of the second; A is not
    assert found.truncated[0, :2] == pytest.approx([0, 1])
    assert found.starts_per_h[0, :2] == pytest.approx([0, 3600 / 9])


def test_a_sample_of_nobody_is_none():
    found, _ = focal(watched("--------"), 4.0, ObserverSettings(offsets=2))
    assert found.records.tolist() == [0, 0]
    assert np.isnan(found.share).all()


@pytest.mark.parametrize(
    ("interval_s", "offsets", "number", "said"),
    [
        (10, 40, 10, "all offsets in steps of 1 s"),
        (40, 40, 40, "all offsets in steps of 1 s"),
        (41, 40, 40, "40 random offsets, seed 0"),
        (2.5, 40, 40, "40 random offsets, seed 0"),  # no whole number of steps
        (0.5, 40, 40, "40 random offsets, seed 0"),
    ],
)
def test_offsets(interval_s, offsets, number, said):
    found, words = moments(interval_s, ObserverSettings(offsets=offsets))
    assert len(found) == number
    assert words == said
    assert (found >= 0).all()
    assert (found < interval_s).all()
    assert found.tolist() == moments(interval_s, ObserverSettings(offsets=offsets))[0].tolist()
