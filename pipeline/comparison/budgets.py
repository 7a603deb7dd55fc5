"""Time budgets, bouts and transitions found beside the true ones, both made by ``pipeline.ethology``.

Mean errors of shares are the sum of all differences by the number of behaviours that truly occur, and those of
transition probabilities by the number of cells that do: what is only found adds to the error, never to what it is
divided by. Total variation is half the sum of the absolute differences: 0 the same, 1 nothing in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.bout_ratios import BoutRatios
from pipeline.ethology.ethogram import Behaviour, Ethogram, EthogramSettings, resolve
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.study import VideoTables, study
from pipeline.simulate.record import SET, words
from pipeline.simulate.truth import OCCLUDED
from pipeline.tables import BOUTS, TIME_BUDGETS, TRANSITIONS
from pipeline.timebase import CLOSE_S

FORMS = {"transitions": "bout", "transitions_per_interval": "interval"}  # of transitions, by their key
LEAST_TRANSITIONS = 20  # true transitions out of a behaviour, for its row to be judged
LEAST_VISIBLE_S = 60.0  # true visible time of an animal, for its own budget to be judged
_FRAME_S = 0.05  # by which a film of a minute may fall short of it: 1798 frames at 29.97 a second are 59.993 s
LEAST_SHARE = 0.05  # true share of a behaviour, for its relative error to be judged


@dataclass(frozen=True)
class Budgets:
    """Pooled figures of one side, by behaviour, and its transitions by form: row behaviour before, column after.

    ``seconds`` are those recognized, ``lasted`` those of all its bouts together, which are smoothed.
    """

    names: tuple[str, ...]
    seconds: "pd.Series[float]"
    bouts: "pd.Series[int]"
    lasted: "pd.Series[float]"
    counts: dict[str, pd.DataFrame]

    @property
    def share(self) -> "pd.Series[float]":
        """Of the recognized time; 0 where there is none."""
        return self.seconds / max(float(self.seconds.sum()), CLOSE_S)


def shared_ethogram(*sides: pd.DataFrame) -> Ethogram:
    """KABR's visible behaviours and whatever else behaviours tables (tables.BEHAVIOURS) have, as one set of states."""
    names = [name for name in words(*(side["behaviour"] for side in sides)) if name != OCCLUDED]
    return resolve(EthogramSettings([Behaviour(name) for name in names], {}), names)


def budgets(side: VideoTables, ethogram: Ethogram, interval_s: float, min_bout_s: float) -> Budgets:
    """What ``ethology.study`` makes of one side."""
    settings = StatisticsSettings(
        interval_s, [], None, min_units=6, min_visible_s=LEAST_VISIBLE_S, confidence=0.95, resamples=100, seed=0
    )
    found = study([side], ethogram, settings, min_bout_s)
    names = ethogram.names(SET)
    pooled = found[TIME_BUDGETS.name].query("level == 'pooled'").set_index("behaviour").reindex(names)
    moves = found[TRANSITIONS.name].query("level == 'pooled'")
    counts = {
        form: moves[moves["form"] == form].pivot_table(index="from", columns="to", values="count", aggfunc="sum")
        for form in FORMS.values()
    }
    filled = {form: part.reindex(index=names, columns=names).fillna(0.0) for form, part in counts.items()}
    lasted = found[BOUTS.name].groupby("behaviour")["duration_s"].sum().reindex(names).fillna(0.0)
    seconds, bouts = pooled["behaviour_s"].fillna(0.0), pooled["bouts"].fillna(0).astype("int64")
    return Budgets(names, seconds, bouts, lasted, filled)


def budget_figures(true: Budgets, found: Budgets) -> dict[str, Any]:
    """``mae total_variation worst_relative_error bout_ratio`` and ``per_behaviour``; None where nothing is true.

    ``bouts_apart`` are the behaviours whose bouts are not as many and as long as the true ones (``BoutRatios``).
    """
    share, other = true.share.to_numpy(), found.share.to_numpy()
    there = (share > 0) | (other > 0)
    known = bool(share.sum() > 0)
    apart = np.abs(share - other)
    common = share >= LEAST_SHARE
    bouts = int(true.bouts.sum())
    names = [name for name, is_there in zip(true.names, there, strict=True) if is_there]
    return {
        "mae": float(apart.sum() / np.count_nonzero(share)) if known else None,
        "total_variation": (float(apart.sum() / 2) if other.any() else 1.0) if known else None,
        "worst_relative_error": float((apart[common] / share[common]).max()) if common.any() else None,
        "bout_ratio": int(found.bouts.sum()) / bouts if bouts else None,
        "bouts_apart": [name for name in names if _ratios(name, true, found).off],
        "per_behaviour": {name: _of_behaviour(name, true, found) for name in names},
    }


def _ratios(name: str, true: Budgets, found: Budgets) -> BoutRatios:
    sides = (true, found)
    return BoutRatios.of(*(int(one.bouts[name]) for one in sides), *(float(one.lasted[name]) for one in sides))


