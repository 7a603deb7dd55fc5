"""How often do 95 % limits of a comparison hold the true ratio, and how often is a difference found where none is?

    python scripts/coverage_comparisons.py OUT --studies 2000

Two conditions that do not differ: the true ratios are 1, and one study in twenty may find a difference.

OUT/ratios.csv: how often bouts begin and how long they last (``pipeline/ethology/contrasts/bouts.py``). Animals, so
many in each condition, are in a behaviour for 10 s and out of it for 30 s, on average: lengths are log-normal, and
their means differ between animals (log-normal). A film begins at any moment and goes on for so many ``bouts`` of 40 s;
in the second condition it is ``second`` as long. Lengths are ``tested`` where a bout was seen to end in six animals of
both conditions; ``few`` are those of such studies with fewer than ten ends in a condition.

OUT/no_effect.csv: p of 0.05 or less, and limits that leave out 0, by what is taken for independent: ``ours`` is what
``compare`` takes (``pipeline/ethology/contrasts/independence.py``). A figure of an animal in a session is the sum of
what is the animal's, the session's and its own, normal with a standard deviation of 1 each.
"""

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.independence import Independence
from pipeline.ethology.contrasts.means import Halves, Ratios, p_values, swaps
from pipeline.ethology.contrasts.settings import Replicate
from pipeline.ethology.sums import distinct_pairs, over, summed
from pipeline.types import BoolArray, IntArray

OUT_S, IN_S = 30.0, 10.0
REPLICATES, ENDS, PERMUTATIONS = 6, 10, 999
SETTINGS = ("variation", "between", "animals", "bouts", "second")
GRID = ((1.0, 1.7), (0.3, 0.7), (6, 12, 20), (1, 2, 5, 20), (1.0, 0.3))  # values of each
Design = list[tuple[int, int, int]]  # (animal, session, condition)


def some_of_fifty() -> Design:
    """Of fifty animals eight a session, in whatever habitat."""
    drawn = [np.random.default_rng(s).choice(50, 8, replace=False) for s in range(12)]
    return [(int(a), s, s % 2) for s, animals in enumerate(drawn) for a in animals]


OTHERS: Design = [(10 * s + a, s, s % 2) for s in range(12) for a in range(4)]
DESIGNS: dict[str, Design] = {
    "six of either sex, followed alone five times": [(a, 5 * a + s, a % 2) for a in range(12) for s in range(5)],
    "eight, followed alone, mornings and evenings": [(a, 6 * a + s, s % 2) for a in range(8) for s in range(6)],
    "twelve herds of four, two films each": [
        (4 * g + a, 2 * g + s, g % 2) for g in range(12) for a in range(4) for s in (0, 1)
    ],
    "four others in each of twelve sessions": OTHERS,
    "so, and four that change condition": OTHERS + [(100 + a, 12, h) for a in range(4) for h in (0, 1)],
    "the same eight in twelve sessions": [(a, s, s % 2) for s in range(12) for a in range(8)],
    "eight of fifty in each of twelve sessions": some_of_fifty(),
    "six of either sex, all in eight sessions": [(a, s, a % 2) for s in range(8) for a in range(12)],
    "another couple in each of nine sessions": [(2 * s + a, s, a) for s in range(9) for a in (0, 1)],
    "seven in four sessions, early and late": [(a, s, h) for s in range(4) for a in range(7) for h in (0, 1)],
}


def main() -> None:
    """Simulate, count, write and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    ratios = pd.DataFrame(
        [dict(zip(SETTINGS, one, strict=True)) | held(*one, given.studies, rng) for one in product(*GRID)]
    )
    null = pd.DataFrame([row for name in DESIGNS for row in no_effect(name, given.studies, rng)])
    given.out.mkdir(parents=True, exist_ok=True)
    for name, table in (("ratios", ratios), ("no_effect", null)):
        table.to_csv(given.out / f"{name}.csv", index=False, float_format="%.4g")
        print(table.round(3).to_string(index=False))
    summarize(ratios, null, given.studies)


def held(
    variation: float, between: float, animals: int, bouts: int, second: float, studies: int, rng: np.random.Generator
) -> dict[str, float]:
    """Shares of studies whose limits hold the ratio of rates, and of lengths; how many had limits of these."""
    watched = np.array([1, second])[:, None, None] * bouts * (OUT_S + IN_S)
    time, starts, ends = films(np.broadcast_to(watched, (2, animals, studies)), variation, between, rng)
    rates = _holds(starts / watched, np.ones_like(starts))
    lengths = _holds(time / watched, ends / watched)
    tested = ((ends > 0).sum(axis=1) >= REPLICATES).all(axis=0)
    few = tested & (ends.sum(axis=1) < ENDS).any(axis=0)
    begun = starts.any(axis=1).all(axis=0)
    of_lengths = {"length": _share(lengths[tested]), "few": _share(lengths[few])}
    return {"rate": _share(rates[begun])} | of_lengths | {"tested": tested.mean(), "n_few": few.sum()}


def films(watched: FloatArray, variation: float, between: float, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Seconds in the behaviour, and its starts and ends, of each film ``watched [2, n, S]`` seconds.

    Lengths have this coefficient of variation, their means between animals this standard deviation of logarithms. What
    is going on as a film begins is more often something long, and any part of it is over.
    """
    of_log = np.sqrt(np.log1p(variation**2))
    scale = np.exp(rng.normal(-(between**2) / 2, between, (2, *watched.shape)))
    out, into = OUT_S * scale[0], IN_S * scale[1]
    inside = rng.random(watched.shape) < into / (out + into)
    now = np.zeros(watched.shape)
    stop = np.where(inside, into, out) * rng.lognormal(of_log**2 / 2, of_log, now.shape) * rng.random(now.shape)
    time, starts, ends = (np.zeros(watched.shape) for _ in range(3))
    while (now < watched).any():
        time += np.where(inside, np.clip(np.minimum(stop, watched) - now, 0, None), 0.0)
        ends += inside & (stop < watched)
        starts += ~inside & (stop < watched)
        now, inside = stop, ~inside
        stop = now + np.where(inside, into, out) * rng.lognormal(-(of_log**2) / 2, of_log, now.shape)
    return time, starts, ends


