"""Association indices of every pair, from scans: who was in one group, counted in sampling periods.

Simple ratio index: Ginsberg and Young (1992, Anim Behav 44: 377-379), standard error sqrt(p (1 - p) / n). Half-weight
index: Cairns and Schwager (1987, Anim Behav 35: 1454-1469); of use where animals are missed unequally. Its standard
error is by the delta method on the counts of a multinomial. Both take periods as independent. Calibration needs to be
told how often an animal that is in a group is missed (Hoppitt and Farine 2018, Anim Behav 136: 227-238): of one that
is not in the record nobody knows whether it was there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.society.pair_tables import ASSOCIATION_TESTS, ASSOCIATIONS
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.society.swaps import Seats, shuffled
from pipeline.types import IntArray

_FRAGMENTS = "tracks are fragments: y_a and y_b also count where the other was lost"
_LASTING = "; most pairs are still together a period later: periods depend on each other and p is too small"
_UNKNOWN = (
    "; no pair that was together is seen again in the period that follows: whether periods depend on each other is not"
    " known, and p may be too small"
)
_CLOCKS = {  # by whether some periods are on a session's clock, and some on a video's
    (True, False): "the session's clock",
    (False, True): "each video's own clock, as it is not known when they were filmed",
    (True, True): "the session's clock where it is known when a video was filmed, else on the video's own",
}
_MISSED = "not calibrated for animals that are there and missed (Hoppitt and Farine 2018): no record tells of them"
_TEST = (
    "p: share of arrangements with so large a spread of indices, if the members of each period's groups are drawn by"
    " lot; who is seen when and the groups' sizes are kept (swaps within periods, Bejder et al. 1998). It tests random"
    " association in these scans, periods taken as independent, and nothing about what explains it (Weiss et al. 2021)"
)


@dataclass(frozen=True)
class _Pairs:
    """The pairs that are listed, of animals by name."""

    seats: Seats
    names: list[str]  # [N]
    species: list[str]  # [N]
    one: IntArray  # [k] number of the lower animal
    other: IntArray  # [k] number of the higher
    both: FloatArray  # [k] periods in which both were seen
    periods: FloatArray  # [N] in which each was seen

    @property
    def either(self) -> FloatArray:
        """``[k]`` periods in which one of the two or both were seen."""
        return self.periods[self.one] + self.periods[self.other] - self.both

    @property
    def keys(self) -> IntArray:
        """``[k]`` as ``Seats.counted`` has them."""
        return self.one * self.seats.animals + self.other


def associations(
    scans: pd.DataFrame, level: str, settings: SocietySettings, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ASSOCIATIONS and ASSOCIATION_TESTS of SCANS: of named individuals over all videos, or of tracks in each video.

    ``level`` is ``individual`` or ``track``. Every pair of individuals has a row; of tracks those that are in one scan,
    as two that never are may be fragments of one animal. An index rests on at least ``min_periods`` periods in which
    either is seen, a test on as many with two animals; p is not yet corrected.
    """
    pairs, tests = [], []
    scans = scans.assign(look=scans.groupby(["session", "clock"])["period"].rank("dense"))
    for video, rows in _by_level(scans, level):
        counted = _counted(rows, every=level == "individual")
        if len(counted.one):
            of = {"level": level, "video": video}
            pairs.append(_indices(counted, settings.min_periods, level).assign(period_s=settings.period_s, **of))
            tests.append(_test(counted, settings, seed) | of | _sampling(rows, level, settings.period_s))
    return (
        ASSOCIATIONS.cast(pd.concat(pairs, ignore_index=True)) if pairs else ASSOCIATIONS.empty(),
        ASSOCIATION_TESTS.cast(pd.DataFrame(tests).assign(p_corrected=np.nan)) if tests else ASSOCIATION_TESTS.empty(),
    )


def _sampling(rows: pd.DataFrame, level: str, period_s: float) -> dict[str, object]:
    """How the periods lie, and how often an animal is missed between its first look and its last on one clock."""
    of_session, clock = rows["clock"] == "", ["session", "clock"]
    rows = rows.drop_duplicates([*clock, "look", "animal"])
    looks = rows.groupby([*clock, "animal"])["look"].agg(["min", "max", "size"])
    words = "the video's clock" if level == "track" else _CLOCKS[bool(of_session.any()), not of_session.all()]
    return {
        "period_s": period_s,
        "missed_share": 1 - looks["size"].sum() / (looks["max"] - looks["min"] + 1).sum(),
        "sampling": f"a look every {period_s:g} s on {words}; {_MISSED}",
    }


