"""How often do 95 % limits of a time budget hold the true share? Simulated studies whose truth is known.

    python scripts/coverage.py OUT --studies 2000

Animals behave by a semi-Markov schedule (``pipeline/simulate/schedule.py``) whose mean dwell times differ between
animals and between sessions (log-normal), so that shares are skewed and what is seen in one session belongs together. A
study is ``n`` animals, each for ten minutes a session, in one of three designs: every animal in a session of its own,
two animals a session, or every animal in half of ``n`` sessions, together with others. The figure is the mean over
animals, the truth its expectation over animals and sessions. OUT/coverage.csv has, by design and ``n``: the shares of
studies whose limits hold the truth, by behaviour, and how wide they are. Beside ours (``pipeline/ethology/limits.py``)
stand a t interval and percentiles of a bootstrap, both over animals, and percentiles over sessions.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t

from pipeline.boxes import FloatArray
from pipeline.ethology.limits import Cells, Clusters, MeanOfAnimals, t_limits
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
BETWEEN = {"animals": 0.7, "sessions": 0.4}  # standard deviations of log mean dwell times
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
    truth = expected(rng)
    rows = []
    for design, places in DESIGNS.items():
        for n in given.animals:
            held: dict[str, list[BoolArray]] = {}
            wide: dict[str, list[FloatArray]] = {}
            for cells in studies(*places(n), given.studies, rng):
                for method, (low, high) in limits(cells, rng).items():
                    held.setdefault(method, []).append((low <= truth) & (truth <= high))
                    wide.setdefault(method, []).append(np.minimum(high, 1) - np.maximum(low, 0))
            for method, hits in held.items():
                share = np.mean(hits, axis=0)
                named = dict(zip(NAMES, share.round(3).tolist(), strict=True))
                width = float(np.nanmean(wide[method]))
                rows.append({"design": design, "n": n, "method": method} | named | {"width": width})
                print(
                    f"{design:22s} n={n:2d} {method:24s} {named} mean {share.mean():.3f} width {width:.2f}", flush=True
                )
    given.out.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(given.out / "coverage.csv", index=False, float_format="%.4g")
    print(f"true shares {dict(zip(NAMES, truth.round(3).tolist(), strict=True))}, {given.studies} studies each")


def expected(rng: np.random.Generator, draws: int = 400_000) -> FloatArray:
    """Expected share of each behaviour over animals and sessions ``[K]``: what every study is after."""
    spread = np.hypot(BETWEEN["animals"], BETWEEN["sessions"])
    time = SCHEDULE.frequencies * SCHEDULE.mean_s * np.exp(rng.normal(0, spread, (draws, len(NAMES))))
    return np.asarray((time / time.sum(axis=1, keepdims=True)).mean(axis=0))


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


def studies(session: IntArray, animal: IntArray, number: int, rng: np.random.Generator) -> Iterator[Cells]:
    """So many studies with these cells."""
    for _ in range(number):
        own = rng.normal(0, BETWEEN["animals"], (animal.max() + 1, len(NAMES)))[animal]
        day = rng.normal(0, BETWEEN["sessions"], (session.max() + 1, len(NAMES)))[session]
        parts = seconds(SCHEDULE.mean_s * np.exp(own + day), rng)
        yield Cells(session, animal, parts, np.full(len(animal), SECONDS))


def seconds(mean_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Seconds in each behaviour ``[C, K]`` of records with these mean dwell times ``[C, K]``, after a burn-in."""
    cells = np.arange(len(mean_s))
    spent, now = np.zeros(mean_s.shape), np.full(len(mean_s), -BURN_IN_S)
    behaviour = rng.integers(len(NAMES), size=len(mean_s))
    chances = np.cumsum(SCHEDULE.transitions, axis=1)
    while (now < SECONDS).any():
        shape = SCHEDULE.shape[behaviour]
        stop = now + rng.gamma(shape, mean_s[cells, behaviour] / shape)
        spent[cells, behaviour] += np.clip(np.minimum(stop, SECONDS) - np.maximum(now, 0.0), 0.0, None)
        now = stop
        behaviour = (rng.random(len(cells))[:, None] > chances[behaviour]).sum(axis=1).clip(max=len(NAMES) - 1)
    return spent


def limits(cells: Cells, rng: np.random.Generator) -> dict[str, Limits]:
    """Limits of the mean over animals by several methods."""
    share, clusters = MeanOfAnimals(), Clusters.of(cells.session, cells.animal)
    ours = t_limits(share(cells), clusters.variance(share, cells), clusters.units, 0.95)
    number = cells.animal.max() + 1
    of_animal = np.stack([cells.parts[cells.animal == k].mean(axis=0) / SECONDS for k in range(number)])
    reach = t.ppf(0.975, number - 1) * of_animal.std(axis=0, ddof=1) / np.sqrt(number)
    made = {"ours": ours, "t over animals": (share(cells) - reach, share(cells) + reach)}
    made["percentiles, animals"] = percentiles(of_animal, rng)
    if not np.array_equal(cells.session, cells.animal):
        by_session = [cells.parts[cells.session == k].mean(axis=0) / SECONDS for k in np.unique(cells.session)]
        made["percentiles, sessions"] = percentiles(np.stack(by_session), rng)
    return made


def percentiles(units: FloatArray, rng: np.random.Generator) -> Limits:
    """Plain percentiles of the mean of resampled units ``[n, K]``."""
    weights = rng.multinomial(len(units), np.full(len(units), 1 / len(units)), size=RESAMPLES) / len(units)
    low, high = np.quantile(weights @ units, [0.025, 0.975], axis=0)
    return low, high


if __name__ == "__main__":
    main()