def _of_behaviour(name: str, true: Budgets, found: Budgets) -> dict[str, Any]:
    share, other, ratios = float(true.share[name]), float(found.share[name]), _ratios(name, true, found)
    return {
        "true_share": share,
        "found_share": other,
        "relative_error": abs(other - share) / share if share else None,
        **{
            f"{side}_{what}": round(value, 3)
            for side, one in (("true", true), ("found", found))
            for what, value in (("s", float(one.seconds[name])), ("bouts_s", float(one.lasted[name])))
        },
        "true_bouts": int(true.bouts[name]),
        "found_bouts": int(found.bouts[name]),
        "bout_ratio": ratios.number,
        "duration_ratio": ratios.length,
    }


def transition_figures(true: Budgets, found: Budgets, form: str) -> dict[str, Any]:
    """``transition_errors`` of one form, and ``counts`` of both sides: ``{from: {to: n}}``, those that occur."""
    first, second = true.counts[form], found.counts[form]
    counts = {"true": _nonzero(first), "found": _nonzero(second)}
    return transition_errors(first, second) | {"counts": counts}


def transition_errors(true: pd.DataFrame, found: pd.DataFrame) -> dict[str, Any]:
    """``mae worst_total_variation rows`` of counts, row behaviour before and column after, the same names on all sides.

    Of the behaviours with ``LEAST_TRANSITIONS`` true transitions out of them. A row that the run never saw begin has a
    total variation of 1. None where no behaviour has enough.
    """
    first, second = true.to_numpy(np.float64), found.to_numpy(np.float64)
    totals, others = first.sum(axis=1), second.sum(axis=1)
    names = [str(name) for name in true.index]
    error, cells, rows = 0.0, 0, {}
    for row in np.flatnonzero(totals >= LEAST_TRANSITIONS).tolist():
        p, q = first[row] / totals[row], second[row] / max(others[row], 1.0)
        apart = np.abs(p - q)
        error, cells = error + float(apart.sum()), cells + int(np.count_nonzero(p))
        variation = float(apart.sum() / 2) if others[row] else 1.0
        rows[names[row]] = {
            "true": int(totals[row]), "found": int(others[row]), "total_variation": variation,
        }  # fmt: skip
    worst = max((told["total_variation"] for told in rows.values()), default=None)
    return {"mae": error / cells if cells else None, "worst_total_variation": worst, "rows": rows}


def _nonzero(counts: pd.DataFrame) -> dict[str, dict[str, int]]:
    rows = {str(name): {str(to): int(n) for to, n in row.items() if n} for name, row in counts.iterrows()}
    return {name: row for name, row in rows.items() if row}


def animal_figures(told: pd.DataFrame, true: pd.DataFrame, found: pd.DataFrame, ethogram: Ethogram) -> dict[str, Any]:
    """Total variation of each animal's budget: ``median p90 animals`` of those with ``LEAST_VISIBLE_S`` in sight, and
    ``per_animal``.

    A track is the animal's that it matches in most frames (``told``, as from ``behaviour.told``). ``true`` and
    ``found`` are tables.BEHAVIOURS; an animal without any recognized time has a total variation of 1.
    """
    names = list(ethogram.names(SET))
    owner = told.groupby("track")["animal"].agg(lambda numbers: int(numbers.mode().iloc[0]))
    own, others = _seconds(true, names), _seconds(found.assign(track=found["track"].map(owner)).dropna(), names)
    rows = {
        int(animal): {"visible_s": round(float(seconds.sum()), 3), "total_variation": _apart(seconds, others, animal)}
        for animal, seconds in zip(own.index, own.to_numpy(), strict=True)
        if seconds.sum() > 0
    }
    return of_animals(list(rows.values())) | {"per_animal": rows}


def of_animals(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    """``median p90 animals median_of_all`` of ``visible_s total_variation`` an animal."""
    judged = [row["total_variation"] for row in rows if row["visible_s"] >= LEAST_VISIBLE_S - _FRAME_S]
    every = [row["total_variation"] for row in rows]
    return {
        "median": float(np.median(judged)) if judged else None,
        "p90": float(np.quantile(judged, 0.9)) if judged else None,
        "animals": len(judged),
        "median_of_all": float(np.median(every)) if every else None,
    }


def _seconds(behaviours: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Seconds by animal and behaviour."""
    return (
        behaviours.pivot_table(index="track", columns="behaviour", values="duration_s", aggfunc="sum")
        .reindex(columns=names)
        .fillna(0.0)
    )


def _apart(seconds: FloatArray, others: pd.DataFrame, animal: object) -> float:
    found = others.loc[animal].to_numpy(np.float64) if animal in others.index else np.zeros(len(seconds))  # type: ignore[call-overload]
    if not found.sum() > 0:
        return 1.0
    return float(np.abs(seconds / seconds.sum() - found / found.sum()).sum() / 2)