def _holds(part: FloatArray, whole: FloatArray) -> BoolArray:
    """Do limits of the ratio hold 1 in each study? Of ``[2, n, S]``: conditions, animals, studies."""
    _, n, studies = part.shape
    both = np.full((2, 2, n, 2, studies), np.nan)
    both[:, [0, 1], :, [0, 1]] = np.stack([part, whole], axis=1)  # nobody is in the other condition
    of_part, of_whole = both.reshape(2, 2 * n, 2, studies)
    low, high = Ratios(of_part, of_whole, np.arange(2 * n)).limits(0.95)
    return np.asarray((low <= 0) & (high >= 0))


def _share(hits: BoolArray) -> float:
    return float(hits.mean()) if len(hits) else float("nan")


def no_effect(design: str, studies: int, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Shares of studies with p of 0.05 or less, and with limits of the difference that leave out 0."""
    individual, session, half = np.array(DESIGNS[design], dtype=np.int64).T
    each = (individual, session, np.arange(len(half)))
    seen = np.sum([rng.normal(size=(int(of.max()) + 1, studies))[of] for of in each], axis=0)
    own = Independence.of(individual, session, half, Replicate.individual)
    places = {"sessions": session, "animals": np.unique(individual, return_inverse=True)[1]} | {
        own.kind.over: own.place
    }
    for what, place in places.items():
        halves = averaged(seen, individual, place, half)
        swapped, whole = swaps(halves.counts > 0, PERMUTATIONS, 0)
        p = p_values(halves.means[1] - halves.means[0], halves.shuffled(swapped), whole)
        low, high = halves.limits(0.95)
        found = {"p": float((p <= 0.05).mean()), "limits": float(((low > 0) | (high < 0)).mean())}
        number = "{} + {}".format(*halves.replicates)
        yield {"design": design, "independent": what, "ours": place is own.place, "replicates": number} | found


def averaged(seen: FloatArray, individual: IntArray, place: IntArray, half: IntArray) -> Halves:
    """An animal has one value in each condition of a replicate: the mean of what is ``seen [n, S]`` there."""
    _, unit = distinct_pairs(individual, place)
    number = int(unit.max()) + 1
    cell = 2 * unit + half
    values = over(summed(seen, cell, 2 * number), np.bincount(cell, minlength=2 * number))
    return Halves(values.reshape(number, 2, -1), place[np.unique(unit, return_index=True)[1]])


def summarize(ratios: pd.DataFrame, null: pd.DataFrame, studies: int) -> None:
    """Print the lowest and highest of all settings, and of all designs."""
    most, few = ratios["tested"] >= 0.9, ratios["n_few"] >= studies / 10
    for what, rows in (
        ("ratios of rates held", ratios["rate"]),
        ("ratios of lengths held, nine in ten studies or more tested", ratios.loc[most, "length"]),
        (
            "ratios of lengths held, one in ten to nine in ten tested",
            ratios.loc[~most & (ratios["tested"] >= 0.1), "length"],
        ),
        ("ratios of lengths held, fewer than ten ends in a condition", ratios.loc[few, "few"]),
        ("differences found by p, ours", null.loc[null["ours"], "p"]),
        ("differences found by limits, ours", null.loc[null["ours"], "limits"]),
    ):
        print(f"{what}: {rows.min():.3f} to {rows.max():.3f}, median {rows.median():.3f}, {len(rows)} settings")


if __name__ == "__main__":
    main()
