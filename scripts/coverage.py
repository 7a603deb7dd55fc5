"""How often do 95 % limits hold the true share of time, or rate of starts? Simulated studies whose truth is known.

    python scripts/coverage.py OUT --studies 2000

Animals behave by a semi-Markov schedule (``pipeline/simulate/schedule.py``) whose mean dwell times differ between
animals and between sessions (log-normal), so that shares are skewed and what is seen in one session belongs together. A
study is ``n`` animals in one of three designs: every animal in a session of its own, two animals a session, or every
animal in half of ``n`` sessions, together with others. Each is watched for ten minutes a session, or for ten on
average: log-normal minutes, between animals and sessions as unequal as dwell times, but without regard to them.

OUT/coverage.csv has, by watching, design and ``n``: the shares of studies whose limits hold the truth, by behaviour (no
limits hold nothing), and how wide they are, in shares or starts an hour. The truth is the expectation over animals and
sessions. Beside our limits of the mean over animals (``pipeline/ethology/limits.py``) stand a t interval and
percentiles of a bootstrap, both over animals, and percentiles over sessions; then ours of the pooled share, and of the
pooled rate of starts.
"""

import argparse
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t

from pipeline.boxes import FloatArray
from pipeline.ethology.limits import Clusters, Scale, t_limits
from pipeline.ethology.shares import Cells, MeanOfAnimals, Pooled
from pipeline.ethology.sums import summed
from pipeline.simulate.schedule import Schedule
from pipeline.types import BoolArray, IntArray

NAMES = ("Graze", "Walk", "Head Up", "Groom", "Run")
SCHEDULE = Schedule(
    NAMES,
    transitions=np.array(
        [
            [0.00, 0.40, 0.50, 0.08, 0.02],
            [0.55, 0.00, 0.35, 0.04, 0.06],
            [0.60, 0.32, 0.00, 0.06, 0.02],
            [0.50, 0.30, 0.20, 0.00, 0.00],
            [0.10, 0.60, 0.30, 0.00, 0.00],
        ]
    ),
    mean_s=np.array([30.0, 12.0, 8.0, 15.0, 6.0]),
    shape=np.full(5, 1.5),
    start=np.full(5, 0.2),
)
SECONDS, BURN_IN_S, RESAMPLES = 600.0, 120.0, 400
BETWEEN = {"animals": 0.7, "sessions": 0.4}  # standard deviations of log mean dwell times, and of log minutes
SPREAD = float(np.hypot(BETWEEN["animals"], BETWEEN["sessions"]))
RATE = "ours, pooled rate"
Limits = tuple[FloatArray, FloatArray]


