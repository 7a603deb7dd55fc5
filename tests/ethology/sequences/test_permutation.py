from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy.stats import chisquare
from statsmodels.stats.multitest import multipletests

from pipeline.ethology.sequences import shuffles
from pipeline.ethology.sequences.codes import Codes, counted
from pipeline.ethology.sequences.permutation import affordable, corrected, permuted_counts, two_sided
from pipeline.ethology.sequences.settings import Correction
from pipeline.ethology.sequences.shuffles import rearranged, shuffled


def coded(*words, step_s=None, kinds=5):
    code = np.array(["ABCDE".index(letter) for word in words for letter in word], dtype=np.int64)
    stretch = np.repeat(np.arange(len(words)), [len(word) for word in words])
    return Codes(code, stretch, np.arange(len(code)), kinds, step_s)


def orders(word, repeats):
    """All different orders of a word's letters."""
    every = {"".join(order) for order in permutations(word)}
    return sorted(order for order in every if repeats or all(a != b for a, b in pairwise(order)))


def drawn(order, codes, number, seed):
    made = np.concatenate(list(order(codes.code, codes.stretch, number, np.random.SeedSequence(seed))), axis=1)
    return ["".join("ABCDE"[code] for code in column) for column in made.T]


@pytest.mark.parametrize(
    ("word", "repeats"),
    [
        ("A", False),  # one
        ("AB", False),
        ("ABC", False),
        ("ABAB", False),  # only turned round
        ("ABABC", False),
        ("ABCABC", False),
        ("ABABABAC", False),  # A at every second place
        ("AABC", True),
        ("AAAB", True),
    ],
)
def test_all_orders_are_as_likely(word, repeats):
    order, codes = (shuffled if repeats else rearranged), coded(word)
    words = Counter(w for seed in range(60) for w in drawn(order, codes, 50, seed))
    there = orders(word, repeats)
    assert set(words) == set(there)
    # samples of one seed share their moves, so that the spread is wider than of independent ones
    assert max(abs(words[w] / 3000 - 1 / len(there)) for w in there) < 0.04


def test_independent_orders_pass_a_test_of_fit():
    words = Counter(drawn(shuffled, coded("AABC"), 6000, 0))
    assert chisquare(list(words.values())).pvalue > 0.001


def test_stretches_keep_their_codes_and_have_no_repeat():
    codes = coded("ABCABCBCAB", "", "DE", "CACBADAE")
    for word in drawn(rearranged, codes, 50, 1):
        parts = word[:10], word[10:12], word[12:]
        assert [sorted(part) for part in parts] == [sorted("ABCABCBCAB"), sorted("DE"), sorted("CACBADAE")]
        assert all(a != b for part in parts for a, b in pairwise(part))


def test_a_long_sequence_forgets_its_order():
    # A B C A B C ...: by chance each of the two others follows about as often
    codes = coded("ABC" * 300, kinds=3)
    counts = permuted_counts(codes, 1, 200, 0)[0]
    assert counts[0].mean(axis=1) == pytest.approx([0, 150, 150], abs=8)
    assert counts[0, 1].std() == pytest.approx(5, rel=0.2)  # sqrt(e (1 - h)) of the log-linear model: e 150, h 5/6


def test_the_mean_of_shuffled_counts_is_known():
    # in any order, a pair of neighbours is one of n (n - 1) ordered pairs: n - 1 pairs with n_a n_b / (n (n - 1))
    counts = permuted_counts(coded("AAAABBBCCC", step_s=1.0, kinds=3), 2, 4000, 0)
    n = np.array([4, 3, 3])
    one = (np.outer(n, n) - np.diag(n)) / 90
    assert counts[0].mean(axis=-1) == pytest.approx(9 * one, abs=0.06)
    assert counts[1].mean(axis=-1) == pytest.approx(8 * one, abs=0.06)  # lag 2 has a pair less


