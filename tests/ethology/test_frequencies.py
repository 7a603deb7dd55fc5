import numpy as np
import pytest

from pipeline.ethology.frequencies import times_as_often, weighed


def windows(counts, apart=1.5):
    """What a recognizer that saw each behaviour as often makes of so many windows of each: exact probabilities.

    Each behaviour is a normal deviate about a place of its own; the truth, then the probabilities.
    """
    rng = np.random.default_rng(3)
    places = apart * np.eye(len(counts))
    truth = np.repeat(np.arange(len(counts)), counts)
    seen = places[truth] + rng.standard_normal((len(truth), len(counts)))
    likelihood = np.exp(-((seen[:, None] - places) ** 2).sum(axis=2) / 2)
    return truth, likelihood / likelihood.sum(axis=1, keepdims=True)


def test_frequencies_are_found():
    truth, probabilities = windows([4000, 800, 200])
    np.testing.assert_allclose(times_as_often(probabilities, 1.0) / 3, [0.8, 0.16, 0.04], atol=0.015)
    taken = np.bincount(probabilities.argmax(axis=1), minlength=3) / len(truth)
    assert taken[2] > 0.1  # as they are, a rare behaviour is found far too often


def test_more_windows_are_right_by_them():
    truth, probabilities = windows([4000, 800, 200])
    better = weighed(probabilities, times_as_often(probabilities, 1.0)).argmax(axis=1)
    assert (better == truth).mean() > (probabilities.argmax(axis=1) == truth).mean() + 0.04


def test_even_frequencies_change_little():
    _, probabilities = windows([2000, 2000, 2000])
    np.testing.assert_allclose(times_as_often(probabilities, 1.0), 1.0, atol=0.07)


@pytest.mark.parametrize(
    ("probabilities", "adapt", "expected"),
    [
        (np.zeros((0, 2)), 0.6, [1, 1]),  # no windows
        ([[0.9], [0.2]], 0.6, [1]),  # one behaviour
        ([[1, 0, 0, 0]] * 3, 0.6, [2.8, 0.4, 0.4, 0.4]),  # what no window shows stays as likely as 1 - adapt says
        ([[1, 0, 0, 0]] * 3, 1.0, [4, 0, 0, 0]),
        ([[0.9, 0.1]], 0.0, [1, 1]),  # nothing is adapted
        ([[0, 0]], 0.6, [1, 1]),  # of nobody in this set
        ([[0.75, 0], [0, 0.25]], 1.0, [1.5, 0.5]),  # what is said of this set counts as much as it sums to
    ],
)
def test_small_cases(probabilities, adapt, expected):
    np.testing.assert_allclose(times_as_often(np.array(probabilities, dtype=float), adapt), expected)


def test_rows_keep_their_sum():
    found = weighed(np.array([[0.6, 0.2], [0.0, 0.0], [0.5, 0.0]]), np.array([0.5, 1.5]))
    np.testing.assert_allclose(found, [[0.4, 0.4], [0.0, 0.0], [0.5, 0.0]])
