"""How often do 95 % limits of a median duration hold the true one? Simulated studies whose truth is known.

    python scripts/coverage_medians.py --studies 2000

A study is ``n`` sessions of 10 to 30 bouts each, whose mean durations differ between sessions (log-normal); a bout is
cut off at a moment of its own (exponential), about one in four. Printed are, by ``n``, the share of studies whose
limits (``pipeline/ethology/durations/survival.py``) hold the median over all sessions there could be, of those that are
too high and too low, and of those with an open end, which counts as one that holds.
"""

import argparse

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.survival import quantile_limits
from pipeline.ethology.units import Draws
from pipeline.types import BoolArray, IntArray

SHAPE, MEAN_S, CUT_S = 1.5, 20.0, 60.0  # of the gamma-distributed durations; mean time to a cut
BETWEEN = 0.4  # standard deviation of log mean durations between sessions
RESAMPLES = 1000


def main() -> None:
    """Simulate, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--sessions", type=int, nargs="+", default=[6, 10, 20])
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    truth = float(np.median(durations(np.arange(2_000_000), rng)))
    for sessions in given.sessions:
        found = np.array([limits(*study(sessions, rng), sessions, rng) for _ in range(given.studies)])
        low, high = (np.nan_to_num(found[:, k], nan=open_end) for k, open_end in enumerate((0.0, np.inf)))
        held, above, below = np.mean((low <= truth) & (truth <= high)), np.mean(low > truth), np.mean(high < truth)
        told = f"{sessions:2d} sessions: {held:.3f} hold it, {above:.3f} lie above, {below:.3f} below"
        print(f"{told}; {np.isnan(found).any(axis=1).mean():.3f} have an open end", flush=True)
    print(f"true median {truth:.2f} s, {given.studies} studies each")


def durations(session: IntArray, rng: np.random.Generator) -> FloatArray:
    """A duration for each bout, by its session."""
    mean_s = MEAN_S * np.exp(rng.normal(0, BETWEEN, int(session.max()) + 1))
    return rng.gamma(SHAPE, mean_s[session] / SHAPE)


def study(sessions: int, rng: np.random.Generator) -> tuple[FloatArray, BoolArray, IntArray]:
    """Durations as seen, whether their ends were, and their sessions."""
    session = np.repeat(np.arange(sessions), rng.integers(10, 31, sessions))
    lasts, cut = durations(session, rng), rng.exponential(CUT_S, len(session))
    return np.minimum(lasts, cut), lasts <= cut, session


def limits(
    time_s: FloatArray, ended: BoolArray, session: IntArray, sessions: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Limits of the median, by resampling sessions."""
    weights = rng.multinomial(sessions, np.full(sessions, 1 / sessions), size=RESAMPLES).astype(np.float64)
    return quantile_limits(time_s, ended, session, Draws(np.arange(sessions), weights, sessions, ""), 0.5, 0.95)


if __name__ == "__main__":
    main()
