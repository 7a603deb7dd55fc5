"""Do animals do the same at the same time more than their own records, shifted in time, would have it?

The test is exact for records that are independent and steady. What all animals answer to (heat, a drone, the hour)
makes them synchronous, too: an excess is no proof that they follow each other (Rook and Penning 1991, Appl Anim Behav
Sci 32: 157-166; Engel and Lamprecht 1997, J theor Biol 185: 255-262).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.society.corrections import with_corrected
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.society.shifts import Sums
from pipeline.ethology.society.summary import mean_limits
from pipeline.ethology.society.tables import ANY, EXCESS, SYNCHRONY
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import ALL

_LEVELS = ("pooled", "species", "session", "video")
_METHOD = "p against {shifts} circular shifts of every track's record (one-sided); common causes synchronise, too"
_FIGURES = ("observed", "chance", "chance_low", "chance_high", "excess", "p")


def synchrony(sums: Sequence[Sums], how: SocietySettings, settings: StatisticsSettings) -> pd.DataFrame:
    """SYNCHRONY over all videos: by level from the whole to its parts, set, and behaviour with ``any`` first.

    A video's or session's share is over its pairs of animals at instants; that of a species and of everything is the
    mean over sessions, with limits of the excess from ``min_units`` sessions on. A shift after which no two animals of
    a session are coded at once says nothing of it: another of its shifts takes that place in the mean over sessions,
    and a session without any is left out. p is corrected over the rows of a unit and set.
    """
    tested = []
    for level in _LEVELS:
        for (unit, session, species, of_set), own in _units(sums, level).items():
            labels = {"level": level, "unit": unit, "session": session, "species": species, "set": of_set}
            shares = _of_sessions(own)
            own_rows = pd.DataFrame(_rows(own, shares, settings, over_sessions=level in ("pooled", "species")))
            draws = shares.shape[1] - 1
            tested.append(with_corrected(own_rows.assign(**labels), [], how.correction, draws, 1 - settings.confidence))
    return SYNCHRONY.cast(pd.concat(tested, ignore_index=True)) if tested else SYNCHRONY.empty()


def _units(sums: Sequence[Sums], level: str) -> dict[tuple[str, str, str, str], list[Sums]]:
    """What belongs to each unit of a level."""
    found: dict[tuple[str, str, str, str], list[Sums]] = {}
    for own in sums:
        unit, session = {
            "pooled": (ALL, ""),
            "species": (own.species, ""),
            "session": (own.session, own.session),
            "video": (own.video, own.session),
        }[level]
        if level in ("session", "video") or (own.species == ALL) == (level == "pooled"):
            found.setdefault((unit, session, own.species, own.set), []).append(own)
    return dict(sorted(found.items()))


def _of_sessions(own: list[Sums]) -> FloatArray:
    """Shares ``[sessions, 1 + S, 2 + K]`` of the sessions in which two animals are coded at once, shifted and not."""
    of_session: dict[str, list[Sums]] = {}
    for part in own:
        of_session.setdefault(part.session, []).append(part)
    shares = np.stack([_shares(parts) for parts in of_session.values()])
    coded = ~np.isnan(shares[..., 0])
    shares, coded = (each[coded[:, 0] & coded[:, 1:].any(axis=1)] for each in (shares, coded))
    if len(shares) == 1:
        return shares[:, coded[0]]
    for each, there in zip(shares, coded, strict=True):
        each[~there] = np.resize(each[1:][there[1:]], each[~there].shape)
    return shares


def _rows(
    own: list[Sums], shares: FloatArray, settings: StatisticsSettings, over_sessions: bool
) -> Iterator[dict[str, object]]:
    """One row a share: pairs in any behaviour, animals, then pairs in each behaviour."""
    counts = {
        "n_sessions": len(shares),
        "n_tracks": sum(part.n_tracks for part in own),
        "n_instants": sum(part.n_instants for part in own),
        "n_pairs": int(sum(part.below[0, 0] for part in own)),
    }
    names = [(ANY, "pairs"), (ANY, "animals"), *((name, "pairs") for name in own[0].behaviours)]
    for k, (behaviour, measure) in enumerate(names):
        figures = _figures(shares[..., k], settings, over_sessions) if len(shares) else _nothing(counts["n_pairs"])
        yield {"behaviour": behaviour, "measure": measure} | counts | figures


def _nothing(n_pairs: int) -> dict[str, object]:
    """The figures where no session can be compared with its shifts."""
    why = "after no shift of the records are two animals recognized" if n_pairs else "no two animals are recognized"
    return dict.fromkeys((*_FIGURES, "ci_low", "ci_high"), np.nan) | {"method": f"{why} at the same time"}


def _shares(parts: Sequence[Sums]) -> FloatArray:
    """``[1 + S, 2 + K]`` of one session; NaN where no two animals are coded at once."""
    above, below = np.sum([part.above for part in parts], axis=0), np.sum([part.below for part in parts], axis=0)
    result: FloatArray = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return result


def _figures(shares: FloatArray, settings: StatisticsSettings, over_sessions: bool) -> dict[str, object]:
    """The figures of one share ``[sessions, 1 + S]``."""
    seen, *controls = shares.mean(axis=0)
    controls = np.array(controls)
    low, high, limits = np.nan, np.nan, "over instants; no interval: one session"
    if over_sessions:
        low, high, limits = mean_limits(shares[:, 0] - shares[:, 1:].mean(axis=1), EXCESS, settings)
        limits = f"mean over sessions; of the excess: {limits}"
    chance = controls.mean()
    p = ((controls >= seen - 1e-12).sum() + 1) / (len(controls) + 1) if seen or controls.any() else np.nan
    bounds = np.quantile(controls, [0.025, 0.975])
    figures = dict(zip(_FIGURES, (seen, chance, *bounds, seen - chance, p), strict=True))
    return figures | {"ci_low": low, "ci_high": high, "method": f"{limits}; {_METHOD.format(shifts=len(controls))}"}
