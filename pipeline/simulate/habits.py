"""What animals of each species are up to: schedules over KABR's behaviours, and Lie for those that have it.

Bouts last 4 to 25 s, shorter than in nature, so that a scene of one minute shows several of each animal. Who follows
whom is written as weights; a row is divided by its sum.
"""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.simulate.schedule import BEHAVIOURS, BROWSE, GRAZE, LIE, WALK, Schedule

# The columns of every table:  Walk Graze Browse Head-Up Groom Trot Run, and Lie if it has eight; a row: what follows it
EQUID = """
    Walk          .  6   .8   3   .8   1   .4
    Graze         5  .    0   5    1  .4   .3
    Browse        3  1    .   3   .5   0   .2
    Head-Up       4  6    0   .    1  .7   .6
    Groom         2  3    0   3    .   0    0
    Trot          4  2    0   2    0   .    2
    Run           3  1    0   3    0   3    .
"""
GIRAFFE = """
    Walk          .  0    6   4   .8  .5   .5
    Graze         1  .    0   1    0   0    0
    Browse        5  0    .   4    1  .2   .2
    Head-Up       6  0    3   .    1  .5   .5
    Groom         3  0    1   3    .   0    0
    Trot          4  0    1   2    0   .    2
    Run           3  0    0   2    0   3    .
"""
IMPALA = """
    Walk          .  6    1   4    1  .8   .6
    Graze         5  .    0   6    1  .3   .5
    Browse        4  1    .   4    1   0   .3
    Head-Up       4  6    0   .    2  .6   .8
    Groom         2  3    0   4    .   0   .2
    Trot          4  2    0   2    0   .    2
    Run           2  1    0   4    0   2    .
"""
BABOON = """
    Walk          .  6    0   4    1   0    1
    Graze         6  .    0   4    1   0   .5
    Browse        1  0    .   1    0   0    0
    Head-Up       5  5    0   .    3   0   .6
    Groom         2  2    0   4    .   0   .2
    Trot          1  0    0   1    0   .    1
    Run           5  1    0   3    0   0    .
"""
SHEEP = """
    Walk          .  6    0   3   .3   0   .3    1
    Graze         5  .    0   4   .4   0   .2  1.5
    Browse        1  1    .   1    0   0    0    0
    Head-Up       3  5    0   .   .5   0   .4    2
    Groom         2  3    0   3    .   0    0    1
    Trot          1  1    0   1    0   .    0    0
    Run           3  1    0   3    0   0    .    0
    Lie           2  2    0   4   .4   0    0    .
"""
EVEN = """
    Walk          .  2    3   2    2   2    2    1
    Graze         2  .    0   2    2   2    2    1
    Browse        2  2    .   2    2   2    1    0
    Head-Up       2  2    0   .    2   2    2    1
    Groom         2  2    0   2    .   2    2    1
    Trot          2  2    2   2    2   .    2    0
    Run           2  2    1   2    2   2    .    0
    Lie           2  2    0   2    2   0    0    .
"""
MEAN_S = {  # mean dwell times, same columns
    "equid": (9.0, 18.0, 12.0, 8.0, 6.0, 5.0, 4.5),
    "giraffe": (11.0, 10.0, 18.0, 9.0, 6.0, 5.0, 5.0),
    "impala": (8.0, 15.0, 10.0, 8.0, 6.0, 4.5, 4.0),
    "baboon": (9.0, 12.0, 10.0, 9.0, 9.0, 5.0, 4.0),
    "sheep": (8.0, 15.0, 10.0, 8.0, 6.0, 5.0, 4.0, 18.0),
}
HABITS = {
    "plains_zebra": (EQUID, MEAN_S["equid"]),
    "grevys_zebra": (EQUID, MEAN_S["equid"]),
    "giraffe": (GIRAFFE, MEAN_S["giraffe"]),
    "impala": (IMPALA, MEAN_S["impala"]),
    "baboon": (BABOON, MEAN_S["baboon"]),
    "sheep": (SHEEP, MEAN_S["sheep"]),
}
SHAPE = 4.0  # dwell times vary by half their mean
BUSY_S = 7.0  # mean time a behaviour gets before the next, where all get the same share


def _matrix(table: str) -> FloatArray:
    rows = [line.split()[1:] for line in table.strip().splitlines()]
    return np.array([[0.0 if cell == "." else float(cell) for cell in row] for row in rows])


def _schedule(weights: FloatArray, mean_s: FloatArray) -> Schedule:
    """With the first bout drawn by the shares of time in the long run; it begins with the scene and is not cut short.

    So a zebra grazes 0.51 of the first minute and 0.49 of the time in the long run. Over as many of ``BEHAVIOURS`` as
    the table has: one that a species never shows must not change its draws.
    """
    k = len(mean_s)
    transitions = weights / weights.sum(axis=1, keepdims=True)
    shape = np.full(k, SHAPE)
    draft = Schedule(BEHAVIOURS[:k], transitions, mean_s, shape, np.full(k, 1 / k))
    return Schedule(BEHAVIOURS[:k], transitions, mean_s, shape, draft.shares)


def _known(species: str) -> tuple[FloatArray, FloatArray]:
    if species not in HABITS:
        raise UsageError(f"no habits for species {species!r}; there are: {', '.join(HABITS)}")
    table, mean_s = HABITS[species]
    return _matrix(table), np.array(mean_s)


def natural(species: str) -> Schedule:
    """What adults of a species do on an ordinary day: zebras mostly graze, giraffes browse.

    Raises:
        UsageError: a species without habits.
    """
    return _schedule(*_known(species))


def busy(species: str) -> Schedule:
    """Each behaviour of a species gets the same share of time: to train on, where rare ones must be seen often.

    Behaviours that the species' natural schedule never leads to stay out.

    Raises:
        UsageError: a species without habits.
    """
    weights, _ = _known(species)
    has = weights.sum(axis=0) > 0
    even = _matrix(EVEN)[: len(has), : len(has)] * has[None, :]
    draft = _schedule(even, np.full(len(has), BUSY_S))
    often = np.where(has, draft.frequencies, 1.0)
    return _schedule(even, BUSY_S / has.sum() / often)


def travelling(species: str) -> Schedule:
    """Mostly on the way: about two thirds of the time spent walking, for herds that cross a scene.

    Raises:
        UsageError: a species without habits.
    """
    weights, mean_s = _known(species)
    onward = weights.copy()
    onward[:, WALK] += 4 * onward.sum(axis=1)
    onward[WALK, WALK] = 0
    longer = mean_s.copy()
    longer[WALK] *= 1.8
    longer[[GRAZE, BROWSE]] *= 0.5
    longer[LIE:] *= 0.5  # of those that lie
    return _schedule(onward, longer)