def main() -> None:
    """Simulate, count, write and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--animals", type=int, nargs="+", default=[3, 6, 10, 20])
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    shares, rates = expected(rng)
    rows = []
    for watching, (design, places), n in product(("equal", "unequal"), DESIGNS.items(), given.animals):
        held: dict[str, list[BoolArray]] = {}
        wide: dict[str, list[FloatArray]] = {}
        for cells, starts in studies(*places(n), watching == "unequal", given.studies, rng):
            for method, (low, high) in limits(cells, starts, rng).items():
                truth = rates if method == RATE else shares
                held.setdefault(method, []).append((low <= truth) & (truth <= high))
                wide.setdefault(method, []).append(high - low)
        for method, hits in held.items():
            share, width = np.mean(hits, axis=0), float(np.nanmean(wide[method]))
            head = {"watching": watching, "design": design, "n": n, "method": method}
            rows.append(head | _named(share) | {"mean": share.mean(), "width": width})
            told = f"{watching:7s} {design:21s} n={n:2d} {method:21s} {_named(share)}"
            print(f"{told} mean {share.mean():.3f} width {width:.2f}", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(given.out / "coverage.csv", index=False, float_format="%.4g")
    print(f"true shares {_named(shares)}, starts an hour {_named(rates)}, {given.studies} studies each")


def _named(values: FloatArray) -> dict[str, float]:
    """Of each behaviour."""
    return dict(zip(NAMES, values.round(3).tolist(), strict=True))


def expected(rng: np.random.Generator, draws: int = 400_000) -> tuple[FloatArray, FloatArray]:
    """Expected share and starts an hour of each behaviour ``[K]`` over animals and sessions: what studies are after."""
    time = SCHEDULE.frequencies * SCHEDULE.mean_s * np.exp(rng.normal(0, SPREAD, (draws, len(NAMES))))
    cycle = time.sum(axis=1, keepdims=True)
    return (time / cycle).mean(axis=0), 3600 * SCHEDULE.frequencies * (1 / cycle).mean()


def _alone(n: int) -> tuple[IntArray, IntArray]:
    return np.arange(n, dtype=np.int64), np.arange(n, dtype=np.int64)


def _pairs(n: int) -> tuple[IntArray, IntArray]:
    return np.arange(n, dtype=np.int64) // 2, np.arange(n, dtype=np.int64)


def _crossed(n: int) -> tuple[IntArray, IntArray]:
    """Animal ``i`` in sessions ``i``, ``i + 1`` ... of ``n``, half of them."""
    half = max(n // 2, 2)
    animal = np.repeat(np.arange(n, dtype=np.int64), half)
    return (animal + np.tile(np.arange(half, dtype=np.int64), n)) % n, animal


DESIGNS: dict[str, Callable[[int], tuple[IntArray, IntArray]]] = {
    "one animal a session": _alone,
    "two animals a session": _pairs,
    "animals seen again": _crossed,
}


def studies(
    session: IntArray, animal: IntArray, unequal: bool, number: int, rng: np.random.Generator
) -> Iterator[tuple[Cells, Cells]]:
    """So many studies with these cells: seconds in each behaviour, and its starts by hours."""
    for _ in range(number):
        watched = np.full(len(animal), SECONDS)
        mean_s = SCHEDULE.mean_s * np.exp(_apart(session, animal, len(NAMES), rng))
        if unequal:
            watched *= np.exp(_apart(session, animal, 1, rng)[:, 0] - SPREAD**2 / 2)
        spent, starts = record(mean_s, watched, rng)
        yield Cells(session, animal, spent, watched), Cells(session, animal, starts, watched / 3600)


def _apart(session: IntArray, animal: IntArray, figures: int, rng: np.random.Generator) -> FloatArray:
    """How far the logarithms of so many figures of each cell lie from those of all ``[C, figures]``."""
    own = rng.normal(0, BETWEEN["animals"], (animal.max() + 1, figures))[animal]
    return np.asarray(own + rng.normal(0, BETWEEN["sessions"], (session.max() + 1, figures))[session])


def record(mean_s: FloatArray, watched: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Seconds in each behaviour ``[C, K]`` and starts of it, of cells with mean dwell times ``[C, K]``.

    Each is ``watched [C]`` seconds, after a burn-in.
    """
    cells = np.arange(len(mean_s))
    spent, starts, now = np.zeros(mean_s.shape), np.zeros(mean_s.shape), np.full(len(mean_s), -BURN_IN_S)
    behaviour = rng.integers(len(NAMES), size=len(mean_s))
    chances = np.cumsum(SCHEDULE.transitions, axis=1)
    while (now < watched).any():
        shape = SCHEDULE.shape[behaviour]
        stop = now + rng.gamma(shape, mean_s[cells, behaviour] / shape)
        spent[cells, behaviour] += np.clip(np.minimum(stop, watched) - np.maximum(now, 0.0), 0.0, None)
        starts[cells, behaviour] += (now >= 0) & (now < watched)
        now = stop
        behaviour = (rng.random(len(cells))[:, None] > chances[behaviour]).sum(axis=1).clip(max=len(NAMES) - 1)
    return spent, starts


def limits(cells: Cells, starts: Cells, rng: np.random.Generator) -> dict[str, Limits]:
    """Limits of the mean over animals by several methods, and ours of the pooled share and of the pooled rate."""
    mean, pooled, clusters = MeanOfAnimals(), Pooled(), Clusters.of(cells.session, cells.animal)
    share, number = mean(cells), int(cells.animal.max()) + 1
    made = {"ours": t_limits(share, clusters.spread(mean, cells), 0.95)}
    of_animal = _shares(cells, cells.animal)
    reach = t.ppf(0.975, number - 1) * of_animal.std(axis=0, ddof=1) / np.sqrt(number)
    made["t over animals"] = np.maximum(share - reach, 0), np.minimum(share + reach, 1)
    made["percentiles, animals"] = percentiles(of_animal, rng)
    if not np.array_equal(cells.session, cells.animal):
        made["percentiles, sessions"] = percentiles(_shares(cells, cells.session), rng)
    made["ours, pooled"] = t_limits(pooled(cells), clusters.spread(pooled, cells), 0.95)
    return made | {RATE: t_limits(pooled(starts), clusters.spread(pooled, starts, Scale.rate), 0.95, Scale.rate)}


def _shares(cells: Cells, place: IntArray) -> FloatArray:
    """Shares of all the time of each animal (session) ``place [C]``."""
    number = int(place.max()) + 1
    return summed(cells.parts, place, number) / summed(cells.whole, place, number)[:, None]


def percentiles(units: FloatArray, rng: np.random.Generator) -> Limits:
    """Plain percentiles of the mean of resampled units ``[n, K]``."""
    weights = rng.multinomial(len(units), np.full(len(units), 1 / len(units)), size=RESAMPLES) / len(units)
    low, high = np.quantile(weights @ units, [0.025, 0.975], axis=0)
    return low, high


if __name__ == "__main__":
    main()