def test_permuted_p_is_that_of_all_orders():
    word = "ABACABCB"
    codes = coded(word, kinds=3)
    every = np.stack([counted(coded(order, kinds=3), 1) for order in orders(word, False)], axis=-1)
    mean = every.mean(axis=-1)
    seen = counted(codes, 1)
    exact = (np.abs(every - mean[..., None]) >= np.abs(seen - mean)[..., None] - 1e-9).mean(axis=-1)
    p = np.mean([two_sided(seen, permuted_counts(codes, 1, 400, seed)[0]) for seed in range(40)], axis=0)
    assert p[~np.eye(3, dtype=bool)] == pytest.approx(exact[~np.eye(3, dtype=bool)], abs=0.06)


def test_the_test_is_exact_however_few_the_moves(monkeypatch):
    monkeypatch.setattr(shuffles, "_SWEEPS", 1)  # nearly no mixing
    rng = np.random.default_rng(1)
    words = orders("AABBCCD", False)
    p = []
    for seed in range(400):
        codes = coded(words[rng.integers(len(words))], words[rng.integers(len(words))], kinds=4)
        p.append(two_sided(counted(codes, 1), permuted_counts(codes, 1, 99, seed)[0])[0, 1])
    for level in (0.05, 0.1, 0.2):
        assert np.mean(np.array(p) <= level) <= level + 2.5 * np.sqrt(level * (1 - level) / 400)


def test_a_true_sequence_is_found_and_chance_is_not():
    rng = np.random.default_rng(0)
    word = "A"
    for _ in range(400):  # after A mostly B; else anything
        others = [letter for letter in "ABCD" if letter != word[-1]]
        word += "B" if word[-1] == "A" and rng.random() < 0.6 else others[rng.integers(3)]
    codes = coded(word, kinds=4)
    p = two_sided(counted(codes, 1), permuted_counts(codes, 1, 999, 0)[0])
    assert p[0, 1] == 0.001  # the smallest there is
    assert p[2, 3] > 0.05


def test_p_values_by_hand():
    permuted = np.array([1, 2, 3, 4, 5, 5, 5, 5, 5])
    # with 5 the mean is 4: |5 - 4| = 1; as far: 1 2 3 5 5 5 5 5 -> (8 + 1) / (9 + 1)
    assert two_sided(np.array(5), permuted) == pytest.approx(0.9)
    assert two_sided(np.array(30), permuted) == pytest.approx(0.1)


@pytest.mark.parametrize(("correction", "name"), [(Correction.holm, "holm"), (Correction.benjamini_hochberg, "fdr_bh")])
@pytest.mark.parametrize("p", [[], [0.3], [0.01, 0.04, 0.03, 0.005], [0.02, 0.02, 0.9, 0.5, 0.001, 1.0]])
def test_corrections_are_those_of_statsmodels(correction, name, p):
    values = np.array([*p, np.nan])
    expected = [*(multipletests(p, method=name)[1] if p else []), np.nan]
    assert corrected(values, correction) == pytest.approx(expected, nan_ok=True)


def test_p_values_under_chance_are_small_as_often_as_they_say():
    rng = np.random.default_rng(2)
    p = []
    for seed in range(300):
        codes = Codes(rng.integers(0, 3, 60), np.zeros(60, int), np.arange(60), 3, 1.0)
        p.append(two_sided(counted(codes, 1), permuted_counts(codes, 1, 99, seed)[0])[0, 1])
    for level in (0.05, 0.1, 0.5):  # counts are whole numbers: ties make p larger, never smaller
        assert level - 0.16 <= np.mean(np.array(p) <= level) <= level + 2.5 * np.sqrt(level * (1 - level) / 300)


def test_large_studies_get_fewer():
    codes = Codes(np.zeros(1_000_000, int), np.zeros(1_000_000, int), np.arange(1_000_000), 3, 1.0)
    assert affordable(codes, 1999) == 250
    assert affordable(coded("AB"), 1999) == 1999
    assert affordable(coded("AB"), 0) == 0


def test_the_same_seed_gives_the_same_counts():
    codes = coded("ABCABDCB" * 20, "ABDBCB", kinds=4)
    assert (permuted_counts(codes, 2, 99, 5) == permuted_counts(codes, 2, 99, 5)).all()
    assert (permuted_counts(codes, 2, 99, 5) != permuted_counts(codes, 2, 99, 6)).any()
