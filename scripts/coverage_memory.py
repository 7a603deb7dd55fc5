"""How often does the test of a state's memory find one that is not there, and its limits hold the true shape?

    python scripts/coverage_memory.py --studies 1000

A study is ``n`` sessions of about 23 bouts each, Weibull-distributed with a shape of each session's own about the true
one; a bout is cut off at a moment of its own (exponential). Printed are, by the true shape and ``n``, the share of
studies whose limits hold it, of those with p <= .05 (``pipeline/ethology/sequences/dwell.py``), and of those that a
likelihood ratio of independent bouts finds.
"""

import argparse

import numpy as np

from pipeline.ethology.sequences.dwell import shape_limits
from pipeline.ethology.sequences.memory import memory
from pipeline.ethology.statistics import StatisticsSettings, chi_square_p

SCALE_S, CUT_S = 8.0, 20.0  # of the durations; mean time to a cut
BETWEEN = 0.2  # standard deviation of log shapes between sessions
SETTINGS = StatisticsSettings(
    interval_s=1.0, by=[], time_bin_s=None, min_units=6, min_visible_s=0.0, confidence=0.95, resamples=100, seed=0
)


def main() -> None:
    """Simulate, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--sessions", type=int, nargs="+", default=[6, 10, 20])
    parser.add_argument("--shapes", type=float, nargs="+", default=[1.0, 1.5])
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    for shape in given.shapes:
        for sessions in given.sessions:
            found = [study(shape, sessions, rng) for _ in range(given.studies)]
            held, ours, independent = np.mean(found, axis=0)
            told = f"shape {shape:g}, {sessions:2d} sessions: limits hold it in {held:.3f}; p <= .05 in {ours:.3f}"
            print(f"{told}, of independent bouts in {independent:.3f}", flush=True)


def study(shape: float, sessions: int, rng: np.random.Generator) -> tuple[bool, bool, bool]:
    """Do the limits hold the shape, is it found to differ from 1, and by the likelihood ratio?"""
    session = np.repeat(np.arange(sessions), 3 + rng.poisson(20, sessions))
    lasts = SCALE_S * rng.weibull(shape * np.exp(rng.normal(0, BETWEEN, sessions))[session])
    cut = rng.exponential(CUT_S, len(session))
    time_s, ended = np.minimum(lasts, cut), lasts <= cut
    fit, units = memory(time_s, ended, 0.0), np.column_stack([session] * 3)
    found, _ = shape_limits(fit, time_s, ended, units, 0.0, SETTINGS, within=False)
    holds = found["shape_low"] <= shape <= found["shape_high"]
    return holds, found["shape_p"] <= 0.05, chi_square_p(fit.weibull_g2, 1) <= 0.05


if __name__ == "__main__":
    main()