def _by_level(scans: pd.DataFrame, level: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """The scans that are counted together, with the animals' names in ``animal``."""
    if level == "individual":
        yield "", scans[scans["individual"] != ""].assign(animal=lambda rows: rows["individual"])
        return
    for video, own in scans.groupby("video"):
        yield str(video), own.assign(animal=own["video"] + "#" + own["track"].astype("str"))


def _counted(rows: pd.DataFrame, every: bool) -> _Pairs:
    """Count the pairs, every one or those seen in one scan. An animal in two places is where its lowest track is."""
    keys = ["session", "clock", "period"]
    rows = rows.sort_values([*keys, "video", "track"], kind="stable").drop_duplicates([*keys, "animal"])
    code, names = pd.factorize(rows["animal"], sort=True)
    animal = code.astype(np.int64)
    group = np.asarray(rows.groupby([*keys, "video", "group"]).ngroup(), dtype=np.int64)
    seats = Seats(_numbered(rows[keys]), group, animal, len(names))
    seen = seats.seen()
    both = seen.T @ seen
    one, other = np.nonzero(np.triu(np.ones_like(both) if every else both, 1))
    species = rows.drop_duplicates("animal").set_index("animal")["species"].reindex(names).tolist()
    return _Pairs(seats, names.tolist(), species, one, other, both[one, other], seen.sum(axis=0))


def _numbered(keys: pd.DataFrame) -> IntArray:
    """The number of each row's period; one is left out where a period does not follow on the one before."""
    step = keys["period"].diff().fillna(0).to_numpy()
    place = keys.groupby(["session", "clock"]).ngroup().to_numpy()
    moved = np.append(True, np.diff(place) != 0)[: len(keys)]
    rise = np.where(moved, 2, np.minimum(step, 2))
    return (np.cumsum(rise) - 2).astype(np.int64)


def _indices(pairs: _Pairs, least: int, level: str) -> pd.DataFrame:
    """One row a pair, by the animals' names."""
    left, right = pairs.seats.pairs()
    x = pairs.seats.counted(left, right, pairs.seats.animal, pairs.keys).astype(np.float64)
    n, enough = pairs.either, pairs.either >= least
    sri, sri_se = simple_ratio(x, n)
    hwi, hwi_se = half_weight(x, pairs.both - x, n - pairs.both)
    names, kinds = np.array(pairs.names, dtype=object), np.array(pairs.species, dtype=object)
    figures = {"sri": sri, "sri_se": sri_se, "hwi": hwi, "hwi_se": hwi_se}
    return pd.DataFrame(
        {
            "a": names[pairs.one],
            "b": names[pairs.other],
            "species_a": kinds[pairs.one],
            "species_b": kinds[pairs.other],
            "x": x,
            "y_ab": pairs.both - x,
            "y_a": pairs.periods[pairs.one] - pairs.both,
            "y_b": pairs.periods[pairs.other] - pairs.both,
            "n": n,
            "x_chance": pairs.seats.expected()[pairs.one, pairs.other],
            **{name: np.where(enough, values, np.nan) for name, values in figures.items()},
            "method": np.where(enough, _FRAGMENTS * (level == "track"), f"no index: fewer than {least} periods"),
        }
    )


def simple_ratio(x: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The index and its standard error, of ``x`` periods together among ``n`` > 0 in which either was seen."""
    p = x / n
    return p, np.sqrt(p * (1 - p) / n)


def half_weight(x: FloatArray, apart: FloatArray, alone: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The index and its standard error, of ``x`` periods together, ``apart`` and with one ``alone``; NaN of none.

    With p, q and r their shares and d = p + q + r / 2, the gradient of p / d is (q + r / 2, -p, -p / 2) / d^2.
    """
    n = x + apart + alone
    p, q, r = x / n, apart / n, alone / n
    d = p + q + r / 2
    return p / d, np.sqrt((p * (q + r / 2) ** 2 + q * p**2 + r * p**2 / 4) / n) / d**2


def _test(pairs: _Pairs, settings: SocietySettings, seed: int) -> dict[str, object]:
    """The row of ASSOCIATION_TESTS.

    Periods are said to depend on each other where ``still_together`` is nearer to 1 than to ``together``.
    """
    seats = pairs.seats
    found = shuffled(seats, pairs.keys, pairs.either, settings.permutations, seed)
    periods, reason = int((np.bincount(seats.period) > 1).sum()), ""
    if periods < settings.min_periods:
        reason = f"not tested: {periods} periods with two animals, fewer than {settings.min_periods}"
    elif found.n_periods == 0:
        reason = "not tested: in every period all are in one group, or each is alone; nothing can be swapped"
    drawn = np.full(1, np.nan) if reason else found.drawn
    together, still = seats.persistence()
    caution = _UNKNOWN if np.isnan(still) else _LASTING if still - together > 1 - still else ""
    return {
        "sd_sri": found.observed,
        "sd_chance": drawn.mean(),
        "chance_low": np.quantile(drawn, 0.025),
        "chance_high": np.quantile(drawn, 0.975),
        "p": np.nan if reason else ((drawn >= found.observed - 1e-12).sum() + 1) / (len(drawn) + 1),
        "together": together,
        "still_together": still,
        "n_pairs": len(pairs.one),
        "n_animals": len(pairs.names),
        "n_periods": periods,
        "n_shuffled": found.n_periods,
        "permutations": 0 if reason else len(drawn),
        "method": reason or _TEST + caution,
    }
