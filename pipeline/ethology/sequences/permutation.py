"""Are transitions more or less frequent than the same codes give in another order? Permutation tests and corrections.

Codes change places within one animal's unbroken stretch only, so that animals, sessions and stretches that differ in
what they do are no evidence of a sequence.
"""

from itertools import pairwise

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.sequences.codes import Codes
from pipeline.ethology.sequences.settings import Correction
from pipeline.ethology.sequences.shuffles import Sample, rearranged, shuffled
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

MOST = 250_000_000  # codes put into a new order for one table: larger studies get fewer permutations, or none
_BLOCK = 4096  # codes worked on together, or a whole stretch


def affordable(codes: Codes, permutations: int) -> int:
    """How many of the permutations asked for a study of this size can have: one of 200,000 codes 1,250."""
    return min(permutations, max(MOST // max(len(codes.code), 1), 99)) if permutations else 0


def too_few(permutations: int, correction: Correction, tests: int, alpha: float) -> bool:
    """Do so few permutations leave no corrected p under ``alpha``, whatever was seen?"""
    return correction is Correction.holm and tests >= alpha * (permutations + 1)


def permuted_counts(codes: Codes, lags: int, permutations: int, seed: int) -> IntArray:
    """Counts ``[lags, K, K, permutations]`` of the codes in other orders, without repeats where there are none."""
    order = rearranged if codes.step_s is None else shuffled
    counts = np.zeros((lags, codes.kinds, codes.kinds, permutations), dtype=np.int64)
    blocks = _blocks(codes.stretch)
    for (start, stop), own in zip(blocks, np.random.SeedSequence(seed).spawn(len(blocks)), strict=True):
        stretch, done = codes.stretch[start:stop], 0
        parted = [stretch[lag:] != stretch[:-lag] for lag in range(1, lags + 1)]
        for sample in order(codes.code[start:stop], stretch, permutations, own):
            columns = slice(done, done := done + sample.shape[1])
            for lag, between in enumerate(parted, start=1):
                counts[lag - 1, ..., columns] += _counts(sample, lag, between, codes.kinds)
    return counts


def _blocks(stretch: IntArray) -> list[tuple[int, int]]:
    """First place and place after the last of whole stretches that are worked on together."""
    starts = np.flatnonzero(np.diff(stretch, prepend=-1))
    first = starts[np.flatnonzero(np.diff(starts // _BLOCK, prepend=-1))].tolist()
    return list(pairwise([*first, len(stretch)]))  # none where there are no codes


def _counts(sample: Sample, lag: int, parted: BoolArray, kinds: int) -> IntArray:
    """``[K, K, samples]`` of the codes and those ``lag`` later, but where the end of a stretch has ``parted`` them."""
    none = kinds**2  # a last cell takes the pairs that are none
    cell = sample[:-lag] * np.uint16(kinds) + sample[lag:]
    cell[parted] = none
    counts = np.array([np.bincount(one, minlength=none + 1) for one in cell.T])  # of one they stay near the processor
    return counts.T[:none].reshape(kinds, kinds, -1).astype(np.int64)


def two_sided(counts: IntArray, permuted: IntArray) -> FloatArray:
    """``(k + 1) / (n + 1)``: ``k`` of ``n`` permuted counts ``[..., n]`` are as far from the mean as the seen one.

    The mean is of all ``n + 1``, the seen one among them, which keeps the test exact (Phipson and Smyth 2010, Stat Appl
    Genet Mol Biol 9: 39, on the one that is added).
    """
    number = permuted.shape[-1]
    mean = (counts + permuted.sum(axis=-1)) / (number + 1)
    far = np.abs(permuted - mean[..., None]) >= np.abs(counts - mean)[..., None] - 1e-9
    result: FloatArray = (far.sum(axis=-1) + 1) / (number + 1)
    return result


def corrected(p: FloatArray, correction: Correction) -> FloatArray:
    """The p values of one table corrected for their number; NaN, which is no test, stays NaN."""
    result, tested = np.full(p.shape, np.nan), np.isfinite(p)
    values = p[tested]
    if len(values):
        result[tested] = _holm(values) if correction is Correction.holm else _benjamini_hochberg(values)
    return result


def correction_words(correction: Correction, tests: int, what: str, permutations: int, alpha: float) -> str:
    """``holm over 12 cells``; and where so few permutations leave no p under ``alpha``, that they do."""
    few = too_few(permutations, correction, tests, alpha)
    told = ", too few permutations for any p_corrected to be small" if few else ""
    return f"{correction.value} over {plural(tests, what)}{told}"


def _holm(p: FloatArray) -> FloatArray:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(stepped, 1.0)
    return result


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    from scipy.stats import false_discovery_control  # half a second of imports, and seldom asked for

    return np.asarray(false_discovery_control(p, method="bh"))
